import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart, Duration, Testing } from 'cdk8s';
import { ClickHouseCluster, ClickHouseSink, Collector, Placement, Reach, ScrapeJob } from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import type { Engine } from './harness/engine';
import { freePort } from './harness/free-port';
import { part } from './harness/parts';
import { eventually, Program, scratchFolder } from './harness/program';
import { login, secrets, startStore } from './stack';

// A program with the client library of Prometheus, whose histograms are native and classic, asked by jobs of one collector that writes into the real engine.
// What it observed of each but the wide one: 0, 1.5, 3, 3, 100.
let engine: Engine;

beforeAll(async () => {
  const port = await freePort();
  const objects = synthesized(port);
  engine = await startStore(objects);
  Program.start([part('exposition'), `127.0.0.1:${port}`], { log: join(scratchFolder('exposition'), 'log') });
  await RealCollector.start({
    container: containerOf(objects, 'scraper', 'otel-collector', { secrets }),
    addresses: { 'clickhouse.observability.svc:8123': engine.address, 'nowhere.observability.svc:4318': engine.address },
  });
  await eventually('both jobs wrote', async () => (await rows('histogram', 'classic_seconds')).length > 1, 60);
}, 120_000);

function synthesized(port: number): Manifest[] {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'observability' });
  const clickhouse = new ClickHouseCluster(chart, 'Store');
  const targets = [{ host: '127.0.0.1', port, reach: Reach.anywhere() }];
  const interval = Duration.seconds(2);
  new Collector(chart, 'Scraper', {
    role: 'scraper',
    clusterName: 'prod-eu',
    sources: [
      new ScrapeJob({ name: 'native', targets, interval, nativeHistograms: true, limits: { nativeHistogramBuckets: 40 } }),
      new ScrapeJob({ name: 'classic', targets, interval }),
      new ScrapeJob({
        name: 'crowd',
        targets: [...targets, { ...targets[0], host: 'localhost' }],
        interval,
        limits: { targets: 1 },
      }),
      new ScrapeJob({ name: 'nobody', targets: [{ host: '127.0.0.99', port, reach: Reach.anywhere() }], interval }),
    ],
    sinks: [new ClickHouseSink({ clickhouse })],
    placement: Placement.deployment(1),
    // Without it the collector would serve its own metrics on a port of this machine.
    ownTelemetry: { host: 'nowhere.observability.svc', port: 4318, reach: Reach.anywhere() },
  });
  return Testing.synth(chart);
}

/** The last row of each job. */
async function rows(kind: 'histogram' | 'exponential_histogram', metric: string): Promise<Record<string, unknown>[]> {
  const own =
    kind === 'histogram' ? 'ExplicitBounds, BucketCounts' : 'Scale, ZeroCount, PositiveOffset, PositiveBucketCounts, NegativeBucketCounts';
  const columns = ['Count', 'Sum', 'AggregationTemporality', ...own.split(', ')].map(
    (column) => `argMax(${column}, TimeUnix) AS ${column}`,
  );
  const sql = `SELECT ServiceName, ${columns.join(', ')} FROM otel.otel_metrics_${kind} WHERE MetricName = '${metric}' GROUP BY ServiceName ORDER BY ServiceName`;
  return (await engine.query<Record<string, unknown>>(sql, login('reader'))).map((row) => JSON.parse(JSON.stringify(row)));
}

describe('[prometheus-agent]', () => {
  test('native histograms arrive bucket by bucket as exponential ones, in place of the classic ones of the same name', async () => {
    // Of base 2: 1.5 lies in (1, 2], 3 in (2, 4], 100 in (64, 128].
    const native = {
      ServiceName: 'native',
      Count: 5,
      Sum: 107.5,
      AggregationTemporality: 2,
      Scale: 0,
      ZeroCount: 1,
      PositiveOffset: 0,
      PositiveBucketCounts: [1, 2, 0, 0, 0, 0, 1],
      NegativeBucketCounts: [],
    };
    expect(await rows('exponential_histogram', 'native_seconds')).toEqual([native]);
    expect(await rows('exponential_histogram', 'both_seconds')).toEqual([native]);
    expect(await rows('exponential_histogram', 'classic_seconds')).toEqual([]);
  });

  test('a target that has only classic ones, and a job that does not ask for native ones, give what they always gave', async () => {
    const classic = (ServiceName: string) => ({
      ServiceName,
      Count: 5,
      Sum: 107.5,
      AggregationTemporality: 2,
      ExplicitBounds: [1, 10],
      BucketCounts: [1, 3, 1],
    });
    expect(await rows('histogram', 'classic_seconds')).toEqual([classic('classic'), classic('native')]);
    expect(await rows('histogram', 'both_seconds')).toEqual([classic('classic')]);
  });

  test('a native histogram of more buckets than its limit becomes coarser, and loses no observation', async () => {
    const [{ PositiveBucketCounts, Count, Scale }] = await rows('exponential_histogram', 'wide_seconds');
    const counts = PositiveBucketCounts as number[];
    // 1 to a million are 20 doublings: 1,389 observations, each a hundredth greater than the one before it.
    expect([Count, counts.reduce((all, count) => all + count, 0)]).toEqual([1389, 1389]);
    expect([counts.length <= 40, Scale]).toEqual([true, 0]);
  });

  test('which targets are down, the question of the guide finds; of a job with more targets than its limit none is asked', async () => {
    const [, sql] = /```sql\n([^`]*)```/.exec(readFileSync(join(__dirname, '../../docs/guides/prometheus-agent.md'), 'utf8')) ?? [];
    const down = (await engine.query<{ ServiceName: string; up: number }>(sql, login('reader'))).map(({ ServiceName, up }) => [
      ServiceName,
      up,
    ]);
    expect(down.sort()).toEqual([
      ['crowd', 0],
      ['crowd', 0],
      ['nobody', 0],
    ]);
  });
});
