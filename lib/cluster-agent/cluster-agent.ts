import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { Collector } from '../collector/collector';
import type { IGateway } from '../collector/gateway';
import { kubernetesAttributes } from '../collector/kubernetes-attributes';
import { Placement } from '../collector/placement';
import type { Platform } from '../collector/platform';
import { Processor } from '../collector/processor';
import { agentChecks, agentSources, checkedAgent } from '../collector/role';
import { GatewaySink } from '../collector/sinks/gateway-sink';
import type { Source } from '../collector/source';
import { ApiServerMetrics } from '../collector/sources/api-server-metrics';
import { ClusterEvents } from '../collector/sources/cluster-events';
import { ClusterState } from '../collector/sources/cluster-state';
import { type Checks, integer } from '../kubernetes/checks';
import { workloadName } from '../kubernetes/names';
import type { WorkloadProps } from '../kubernetes/workload';

/** What a ClusterAgent can be told besides its gateway. */
export interface ClusterAgentOptions extends WorkloadProps {
  /**
   * Stands in `k8s.cluster.name`.
   * @default - the gateway's
   */
  readonly clusterName?: string;
  /**
   * Where the cluster runs: ControlPlaneMetrics goes by it.
   * @default Platform.GENERIC
   */
  readonly platform?: Platform;
  /**
   * With one, cluster state and events pause while it moves to another node.
   * @default 2
   */
  readonly replicas?: number;
  /**
   * What is collected, in place of the default.
   * @default ClusterAgent.defaultSources()
   */
  readonly sources?: Source[];
  /**
   * What is done with everything, in this order, behind the Kubernetes attributes.
   * @default - nothing
   */
  readonly processors?: Processor[];
}

/** Properties of a ClusterAgent. */
export interface ClusterAgentProps extends ClusterAgentOptions {
  /** Where everything goes. */
  readonly gateway: IGateway;
}

/**
 * Looks at the cluster as a whole: state of nodes, workloads and pods, events, and the API servers' own metrics.
 *
 * Nothing comes twice. Cluster state and events are watched by the replica that holds a lease; the other takes over within seconds. Scraping knows no lease,
 * so each API server is scraped by one replica, by the hash of its address: that needs replicas with numbers, hence a StatefulSet without disks.
 * What the gateway does not take waits in memory, 64 MiB a signal, and goes with the pod.
 *
 * The price: API servers whose replica's node died without being removed are not scraped until it is.
 *
 * @example
 * const clusterAgent = new ClusterAgent(chart, 'ClusterAgent', { gateway });
 */
export class ClusterAgent extends Collector {
  /** State of the cluster, events, metrics of the API server. */
  static defaultSources(): Source[] {
    return [new ClusterState(), new ClusterEvents(), new ApiServerMetrics()];
  }

  /** @throws if a property is wrong, with all that is wrong */
  constructor(scope: Construct, id: string, props: ClusterAgentProps) {
    checkedAgent('ClusterAgent', scope, id, props, clusterAgentChecks);
    super(scope, id, {
      role: workloadName.clusterAgent,
      name: props.name,
      namespace: props.namespace,
      images: props.images,
      networkPolicies: props.networkPolicies,
      // Measured with 5,000 pods: 230 MiB.
      resources: props.resources ?? { cpu: Cpu.millis(100), memory: Size.mebibytes(512) },
      clusterName: props.clusterName ?? props.gateway.clusterName,
      platform: props.platform,
      ...agentSources(props.gateway, props.sources ?? ClusterAgent.defaultSources()),
      // Cluster state names pods but not the workloads that they belong to.
      processors: [
        Processor._head({ metrics: [kubernetesAttributes({ ownNodeOnly: false, startAfterSync: true })] }),
        ...(props.processors ?? []),
      ],
      sinks: [new GatewaySink({ gateway: props.gateway })],
      placement: Placement.statefulSet(props.replicas ?? 2),
    });
  }
}

const clusterAgentChecks: Checks<ClusterAgentProps> = { ...agentChecks, replicas: integer(1, 8) };
