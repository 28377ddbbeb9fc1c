import { Size } from 'cdk8s';
import { Cpu, type INetworkPolicyPeer } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { Collector } from '../collector/collector';
import { Component } from '../collector/component';
import { ConfigValue } from '../collector/config-value';
import type { IGateway, OtlpProtocol } from '../collector/gateway';
import { kubernetesAttributes } from '../collector/kubernetes-attributes';
import { nodeState } from '../collector/node-state';
import { type NodePool, nodePoolChecks, Placement } from '../collector/placement';
import { Platform } from '../collector/platform';
import { everySignal, Processor } from '../collector/processor';
import { queueStorage } from '../collector/queue-storage';
import { agentChecks, agentSources, checkedAgent, stackNamespaces } from '../collector/role';
import { GatewaySink } from '../collector/sinks/gateway-sink';
import type { CollectorContext, SinkQueue, Source } from '../collector/source';
import { ContainerLogs } from '../collector/sources/container-logs';
import { HostMetrics } from '../collector/sources/host-metrics';
import { KubeletMetrics, type KubeletMetricsProps } from '../collector/sources/kubelet-metrics';
import type { KubeletTls } from '../collector/sources/kubelet-tls';
import { OtlpReceiver } from '../collector/sources/otlp-receiver';
import { type Checks, instance, kubernetesName, list, size } from '../kubernetes/checks';
import { type Endpoint, fromPeer, peerCheck } from '../kubernetes/endpoint';
import { nodeAgentNamespace, workloadName } from '../kubernetes/names';
import { admit, tcp } from '../kubernetes/network-edges';
import { Problems } from '../kubernetes/problems';
import { mebibytes } from '../kubernetes/resources';
import type { SecretKey } from '../kubernetes/secret-key';
import { namespaceOf, type WorkloadProps } from '../kubernetes/workload';

/** What a NodeAgent can be told besides its gateway. Its `namespace` is by default the stack's with `-agents` behind it, as Pod Security "restricted" admits nothing that reads the node's files. */
export interface NodeAgentOptions extends WorkloadProps, NodePool {
  /**
   * Stands in `k8s.cluster.name`.
   * @default - the gateway's
   */
  readonly clusterName?: string;
  /**
   * Where the cluster runs: sources go by it. What differs stands in docs/guides/node-agent.md.
   * @default Platform.GENERIC
   */
  readonly platform?: Platform;
  /**
   * What is collected on each node, in place of the default.
   * @default NodeAgent.defaultSources()
   */
  readonly sources?: Source[];
  /**
   * How the kubelet's certificate is checked, if `sources` are the default ones.
   * @default - the platform's: see KubeletMetricsProps
   */
  readonly kubeletTls?: KubeletTls;
  /**
   * What is done with everything, in this order, behind the Kubernetes attributes.
   * @default - nothing
   */
  readonly processors?: Processor[];
  /**
   * How much of the node's disk may hold what the gateway does not take: half of it logs, a quarter each traces and metrics. While it is compacted, the files take up to twice as much.
   * @default Size.gibibytes(1)
   */
  readonly queueSize?: Size;
  /**
   * Who may send to the agent of their own node, besides what `Instrumentation.of(nodeAgent)` was told of, on every port that a source listens on over TCP: pods, namespaces and addresses that cdk8s-plus can select.
   * @default - nobody else
   */
  readonly clients?: INetworkPolicyPeer[];
  /**
   * Namespaces of this stack: what collectors write there is not collected.
   * @default - the agent's own and the gateway's
   */
  readonly stackNamespaces?: string[];
}

/** Properties of a NodeAgent. */
export interface NodeAgentProps extends NodeAgentOptions {
  /** Where everything goes. */
  readonly gateway: IGateway;
}

/**
 * A collector on every node of Linux, whatever its taints: logs of all containers, metrics of node, pods and containers, and a Service through which applications reach the agent of their own node.
 * How far logs were read, and what the gateway does not take, is kept on the node's disk.
 *
 * It runs as user 0 without any capability: log files and its own folder belong to that user. It sees of the node `/var/log/pods`, read-only, and its own folder.
 *
 * @example
 * const nodeAgent = new NodeAgent(chart, 'NodeAgent', { gateway, kubeletTls: KubeletTls.clusterAuthority() });
 */
export class NodeAgent extends Collector implements IGateway {
  /** Logs of containers, metrics, and what applications of the node send. */
  static defaultSources(kubelet: KubeletMetricsProps = {}): Source[] {
    return [new ContainerLogs(), ...NodeAgent.defaultMetricSources(kubelet), new OtlpReceiver()];
  }

  /** What `defaultSources()` has besides the logs of containers. */
  static defaultMetricSources(kubelet: KubeletMetricsProps = {}): Source[] {
    return [new KubeletMetrics(kubelet), new HostMetrics()];
  }

  /** Of the agent on the client's own node; the gateway's, where no source listens. */
  readonly otlpGrpc: Endpoint;
  /** Of the agent on the client's own node; the gateway's, where no source listens. */
  readonly otlpHttp: Endpoint;

  /** The gateway's, where no source listens. */
  readonly protocol?: OtlpProtocol;
  /** None for the agent on the client's own node; the gateway's, where no source listens. */
  readonly token?: SecretKey;

  /** @throws if a property is wrong or properties contradict each other, with all that is wrong */
  constructor(scope: Construct, id: string, props: NodeAgentProps) {
    checkedAgent('NodeAgent', scope, id, props, nodeAgentChecks, contradictions);
    const name = props.name ?? workloadName.nodeAgent;
    const namespace = props.namespace ?? nodeAgentNamespace(namespaceOf(scope));
    super(scope, id, {
      role: workloadName.nodeAgent,
      name,
      namespace,
      images: props.images,
      networkPolicies: props.networkPolicies,
      resources: props.resources ?? { cpu: Cpu.millis(100), memory: Size.mebibytes(512) },
      clusterName: props.clusterName ?? props.gateway.clusterName,
      platform: props.platform,
      ...agentSources(props.gateway, props.sources ?? NodeAgent.defaultSources({ tls: props.kubeletTls })),
      processors: [enrichment, ...(props.processors ?? [])],
      sinks: [new GatewaySink({ gateway: props.gateway })],
      placement: Placement.daemonSet({ nodeSelector: props.nodeSelector, tolerations: props.tolerations }),
      queue: nodeQueue({ namespace, name, platform: props.platform ?? Platform.GENERIC }, props.queueSize ?? Size.gibibytes(1)),
      stackNamespaces: props.stackNamespaces ?? stackNamespaces(namespace, props.gateway),
    });
    this.otlpGrpc = this.endpoint('otlp-grpc') ?? props.gateway.otlpGrpc;
    this.otlpHttp = this.endpoint('otlp-http') ?? props.gateway.otlpHttp;
    this.token = this.endpoint('otlp-http') ? undefined : props.gateway.token;
    this.protocol = this.endpoint('otlp-grpc') ? undefined : props.gateway.protocol;
    this.admitClients(props);
  }

  private admitClients({ clients = [], networkPolicies = true }: NodeAgentProps): void {
    const ports = this._ports;
    const problems = Problems.of(this);
    if (clients.length > 0 && ports.length === 0) {
      problems.add({
        where: 'clients',
        given: 'clients, and no source that listens',
        allowed: 'sources: [...NodeAgent.defaultSources(), …], which take OTLP',
      });
    }
    problems.throwIfAny();
    if (clients.length > 0 && networkPolicies) {
      admit(this, this._identity, 'clients', clients.flatMap(fromPeer), tcp(ports));
    }
  }
}

/** What has no node yet was read on this one. */
const nodeIdentity = Component.processor({
  componentType: 'resource',
  name: 'node',
  config: { attributes: [{ key: 'k8s.node.name', value: ConfigValue.podField('K8S_NODE_NAME', 'spec.nodeName'), action: 'insert' }] },
});

const enrichment = Processor._head(everySignal(kubernetesAttributes({ ownNodeOnly: true, startAfterSync: true }), nodeIdentity));

function nodeQueue(agent: Pick<CollectorContext, 'namespace' | 'name' | 'platform'>, total: Size): SinkQueue {
  const quarter = Size.mebibytes(Math.floor(mebibytes(total) / 4));
  return {
    // While it is compacted, it is there twice.
    storage: queueStorage(nodeState(agent, 'queue', Size.mebibytes(mebibytes(total) * 2))),
    logs: Size.mebibytes(mebibytes(quarter) * 2),
    metrics: quarter,
    traces: quarter,
  };
}

function contradictions(props: NodeAgentProps) {
  return props.sources && props.kubeletTls
    ? [
        {
          where: 'kubeletTls',
          given: '`sources` and `kubeletTls`',
          allowed: 'one of the two',
          fix: 'sources: [...NodeAgent.defaultSources({ tls }), …] holds both',
        },
      ]
    : [];
}

const nodeAgentChecks: Checks<NodeAgentProps> = {
  ...agentChecks,
  ...nodePoolChecks,
  kubeletTls: instance('KubeletTls.clusterAuthority(), .authority(…) or .unverified()', '_config'),
  clients: list(peerCheck),
  queueSize: size(Size.mebibytes(64), Size.tebibytes(1)),
  stackNamespaces: list(kubernetesName()),
};
