import { existsSync } from 'node:fs';
import { Chart, Testing } from 'cdk8s';
import {
  Collector,
  Component,
  ConfigValue,
  OtlpReceiver,
  Placement,
  type Processor,
  Reach,
  Sink,
  type SinkBinding,
  Volume,
} from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { postOtlp } from './harness/otlp';
import { eventually } from './harness/program';
import { Receiver } from './received';

const file = '/received/telemetry.json';

/** Keeps what comes as OTLP's JSON, in a folder of the pod. */
export class FileSink extends Sink {
  bind(): SinkBinding {
    const folder = ConfigValue.directory(Volume.node('/received', { writable: true }));
    const path = ConfigValue.concat(folder, '/telemetry.json');
    const exporters = [Component.exporter({ componentType: 'file', config: { path, flush_interval: '100ms' } })];
    return { exporters: { logs: exporters, metrics: exporters, traces: exporters } };
  }
}

/** A real collector that does with OTLP what it was told, and writes down what is left. */
export class Processing {
  static async start(processors: Processor[]): Promise<Processing> {
    const chart = new Chart(Testing.app(), 'test');
    const collector = new Collector(chart, 'Collector', {
      role: 'processing',
      clusterName: 'test',
      namespace: 'observability',
      sources: [new OtlpReceiver()],
      processors,
      sinks: [new FileSink()],
      placement: Placement.deployment(1),
      ownTelemetry: { host: 'nowhere.observability.svc', port: 4318, reach: Reach.anywhere() },
    });
    const container = containerOf(Testing.synth(chart), collector._identity.name, 'otel-collector');
    return new Processing(await RealCollector.start({ container, addresses: { 'nowhere.observability.svc:4318': '127.0.0.1:9' } }));
  }

  private constructor(readonly collector: RealCollector) {}

  /** Sends a request of OTLP's JSON, written by hand. */
  async send(signal: 'logs' | 'metrics' | 'traces', request: object): Promise<void> {
    await postOtlp(this.collector.address(4318), signal, request);
  }

  /** What is left, once the last thing that was sent is there. */
  async received(isThere: (received: Receiver) => boolean): Promise<Receiver> {
    const received = Receiver.reading(this.collector, file);
    await eventually('what was sent last is written', async () => existsSync(this.collector.path(file)) && isThere(received));
    return received;
  }

  stop(): Promise<void> {
    return this.collector.stop();
  }
}

export const attributes = (values: Record<string, string | number>) =>
  Object.entries(values).map(([key, value]) => ({ key, value: typeof value === 'number' ? { intValue: value } : { stringValue: value } }));
