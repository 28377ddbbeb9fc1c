import { Duration } from 'cdk8s';
import { type Checks, duration, list, refuse, text } from '../kubernetes/checks';
import { Countable } from '../telemetry/countable';
import { Instrument } from '../telemetry/instrument';
import { Metric } from '../telemetry/metric';
import { Component } from './component';
import { MetricsOfTraces, TracesTaken } from './metrics-of-traces';
import type { Sink } from './sink';
import type { Source } from './source';

/** Properties of SpanMetrics. */
export interface SpanMetricsProps {
  /**
   * Attributes of spans that are told apart besides service, name, kind and status, e.g. `http.route`. Each of their values makes series of its own.
   * @default - none
   */
  readonly dimensions?: string[];
  /**
   * How often the metrics are given, each time what is new.
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
}

/**
 * Metrics of all spans that pass a collector: how many, and how long they took. The store counts requests itself, sampled ones too, as many as they stand for; this is for a share so small that an estimate by it is too coarse, and for other stores.
 * A sink and a source of one collector, which are one connector: give it both.
 *
 * @example
 * const spanMetrics = new SpanMetrics({ dimensions: ['http.route'] });
 * new CollectorGateway(chart, 'Gateway', {
 *   clickhouse,
 *   clusterName: 'prod-eu',
 *   sources: [...CollectorGateway.defaultSources(), spanMetrics.source],
 *   furtherSinks: [spanMetrics.sink],
 * });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/connector/spanmetricsconnector
 */
export class SpanMetrics {
  /** How many spans there were. */
  static readonly calls = Metric.custom({ name: 'traces.span.metrics.calls', instrument: Instrument.SUM, unit: '1' });
  /** How long they took, in seconds. */
  static readonly duration = Metric.custom({
    name: 'traces.span.metrics.duration',
    instrument: Instrument.EXPONENTIAL_HISTOGRAM,
    unit: 's',
  });

  /** Takes the spans: among the sinks of the collector. */
  readonly sink: Sink;
  /** Gives the metrics: among its sources. */
  readonly source: Source;

  /** @throws if a property is wrong */
  constructor(props: SpanMetricsProps = {}) {
    refuse<SpanMetricsProps>('SpanMetrics', props, checks);
    const { dimensions, interval = Duration.minutes(1) } = props;
    const connector = Component.connector({
      componentType: 'span_metrics',
      config: {
        histogram: { unit: 's', exponential: { max_size: 160 } },
        dimensions: dimensions?.map((name) => ({ name })),
        // Each pod counts what it sees: what is new adds up, what is counted since its start would be one series of several.
        aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA',
        metrics_flush_interval: `${interval.toSeconds({ integral: false })}s`,
        // One service of careless span names fills its own share only.
        aggregation_cardinality_limit: 1000,
      },
    });
    this.sink = new TracesTaken(connector);
    this.source = new SpanMetricsSource({
      connector,
      metrics: [SpanMetrics.calls, SpanMetrics.duration],
      per: Countable.OPERATION,
      notCounted: dimensions && [`each value of ${dimensions.join(', ')} makes series of its own`],
      interval,
    });
  }
}

class SpanMetricsSource extends MetricsOfTraces {}

const checks: Checks<SpanMetricsProps> = {
  dimensions: list(text(), { min: 1 }),
  interval: duration(Duration.seconds(1), Duration.hours(1)),
};
