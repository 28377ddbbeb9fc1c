import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { IClickHouse } from './clickhouse/clickhouse';
import { ClickHouseCluster } from './clickhouse/clickhouse-cluster';
import { ClickHouseSink } from './clickhouse/clickhouse-sink';
import { type Retention, retentionOf } from './clickhouse/schema/retention';
import { TelemetrySchema } from './clickhouse/schema/telemetry-schema';
import { ClusterAgent } from './cluster-agent/cluster-agent';
import type { Collector } from './collector/collector';
import type { IGateway } from './collector/gateway';
import { Platform } from './collector/platform';
import { platformFacts } from './collector/platform-facts';
import { limitsOf } from './collector/processors/time-limits';
import { Signal } from './collector/signal';
import type { ClusterShape } from './estimate/cluster-shape';
import type { Estimate } from './estimate/estimate';
import { Estimates } from './estimate/estimates';
import type { UnreadMetrics } from './estimate/unread-metrics';
import { CollectorGateway } from './gateway/collector-gateway';
import { GrafanaStack } from './grafana/grafana-stack';
import { checkProps } from './kubernetes/checks';
import { nodeAgentNamespace, stackNamespace, workloadName } from './kubernetes/names';
import { PodSecurity, StackNamespace } from './kubernetes/namespace';
import { Problems } from './kubernetes/problems';
import { nonRootConstraints } from './kubernetes/security-context-constraints';
import { warn, warningsOf } from './kubernetes/warnings';
import type { WorkloadProps } from './kubernetes/workload';
import { NodeAgent } from './node-agent/node-agent';
import { chartChecks, contradictions, hasSchema, type ObservabilityChartProps } from './observability-chart-props';
import { PrometheusAgent } from './prometheus-agent/prometheus-agent';
import { SmokeTest } from './smoke-test/smoke-test';
import { SamplingPolicy } from './tail-sampling/sampling-policy';
import { TailSampling, type TailSamplingOptions } from './tail-sampling/tail-sampling';
import { TailSamplingSink } from './tail-sampling/tail-sampling-sink';

/**
 * The complete stack in one line: store, gateway, agents, Grafana with dashboards and alerts, namespaces and policies. It only wires the constructs:
 * each of them can be used alone, and is reachable here to be patched.
 *
 * @example
 * new ObservabilityChart(app, 'observability', { clusterName: 'prod-eu' });
 */
export class ObservabilityChart extends Chart {
  /** Collects state and events of the cluster. */
  readonly clusterAgent: ClusterAgent;
  /** Scrapes annotated targets. */
  readonly prometheusAgent: PrometheusAgent;
  /** Decides which traces are kept, where that was asked for. */
  readonly tailSampling?: TailSampling;
  /** Tries the way of all telemetry once, unless it is not wanted. */
  readonly smokeTest?: SmokeTest;
  private readonly agentOfNodes?: NodeAgent;
  private readonly collectors: Collector[];
  private readonly retention?: Retention;
  private readonly center?: Center;

  /** @throws if a property is wrong or properties contradict each other, with all that is wrong */
  constructor(scope: Construct, id: string, props: ObservabilityChartProps) {
    super(scope, id);
    this.check(props);
    const namespace = props.namespace ?? stackNamespace;
    const agentNamespace = props.nodeAgent?.namespace ?? nodeAgentNamespace(namespace);
    const shared = { namespace, images: props.images, networkPolicies: props.networkPolicies };
    const platform = props.platform ?? Platform.GENERIC;
    const noNodeAgent = missingWithoutNodeAgent(platform);
    if (props.createNamespaces ?? true) {
      new StackNamespace(this, 'Namespace', { name: namespace });
      if (noNodeAgent === undefined) {
        new StackNamespace(this, 'AgentNamespace', { name: agentNamespace, podSecurity: PodSecurity.PRIVILEGED });
      }
    }
    if (platformFacts[platform].securityContextConstraints) {
      nonRootConstraints(this, namespace);
    }
    const clickhouse = props.existingGateway ? undefined : this.store(props, shared);
    this.tailSampling = clickhouse && props.tailSampling && this.sampling(props.tailSampling, props, shared, clickhouse);
    const gateway = clickhouse && this.ownGateway(props, shared, clickhouse);
    const agent = {
      ...shared,
      gateway: gateway ?? (props.existingGateway as IGateway),
      clusterName: props.clusterName,
      platform: props.platform,
    };
    if (noNodeAgent === undefined) {
      this.agentOfNodes = new NodeAgent(this, 'NodeAgent', { ...agent, namespace: agentNamespace, ...given(props.nodeAgent) });
    } else {
      warn(this, `there is no node agent on ${platform}: ${noNodeAgent}`);
    }
    this.clusterAgent = new ClusterAgent(this, 'ClusterAgent', { ...agent, ...given(props.clusterAgent) });
    const before = [...(gateway ? [gateway] : []), ...(this.agentOfNodes ? [this.agentOfNodes] : []), this.clusterAgent];
    this.prometheusAgent = new PrometheusAgent(this, 'PrometheusAgent', {
      ...agent,
      clickhouse: props.prometheusAgent?.sources ? undefined : clickhouse,
      claimedTargets: before.flatMap(({ targets }) => targets),
      ...given(props.prometheusAgent),
    });
    this.collectors = [...before, this.prometheusAgent, ...(this.tailSampling ? [this.tailSampling] : [])];
    this.retention = props.retention ?? props.clickhouse?.retention;
    if (clickhouse && gateway) {
      const grafana = new GrafanaStack(this, 'Grafana', {
        ...shared,
        clickhouse,
        producers: this.collectors,
        onCall: props.onCall,
        ...given(props.grafana),
      });
      this.center = { clickhouse, gateway, grafana };
      const late = (props.tailSampling?.decisionWait?.toSeconds({ integral: false }) ?? 0) > 30;
      if (props.smokeTest ?? (!props.gateway?.sinks && !gateway.otlpHttp.serverName && !late)) {
        this.smokeTest = new SmokeTest(this, 'SmokeTest', { ...shared, gateway, clickhouse });
        if (props.smokeTest === undefined && props.gateway?.processors?.length) {
          warn(this.smokeTest, droppedSmokeTest);
        }
      }
    }
    this.warnOfClaims(platform);
    if (props.strict) {
      this.node.addValidation({ validate: () => this.warnings.map((warning) => `${warning} (a warning, and strict is true)`) });
    }
  }

  /**
   * Collects on every node.
   * @throws on platforms that run none (EKS with Fargate alone)
   */
  get nodeAgent(): NodeAgent {
    if (!this.agentOfNodes) {
      throw new Error(`${this.node.path}: there is no node agent on this platform, as \`warnings\` say`);
    }
    return this.agentOfNodes;
  }

  /** The store: a ClickHouseCluster, or the one that was there already. With `existingGateway` there is none: an error. */
  get clickhouse(): IClickHouse {
    return this.here('clickhouse').clickhouse;
  }

  /** With `existingGateway` there is none here: an error. */
  get gateway(): CollectorGateway {
    return this.here('gateway').gateway;
  }

  /** With `existingGateway` there is none: an error. */
  get grafana(): GrafanaStack {
    return this.here('grafana').grafana;
  }

  /** What was done that may not be what was meant, each with the path of its construct. */
  get warnings(): string[] {
    return warningsOf(this);
  }

  /**
   * What the stack collects in a cluster of this shape, and what it takes to keep it: known before it is deployed, from what configures the sources.
   * @throws if a property is wrong, with all that is wrong
   */
  estimate(shape: ClusterShape): Estimate {
    return Estimates.of(this.collectors, shape, this.retention);
  }

  /** What the stack collects and no panel and no rule reads, as far as they have been added; with a list that drops it. With `existingGateway` nothing here reads: an error. */
  get unreadMetrics(): UnreadMetrics {
    return Estimates.unread(this.collectors, this.grafana);
  }

  /** Every image that the chart's pods run, for a mirror or a scanner. */
  get images(): string[] {
    const objects = this.node.findAll().filter(ApiObject.isApiObject);
    return [...new Set(objects.flatMap((object) => imagesOf(object.toJson())))].sort();
  }

  private store(props: ObservabilityChartProps, shared: Shared): IClickHouse {
    const { existingClickHouse, retention } = props;
    if (!existingClickHouse) {
      return new ClickHouseCluster(this, 'ClickHouse', { ...shared, retention, ...given(props.clickhouse) });
    }
    if (!hasSchema(existingClickHouse)) {
      new TelemetrySchema(this, 'Schema', { ...shared, clickhouse: existingClickHouse, retention });
    }
    return existingClickHouse;
  }

  /** What the smoke test sends is kept as well: it looks for it. */
  private sampling(options: TailSamplingOptions, props: ObservabilityChartProps, shared: Shared, clickhouse: IClickHouse): TailSampling {
    const keep = Array.isArray(options.keep)
      ? [...options.keep, SamplingPolicy.attribute('service.name', [workloadName.smokeTest])._ofFew()]
      : options.keep;
    return new TailSampling(this, 'TailSampling', { ...shared, clickhouse, clusterName: props.clusterName, ...given(options), keep });
  }

  private ownGateway(props: ObservabilityChartProps, shared: Shared, clickhouse: IClickHouse): CollectorGateway {
    return new CollectorGateway(this, 'Gateway', {
      ...shared,
      clusterName: props.clusterName,
      platform: props.platform,
      clickhouse: props.gateway?.sinks || this.tailSampling ? undefined : clickhouse,
      sinks: this.tailSampling && [
        new ClickHouseSink({ clickhouse, signals: [Signal.LOGS, Signal.METRICS] }),
        new TailSamplingSink({ sampling: this.tailSampling }),
      ],
      timeLimits: limitsOf(retentionOf(props.retention ?? clickhouse.retention)),
      ...given(props.gateway),
    });
  }

  private here(name: string): Center {
    const problems = Problems.of(this);
    if (!this.center) {
      problems.add({
        where: name,
        given: '`existingGateway`',
        allowed: 'the chart of the cluster where the gateway is: here are agents only',
      });
    }
    problems.throwIfAny();
    return this.center as Center;
  }

  /** Collectors tell of their own claims. */
  private warnOfClaims(platform: Platform): void {
    const refused = platformFacts[platform].refuses?.claims;
    const ofCollectors = new Set(this.collectors.flatMap((collector) => collector.node.findAll()));
    const objects = this.node.findAll().filter((child) => ApiObject.isApiObject(child) && !ofCollectors.has(child)) as ApiObject[];
    const waiting = objects.filter(
      (object) => object.kind === 'PersistentVolumeClaim' || object.toJson().spec?.volumeClaimTemplates?.length > 0,
    );
    if (refused && waiting.length > 0) {
      warn(this, `${waiting.map(({ kind, name }) => `${kind}/${name}`).join(', ')}: ${refused}`);
    }
  }

  private check(props: ObservabilityChartProps): void {
    const problems = Problems.of(this);
    problems.add(...checkProps(props, chartChecks), ...contradictions(props ?? {}));
    problems.throwIfAny();
  }
}

/** What stands in one cluster for all. */
interface Center {
  readonly clickhouse: IClickHouse;
  readonly gateway: CollectorGateway;
  readonly grafana: GrafanaStack;
}

type Shared = Required<Pick<WorkloadProps, 'namespace'>> & Pick<WorkloadProps, 'images' | 'networkPolicies'>;

/** A property that is there and `undefined` is not given: what holds for the whole stack stays. */
function given<P extends object>(options: P | undefined): Partial<P> {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<P>;
}

// biome-ignore lint/suspicious/noExplicitAny: manifests are data of any shape
function imagesOf(manifest: any): string[] {
  const spec = manifest.spec?.template?.spec ?? manifest.spec?.jobTemplate?.spec?.template?.spec;
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ image }) => image);
}

const droppedSmokeTest =
  'its log record has the severity INFO, its metric is called smoke_test: where `gateway.processors` drop one of them, or its span, the Job does not end. Say `smokeTest: true` if they do not, `smokeTest: false` if they do';

/** Why a platform has no node agent, and what is not collected then. */
function missingWithoutNodeAgent(platform: Platform): string | undefined {
  const refuses = platformFacts[platform].refuses;
  return (
    refuses?.daemonSets &&
    `${refuses.daemonSets}. Missing are containers' logs, and CPU, memory, network and disks of nodes, pods and containers. ${refuses.instead}`
  );
}
