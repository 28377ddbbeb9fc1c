import { type Checks, list, refuse, text } from '../../kubernetes/checks';
import { Reach } from '../../kubernetes/endpoint';
import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { scrapeMetrics } from '../../telemetry/scraped-metrics';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { anyContainer, jobOfPod, notThese, podAddress, targetPattern } from './pod-targets';
import { type RelabelRule, type ScrapeJob, scraping } from './scraping';

/** Properties of AnnotatedTargets. */
export interface AnnotatedTargetsProps {
  /**
   * Pods that somebody else scrapes, as `namespace/label=value`: what `targets` of a Collector says.
   * @default - none
   */
  readonly except?: string[];
}

/**
 * Metrics of pods and Services that are annotated `prometheus.io/scrape: "true"`, each target once: a pod that is annotated itself is not scraped again through its Service,
 * nor is one that stands behind two. Understood beside it are `prometheus.io/port` (otherwise each declared TCP port is asked), `/path`, `/scheme` and `/param_NAME`.
 * `service.name` is made of the pod's labels as OpenTelemetry says.
 * @see https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/
 */
export class AnnotatedTargets extends Source {
  /** @internal The annotations by which it finds pods and Services. */
  readonly _annotations = ['prometheus.io/scrape'];

  /** @throws if a property is wrong */
  constructor(private readonly props: AnnotatedTargetsProps = {}) {
    super();
    refuse<AnnotatedTargetsProps>('AnnotatedTargets', props, checks);
  }

  bind(context: CollectorContext): SourceBinding {
    const others = notThese(this.props.except ?? []);
    return scraping(context, {
      name: 'annotated',
      jobs: [pods(others), services(others)],
      rules: [
        { apiGroup: '', resources: ['pods', 'services'], verbs: ['list', 'watch'], because: 'annotated pods and Services are found' },
        {
          apiGroup: 'discovery.k8s.io',
          resources: ['endpointslices'],
          verbs: ['list', 'watch'],
          because: 'the addresses of annotated Services are found',
        },
      ],
      processors: [anyContainer],
      metrics: Object.keys(scrapeMetrics).map((name) => Metric.named(name)),
      per: Countable.TARGET,
      rows: [{ per: Countable.SAMPLE, points: 1 }],
    });
  }
}

/** Targets may be any pod, on the network of pods or of nodes. */
const anyTarget = { host: 'annotated targets', port: 0, reach: Reach._discovered() };

const annotation = (kind: 'pod' | 'service', name: string) => `__meta_kubernetes_${kind}_annotation_prometheus_io_${name}`;

/** Scheme, path and parameters, as annotated. */
const asAnnotated = (kind: 'pod' | 'service'): RelabelRule[] => [
  { source_labels: [annotation(kind, 'scheme')], regex: '(https?)', target_label: '__scheme__', action: 'replace' },
  { source_labels: [annotation(kind, 'path')], regex: '(.+)', target_label: '__metrics_path__', action: 'replace' },
  { regex: `${annotation(kind, 'param')}_(.+)`, replacement: '__param_$1', action: 'labelmap' },
];

const pods = (others: RelabelRule[]): ScrapeJob => ({
  name: 'annotated-pods',
  config: { kubernetes_sd_configs: [{ role: ConfigValue.reaching('pod', anyTarget) }] },
  relabel: [
    { source_labels: [annotation('pod', 'scrape')], regex: 'true', action: 'keep' },
    ...others,
    { source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Running', action: 'keep' },
    { source_labels: ['__meta_kubernetes_pod_container_init'], regex: 'true', action: 'drop' },
    { source_labels: ['__meta_kubernetes_pod_container_port_protocol'], regex: 'UDP|SCTP', action: 'drop' },
    ...podAddress(annotation('pod', 'port')),
    ...asAnnotated('pod'),
    ...jobOfPod,
  ],
});

const services = (others: RelabelRule[]): ScrapeJob => ({
  name: 'annotated-services',
  config: { kubernetes_sd_configs: [{ role: 'endpointslice' }] },
  relabel: [
    { source_labels: [annotation('service', 'scrape')], regex: 'true', action: 'keep' },
    { source_labels: [annotation('pod', 'scrape')], regex: 'true', action: 'drop' },
    ...others,
    { source_labels: ['__meta_kubernetes_endpointslice_endpoint_conditions_ready'], regex: 'false', action: 'drop' },
    { source_labels: ['__meta_kubernetes_endpointslice_port_protocol'], regex: 'UDP|SCTP', action: 'drop' },
    { source_labels: ['__meta_kubernetes_endpointslice_port'], regex: '(\\d+)', target_label: '__tmp_port', action: 'replace' },
    { source_labels: [annotation('service', 'port')], regex: '(\\d+)', target_label: '__tmp_port', action: 'replace' },
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
    ...asAnnotated('service'),
    { source_labels: ['__meta_kubernetes_service_name'], target_label: 'job', action: 'replace' },
    ...jobOfPod,
  ],
});

const checks: Checks<AnnotatedTargetsProps> = { except: list(text({ pattern: targetPattern, allowed: '`namespace/label=value`' })) };
