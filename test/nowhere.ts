import { Component } from '../lib/collector/component';
import { KeptShare } from '../lib/collector/kept-share';
import { Sink, type SinkBinding } from '../lib/collector/sink';

/** Takes all signals as a store does, and asks nothing of the pod: for tests of what stands before a sink. */
export class Nowhere extends Sink {
  bind(): SinkBinding {
    const exporters = [Component.exporter({ componentType: 'nop' })];
    return { exporters: { logs: exporters, metrics: exporters, traces: exporters }, keeps: KeptShare.everything() };
  }
}
