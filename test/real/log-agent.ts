import { appendFileSync, mkdirSync, renameSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { Chart, Size, Testing } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { ClickHouseCluster, ClickHouseSink, Collector, Placement, Reach, type Source } from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import type { Engine } from './harness/engine';
import { eventually } from './harness/program';
import { login, secrets, startStore } from './stack';

/** A row of the store, as far as log files have part in it. */
export interface Row {
  readonly body: string;
  readonly severity: string;
  readonly attributes: Record<string, string>;
  readonly [column: string]: unknown;
}

/** A store, and a collector on a node that reads log files into it. */
export class LogAgent {
  static async startStore(): Promise<Engine> {
    return startStore(objectsOf([]));
  }

  /** Lays it out; files can be written before it starts. */
  static async prepare(engine: Engine, sources: Source[]): Promise<LogAgent> {
    const objects = objectsOf(sources);
    const collector = await RealCollector.prepare({
      container: containerOf(objects, 'reader', 'otel-collector', { secrets }),
      addresses: { 'clickhouse.observability.svc:8123': engine.address, 'nowhere.observability.svc:4318': engine.address },
    });
    return new LogAgent(engine, collector);
  }

  private constructor(
    private readonly engine: Engine,
    readonly collector: RealCollector,
  ) {}

  /** Adds bytes to a file of the node. */
  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(this.collector.path(path)), { recursive: true });
    appendFileSync(this.collector.path(path), content);
  }

  /** Empties a file. */
  truncate(path: string): void {
    truncateSync(this.collector.path(path), 0);
  }

  rename(from: string, to: string): void {
    renameSync(this.collector.path(from), this.collector.path(to));
  }

  /** Rows under a condition, once there are so many, in the order of `order`. */
  async rows(condition: string, atLeast: number, order = 'Timestamp, Body', seconds = 30): Promise<Row[]> {
    const columns = `Body AS body, SeverityText AS severity, LogAttributes AS attributes, SeverityNumber AS number, toString(Timestamp) AS time, TraceId AS trace, SpanId AS span, ServiceName AS service, Namespace AS namespace, Pod AS pod, Container AS container`;
    const sql = `SELECT ${columns} FROM otel.otel_logs WHERE ${condition} ORDER BY ${order}`;
    const ask = () => this.engine.query<Row>(sql, login('reader'));
    await eventually(`${atLeast} rows where ${condition}`, async () => (await ask()).length >= atLeast, seconds).catch(() => undefined);
    return ask();
  }

  /** One number of the store. */
  async number(expression: string, condition: string): Promise<number> {
    const [{ n }] = await this.engine.query<{ n: string }>(
      `SELECT ${expression} AS n FROM otel.otel_logs WHERE ${condition}`,
      login('reader'),
    );
    return Number(n);
  }
}

function objectsOf(sources: Source[]): Manifest[] {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'observability' });
  const clickhouse = new ClickHouseCluster(chart, 'Store');
  if (sources.length > 0) {
    new Collector(chart, 'Reader', {
      role: 'reader',
      clusterName: 'prod-eu',
      sources,
      sinks: [new ClickHouseSink({ clickhouse })],
      placement: Placement.daemonSet(),
      resources: { cpu: Cpu.millis(100), memory: Size.mebibytes(512) },
      stackNamespaces: ['observability'],
      // Without it each would serve its own metrics on one port of this machine.
      ownTelemetry: { host: 'nowhere.observability.svc', port: 4318, reach: Reach.anywhere() },
    });
  }
  return Testing.synth(chart);
}

/** Lines as containerd writes them. */
export const cri = (lines: readonly string[], stream = 'stdout', time = '2026-11-25T00:00:00.123456789Z'): string =>
  lines.map((line) => `${time} ${stream} F ${line}\n`).join('');
