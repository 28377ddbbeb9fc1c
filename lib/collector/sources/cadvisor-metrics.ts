import { type Checks, instance, refuse } from '../../kubernetes/checks';
import { Reach } from '../../kubernetes/endpoint';
import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { cAdvisorMetrics } from '../../telemetry/node-programs-metrics';
import { scrapeMetrics } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { kubeletPort } from './kubelet-metrics';
import { KubeletTls } from './kubelet-tls';
import { ownToken, type RelabelRule, sampleNames, scraping } from './scraping';

/** Properties of CAdvisorMetrics. */
export interface CAdvisorMetricsProps {
  /**
   * How the kubelet's certificate is checked.
   * @default - as of KubeletMetrics
   */
  readonly tls?: KubeletTls;
}

/**
 * How often containers with a limit of CPU were throttled: the one thing of use that only the kubelet's /metrics/cadvisor has. Two points a container with such a limit,
 * of some ninety that the page has for each.
 * @see https://kubernetes.io/docs/reference/instrumentation/node-metrics/
 */
export class CAdvisorMetrics extends Source {
  /** @throws if a property is wrong */
  constructor(private readonly props: CAdvisorMetricsProps = {}) {
    super();
    refuse<CAdvisorMetricsProps>('CAdvisorMetrics', props, checks);
  }

  bind(context: CollectorContext): SourceBinding {
    const tls = this.props.tls ?? KubeletTls._of(context.platform);
    const kubelet = ConfigValue.concat(ConfigValue.podField('K8S_NODE_IP', 'status.hostIP'), `:${kubeletPort}`);
    const binding = scraping(context, {
      name: 'cadvisor',
      ofOwnNode: true,
      jobs: [
        {
          name: 'cadvisor',
          config: {
            scheme: 'https',
            metrics_path: '/metrics/cadvisor',
            authorization: ownToken,
            tls_config: tls._scrapeConfig,
            static_configs: [{ targets: [ConfigValue.reaching(kubelet, { host: 'kubelet', port: kubeletPort, reach: Reach.nodes() })] }],
          },
          relabel: [],
          metricRelabel: ofContainers,
        },
      ],
      rules: [{ apiGroup: '', resources: ['nodes/metrics'], verbs: ['get'], because: "the kubelet's /metrics/cadvisor is read" }],
      processors: [byContainer, containersAreNoScrape],
      metrics: [...Object.keys(cAdvisorMetrics), ...Object.keys(scrapeMetrics)].map((name) => Metric.named(name)),
      per: Countable.NODE,
    });
    return { ...binding, warnings: tls._warning ? [tls._warning] : [] };
  }
}

const identity = ['k8s.namespace.name', 'k8s.pod.name', 'k8s.pod.uid', 'k8s.container.name'];

const uid = '([0-9a-f]{8})[-_]([0-9a-f]{4})[-_]([0-9a-f]{4})[-_]([0-9a-f]{4})[-_]([0-9a-f]{12})';

/** Samples of containers, not of whole pods and slices, with the pod's uid from the name of the control group; by it, and by nothing else, the pod is found again. */
const ofContainers: RelabelRule[] = [
  { source_labels: ['__name__', 'container'], regex: `(${sampleNames(cAdvisorMetrics)});.+`, action: 'keep' },
  { source_labels: ['id'], regex: `.*pod${uid}.*`, replacement: '$1-$2-$3-$4-$5', target_label: 'k8s.pod.uid', action: 'replace' },
  { source_labels: ['namespace'], target_label: 'k8s.namespace.name', action: 'replace' },
  { source_labels: ['pod'], target_label: 'k8s.pod.name', action: 'replace' },
  { source_labels: ['container'], target_label: 'k8s.container.name', action: 'replace' },
  { regex: 'id|image|name|namespace|pod|container', action: 'labeldrop' },
];

/** Each container is a resource of its own, as in what the kubelet says of it. */
const byContainer = Component.processor({ componentType: 'groupbyattrs', name: 'containers', config: { keys: identity } });

/** What tells a target apart is not the container's: its `service.name` is found by its pod. */
const containersAreNoScrape = Component.processor({
  componentType: 'transform',
  name: 'containers-are-no-scrape',
  config: {
    error_mode: 'ignore',
    metric_statements: [
      'delete_matching_keys(resource.attributes, "^(service|server|url)[.]") where resource.attributes["k8s.container.name"] != nil',
    ],
  },
});

const checks: Checks<CAdvisorMetricsProps> = { tls: instance('KubeletTls.clusterAuthority(), .authority(…) or .unverified()', '_config') };
