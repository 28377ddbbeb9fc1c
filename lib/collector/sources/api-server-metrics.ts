import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { apiServerMetrics, scrapeMetrics } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { apiServerTls, ownToken, sampleNames, scraping } from './scraping';
import { summingWithUnits } from './summing';

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
            authorization: ownToken,
            tls_config: apiServerTls,
          },
          relabel: [
            {
              source_labels: ['__meta_kubernetes_service_name', '__meta_kubernetes_endpointslice_port_name'],
              regex: 'kubernetes;https',
              action: 'keep',
            },
          ],
          metricRelabel: [{ source_labels: ['__name__'], regex: sampleNames(apiServerMetrics), action: 'keep' }],
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
      processors: [availableApisSaidNothing, summingWithUnits('api-server-sums', apiServerMetrics)],
      metrics: [...Object.keys(apiServerMetrics), ...Object.keys(scrapeMetrics)].map((name) => Metric.named(name)),
      per: Countable.API_SERVER,
    });
  }
}

const availableApisSaidNothing = Component.processor({
  componentType: 'filter',
  name: 'unavailable-apis',
  config: {
    error_mode: 'ignore',
    metric_conditions: ['metric.name == "aggregator_unavailable_apiservice" and datapoint.value_double == 0.0'],
  },
});
