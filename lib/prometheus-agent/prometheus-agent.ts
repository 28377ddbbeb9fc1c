import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { clickHouseCheck, type IClickHouse } from '../clickhouse/clickhouse';
import { Collector } from '../collector/collector';
import type { IGateway } from '../collector/gateway';
import { kubernetesAttributes } from '../collector/kubernetes-attributes';
import { Placement } from '../collector/placement';
import type { Platform } from '../collector/platform';
import { everySignal, Processor } from '../collector/processor';
import { agentChecks, agentSources, checkedAgent } from '../collector/role';
import { GatewaySink } from '../collector/sinks/gateway-sink';
import type { Source } from '../collector/source';
import { AnnotatedTargets } from '../collector/sources/annotated-targets';
import { ClickHouseMetrics } from '../collector/sources/clickhouse-metrics';
import { type Checks, integer } from '../kubernetes/checks';
import { workloadName } from '../kubernetes/names';
import type { Problem } from '../kubernetes/problems';
import type { WorkloadProps } from '../kubernetes/workload';

/** What a PrometheusAgent can be told besides its gateway. */
export interface PrometheusAgentOptions extends WorkloadProps {
  /**
   * Stands in `k8s.cluster.name`.
   * @default - the gateway's
   */
  readonly clusterName?: string;
  /**
   * Where the cluster runs. It changes nothing of the sources of this library; sources of your own see it in their CollectorContext.
   * @default Platform.GENERIC
   */
  readonly platform?: Platform;
  /**
   * How many pods share the targets. One does for some hundred thousand series; another number moves most targets to another pod once.
   * @default 1
   */
  readonly shards?: number;
  /**
   * The store whose own metrics are scraped.
   * @default - none
   */
  readonly clickhouse?: IClickHouse;
  /**
   * What is scraped, in place of the default.
   * @default PrometheusAgent.defaultSources(clickhouse)
   */
  readonly sources?: Source[];
  /**
   * What is done with everything, in this order, behind the Kubernetes attributes.
   * @default - nothing
   */
  readonly processors?: Processor[];
}

/** Properties of a PrometheusAgent. */
export interface PrometheusAgentProps extends PrometheusAgentOptions {
  /** Where everything goes. */
  readonly gateway: IGateway;
}

/**
 * Finds pods and Services that are annotated `prometheus.io/scrape: "true"` and scrapes them, each once; and the store, if it is told of it.
 *
 * What the gateway does not take waits in memory, 64 MiB a signal, and goes with the pod.
 *
 * Its way out is open to any TCP port, since targets may be any. A workload that lets in only whom it knows has to let this one in: it is a peer for cdk8s-plus policies.
 *
 * @example
 * const prometheusAgent = new PrometheusAgent(chart, 'PrometheusAgent', { gateway, shards: 2 });
 */
export class PrometheusAgent extends Collector {
  /** Annotated pods and Services, and the store's own metrics. */
  static defaultSources(clickhouse?: IClickHouse): Source[] {
    const stores = clickhouse?.metricsEndpoint ? [new ClickHouseMetrics({ endpoint: clickhouse.metricsEndpoint })] : [];
    return [...stores, new AnnotatedTargets({ except: stores.flatMap(({ targets }) => targets) })];
  }

  /** @throws if a property is wrong, with all that is wrong */
  constructor(scope: Construct, id: string, props: PrometheusAgentProps) {
    checkedAgent('PrometheusAgent', scope, id, props, prometheusAgentChecks, contradictions);
    super(scope, id, {
      role: workloadName.prometheusAgent,
      name: props.name,
      namespace: props.namespace,
      images: props.images,
      networkPolicies: props.networkPolicies,
      // Measured with 5,000 pods: 290 MiB.
      resources: props.resources ?? { cpu: Cpu.millis(100), memory: Size.gibibytes(1) },
      clusterName: props.clusterName ?? props.gateway.clusterName,
      platform: props.platform,
      ...agentSources(props.gateway, props.sources ?? PrometheusAgent.defaultSources(props.clickhouse)),
      processors: [enrichment, ...(props.processors ?? [])],
      sinks: [new GatewaySink({ gateway: props.gateway })],
      placement: Placement.statefulSet(props.shards ?? 1),
    });
  }
}

const enrichment = Processor._head(everySignal(kubernetesAttributes({ ownNodeOnly: false, startAfterSync: true })));

function contradictions(props: PrometheusAgentProps): Problem[] {
  return props.sources && props.clickhouse
    ? [
        {
          where: 'clickhouse',
          given: '`sources` and `clickhouse`',
          allowed: 'one of the two',
          fix: 'sources: [...PrometheusAgent.defaultSources(clickhouse), …] holds both',
        },
      ]
    : [];
}

const prometheusAgentChecks: Checks<PrometheusAgentProps> = {
  ...agentChecks,
  shards: integer(1, 64),
  clickhouse: clickHouseCheck,
};
