import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Testing } from 'cdk8s';
import fc from 'fast-check';
import {
  type ClusterShape,
  Component,
  Countable,
  Estimates,
  Instrument,
  Metric,
  NodeAgent,
  ObservabilityChart,
  type ObservabilityChartProps,
  Source,
  type SourceBinding,
} from '../../lib';
import { shapeChecks } from '../../lib/estimate/cluster-shape';

const chart = (props: Partial<ObservabilityChartProps> = {}) =>
  new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu', ...props });

/** The cluster that collections of metrics are compared by: 40 containers on each of three nodes, half of which set each request and limit. */
const three: ClusterShape = {
  nodes: 3,
  podsPerNode: 30,
  deployments: 30,
  daemonSets: 8,
  statefulSets: 4,
  jobs: 4,
  cronJobs: 2,
  autoscalers: 5,
  claims: 10,
  quotas: 8,
  namespaces: 10,
};

test('monitored targets: their samples, and the four metrics of each scrape', () => {
  const of = (monitoredTargets: number) =>
    chart({ prometheusAgent: { targetAllocator: {} } })
      .estimate({ ...three, monitoredTargets, samplesPerTarget: 100 })
      .sources.find(({ source }) => source === 'AllocatedTargets')?.rowsPerMinute;
  expect([of(0), of(10)]).toEqual([undefined, 10 * (100 + 4)]);
});

test('the default of three nodes with 30 pods each, source by source, by hand', () => {
  const { sources, metricPointsPerMinute, notEstimated } = chart().estimate(three);
  const found = Object.fromEntries(
    sources
      .filter(({ signal }) => signal === 'metrics')
      .map(({ collector, source, rowsPerMinute }) => [`${collector} / ${source}`, Math.round(rowsPerMinute * 2) / 2]),
  );
  expect(found).toEqual({
    // Node: CPU, 2 memory, 4 file system, 2 directions of traffic and of errors; pod: 2 directions, file system; container: CPU, memory; claim: 4.
    'node-agent / KubeletMetrics': 3 * 11 + 90 * 3 + 120 * 2 + 10 * 4,
    // 8 states of CPU, 6 of memory, 2 faults, count, load, uptime; a disk: 3 of two directions, 2.
    'node-agent / HostMetrics': 3 * (8 + 6 + 2 + 3) + 3 * (3 * 2 + 2),
    // Nodes: 5 conditions, 3 allocatable. Phases. Ready, restarts; four requests and limits at a half; five containers in a hundred and twenty with a reason.
    'cluster-agent / ClusterState': 3 * 8 + 90 + 120 * 2 + 60 * 4 + 5 + 30 * 2 + 8 * 4 + 4 * 3 + 4 * 4 + 2 + 5 * 4 + 8 * 2 + 10,
    // Requests by verb and code, latency by verb and scope, etcd by operation, two kinds in flight, storage, three of the process; what a scrape says.
    'cluster-agent / ApiServerMetrics': 17 + 10 + 6 + 2 + 1 + 3 + 4,
    'prometheus-agent / ClickHouseMetrics': 28 + 4,
    // Nothing comes by its OTLP: applications send to the gateway.
    'node-agent / own telemetry': 3 * 70,
    'collector / own telemetry': 2 * 67,
    // Process, watch and queues of two pods; the API server's receiver and three processors, of which two filter; state's and events', one of them filters;
    // three processors of all metrics, limiter, associations, sent and under way in one or both, which hangs on who leads; two of all logs and the limiter in one; sent and under way.
    'cluster-agent / own telemetry': 2 * (6 + 4 + 4) + (3 + 6 + 2) + (3 + 3) + (2 + 1) + 1.5 * (6 + 1 + 2 + 2) + (4 + 1) + 2,
    'prometheus-agent / own telemetry': 36,
  });
  // The sum of the figures above, before they are rounded: 583 + 81 + 766.8 + 43 + 32 + 210 + 134 + 71.5 + 36.
  expect(metricPointsPerMinute).toBeCloseTo(1957.3);
  expect(notEstimated).toEqual([]);
});

test('the default stays under 3,250 points a minute with all that panels and rules read', () => {
  const observability = chart();
  expect(observability.estimate({ nodes: 3, podsPerNode: 30 }).metricPointsPerMinute).toBeLessThanOrEqual(3250);
  expect(observability.grafana.leftOut).toEqual([]);
});

test('what a day and a retention take, by hand', () => {
  // A day of two million lines, a million spans and three and a half million points: 146 MB, 43.1 MB and 18.9 MB.
  const shape: ClusterShape = {
    nodes: 1,
    podsPerNode: 100,
    logLinesPerPodPerSecond: 2e6 / 86_400 / 100,
    spansPerPodPerSecond: 1e6 / 86_400 / 100,
    eventsPerMinute: 0,
    pointsPerPodPerMinute: 3.5e6 / 1440 / 100,
  };
  const agent = chart({ retention: { metrics: Duration.days(29) } });
  const logsOnly = Estimates.of([], shape);
  expect(logsOnly.sources.map(({ signal, bytesPerDay }) => [signal, Math.round(bytesPerDay.toMebibytes({ rounding: 2 }))])).toEqual([
    ['traces', 41],
    ['metrics', 18],
  ]);
  const { sources } = agent.estimate(shape);
  expect(sources.find(({ source }) => source === 'ContainerLogs')).toMatchObject({
    collector: 'node-agent',
    signal: 'logs',
    rowsPerMinute: expect.closeTo(1388.9, 1),
  });
  expect(sources[0].bytesPerDay.toKibibytes()).toBe(Math.ceil(146e6 / 1024));
  // Kept for 14 days and one, and 395 days and one.
  expect(logsOnly.storedBytes.toKibibytes()).toBe(Math.ceil((43.1e6 * 15 + 18.9e6 * 396) / 1024));
});

test('the retention of the chart and of its store count', () => {
  const stored = (props: Partial<ObservabilityChartProps>) => chart(props).estimate(three).storedBytes.toKibibytes();
  expect(stored({ retention: { logs: Duration.days(60) } })).toBe(stored({ clickhouse: { retention: { logs: Duration.days(60) } } }));
  expect(stored({ retention: { logs: Duration.days(60) } })).toBeGreaterThan(stored({}));
});

class Queue extends Source {
  constructor(private readonly more: Partial<SourceBinding>) {
    super();
  }
  bind(): SourceBinding {
    return { receivers: { metrics: [Component.receiver({ componentType: 'rabbitmq' })] }, ...this.more };
  }
}

const depth = Metric.custom({ name: 'queue.depth', instrument: Instrument.GAUGE, unit: '{message}' });

const withQueue = (more: Partial<SourceBinding>) =>
  chart({ nodeAgent: { sources: [...NodeAgent.defaultSources(), new Queue(more)] } }).estimate({ nodes: 4, podsPerNode: 10 });

test('a source of your own says how much it gives, and how often', () => {
  const of = (more: Partial<SourceBinding>) => withQueue(more).sources.find(({ source }) => source === 'Queue');
  const rows = [{ per: Countable.NODE, points: 3, metrics: ['queue.depth'] }];
  expect(of({ metrics: [depth], rows })?.rowsPerMinute).toBe(4 * 3);
  expect(of({ metrics: [depth], rows, interval: Duration.seconds(15) })?.rowsPerMinute).toBe(4 * 4 * 3);
  expect(of({ rows: [{ per: Countable.POD, logRecords: 2 }] })).toMatchObject({ signal: 'logs', rowsPerMinute: 80 });
});

test('what nothing is known of is listed, in the report too', () => {
  expect(withQueue({}).notEstimated).toEqual(['node-agent / Queue: it does not say what it gives']);
  const { notEstimated, report } = withQueue({ metrics: [depth] });
  expect(notEstimated).toEqual(['node-agent / Queue: queue.depth']);
  expect(report).toContain('not estimated: node-agent / Queue: queue.depth');
});

test('the guide shows the report of today', () => {
  const guide = readFileSync(join(__dirname, '../../docs/guides/cost.md'), 'utf8');
  expect(guide).toContain(`\`\`\`\n${chart().estimate({ nodes: 3, podsPerNode: 30 }).report}\`\`\``);
});

test('a report for people', () => {
  expect(Estimates.of([], { nodes: 2, podsPerNode: 50 }).report).toBe(
    [
      'source               signal  rows a minute  MiB a day',
      'applications / OTLP  traces            300         18',
      '',
      '0 points, 0 log records and 300 spans a minute',
      '18 MiB a day, 266 MiB of disk with logs kept 30 days, metrics 395 days, traces 14 days; merges need as much again, free',
      '',
    ].join('\n'),
  );
});

test.each<[string, object, string]>([
  ['no nodes', { podsPerNode: 30 }, 'shape.nodes: given nothing; allowed: a value: it is required'],
  ['half a node', { nodes: 0.5, podsPerNode: 30 }, 'shape.nodes: given 0.5; allowed: a whole number from 1 to 100000'],
  ['a misspelt property', { nodes: 1, podsPerNode: 1, logLines: 1 }, 'shape.logLines: given a property that does not exist'],
  [
    'more than all',
    { nodes: 1, podsPerNode: 1, shareOfRequestsAndLimits: 50 },
    'shape.shareOfRequestsAndLimits: given 50; allowed: a number from 0 to 1',
  ],
])('%s', (_name, shape, message) => {
  expect(() => chart().estimate(shape as ClusterShape)).toThrow(message);
});

test('all that is wrong stands in one error; a source that answers nonsense is told so', () => {
  expect(() => chart().estimate({ nodes: -1, podsPerNode: -1 })).toThrow(
    /^Estimates\.of: 2 problems\n {2}shape\.nodes: .*\n {2}shape\.podsPerNode: /,
  );
  expect(() => Estimates.of([{}] as never, three)).toThrow('collectors[0]: given an object; allowed: a Collector');
  expect(() => withQueue({ rows: [{ per: 'moon' as Countable, points: -1 }] })).toThrow(
    /sources\[4\], Queue\.bind\(\)\.rows\[0\]\.per: given "moon".*\n.*rows\[0\]\.points: given -1/,
  );
});

test('whatever stands in a shape: numbers, or one error with everything', () => {
  const observability = chart();
  const names = Object.keys(shapeChecks);
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.nat(), fc.double(), fc.anything())), (shape) => {
      try {
        const { metricPointsPerMinute, storedBytes } = observability.estimate(shape as unknown as ClusterShape);
        expect(Number.isFinite(metricPointsPerMinute) && storedBytes.toKibibytes() > 0).toBe(true);
      } catch (error) {
        expect((error as Error).message).toMatch(/^Estimates\.of: \d+ problems?\n {2}shape\./);
      }
    }),
    { numRuns: 200 },
  );
});
