import type { AccessRule } from '../../kubernetes/access';
import { type Checks, list, oneOf, refuse } from '../../kubernetes/checks';
import { Reach } from '../../kubernetes/endpoint';
import { clusterDnsMetrics, controllerManagerMetrics, etcdMetrics, schedulerMetrics } from '../../telemetry/control-plane-metrics';
import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { type MetricFacts, scrapeMetrics } from '../../telemetry/scraped-metrics';
import { type PartReach, type PlatformFacts, platformFacts } from '../platform-facts';
import { PlatformRefusal } from '../platform-refusal';
import { type CollectorContext, Source, type SourceBinding, type SourceRows } from '../source';
import { anyContainer, podsAtPort } from './pod-targets';
import { apiServerTls, ownToken, type RelabelRule, type ScrapeConfig, sampleNames, scraping } from './scraping';
import { summingWithUnits } from './summing';

/** A part of Kubernetes beside the API server. */
export enum ControlPlanePart {
  /** Answers names. */
  CORE_DNS = 'coredns',
  /** Keeps the state. */
  ETCD = 'etcd',
  /** Gives pods their nodes. */
  SCHEDULER = 'kube-scheduler',
  /** Makes pods of workloads, and endpoints of Services. */
  CONTROLLER_MANAGER = 'kube-controller-manager',
}

/** Properties of ControlPlaneMetrics. */
export interface ControlPlaneMetricsProps {
  /**
   * What is scraped. On Platform.KUBEADM etcd, scheduler and controller manager have to be named: they answer only to their own node until each has been given
   * another address, as docs/guides/cluster-agent.md says.
   * @default - what the platform shows without anybody's doing
   */
  readonly parts?: ControlPlanePart[];
}

/**
 * CoreDNS, etcd, scheduler and controller manager, as far as the platform lets them be reached, each instance by itself; the API server is ApiServerMetrics'.
 * Each of them says what tells whether it works and what it waits for, some ten series of thousands. `service.name` is the name of the part.
 *
 * Scheduler and controller manager sign their own certificates, which are not checked; they are shown the token of the collector.
 * @see https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
export class ControlPlaneMetrics extends Source {
  private readonly parts?: readonly ControlPlanePart[];

  /** @throws if a property is wrong */
  constructor(props: ControlPlaneMetricsProps = {}) {
    super();
    refuse<ControlPlaneMetricsProps>('ControlPlaneMetrics', props, checks);
    this.parts = props.parts;
  }

  bind(context: CollectorContext): SourceBinding {
    const { controlPlane } = platformFacts[context.platform];
    const reached = this.reached(context, controlPlane);
    if (reached.length === 0) {
      return {
        receivers: {},
        warnings: [`ControlPlaneMetrics: of the control plane on '${context.platform}' nothing but the API server can be scraped`],
      };
    }
    const kept: Record<string, MetricFacts> = Object.assign({}, ...reached.map(({ part }) => known[part].metrics));
    const binding = scraping(context, {
      name: 'control-plane',
      jobs: reached.map(({ part, reach }) => jobOf(part, reach)),
      rules: reached.flatMap(({ reach }) => rulesFor(reach)),
      nonResourceUrls: reached.some(({ reach }) => reach.by === 'pods' && reach.scheme === 'https') ? ['/metrics'] : [],
      processors: [anyContainer, summingWithUnits('control-plane-sums', kept)],
      metrics: [...Object.keys(kept), ...Object.keys(scrapeMetrics)].map((name) => Metric.named(name)),
      rows: reached.flatMap(({ part }) => rowsOf(part)),
    });
    return { ...binding, targets: reached.flatMap(({ reach }) => (reach.by === 'pods' ? [`${reach.namespace}/${reach.label}`] : [])) };
  }

  private reached(
    { platform }: CollectorContext,
    controlPlane: PlatformFacts['controlPlane'],
  ): { part: ControlPlanePart; reach: PartReach }[] {
    const reachOf = (part: ControlPlanePart): PartReach => controlPlane[known[part].place];
    const open = Object.values(ControlPlanePart).filter((part) => {
      const reach = reachOf(part);
      return reach.by !== 'nothing' && !('setting' in reach && reach.setting);
    });
    const parts = [...new Set(this.parts ?? open)];
    const reasons = parts.flatMap((part) => {
      const reach = reachOf(part);
      return reach.by === 'nothing' ? [{ part, because: reach.because }] : [];
    });
    if (reasons.length > 0) {
      const names = reasons.map(({ part }) => part).join(', ');
      const because = [...new Set(reasons.map((reason) => reason.because))].join('; ');
      throw new PlatformRefusal(platform, `ControlPlaneMetrics with ${names}`, because);
    }
    return parts.map((part) => ({ part, reach: reachOf(part) }));
  }
}

/** Queues that somebody waits for: workloads, endpoints, what is to be deleted. The forty others stand still for years. */
const queues = [
  'deployment',
  'replicaset',
  'statefulset',
  'daemonset',
  'job',
  'endpoint_slice',
  'namespace',
  'garbage_collector_attempt_to_delete',
];
const queuesOnly: RelabelRule = {
  source_labels: ['__name__', 'name'],
  regex: `workqueue_.*;(${queues.join('|')})|(process|rest_client)_.*`,
  action: 'keep',
};

interface KnownPart {
  readonly place: Exclude<keyof PlatformFacts['controlPlane'], 'apiServer'>;
  readonly metrics: Record<string, MetricFacts>;
  readonly further?: RelabelRule[];
}

const known: Record<ControlPlanePart, KnownPart> = {
  [ControlPlanePart.CORE_DNS]: { place: 'coreDns', metrics: clusterDnsMetrics },
  [ControlPlanePart.ETCD]: { place: 'etcd', metrics: etcdMetrics },
  [ControlPlanePart.SCHEDULER]: { place: 'scheduler', metrics: schedulerMetrics },
  [ControlPlanePart.CONTROLLER_MANAGER]: { place: 'controllerManager', metrics: controllerManagerMetrics, further: [queuesOnly] },
};

function jobOf(part: ControlPlanePart, reach: PartReach): ScrapeConfig {
  const { metrics, further = [] } = known[part];
  const metricRelabel: RelabelRule[] = [{ source_labels: ['__name__'], regex: sampleNames(metrics), action: 'keep' }, ...further];
  if (reach.by === 'api-server-path') {
    const config = { scheme: 'https', metrics_path: reach.path, authorization: ownToken, tls_config: apiServerTls };
    // Of several API servers each would answer the same.
    return { name: part, config: { ...config, static_configs: [{ targets: ['kubernetes.default.svc:443'] }] }, relabel: [], metricRelabel };
  }
  if (reach.by !== 'pods') {
    throw new Error(`${part} is reached by ${reach.by}, which is for others`);
  }
  const { namespace, label, port, scheme } = reach;
  return {
    name: part,
    config: { scheme, ...(scheme === 'https' ? { authorization: ownToken, tls_config: { insecure_skip_verify: true } } : {}) },
    pods: {
      reached: { host: part, port, reach: Reach.nodes() },
      namespaces: [namespace],
      labels: Object.fromEntries([label.split('=')]),
    },
    relabel: podsAtPort(port),
    metricRelabel,
  };
}

const rulesFor = (reach: PartReach): AccessRule[] =>
  reach.by === 'pods'
    ? [
        {
          apiGroup: '',
          resources: ['pods'],
          verbs: ['list', 'watch'],
          onlyIn: reach.namespace,
          because: 'parts of the control plane are found as pods',
        },
      ]
    : reach.by === 'api-server-path'
      ? [
          {
            apiGroup: reach.apiGroup,
            resources: [reach.resource],
            verbs: ['get'],
            because: 'the platform shows the metrics of a part there',
          },
        ]
      : [];

/** Four points of each scrape: CoreDNS has two pods, of the others there are as many as API servers. */
const rowsOf = (part: ControlPlanePart): SourceRows[] => [
  part === ControlPlanePart.CORE_DNS ? { per: Countable.CLUSTER, points: 8 } : { per: Countable.API_SERVER, points: 4 },
  { per: Countable.CLUSTER, points: 0, metrics: Object.keys(scrapeMetrics) },
];

const checks: Checks<ControlPlaneMetricsProps> = { parts: list(oneOf(ControlPlanePart), { min: 1 }) };
