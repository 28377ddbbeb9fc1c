import type { MetricFacts } from '../../telemetry/scraped-metrics';
import { Component } from '../component';

type Facts = Readonly<Record<string, Pick<MetricFacts, 'unit' | 'attributes'>>>;

/** Adds up the series of each metric over all attributes but those that stand in its facts, and says the units. */
export const summingWithUnits = (name: string, metrics: Facts): Component => transforming(name, [...sums(metrics), ...units(metrics)]);

/** Says the units, which the text of a scrape does not have. */
export const withUnits = (name: string, metrics: Facts): Component => transforming(name, units(metrics));

const transforming = (name: string, statements: string[]) =>
  Component.processor({ componentType: 'transform', name, config: { error_mode: 'ignore', metric_statements: statements } });

const sums = (metrics: Facts) =>
  Object.entries(metrics).map(
    ([metric, { attributes }]) =>
      `aggregate_on_attributes("sum", [${attributes.map((attribute) => JSON.stringify(attribute)).join(', ')}]) where metric.name == "${metric}"`,
  );

const units = (metrics: Facts) =>
  Object.entries(metrics).flatMap(([metric, { unit }]) =>
    unit === '' ? [] : [`set(metric.unit, ${JSON.stringify(unit)}) where metric.name == "${metric}"`],
  );
