import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { clickHouseCheck, type IClickHouse } from '../clickhouse/clickhouse';
import { claimedTargetsCheck } from '../collector/claimed-targets';
import { Collector } from '../collector/collector';
import type { IGateway } from '../collector/gateway';
import { kubernetesAttributes } from '../collector/kubernetes-attributes';
import { Placement } from '../collector/placement';
import type { Platform } from '../collector/platform';
import { everySignal, Processor } from '../collector/processor';
import { agentChecks, agentSources, checkedAgent } from '../collector/role';
import { GatewaySink } from '../collector/sinks/gateway-sink';
import type { Source } from '../collector/source';
import { AllocatedTargets } from '../collector/sources/allocated-targets';
import { AnnotatedTargets } from '../collector/sources/annotated-targets';
import { ClickHouseMetrics } from '../collector/sources/clickhouse-metrics';
import { type Checks, integer, struct } from '../kubernetes/checks';
import { workloadName } from '../kubernetes/names';
import type { Problem } from '../kubernetes/problems';
import { identityOf, type WorkloadProps } from '../kubernetes/workload';
import { TargetAllocator, type TargetAllocatorOptions, targetAllocatorIdentity, targetAllocatorOptionChecks } from './target-allocator';
import { allocatorEndpoint } from './target-allocator-objects';

/** What a PrometheusAgent can be told besides its gateway. */
export interface PrometheusAgentOptions extends WorkloadProps {
  /**
   * Stands in `k8s.cluster.name`.
   * @default - the gateway's
   */
  readonly clusterName?: string;
  /**
   * Where the cluster runs. It changes nothing of the default sources; others see it in their CollectorContext.
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
   * Scrapes what ServiceMonitors, PodMonitors, Probes and ScrapeConfigs describe, too: `{}` for all of them. A target that `sources` find by its annotation is
   * scraped as that says, and by no monitor again.
   * @default - they are not looked at
   */
  readonly targetAllocator?: TargetAllocatorOptions;
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
  /**
   * Pods that other collectors scrape, as `namespace/label=value,label=value`: `[...nodeAgent.targets, ...clusterAgent.targets]`. They are left out, as is what the agent's own sources claim.
   * @default - none
   */
  readonly claimedTargets?: string[];
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
    return [...stores, new AnnotatedTargets()];
  }

  /** Shares out what monitors describe, where it was asked for. */
  readonly targetAllocator?: TargetAllocator;

  /** @throws if a property is wrong, with all that is wrong */
  constructor(scope: Construct, id: string, props: PrometheusAgentProps) {
    checkedAgent('PrometheusAgent', scope, id, props, prometheusAgentChecks, contradictions);
    const sources = props.sources ?? PrometheusAgent.defaultSources(props.clickhouse);
    super(scope, id, {
      role: workloadName.prometheusAgent,
      name: props.name,
      namespace: props.namespace,
      images: props.images,
      networkPolicies: props.networkPolicies,
      // Measured with 5,000 pods: 236 MiB, and 827 with a target of 50 samples in each.
      resources: props.resources ?? { cpu: Cpu.millis(100), memory: Size.gibibytes(1) },
      clusterName: props.clusterName ?? props.gateway.clusterName,
      platform: props.platform,
      ...agentSources(props.gateway, [...sources, ...allocated(scope, props)]),
      processors: [enrichment, ...(props.processors ?? [])],
      sinks: [new GatewaySink({ gateway: props.gateway })],
      placement: Placement.statefulSet(props.shards ?? 1),
      claimedTargets: props.claimedTargets,
    });
    if (props.targetAllocator) {
      this.targetAllocator = new TargetAllocator(this, 'TargetAllocator', {
        ...props.targetAllocator,
        collector: this._identity.name,
        namespace: this._identity.namespace,
        images: props.images,
        networkPolicies: props.networkPolicies,
        except: [...(props.claimedTargets ?? []), ...this.targets],
        exceptAnnotated: sources.flatMap((source) => (source instanceof AnnotatedTargets ? source._annotations : [])),
      });
    }
  }
}

const enrichment = Processor._head(everySignal(kubernetesAttributes({ ownNodeOnly: false, startAfterSync: true })));

/** The source that asks the allocator, which is made behind the agent: its address is one of names. */
function allocated(scope: Construct, props: PrometheusAgentProps): Source[] {
  if (!props.targetAllocator) {
    return [];
  }
  const identity = identityOf(scope, { namespace: props.namespace }, targetAllocatorIdentity(props.name ?? workloadName.prometheusAgent));
  return [new AllocatedTargets({ allocator: allocatorEndpoint(identity, props.networkPolicies ?? true) })];
}

function contradictions({ sources, clickhouse, targetAllocator }: PrometheusAgentProps): Problem[] {
  const problems: Problem[] = [];
  if (sources && clickhouse) {
    problems.push({
      where: 'clickhouse',
      given: '`sources` and `clickhouse`',
      allowed: 'one of the two',
      fix: 'sources: [...PrometheusAgent.defaultSources(clickhouse), …] holds both',
    });
  }
  if (targetAllocator && sources?.some((source) => source instanceof AllocatedTargets)) {
    problems.push({
      where: 'targetAllocator',
      given: '`targetAllocator`, and AllocatedTargets among `sources`',
      allowed: 'one of the two',
      fix: '`targetAllocator` brings an allocator and asks it; AllocatedTargets asks one that is there already',
    });
  }
  return problems;
}

const prometheusAgentChecks: Checks<PrometheusAgentProps> = {
  ...agentChecks,
  shards: integer(1, 64),
  clickhouse: clickHouseCheck,
  claimedTargets: claimedTargetsCheck,
  targetAllocator: struct(targetAllocatorOptionChecks),
};
