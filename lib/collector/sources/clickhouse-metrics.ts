import { createHash } from 'node:crypto';
import { type Checks, refuse, required } from '../../kubernetes/checks';
import { type Endpoint, endpointCheck } from '../../kubernetes/endpoint';
import { recommendedInstanceLabel, selectorLabels, type WorkloadIdentity } from '../../kubernetes/labels';
import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { clickHouseMetrics, scrapeMetrics } from '../../telemetry/scraped-metrics';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { anyContainer, jobOfPod, podsAtPort } from './pod-targets';
import { tlsConfig } from './scrape-tls';
import { type ScrapeConfig, scraping } from './scraping';
import { withUnits } from './summing';

/** Properties of ClickHouseMetrics. */
export interface ClickHouseMetricsProps {
  /** Where the server's `prometheus` interface listens. */
  readonly endpoint: Endpoint;
}

/**
 * ClickHouse's own metrics: queries, inserts, merges, parts, memory and disk, thirty of the two thousand that a server writes. Of a ClickHouseCluster each pod is scraped.
 * @see https://clickhouse.com/docs/operations/server-configuration-parameters/settings#prometheus
 */
export class ClickHouseMetrics extends Source {
  /** @throws if a property is wrong */
  constructor(private readonly props: ClickHouseMetricsProps) {
    super();
    refuse<ClickHouseMetricsProps>('ClickHouseMetrics', props, checks);
  }

  bind(context: CollectorContext): SourceBinding {
    const { endpoint } = this.props;
    const workload = endpoint.reach._pods;
    const binding = scraping(context, {
      name: receiverName(endpoint),
      jobs: [
        {
          ...(workload ? podsOf(workload, endpoint) : addressOf(endpoint)),
          metricRelabel: [{ source_labels: ['__name__'], regex: Object.keys(clickHouseMetrics).join('|'), action: 'keep' }],
        },
      ],
      rules: workload
        ? [
            {
              apiGroup: '',
              resources: ['pods'],
              verbs: ['list', 'watch'],
              onlyIn: workload.namespace,
              because: "the store's pods are found",
            },
          ]
        : [],
      processors: [anyContainer, units],
      metrics: [...Object.keys(clickHouseMetrics), ...Object.keys(scrapeMetrics)].map((name) => Metric.named(name)),
      per: Countable.STORE,
    });
    return { ...binding, targets: workload ? [`${workload.namespace}/${recommendedInstanceLabel}=${workload.name}`] : [] };
  }
}

/** Of its own for each store, so that one collector can scrape several: readable, and told apart by the whole address. */
function receiverName({ host, port, reach }: Endpoint): string {
  const store = reach._pods ? `${reach._pods.namespace}-${reach._pods.name}` : host;
  const readable = store
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 28);
  return `clickhouse-${readable}-${createHash('sha256').update(`${host}:${port}`).digest('hex').slice(0, 4)}`;
}

function podsOf(workload: WorkloadIdentity, endpoint: Endpoint): ScrapeConfig {
  return {
    name: 'clickhouse',
    // Certificates name the Service, not the address of a pod.
    config: asked({ ...endpoint, serverName: endpoint.serverName ?? endpoint.host }),
    pods: { reached: endpoint, namespaces: [workload.namespace], labels: selectorLabels(workload) },
    relabel: [...podsAtPort(endpoint.port), ...jobOfPod],
  };
}

const addressOf = (endpoint: Endpoint): ScrapeConfig => ({
  name: 'clickhouse',
  config: { ...asked(endpoint), static_configs: [{ targets: [ConfigValue.connect(endpoint)] }] },
  relabel: [],
});

const asked = ({ tls, caCertificate, serverName }: Endpoint) => ({
  scheme: tls ? 'https' : 'http',
  tls_config: tls ? tlsConfig({ caCertificate, serverName }) : undefined,
});

const units = withUnits('clickhouse-units', clickHouseMetrics);

const checks: Checks<ClickHouseMetricsProps> = { endpoint: required(endpointCheck) };
