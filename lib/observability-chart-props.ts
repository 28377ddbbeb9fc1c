import { clickHouseCheck, type IClickHouse } from './clickhouse/clickhouse';
import type { ClickHouseClusterProps } from './clickhouse/clickhouse-cluster';
import type { Retention } from './clickhouse/schema/retention';
import type { ClusterAgentOptions } from './cluster-agent/cluster-agent';
import { gatewayCheck, type IGateway } from './collector/gateway';
import { Platform } from './collector/platform';
import { platformFacts } from './collector/platform-facts';
import type { CollectorGatewayProps } from './gateway/collector-gateway';
import type { GrafanaStackOptions } from './grafana/grafana-stack';
import type { OnCall } from './grafana/on-call';
import { boolean, type Check, type Checks, instance, kubernetesName, labelValue, oneOf, required } from './kubernetes/checks';
import type { Images } from './kubernetes/images';
import { type Problem, shown } from './kubernetes/problems';
import type { NodeAgentOptions } from './node-agent/node-agent';
import type { PrometheusAgentOptions } from './prometheus-agent/prometheus-agent';
import type { TailSamplingOptions } from './tail-sampling/tail-sampling';

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
   * Keeps only some traces, decided on when they are whole: the gateway sends spans to a second tier, and that to the store.
   * @default - all traces are kept
   */
  readonly tailSampling?: TailSamplingOptions;
  /**
   * Whether a Job sends a log record, a span and a metric point through the gateway and waits for them in the store, each time that the gateway is configured differently.
   * With `gateway.processors` and neither true nor false here there is a warning: they may drop what it sends.
   * @default - true, unless `gateway.sinks` say that telemetry goes elsewhere, the gateway's certificate is not for its Service, or traces are decided on after more than half a minute
   */
  readonly smokeTest?: boolean;
}

/** A ClickHouseCluster makes its tables itself: two that do would take back each other's retention, each hour. */
export const hasSchema = (clickhouse: IClickHouse): boolean => 'schema' in clickhouse;

/** Properties that are right by themselves and not together. */
export function contradictions(props: ObservabilityChartProps): Problem[] {
  const problems: Problem[] = [];
  const noDaemonSets = typeof props.platform === 'string' ? platformFacts[props.platform]?.refuses?.daemonSets : undefined;
  if (props.nodeAgent && noDaemonSets) {
    problems.push({ where: 'nodeAgent', given: `options, and ${props.platform}`, allowed: `no node agent: ${noDaemonSets}` });
  }
  if (props.clickhouse && props.existingClickHouse) {
    problems.push({ where: 'existingClickHouse', given: '`clickhouse` and `existingClickHouse`', allowed: 'one of the two' });
  }
  if (
    props.retention &&
    props.existingClickHouse &&
    clickHouseCheck(props.existingClickHouse, '').length === 0 &&
    hasSchema(props.existingClickHouse)
  ) {
    problems.push({
      where: 'retention',
      given: '`retention`, for a ClickHouseCluster that has its own',
      allowed: '`retention` of the ClickHouseCluster',
    });
  }
  const central = ['gateway', 'clickhouse', 'existingClickHouse', 'retention', 'grafana', 'onCall', 'smokeTest', 'tailSampling'] as const;
  for (const where of props.existingGateway ? central.filter((name) => props[name] !== undefined && props[name] !== false) : []) {
    problems.push({
      where,
      given: `\`${where}\` and \`existingGateway\``,
      allowed: 'one of the two',
      fix: 'Store, Grafana and alerts stand in the cluster of the gateway',
    });
  }
  if (props.tailSampling && props.gateway?.sinks) {
    problems.push({
      where: 'tailSampling',
      given: '`tailSampling` and `gateway.sinks`',
      allowed: 'one of the two',
      fix: 'A TailSamplingSink among the sinks sends to a TailSampling of your own',
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

export const chartChecks: Checks<ObservabilityChartProps> = {
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
  tailSampling: passed,
  smokeTest: boolean,
};
