import { ValueType } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

export interface Telemetry {
  /** Of the resource; `service.name` among them, or it is 'harness'. */
  readonly resource?: Record<string, string>;
  /** How many of each. Item number N carries the attribute `sequence` = N, from 0 on. */
  readonly logs?: number;
  readonly spans?: number;
  /** Of each kind of metric: `harness.gauge`, `harness.sum`, `harness.histogram`, `harness.exponential_histogram`, and over HTTP `harness.summary`. */
  readonly points?: number;
}

/** Sends by the OpenTelemetry SDK's own exporters over gRPC. Rejects when something was not taken. */
export async function sendOtlpGrpc(address: string, telemetry: Telemetry): Promise<void> {
  const url = `http://${address}`;
  const resource = resourceFromAttributes({ 'service.name': 'harness', ...telemetry.resource });
  await exported(new OTLPLogExporter({ url }), inParts(await logRecords(resource, telemetry.logs ?? 0)));
  await exported(new OTLPTraceExporter({ url }), inParts(await spans(resource, telemetry.spans ?? 0)));
  if (telemetry.points) {
    await exported(new OTLPMetricExporter({ url }), await metrics(resource, telemetry.points));
  }
}

/** Sends the same as OTLP's JSON over HTTP, written here by hand. */
export async function sendOtlpHttp(address: string, telemetry: Telemetry): Promise<void> {
  const resource = { attributes: attributes({ 'service.name': 'harness', ...telemetry.resource }) };
  const scope = { name: 'harness', version: '1' };
  const all = <T>(count = 0, item: (sequence: number) => T): T[] => Array.from({ length: count }, (_, sequence) => item(sequence));
  for (const logRecords of inParts(all(telemetry.logs, logRecordJson))) {
    await postOtlp(address, 'logs', { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] });
  }
  for (const spans of inParts(all(telemetry.spans, spanJson))) {
    await postOtlp(address, 'traces', { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
  }
  if (telemetry.points) {
    await postOtlp(address, 'metrics', {
      resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: metricsJson(telemetry.points) }] }],
    });
  }
}

/** Sends any OTLP request as JSON. Rejects when it was not taken as a whole. */
export async function postOtlp(address: string, signal: 'logs' | 'traces' | 'metrics', request: unknown): Promise<void> {
  const response = await fetch(`http://${address}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  if (!response.ok || (JSON.parse(text || '{}').partialSuccess?.errorMessage ?? '') !== '') {
    throw new Error(`OTLP ${signal}: status ${response.status}: ${text}`);
  }
}

/** Below the 4 MiB that a receiver takes in one request. */
const inParts = <T>(items: T[], size = 2000): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, part) => items.slice(part * size, (part + 1) * size));

interface Exporter<Batch> {
  export(batch: Batch, done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

async function exported<Batch>(exporter: Exporter<Batch>, batches: Batch[]): Promise<void> {
  try {
    for (const batch of batches) {
      await new Promise<void>((done, failed) =>
        exporter.export(batch, ({ code, error }) => (code === 0 ? done() : failed(error ?? new Error(`the exporter gave code ${code}`)))),
      );
    }
  } finally {
    await exporter.shutdown();
  }
}

async function logRecords(resource: Resource, count: number) {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  for (let sequence = 0; sequence < count; sequence++) {
    provider.getLogger('harness', '1').emit({
      timestamp: Date.now(),
      severityNumber: SeverityNumber.INFO,
      severityText: 'INFO',
      body: `log ${sequence}`,
      attributes: { sequence },
    });
  }
  await provider.forceFlush();
  return exporter.getFinishedLogRecords();
}

async function spans(resource: Resource, count: number) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  for (let sequence = 0; sequence < count; sequence++) {
    provider.getTracer('harness', '1').startSpan(`span ${sequence}`, { attributes: { sequence } }).end();
  }
  await provider.forceFlush();
  return exporter.getFinishedSpans();
}

async function metrics(resource: Resource, count: number) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 });
  const aggregationCardinalityLimit = count + 1;
  const views = [
    {
      instrumentName: 'harness.exponential_histogram',
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const,
      aggregationCardinalityLimit,
    },
    ...['harness.gauge', 'harness.sum', 'harness.histogram'].map((instrumentName) => ({ instrumentName, aggregationCardinalityLimit })),
  ];
  const provider = new MeterProvider({ resource, readers: [reader], views });
  const meter = provider.getMeter('harness', '1');
  const instruments = {
    gauge: meter.createGauge('harness.gauge', { valueType: ValueType.DOUBLE }),
    sum: meter.createCounter('harness.sum', { valueType: ValueType.INT }),
    histogram: meter.createHistogram('harness.histogram'),
    exponential: meter.createHistogram('harness.exponential_histogram'),
  };
  for (let sequence = 0; sequence < count; sequence++) {
    instruments.gauge.record(sequence, { sequence });
    instruments.sum.add(sequence, { sequence });
    instruments.histogram.record(sequence, { sequence });
    instruments.exponential.record(sequence, { sequence });
  }
  const { resourceMetrics } = await reader.collect();
  await provider.shutdown();
  return [resourceMetrics];
}

const nanoseconds = (milliseconds = Date.now()) => `${milliseconds}000000`;
const hexadecimal = (digits: number, sequence: number) => (sequence + 1).toString(16).padStart(digits, '0');
const attributes = (values: Record<string, string | number>) =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));

const logRecordJson = (sequence: number) => ({
  timeUnixNano: nanoseconds(),
  severityNumber: 9,
  severityText: 'INFO',
  body: { stringValue: `log ${sequence}` },
  attributes: attributes({ sequence }),
});

const spanJson = (sequence: number) => ({
  // One of two, as a sampler says it.
  traceState: 'ot=th:8',
  traceId: hexadecimal(32, sequence),
  spanId: hexadecimal(16, sequence),
  name: `span ${sequence}`,
  kind: 1,
  startTimeUnixNano: nanoseconds(Date.now() - 5),
  endTimeUnixNano: nanoseconds(),
  attributes: attributes({ sequence }),
});

function metricsJson(count: number) {
  const points = (values: (sequence: number) => object) =>
    Array.from({ length: count }, (_, sequence) => ({
      startTimeUnixNano: nanoseconds(Date.now() - 60_000),
      timeUnixNano: nanoseconds(),
      attributes: attributes({ sequence }),
      ...values(sequence),
    }));
  const cumulative = { aggregationTemporality: 2 };
  return [
    { name: 'harness.gauge', gauge: { dataPoints: points((value) => ({ asDouble: value })) } },
    { name: 'harness.sum', sum: { ...cumulative, isMonotonic: true, dataPoints: points((value) => ({ asInt: String(value) })) } },
    {
      name: 'harness.histogram',
      histogram: {
        ...cumulative,
        dataPoints: points((value) => ({ count: '2', sum: value, bucketCounts: ['1', '1'], explicitBounds: [10] })),
      },
    },
    {
      name: 'harness.exponential_histogram',
      exponentialHistogram: {
        ...cumulative,
        dataPoints: points((value) => ({
          count: '1',
          sum: value,
          scale: 0,
          zeroCount: '0',
          positive: { offset: 0, bucketCounts: ['1'] },
          negative: {},
        })),
      },
    },
    {
      name: 'harness.summary',
      summary: { dataPoints: points((value) => ({ count: '1', sum: value, quantileValues: [{ quantile: 0.5, value }] })) },
    },
  ];
}
