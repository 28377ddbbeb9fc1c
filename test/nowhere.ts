import { Component } from '../lib/collector/component';
import { Sink, type SinkBinding } from '../lib/collector/sink';

/** Takes all signals, and asks nothing of the pod: for tests of what stands before a sink. */
export class Nowhere extends Sink {
  bind(): SinkBinding {
    const exporters = [Component.exporter({ componentType: 'nop' })];
    return { exporters: { logs: exporters, metrics: exporters, traces: exporters } };
  }
}
