import type { Duration } from 'cdk8s';
import type { AccessRule } from '../../kubernetes/access';
import { boolean, type Checks, checkProps, list, objectName } from '../../kubernetes/checks';
import { type Problem, throwIfAny } from '../../kubernetes/problems';
import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { scrapeMetrics } from '../../telemetry/scraped-metrics';
import { claimedTargetsCheck } from '../claimed-targets';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { Annotations } from './annotations';
import { anyContainer, anyTarget, asLabel, jobOfPod, notThese, podAddress, runningPods } from './pod-targets';
import { limitProblems, limitsCheck, type ScrapeLimits, timeoutOf, timingChecks, timingProblems } from './scrape-limits';
import { type RelabelRule, type ScrapeConfig, scraping } from './scraping';

/** Properties of AnnotatedTargets. */
export interface AnnotatedTargetsProps {
  /**
   * What stands before the `/` of the annotations. Several are read together: a target that any of them wants is scraped, once, and of what they say of it the first counts.
   * @default ['prometheus.io']
   */
  readonly prefixes?: string[];
  /**
   * How often, where no annotation says it, from a second to an hour.
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
  /**
   * How long an answer is waited for, from a second to a minute.
   * @default - 10 seconds, or the interval where that is shorter
   */
  readonly timeout?: Duration;
  /**
   * How much each target may give.
   * @default - 50,000 samples, 64 labels each, 50 MiB
   */
  readonly limits?: ScrapeLimits;
  /**
   * Whether histograms come as native ones where a target has them: as fine as it says over their whole range, in place of the classic ones of the same name.
   * Targets that have none are asked as ever. They lie in another table than classic ones (`otel_metrics_exponential_histogram`).
   * @default false
   */
  readonly nativeHistograms?: boolean;
  /**
   * Further pods that somebody else scrapes, as `namespace/label=value,label=value`, `*` for any namespace: what `targets` of a Collector says.
   * @default - none but what other sources of the same collector claim
   */
  readonly except?: string[];
}

/**
 * Metrics of pods and Services that are annotated `prometheus.io/scrape: "true"`, each target once: a pod that is annotated itself is not scraped again through its Service,
 * nor is one that stands behind two. Understood beside it are `prometheus.io/port` (otherwise each declared TCP port is asked), `/path`, `/scheme`, `/interval` (`15s`, `5m`, `1h`)
 * and `/param-NAME`; a value that cannot be meant is read over. `service.name` is made of the pod's labels as OpenTelemetry says.
 *
 * In an agent of every node each asks the pods of its own node; Services are not looked for there, as every agent would have to know all of them. These agents claim
 * annotated pods: another agent that is told so has only the Services left.
 *
 * @example
 * const annotated = new AnnotatedTargets({ prefixes: ['prometheus.io', 'metrics.acme.example'], limits: { samples: 10_000 } });
 *
 * @see https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/
 */
export class AnnotatedTargets extends Source {
  /** @internal The annotations by which it finds pods and Services. */
  readonly _annotations: readonly string[];
  private readonly prefixes: readonly string[];

  /** @throws if a property is wrong, with all that is wrong */
  constructor(private readonly props: AnnotatedTargetsProps = {}) {
    super();
    const problems = checkProps<AnnotatedTargetsProps>(props, checks);
    throwIfAny('AnnotatedTargets', problems.length > 0 ? problems : contradictions(props));
    this.prefixes = props.prefixes ?? ['prometheus.io'];
    this._annotations = this.prefixes.map((prefix) => `${prefix}/scrape`);
  }

  bind(context: CollectorContext): SourceBinding {
    const { except = [], limits, interval, nativeHistograms } = this.props;
    const annotated: Annotated = {
      pods: new Annotations('pod', this.prefixes),
      services: new Annotations('service', this.prefixes),
      others: notThese([...new Set([...context.claimedTargets, ...except])]),
      timeout: timeoutOf(this.props),
    };
    const claims = this.prefixes.map((prefix) => `*/@${prefix}/scrape=true`);
    const onEveryNode = context.placement._kind === 'DaemonSet';
    const onlyServices = !onEveryNode && claims.every((claim) => context.claimedTargets.includes(claim));
    // Whoever claims the pods counts the targets.
    const counted = onlyServices ? 0 : 1;
    const binding = scraping(context, {
      name: 'annotated',
      jobs: [...(onlyServices ? [] : [pods(annotated)]), ...(onEveryNode ? [] : [services(annotated)])].map((job) => ({
        ...job,
        limits,
        timing: this.props,
        nativeHistograms,
      })),
      rules: onEveryNode ? rulesOnEveryNode : rules,
      processors: [anyContainer],
      metrics: Object.keys(scrapeMetrics).map((name) => Metric.named(name)),
      rows: [
        { per: Countable.TARGET, points: counted, metrics: Object.keys(scrapeMetrics) },
        { per: Countable.SAMPLE, points: counted },
      ],
      interval,
    });
    return { ...binding, targets: onEveryNode ? claims : [] };
  }
}

interface Annotated {
  readonly pods: Annotations;
  readonly services: Annotations;
  /** Leave out what others scrape. */
  readonly others: RelabelRule[];
  /** In seconds. */
  readonly timeout: number;
}

const rulesOnEveryNode: AccessRule[] = [
  { apiGroup: '', resources: ['pods'], verbs: ['list', 'watch'], because: 'annotated pods are found' },
];

const rules: AccessRule[] = [
  { apiGroup: '', resources: ['pods', 'services'], verbs: ['list', 'watch'], because: 'annotated pods and Services are found' },
  {
    apiGroup: 'discovery.k8s.io',
    resources: ['endpointslices'],
    verbs: ['list', 'watch'],
    because: 'the addresses of annotated Services are found',
  },
];

const pods = (annotated: Annotated): ScrapeConfig => ({
  name: 'annotated-pods',
  config: {},
  pods: { reached: anyTarget },
  relabel: [
    { ...annotated.pods.wanted, action: 'keep' },
    ...annotated.others,
    runningPods,
    { source_labels: ['__meta_kubernetes_pod_container_init'], regex: 'true', action: 'drop' },
    { source_labels: ['__meta_kubernetes_pod_container_port_protocol'], regex: 'UDP|SCTP', action: 'drop' },
    ...annotated.pods.each('port', podAddress),
    ...annotated.pods.asked(annotated.timeout),
    ...jobOfPod,
  ],
});

const services = (annotated: Annotated): ScrapeConfig => ({
  name: 'annotated-services',
  config: { kubernetes_sd_configs: [{ role: ConfigValue.reaching('endpointslice', anyTarget) }] },
  relabel: [
    { ...annotated.services.wanted, action: 'keep' },
    { ...annotated.pods.wanted, action: 'drop' },

    ...annotated.others,
    { source_labels: ['__meta_kubernetes_endpointslice_endpoint_conditions_ready'], regex: 'false', action: 'drop' },
    { source_labels: ['__meta_kubernetes_endpointslice_port_protocol'], regex: 'UDP|SCTP', action: 'drop' },
    { source_labels: ['__meta_kubernetes_endpointslice_port'], regex: '(\\d+)', target_label: '__tmp_port', action: 'replace' },
    ...annotated.services.each('port', (label) => [
      { source_labels: [label], regex: '(\\d+)', target_label: '__tmp_port', action: 'replace' },
    ]),
    // Discovery gives ports of the pod as well that the Service does not lead to.
    { source_labels: ['__tmp_port'], regex: '\\d+', action: 'keep' },
    {
      source_labels: ['__address__', '__tmp_port'],
      regex: '(.+?)(?::\\d+)?;(\\d+)',
      replacement: '$1:$2',
      target_label: '__address__',
      action: 'replace',
    },
    ...podAddress('__tmp_port'),
    ...annotated.services.asked(annotated.timeout),
    { source_labels: ['__meta_kubernetes_service_name'], target_label: 'job', action: 'replace' },
    ...jobOfPod,
  ],
});

/** Prefixes that discovery spells alike are one. */
function contradictions(props: AnnotatedTargetsProps): Problem[] {
  const { prefixes = [] } = props;
  const spelt = prefixes.map(asLabel);
  const twice = prefixes.flatMap((prefix, index) =>
    spelt.indexOf(spelt[index]) < index
      ? [
          {
            where: `prefixes[${index}]`,
            given: `'${prefix}', which is read like '${prefixes[spelt.indexOf(spelt[index])]}'`,
            allowed: 'each once',
          },
        ]
      : [],
  );
  return [...twice, ...timingProblems(props), ...limitProblems(props)];
}

const checks: Checks<AnnotatedTargetsProps> = {
  prefixes: list(objectName, { min: 1 }),
  ...timingChecks,
  limits: limitsCheck,
  nativeHistograms: boolean,
  except: claimedTargetsCheck,
};
