import { Countable } from '../../telemetry/countable';
import { Instrument } from '../../telemetry/instrument';
import { Metric } from '../../telemetry/metric';
import { apiServerMetrics, scrapeMetrics } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { scraping } from './scraping';

const credentials = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Requests, errors, latency and load of every API server, summed over resources and clients: a hundred points a minute instead of tens of thousands.
 * @see https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
export class ApiServerMetrics extends Source {
  bind(context: CollectorContext): SourceBinding {
    return scraping(context, {
      name: 'api-server',
      jobs: [
        {
          name: 'kube-apiserver',
          config: {
            scheme: 'https',
            // The Service leads to any of them; each one's counters are its own.
            kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: ['default'] } }],
            authorization: { credentials_file: `${credentials}/token` },
            tls_config: { ca_file: `${credentials}/ca.crt`, server_name: 'kubernetes.default.svc' },
          },
          relabel: [
            {
              source_labels: ['__meta_kubernetes_service_name', '__meta_kubernetes_endpointslice_port_name'],
              regex: 'kubernetes;https',
              action: 'keep',
            },
          ],
          metricRelabel: [{ source_labels: ['__name__'], regex: Object.keys(apiServerMetrics).map(sampleNames).join('|'), action: 'keep' }],
        },
      ],
      rules: [
        {
          apiGroup: 'discovery.k8s.io',
          resources: ['endpointslices'],
          verbs: ['list', 'watch'],
          onlyIn: 'default',
          because: 'the API servers are found as endpoints of the Service kubernetes',
        },
        {
          apiGroup: '',
          resources: ['pods', 'services'],
          verbs: ['list', 'watch'],
          onlyIn: 'default',
          because: 'discovery of endpoints asks for their Services and pods too',
        },
      ],
      nonResourceUrls: ['/metrics'],
      processors: [availableApisSaidNothing, summed],
      metrics: [...Object.keys(apiServerMetrics), ...Object.keys(scrapeMetrics)].map((name) => Metric.named(name)),
      per: Countable.API_SERVER,
    });
  }
}

const sampleNames = (name: string) => (apiServerMetrics[name].instrument === Instrument.HISTOGRAM ? `${name}_(bucket|sum|count)` : name);

const availableApisSaidNothing = Component.processor({
  componentType: 'filter',
  name: 'unavailable-apis',
  config: {
    error_mode: 'ignore',
    metric_conditions: ['metric.name == "aggregator_unavailable_apiservice" and datapoint.value_double == 0.0'],
  },
});

const summed = Component.processor({
  componentType: 'transform',
  name: 'api-server-sums',
  config: {
    error_mode: 'ignore',
    metric_statements: Object.entries(apiServerMetrics).map(
      ([name, { attributes }]) =>
        `aggregate_on_attributes("sum", [${attributes.map((attribute) => `"${attribute}"`).join(', ')}]) where metric.name == "${name}"`,
    ),
  },
});
