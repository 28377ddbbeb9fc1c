import { Reach } from '../../kubernetes/endpoint';
import { Metric } from '../../telemetry/metric';
import { scrapeMetrics } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { type RelabelRule, type ScrapeJob, scraping } from './scraping';

/**
 * Metrics of pods and Services that are annotated `prometheus.io/scrape: "true"`, each target once: a pod that is annotated itself is not scraped again through its Service,
 * nor is one that stands behind two. Understood beside it are `prometheus.io/port` (otherwise each declared TCP port is asked), `/path`, `/scheme` and `/param_NAME`.
 * `service.name` is made of the pod's labels as OpenTelemetry says.
 * @see https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/
 */
export class AnnotatedTargets extends Source {
  bind(context: CollectorContext): SourceBinding {
    return scraping(context, {
      name: 'annotated',
      jobs: [pods, services],
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
    });
  }
}

/**
 * Ports that containers declare lead to one address, and discovery names any of the containers: the name goes.
 * Kubernetes attributes give it back where the pod has one container only.
 */
const anyContainer = Component.processor({
  componentType: 'resource',
  name: 'any-container',
  config: { attributes: [{ key: 'k8s.container.name', action: 'delete' }] },
});

/** Targets may be any pod, on the network of pods or of nodes. */
const anyTarget = { host: 'annotated targets', port: 0, reach: Reach._discovered() };

const ipv4 = '((?:[0-9]+\\.){3}[0-9]+)';
const ipv6 = '([0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)';

/** Labels of the target that are known only here: what Prometheus calls them is kept in one place. */
const annotation = (kind: 'pod' | 'service', name: string) => `__meta_kubernetes_${kind}_annotation_prometheus_io_${name}`;

/** Scheme, path and parameters, as annotated. */
const asAnnotated = (kind: 'pod' | 'service'): RelabelRule[] => [
  { source_labels: [annotation(kind, 'scheme')], regex: '(https?)', target_label: '__scheme__', action: 'replace' },
  { source_labels: [annotation(kind, 'path')], regex: '(/?.+)', target_label: '__metrics_path__', action: 'replace' },
  { regex: `${annotation(kind, 'param')}_(.+)`, replacement: '__param_$1', action: 'labelmap' },
];

/** The address of the pod itself with a port: however many ports, Services and address families lead there, it is one target. */
const podAddress = (portLabel: string): RelabelRule[] => [
  {
    source_labels: ['__meta_kubernetes_pod_ip', portLabel],
    regex: `${ipv4};(\\d+)`,
    replacement: '$1:$2',
    target_label: '__address__',
    action: 'replace',
  },
  {
    source_labels: ['__meta_kubernetes_pod_ip', portLabel],
    regex: `${ipv6};(\\d+)`,
    replacement: '[$1]:$2',
    target_label: '__address__',
    action: 'replace',
  },
];

/** Becomes `service.name`; a later rule wins. */
const jobOfPod: RelabelRule[] = [
  { source_labels: ['__meta_kubernetes_pod_name'], regex: '(.+)', target_label: 'job', action: 'replace' },
  { source_labels: ['__meta_kubernetes_pod_controller_name'], regex: '(.+)', target_label: 'job', action: 'replace' },
  {
    source_labels: [
      '__meta_kubernetes_pod_controller_kind',
      '__meta_kubernetes_pod_controller_name',
      '__meta_kubernetes_pod_label_pod_template_hash',
    ],
    regex: 'ReplicaSet;(.+)-([a-z0-9]+);.+',
    target_label: 'job',
    action: 'replace',
  },
  { source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'], regex: '(.+)', target_label: 'job', action: 'replace' },
  { source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_instance'], regex: '(.+)', target_label: 'job', action: 'replace' },
  {
    source_labels: ['__meta_kubernetes_pod_annotation_resource_opentelemetry_io_service_name'],
    regex: '(.+)',
    target_label: 'job',
    action: 'replace',
  },
];

const pods: ScrapeJob = {
  name: 'annotated-pods',
  config: { kubernetes_sd_configs: [{ role: ConfigValue.reaching('pod', anyTarget) }] },
  relabel: [
    { source_labels: [annotation('pod', 'scrape')], regex: 'true', action: 'keep' },
    { source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Running', action: 'keep' },
    { source_labels: ['__meta_kubernetes_pod_container_init'], regex: 'true', action: 'drop' },
    { source_labels: ['__meta_kubernetes_pod_container_port_protocol'], regex: 'UDP|SCTP', action: 'drop' },
    ...podAddress(annotation('pod', 'port')),
    ...asAnnotated('pod'),
    ...jobOfPod,
  ],
};

const services: ScrapeJob = {
  name: 'annotated-services',
  config: { kubernetes_sd_configs: [{ role: 'endpointslice' }] },
  relabel: [
    { source_labels: [annotation('service', 'scrape')], regex: 'true', action: 'keep' },
    { source_labels: [annotation('pod', 'scrape')], regex: 'true', action: 'drop' },
    { source_labels: ['__meta_kubernetes_endpointslice_endpoint_conditions_ready'], regex: 'false', action: 'drop' },
    { source_labels: ['__meta_kubernetes_endpointslice_port_protocol'], regex: 'UDP|SCTP', action: 'drop' },
    { source_labels: ['__meta_kubernetes_endpointslice_port'], regex: '(\\d+)', target_label: '__tmp_port', action: 'replace' },
    { source_labels: [annotation('service', 'port')], regex: '(\\d+)', target_label: '__tmp_port', action: 'replace' },
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
};
