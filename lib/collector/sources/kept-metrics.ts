import { Instrument } from '../../telemetry/instrument';
import type { MetricFacts } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import type { RelabelRule } from './scraping';

type Facts = Readonly<Record<string, MetricFacts>>;

/** Of what a target says, these metrics: all parts of a histogram. */
export const keptOnly = (facts: Facts): RelabelRule => ({
  source_labels: ['__name__'],
  regex: Object.entries(facts)
    .map(([name, { instrument }]) => (instrument === Instrument.HISTOGRAM ? `${name}_(bucket|sum|count)` : name))
    .join('|'),
  action: 'keep',
});

/** Sums each metric over all attributes but those that are declared, for each target alone. */
export const summed = (name: string, facts: Facts): Component =>
  Component.processor({
    componentType: 'transform',
    name,
    config: {
      error_mode: 'ignore',
      metric_statements: Object.entries(facts).map(
        ([metric, { attributes }]) =>
          `aggregate_on_attributes("sum", [${attributes.map((attribute) => `"${attribute}"`).join(', ')}]) where metric.name == "${metric}"`,
      ),
    },
  });
