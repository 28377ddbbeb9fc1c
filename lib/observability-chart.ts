import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { clickHouseCheck, type IClickHouse } from './clickhouse/clickhouse';
import { ClickHouseCluster, type ClickHouseClusterProps } from './clickhouse/clickhouse-cluster';
import { type Retention, retentionOf } from './clickhouse/schema/retention';
import { TelemetrySchema } from './clickhouse/schema/telemetry-schema';
import { ClusterAgent, type ClusterAgentOptions } from './cluster-agent/cluster-agent';
import type { Collector } from './collector/collector';
import { gatewayCheck, type IGateway } from './collector/gateway';
import { Platform } from './collector/platform';
import { platformFacts } from './collector/platform-facts';
import { limitsOf } from './collector/processors/time-limits';
import type { ClusterShape } from './estimate/cluster-shape';
import type { Estimate } from './estimate/estimate';
import { Estimates } from './estimate/estimates';
import type { UnreadMetrics } from './estimate/unread-metrics';
import { CollectorGateway, type CollectorGatewayProps } from './gateway/collector-gateway';
import { GrafanaStack, type GrafanaStackOptions } from './grafana/grafana-stack';
import type { OnCall } from './grafana/on-call';
import { boolean, type Check, type Checks, checkProps, instance, kubernetesName, labelValue, oneOf, required } from './kubernetes/checks';
import type { Images } from './kubernetes/images';
import { nodeAgentNamespace, stackNamespace } from './kubernetes/names';
import { PodSecurity, StackNamespace } from './kubernetes/namespace';
import { type Problem, Problems, shown } from './kubernetes/problems';
import { nonRootConstraints } from './kubernetes/security-context-constraints';
import { warn, warningsOf } from './kubernetes/warnings';
import type { WorkloadProps } from './kubernetes/workload';
import { NodeAgent, type NodeAgentOptions } from './node-agent/node-agent';
import { PrometheusAgent, type PrometheusAgentOptions } from './prometheus-agent/prometheus-agent';
import { SmokeTest } from './smoke-test/smoke-test';

/** Properties of an ObservabilityChart. */
export interface ObservabilityChartProps {
  /** Name of the Kubernetes cluster; stands in `k8s.cluster.name` of all telemetry. */
  readonly clusterName: string;
  /**
   * Where the cluster runs: sources go by it. What differs stands in docs/guides/node-agent.md.
   * @default Platform.GENERIC
   */
  readonly platform?: Platform;
  /**
   * The namespace of the stack. The node agent's is called the same, with `-agents` behind it.
   * @default 'observability'
   */
  readonly namespace?: string;
  /**
   * Whether the chart makes and labels its two namespaces. Turned off later, or with another `namespace`, the old ones are no longer in the YAML: a tool that
   * prunes then deletes them with all that is in them, claims too.
   * @default true
   */
  readonly createNamespaces?: boolean;
  /**
   * Where all images come from.
   * @default Images.upstream()
   */
  readonly images?: Images;
  /**
   * Whether NetworkPolicies close every pod but for the connections that it is known to need.
   * @default true
   */
  readonly networkPolicies?: boolean;
  /**
   * Whether warnings are errors.
   * @default false
   */
  readonly strict?: boolean;
  /**
   * How long each signal is kept.
   * @default - logs 30 days, traces 14 days, metrics 395 days
   */
  readonly retention?: Retention;
  /**
   * Options of the store that the chart makes.
   * @default - the cluster's defaults
   */
  readonly clickhouse?: ClickHouseClusterProps;
  /**
   * A store that is there already, instead of `clickhouse`.
   * @default - a ClickHouseCluster is made
   */
  readonly existingClickHouse?: IClickHouse;
  /**
   * Options of the gateway.
   * @default - the gateway's defaults
   */
  readonly gateway?: CollectorGatewayProps;
  /**
   * A gateway that is there already, in another cluster, instead of `gateway`: then there are agents here and nothing else. Store, Grafana and alerts are where it is.
   * @default - a CollectorGateway is made
   */
  readonly existingGateway?: IGateway;
  /**
   * Options of the node agent.
   * @default - the agent's defaults
   */
  readonly nodeAgent?: NodeAgentOptions;
  /**
   * Options of the cluster agent.
   * @default - the agent's defaults
   */
  readonly clusterAgent?: ClusterAgentOptions;
  /**
   * Options of the Prometheus agent.
   * @default - the agent's defaults
   */
  readonly prometheusAgent?: PrometheusAgentOptions;
  /**
   * Options of Grafana.
   * @default - Grafana's defaults
   */
  readonly grafana?: GrafanaStackOptions;
  /**
   * Who is told of alerts, and how.
   * @default - nobody, with a warning: alerts are seen in Grafana only
   */
  readonly onCall?: OnCall;
  /**
   * Whether a Job sends a log record, a span and a metric point through the gateway and waits for them in the store, each time that the gateway is configured differently.
   * @default - true, unless `gateway.sinks` say that telemetry goes elsewhere, or the gateway's certificate is not for its Service
   */
  readonly smokeTest?: boolean;
}

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
    this.prometheusAgent = new PrometheusAgent(this, 'PrometheusAgent', {
      ...agent,
      clickhouse: props.prometheusAgent?.sources ? undefined : clickhouse,
      ...given(props.prometheusAgent),
    });
    const agents = [...(this.agentOfNodes ? [this.agentOfNodes] : []), this.clusterAgent, this.prometheusAgent];
    this.collectors = gateway ? [gateway, ...agents] : agents;
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
      if (props.smokeTest ?? (!props.gateway?.sinks && !gateway.otlpHttp.serverName)) {
        this.smokeTest = new SmokeTest(this, 'SmokeTest', { ...shared, gateway, clickhouse });
      }
    }
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
    new TelemetrySchema(this, 'Schema', { ...shared, clickhouse: existingClickHouse, retention });
    return existingClickHouse;
  }

  private ownGateway(props: ObservabilityChartProps, shared: Shared, clickhouse: IClickHouse): CollectorGateway {
    return new CollectorGateway(this, 'Gateway', {
      ...shared,
      clusterName: props.clusterName,
      platform: props.platform,
      clickhouse: props.gateway?.sinks ? undefined : clickhouse,
      timeLimits: limitsOf(retentionOf(props.retention ?? props.clickhouse?.retention)),
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

  private check(props: ObservabilityChartProps): void {
    const problems = Problems.of(this);
    problems.add(...checkProps(props, checks), ...contradictions(props ?? {}));
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

/** Why a platform has no node agent, and what is not collected then. */
function missingWithoutNodeAgent(platform: Platform): string | undefined {
  const refuses = platformFacts[platform].refuses;
  return (
    refuses?.daemonSets &&
    `${refuses.daemonSets}. Missing are containers' logs, and CPU, memory, network and disks of nodes, pods and containers. ${refuses.instead}`
  );
}

function contradictions(props: ObservabilityChartProps): Problem[] {
  const problems: Problem[] = [];
  const noDaemonSets = typeof props.platform === 'string' ? platformFacts[props.platform]?.refuses?.daemonSets : undefined;
  if (props.nodeAgent && noDaemonSets) {
    problems.push({ where: 'nodeAgent', given: `options, and ${props.platform}`, allowed: `no node agent: ${noDaemonSets}` });
  }
  if (props.clickhouse && props.existingClickHouse) {
    problems.push({ where: 'existingClickHouse', given: '`clickhouse` and `existingClickHouse`', allowed: 'one of the two' });
  }
  const central = ['gateway', 'clickhouse', 'existingClickHouse', 'retention', 'grafana', 'onCall', 'smokeTest'] as const;
  for (const where of props.existingGateway ? central.filter((name) => props[name] !== undefined && props[name] !== false) : []) {
    problems.push({
      where,
      given: `\`${where}\` and \`existingGateway\``,
      allowed: 'one of the two',
      fix: 'Store, Grafana and alerts stand in the cluster of the gateway',
    });
  }
  if (props.retention && props.clickhouse?.retention) {
    problems.push({ where: 'clickhouse.retention', given: '`retention` here and on the chart', allowed: 'one of the two' });
  }
  return problems;
}

/** Props of a construct: what is in them is checked by the construct itself. */
const passed: Check = (value, where) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? []
    : [{ where, given: shown(value), allowed: 'an object with properties' }];

const checks: Checks<ObservabilityChartProps> = {
  clusterName: required(labelValue),
  platform: oneOf(Platform),
  // `-agents` is put behind it.
  namespace: kubernetesName(33),
  createNamespaces: boolean,
  images: instance("Images.upstream() or Images.mirror('registry.acme.example')", '_reference'),
  networkPolicies: boolean,
  strict: boolean,
  retention: passed,
  clickhouse: passed,
  existingClickHouse: clickHouseCheck,
  gateway: passed,
  existingGateway: gatewayCheck,
  nodeAgent: passed,
  clusterAgent: passed,
  prometheusAgent: passed,
  grafana: passed,
  onCall: passed,
  smokeTest: boolean,
};
