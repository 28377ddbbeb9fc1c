import { type Check, type Checks, instance, integer, kubernetesName, list, oneOf, refuse, required, text } from '../../kubernetes/checks';
import { Countable } from '../../telemetry/countable';
import type { Metric } from '../../telemetry/metric';
import { antreaMetrics, awsVpcMetrics, calicoMetrics, ciliumMetrics } from '../../telemetry/node-programs-metrics';
import type { NodeProgram } from './node-pods';

/** How a program's metrics are asked for. */
export enum MetricsScheme {
  /** In plain text. */
  HTTP = 'http',
  /** Over TLS and with the agent's token; the certificate is not checked, as such programs sign their own. Whoever may make a pod with the label in the namespaces is sent it. */
  HTTPS = 'https',
}

/** Properties of a network of your own for pods. */
export interface CniProps {
  /** Stands in `service.name` of its metrics. */
  readonly name: string;
  /** Namespaces that its pods may be in. */
  readonly namespaces: string[];
  /** A label that its pods have: `k8s-app=kube-router`. */
  readonly podLabel: string;
  /** The port of its metrics. */
  readonly port: number;
  /**
   * How it is asked.
   * @default MetricsScheme.HTTP
   */
  readonly scheme?: MetricsScheme;
  /**
   * Where its metrics are.
   * @default '/metrics'
   */
  readonly path?: string;
  /** What is kept of them, summed over all labels that a metric does not name: `Metric.custom({ … })`. A histogram stands here once. */
  readonly metrics: Metric[];
}

/** What gives pods their network, and shows metrics on each node. */
export class Cni {
  /**
   * Cilium; installed with `prometheus.enabled=true`.
   * @see https://docs.cilium.io/en/stable/observability/metrics/
   */
  static readonly CILIUM = new Cni({
    name: 'cilium-agent',
    namespaces: ['cilium', 'kube-system'],
    label: 'k8s-app=cilium',
    port: 9962,
    metrics: ciliumMetrics,
  });

  /**
   * Calico's Felix; switched on by `prometheusMetricsEnabled: true` in its FelixConfiguration.
   * @see https://docs.tigera.io/calico/latest/operations/monitor/monitor-component-metrics
   */
  static readonly CALICO = new Cni({
    name: 'calico-node',
    namespaces: ['calico-system', 'kube-system'],
    label: 'k8s-app=calico-node',
    port: 9091,
    metrics: calicoMetrics,
  });

  /**
   * The Amazon VPC CNI.
   * @see https://github.com/aws/amazon-vpc-cni-k8s
   */
  static readonly AWS_VPC = new Cni({
    name: 'aws-node',
    namespaces: ['kube-system'],
    label: 'k8s-app=aws-node',
    port: 61678,
    metrics: awsVpcMetrics,
  });

  /**
   * Antrea. Its agent asks the API server who asks, so that this one gets the right to read `/metrics`.
   * @see https://antrea.io/docs/main/docs/prometheus-integration/
   */
  static readonly ANTREA = new Cni({
    name: 'antrea-agent',
    namespaces: ['kube-system'],
    label: 'component=antrea-agent',
    port: 10350,
    scheme: 'https',
    metrics: antreaMetrics,
  });

  /**
   * Any other one that shows metrics on each node.
   * @throws if a property is wrong, with all that is wrong
   */
  static custom(props: CniProps): Cni {
    refuse<CniProps>('Cni.custom', props, checks);
    const { podLabel, metrics, ...program } = props;
    const points = { per: Countable.NODE, points: 1, metrics: metrics.map(({ name }) => name) };
    return new Cni({
      ...program,
      label: podLabel,
      metrics: Object.fromEntries(metrics.map((metric) => [metric.name, metric])),
      own: metrics,
      rows: [points],
    });
  }

  private constructor(
    /** @internal */
    readonly _program: NodeProgram,
  ) {}
}

const metricList = list(instance("Metric.custom({ name: 'my_cni_drops_total', … })", 'name', 'instrument'), { min: 1 });

/** Of two by one name the last would count alone. */
const eachOnce: Check = (value, where) => {
  const problems = metricList(value, where);
  const names = problems.length > 0 ? [] : (value as Metric[]).map(({ name }) => name);
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  return [...problems, ...twice.map((name) => ({ where, given: `\`${name}\` twice`, allowed: 'each metric once' }))];
};

const checks: Checks<CniProps> = {
  name: required(kubernetesName(40)),
  namespaces: required(list(kubernetesName(), { min: 1 })),
  podLabel: required(text({ pattern: /^[A-Za-z0-9_./-]+=[A-Za-z0-9_.-]+$/, allowed: '`label=value`' })),
  port: required(integer(1, 65_535)),
  scheme: oneOf(MetricsScheme),
  path: text({ pattern: /^\/\S*$/, allowed: 'a path: /metrics' }),
  metrics: required(eachOnce),
};
