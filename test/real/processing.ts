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
  type SinkQueue,
  type Source,
  Volume,
} from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { postOtlp } from './harness/otlp';
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

export interface OtherSinks {
  readonly sinks?: Sink[];
  readonly sources?: Source[];
  readonly queue?: SinkQueue;
  /** Where they are. */
  readonly addresses?: Record<string, string>;
  readonly secrets?: Record<string, Record<string, string>>;
  readonly placement?: Placement;
  /** Whether it may no more than its pod. */
  readonly confined?: boolean;
  /** Lays out what it finds on its node. */
  readonly before?: (collector: RealCollector) => void;
}

/** A real collector that does with OTLP what it was told, and writes down what is left. */
export class Processing {
  static async start(processors: Processor[], others: OtherSinks = {}): Promise<Processing> {
    const chart = new Chart(Testing.app(), 'test');
    const collector = new Collector(chart, 'Collector', {
      role: 'processing',
      clusterName: 'test',
      namespace: 'observability',
      sources: [new OtlpReceiver(), ...(others.sources ?? [])],
      processors,
      sinks: [new FileSink(), ...(others.sinks ?? [])],
      queue: others.queue,
      placement: others.placement ?? Placement.deployment(1),
      ownTelemetry: { host: 'nowhere.observability.svc', port: 4318, reach: Reach.anywhere() },
    });
    const container = containerOf(Testing.synth(chart), collector._identity.name, 'otel-collector', { secrets: others.secrets });
    const addresses = { 'nowhere.observability.svc:4318': '127.0.0.1:9', ...others.addresses };
    const real = await RealCollector.prepare({ container, addresses, confined: others.confined });
    others.before?.(real);
    await real.start();
    return new Processing(real);
  }

  private constructor(readonly collector: RealCollector) {}

  /** Sends a request of OTLP's JSON, written by hand. */
  async send(signal: 'logs' | 'metrics' | 'traces', request: object): Promise<void> {
    await postOtlp(this.collector.address(4318), signal, request);
  }

  /** What is left, once the last thing that was sent is there. */
  async received(isThere: (received: Receiver) => boolean): Promise<Receiver> {
    const received = Receiver.reading(this.collector, file);
    await received.until(isThere);
    return received;
  }

  stop(): Promise<void> {
    return this.collector.stop();
  }
}

const attributes = (values: Record<string, string | number>) =>
  Object.entries(values).map(([key, value]) => ({ key, value: typeof value === 'number' ? { intValue: value } : { stringValue: value } }));

export interface RecordOptions {
  readonly namespace?: string;
  readonly severity?: number;
  readonly attributes?: { [name: string]: string | number };
}

export const logs = (records: [string, RecordOptions?][]) => ({
  resourceLogs: records.map(([body, { namespace = 'shop', severity = 9, attributes: of = {} } = {}]) => ({
    resource: { attributes: attributes({ 'k8s.namespace.name': namespace, 'service.name': 'checkout' }) },
    scopeLogs: [
      {
        logRecords: [
          {
            timeUnixNano: `${Date.now()}000000`,
            severityNumber: severity,
            body: { stringValue: body },
            attributes: attributes(of),
          },
        ],
      },
    ],
  })),
});

export const spans = (all: { name: string; trace: string; of?: { [name: string]: string | number } }[]) => ({
  resourceSpans: [
    {
      resource: { attributes: attributes({ 'service.name': 'checkout', 'user.email': 'of-resource@acme.example' }) },
      scopeSpans: [
        {
          spans: all.map(({ name, trace, of = {} }, index) => ({
            traceId: trace,
            spanId: (index + 1).toString(16).padStart(16, '0'),
            name,
            kind: 2,
            startTimeUnixNano: `${Date.now()}000000`,
            endTimeUnixNano: `${Date.now() + 5}000000`,
            attributes: attributes(of),
            events: [{ timeUnixNano: `${Date.now()}000000`, name: 'event', attributes: attributes(of) }],
          })),
        },
      ],
    },
  ],
});

export const gauges = (names: string[], of: { [name: string]: string | number } = {}) => ({
  resourceMetrics: [
    {
      resource: { attributes: attributes({ 'service.name': 'checkout' }) },
      scopeMetrics: [
        {
          metrics: names.map((name) => ({
            name,
            gauge: { dataPoints: [{ timeUnixNano: `${Date.now()}000000`, asInt: '1', attributes: attributes(of) }] },
          })),
        },
      ],
    },
  ],
});
