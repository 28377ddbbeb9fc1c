import { existsSync, readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { containerOfConfiguration, RealCollector } from './harness/collector';
import type { Manifest } from './harness/container';
import { eventually } from './harness/program';

export interface Point {
  readonly metric: string;
  readonly kind: string;
  readonly unit: string;
  readonly resource: Record<string, unknown>;
  readonly attributes: Record<string, unknown>;
  readonly time: string;
  /** The value of a gauge or sum; of a histogram its count. */
  readonly value: number;
  readonly flags: number;
}

export interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly traceState: string;
  readonly resource: Record<string, unknown>;
  readonly attributes: Record<string, unknown>;
  readonly events: Record<string, unknown>[];
}

export interface Line {
  readonly body: string;
  /** The body, where it is an object. */
  readonly object?: Manifest;
  readonly resource: Record<string, unknown>;
  readonly attributes: Record<string, unknown>;
  readonly time: string;
}

/** A collector in the gateway's place: it keeps all that agents send as it came. */
export class Receiver {
  static async start(): Promise<Receiver> {
    const path = '/received/telemetry.json';
    const pipeline = { receivers: ['otlp'], exporters: ['file'] };
    const configuration = {
      receivers: { otlp: { protocols: { grpc: { endpoint: ':4317' }, http: { endpoint: ':4318' } } } },
      exporters: { file: { path, flush_interval: '100ms' } },
      service: { telemetry: { metrics: { level: 'none' } }, pipelines: { logs: pipeline, metrics: pipeline, traces: pipeline } },
    };
    const collector = await RealCollector.start({ container: containerOfConfiguration(stringify(configuration), {}, ['/received']) });
    return new Receiver(collector, collector.path(path));
  }

  /** What any collector wrote to a file of this form. */
  static reading(collector: RealCollector, path: string): Receiver {
    return new Receiver(collector, collector.path(path));
  }

  private constructor(
    private readonly collector: RealCollector,
    private readonly file: string,
  ) {}

  /** The gateway's names, and where this is. */
  get addresses(): Record<string, string> {
    return {
      'collector-headless.observability.svc:4317': this.grpc,
      'collector.observability.svc:4318': this.http,
    };
  }

  /** Host and port for OTLP over gRPC. */
  get grpc(): string {
    return this.collector.address(4317);
  }

  get http(): string {
    return this.collector.address(4318);
  }

  /** Waits for what was sent. */
  async until(isThere: (received: Receiver) => boolean): Promise<void> {
    await eventually('what was sent is there', async () => existsSync(this.file) && isThere(this));
  }

  points(): Point[] {
    return pointsIn(this.text());
  }

  lines(): Line[] {
    return this.requests('resourceLogs').flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }: Manifest) =>
        logRecords.map((record: Manifest) => ({
          body: record.body?.stringValue ?? '',
          object: record.body?.kvlistValue && plain(record.body),
          resource: values(resource.attributes),
          attributes: values(record.attributes),
          time: record.timeUnixNano,
        })),
      ),
    );
  }

  spans(): Span[] {
    return this.requests('resourceSpans').flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }: Manifest) =>
        spans.map((span: Manifest) => ({
          name: span.name,
          traceId: span.traceId,
          traceState: span.traceState ?? '',
          resource: values(resource.attributes),
          attributes: values(span.attributes),
          events: (span.events ?? []).map((event: Manifest) => values(event.attributes)),
        })),
      ),
    );
  }

  private requests(of: string): Manifest[] {
    return requestsIn(this.text(), of);
  }

  private text(): string {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8') : '';
  }
}

/** What a file exporter wrote; the last line may be half there. */
const requestsIn = (text: string, of: string): Manifest[] =>
  text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => JSON.parse(line)[of] ?? []);

export const pointsIn = (text: string): Point[] =>
  requestsIn(text, 'resourceMetrics').flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }: Manifest) => metrics.flatMap((metric: Manifest) => pointsOf(metric, values(resource.attributes)))),
  );

function pointsOf(metric: Manifest, resource: Record<string, unknown>): Point[] {
  const kind = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].find((name) => metric[name]) as string;
  return metric[kind].dataPoints.map((point: Manifest) => ({
    metric: metric.name,
    kind,
    unit: metric.unit ?? '',
    resource,
    attributes: values(point.attributes),
    time: point.timeUnixNano,
    value: Number(point.asDouble ?? point.asInt ?? point.count),
    flags: point.flags ?? 0,
  }));
}

const values = (attributes: Manifest[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

function plain(value: Manifest): unknown {
  const [[kind, content]] = Object.entries<Manifest>(value);
  if (kind === 'kvlistValue') {
    return Object.fromEntries((content.values ?? []).map(({ key, value: item }: Manifest) => [key, plain(item)]));
  }
  return kind === 'arrayValue' ? (content.values ?? []).map(plain) : content;
}
