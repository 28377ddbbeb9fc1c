import type { Duration } from 'cdk8s';
import type { Metric } from '../telemetry/metric';
import type { Component } from './component';
import { Sink, type SinkBinding } from './sink';
import { type CollectorContext, Source, type SourceBinding } from './source';

/** A connector that takes traces and gives metrics, as the two that a collector knows it by. */
export const metricsOfTraces = (connector: Component, metrics: Metric[], interval: Duration): { sink: Sink; source: Source } => ({
  sink: new Taking(connector),
  source: new Giving(connector, metrics, interval),
});

class Taking extends Sink {
  constructor(private readonly connector: Component) {
    super();
  }

  bind(_context: CollectorContext): SinkBinding {
    return { exporters: { traces: [this.connector] } };
  }
}

class Giving extends Source {
  constructor(
    private readonly connector: Component,
    private readonly metrics: Metric[],
    private readonly interval: Duration,
  ) {
    super();
  }

  bind(_context: CollectorContext): SourceBinding {
    return { receivers: { metrics: [this.connector] }, metrics: this.metrics, interval: this.interval };
  }
}
