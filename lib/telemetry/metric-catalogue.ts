import { collectorMetrics, type KnownMetric, receiverMetrics } from '../../imports/metrics';
import { clusterDnsMetrics, controllerManagerMetrics, etcdMetrics, schedulerMetrics } from './control-plane-metrics';
import { Instrument } from './instrument';
import { antreaMetrics, awsVpcMetrics, cAdvisorMetrics, calicoMetrics, ciliumMetrics, kubeProxyMetrics } from './node-programs-metrics';
import {
  apiServerMetrics,
  clickHouseMetrics,
  type MetricFacts,
  nodeAllocatableMetrics,
  nodeConditionMetrics,
  scrapeMetrics,
} from './scraped-metrics';

let catalogue: Record<string, MetricFacts> | undefined;

/** Every metric that sources of this library can give, by name. */
export function metricCatalogue(): Record<string, MetricFacts> {
  catalogue ??= {
    ...Object.assign({}, ...Object.values(receiverMetrics).map((metrics) => known(metrics))),
    ...known(collectorMetrics, attributesOfParts),
    ...nodeConditionMetrics,
    ...nodeAllocatableMetrics,
    ...apiServerMetrics,
    ...etcdMetrics,
    ...schedulerMetrics,
    ...controllerManagerMetrics,
    ...clusterDnsMetrics,
    ...clickHouseMetrics,
    ...scrapeMetrics,
    ...cAdvisorMetrics,
    ...kubeProxyMetrics,
    ...ciliumMetrics,
    ...calicoMetrics,
    ...awsVpcMetrics,
    ...antreaMetrics,
  };
  return catalogue as Record<string, MetricFacts>;
}

/** Whether a receiver has a switch for it: `metrics: { name: { enabled: … } }`. */
export const hasSwitch = (name: string): boolean => Object.values(receiverMetrics).some((metrics) => name in metrics);

/** What a collector that sends its own metrics may send of itself. */
export const ownMetrics: readonly string[] = Object.keys(collectorMetrics);

function known(metrics: Record<string, KnownMetric>, further: (name: string) => readonly string[] = () => []): Record<string, MetricFacts> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { instrument, unit, attributes }]) => [
      name,
      {
        instrument: instruments[instrument],
        unit,
        attributes: [...attributes.filter((attribute) => !removed.includes(attribute)), ...further(name)],
      },
    ]),
  );
}

/** Taken off by the source that gives them: lists of all names of a certificate. */
const removed: readonly string[] = ['http.tls.san', 'tlscheck.x509.san'];

const instruments = { gauge: Instrument.GAUGE, sum: Instrument.SUM, histogram: Instrument.HISTOGRAM } as const;

/** Which part of the collector a count is of. Only the running collector shows these attributes; the metadata leaves them out. */
function attributesOfParts(name: string): readonly string[] {
  const [, attributes] = partAttributes.find(([start]) => name.startsWith(start)) ?? [];
  return attributes ?? [];
}

const partAttributes: [string, string[]][] = [
  ['otelcol_exporter_queue_', ['exporter', 'data_type']],
  ['otelcol_exporter_in_flight_', ['exporter', 'data_type']],
  ['otelcol_exporter_sent_', ['exporter', 'server.address']],
  ['otelcol_exporter_', ['exporter']],
  ['otelcol_receiver_', ['receiver', 'transport']],
  ['otelcol_scraper_', ['receiver', 'scraper']],
  ['otelcol_processor_filter_', ['filter']],
  ['otelcol_processor_memory_limiter_', ['processor']],
  ['otelcol_processor_', ['processor', 'otel.signal']],
];
