import { collectorMetrics, type KnownMetric, receiverMetrics } from '../../imports/metrics';
import { Instrument } from './instrument';
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
    ...Object.assign({}, ...Object.values(receiverMetrics).map(known)),
    ...known(collectorMetrics),
    ...nodeConditionMetrics,
    ...nodeAllocatableMetrics,
    ...apiServerMetrics,
    ...clickHouseMetrics,
    ...scrapeMetrics,
  };
  return catalogue as Record<string, MetricFacts>;
}

function known(metrics: Record<string, KnownMetric>): Record<string, MetricFacts> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { instrument, unit, attributes }]) => [
      name,
      { instrument: instruments[instrument], unit, attributes },
    ]),
  );
}

const instruments = { gauge: Instrument.GAUGE, sum: Instrument.SUM, histogram: Instrument.HISTOGRAM } as const;
