import { Reach } from '../../kubernetes/endpoint';
import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { type MetricFacts, scrapeMetrics } from '../../telemetry/scraped-metrics';
import type { CollectorContext, SourceBinding, SourceRows } from '../source';
import { anyContainer, podsAtPort } from './pod-targets';
import { ownToken, sampleNames, scraping } from './scraping';
import { summingWithUnits } from './summing';

/** A program that runs as a pod on every node, mostly on the node's own network. */
export interface NodeProgram {
  /** Stands in `service.name`. */
  readonly name: string;
  readonly namespaces: readonly string[];
  /** One label of its pods: `k8s-app=kube-proxy`. */
  readonly label: string;
  readonly port: number;
  /** Over TLS it is shown the agent's token; its certificate, signed by itself, is not checked. */
  readonly scheme?: 'http' | 'https';
  readonly path?: string;
  readonly metrics: Readonly<Record<string, Pick<MetricFacts, 'instrument'> & Partial<MetricFacts>>>;
  /** Its metrics, where the catalogue does not know them. */
  readonly own?: Metric[];
  readonly rows?: SourceRows[];
}

/**
 * Scrapes what runs on the collector's own node. It is found by the API server, and so is not asked where it does not run: an address that is written down would be `up 0` for ever.
 * Across nodes such ports are often closed, which is why each node asks itself.
 */
export function programOfNode(context: CollectorContext, program: NodeProgram): SourceBinding {
  const { name, namespaces, label, port, scheme = 'http' } = program;
  const binding = scraping(context, {
    name,
    ofOwnNode: true,
    jobs: [
      {
        name,
        config: {
          scheme,
          metrics_path: program.path ?? '/metrics',
          ...(scheme === 'https' ? { authorization: ownToken, tls_config: { insecure_skip_verify: true } } : {}),
        },
        pods: { reached: { host: name, port, reach: Reach.nodes() }, namespaces, labels: Object.fromEntries([label.split('=')]) },
        relabel: [{ source_labels: ['__meta_kubernetes_pod_container_init'], regex: 'true', action: 'drop' }, ...podsAtPort(port)],
        metricRelabel: [{ source_labels: ['__name__'], regex: sampleNames(program.metrics), action: 'keep' }],
      },
    ],
    // In all namespaces, which the agent may look at anyway: a Role in one that is not there, or that the platform keeps to itself, would not be taken.
    rules: [{ apiGroup: '', resources: ['pods'], verbs: ['list', 'watch'], because: `pods of ${name} on the own node are found` }],
    nonResourceUrls: scheme === 'https' ? [program.path ?? '/metrics'] : [],
    processors: [anyContainer, summingWithUnits(`${name}-sums`, summed(program.metrics))],
    metrics: [
      ...(program.own ?? Object.keys(program.metrics).map((metric) => Metric.named(metric))),
      ...Object.keys(scrapeMetrics).map((metric) => Metric.named(metric)),
    ],
    per: Countable.NODE,
    rows: program.rows,
  });
  return { ...binding, targets: namespaces.map((namespace) => `${namespace}/${label}`) };
}

const summed = (metrics: NodeProgram['metrics']): Record<string, MetricFacts> =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, { instrument, unit = '', attributes = [] }]) => [name, { instrument, unit, attributes }]),
  );
