import { Duration } from 'cdk8s';
import type { Countable } from '../telemetry/countable';
import type { Metric } from '../telemetry/metric';
import type { Component } from './component';
import { Sink, type SinkBinding } from './sink';
import { type CollectorContext, Source, type SourceBinding } from './source';

/** What a connector gives of the traces that it takes. */
export interface Given {
  /** Gives it. */
  readonly connector: Component;
  readonly metrics: Metric[];
  /** For each of these a point of each metric, from every pod that sees some of its spans. */
  readonly per: Countable;
  readonly notCounted?: string[];
  readonly interval?: Duration;
}

/** A connector that takes traces and gives metrics, as the sink that a collector knows it by. */
export class TracesTaken extends Sink {
  constructor(private readonly connector: Component) {
    super();
  }

  bind(_context: CollectorContext): SinkBinding {
    return { exporters: { traces: [this.connector] } };
  }
}

/** And as the source. */
export abstract class MetricsOfTraces extends Source {
  constructor(private readonly given: Given) {
    super();
  }

  bind({ placement }: CollectorContext): SourceBinding {
    const { connector, metrics, per, notCounted, interval = Duration.minutes(1) } = this.given;
    const rows = [{ per, points: placement._replicas ?? 1, metrics: metrics.map(({ name }) => name) }];
    return { receivers: { metrics: [connector] }, metrics, rows, notCounted, interval };
  }
}
