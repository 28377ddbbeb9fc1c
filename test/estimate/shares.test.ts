import { Chart, Duration, Testing } from 'cdk8s';
import {
  type ClusterShape,
  CollectorGateway,
  Drop,
  type Estimate,
  Estimates,
  ExternalGateway,
  KeptShare,
  LogSeverity,
  NodeAgent,
  ObservabilityChart,
  type ObservabilityChartProps,
  OtlpSink,
  Processor,
  type ProcessorBinding,
  Sample,
  SamplingPolicy,
} from '../../lib';
import { Nowhere } from '../nowhere';

/** What processors and pools do to an estimate. */

const shape: ClusterShape = { nodes: 10, podsPerNode: 10, logLinesPerPodPerSecond: 1, spansPerPodPerSecond: 1, annotatedTargets: 1 };

const estimate = (props: Partial<ObservabilityChartProps>, of: Partial<ClusterShape> = {}): Estimate =>
  new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu', ...props }).estimate({ ...shape, ...of });

const rowsOf = ({ sources }: Estimate, wanted: string) =>
  sources.find(({ collector, source }) => `${collector} / ${source}` === wanted)?.rowsPerMinute;

const all = estimate({});

test('by default everything is stored, and nothing is taken for granted of it', () => {
  expect([all.spansPerMinute, rowsOf(all, 'node-agent / ContainerLogs')]).toEqual([6000, 6000]);
  expect([all.notEstimated, all.assumptions]).toEqual([[], []]);
  expect(estimate({}, { annotatedTargets: 0 }).assumptions).toEqual([
    'prometheus-agent / AnnotatedTargets: nothing, as the shape has no target, no sample',
  ]);
});

test('Sample.traces: its share, at the gateway and before it', () => {
  const { spansPerMinute, assumptions, notEstimated } = estimate({ gateway: { processors: [Sample.traces(0.1)] } });
  expect([Math.round(spansPerMinute), notEstimated]).toEqual([600, []]);
  expect(assumptions).toEqual(['applications: 10 % of traces are kept']);
  // The traces of the smaller share are among those of the larger one.
  const twice = estimate({ gateway: { processors: [Sample.traces(0.5), Sample.traces(0.1)] } });
  expect(Math.round(twice.spansPerMinute)).toBe(600);
  const agentOnly = estimate({ nodeAgent: { processors: [Sample.traces(0.5)] } });
  expect([agentOnly.spansPerMinute, agentOnly.assumptions]).toEqual([6000, ['applications: all of them send to collector']]);
});

class Half extends Processor {
  bind(): ProcessorBinding {
    return { processors: {}, keeps: KeptShare.of({ logs: 0.5, metrics: 0.25 }) };
  }
}

test('a processor of your own says what it keeps, of what agents send too', () => {
  const half = estimate({ gateway: { processors: [new Half()] } });
  expect(rowsOf(half, 'node-agent / ContainerLogs')).toBe(3000);
  expect(half.metricPointsPerMinute).toBeCloseTo(all.metricPointsPerMinute / 4);
  expect(half.report).toContain('assumed: node-agent: 50 % of logs are kept\nassumed: node-agent: 25 % of metrics are kept\n');
  // What an agent says of itself does not pass the agent's own processors.
  const own = estimate({ nodeAgent: { processors: [new Half()] } });
  expect(rowsOf(own, 'node-agent / own telemetry')).toBe(rowsOf(all, 'node-agent / own telemetry'));
  expect(rowsOf(own, 'node-agent / ContainerLogs')).toBe(3000);
});

test('Drop.logs: nobody knows how much it leaves, so it is named once for all who send there; the shape can say it', () => {
  const processors = [Drop.logs({ below: LogSeverity.INFO })];
  const dropping = estimate({ gateway: { processors } });
  expect(dropping.logRecordsPerMinute).toBe(all.logRecordsPerMinute);
  expect(dropping.notEstimated).toEqual([
    expect.stringMatching(/^collector \/ filter\/drop-logs-\w{6}: what it leaves out of logs, or adds$/),
  ]);
  const said = estimate({ gateway: { processors } }, { shareOfLogsKept: 0.3 });
  expect([said.logRecordsPerMinute, said.notEstimated]).toEqual([all.logRecordsPerMinute * 0.3, []]);
});

test('tail sampling: the largest share of its policies; what the others keep is named, until the shape says it', () => {
  const of = (...keep: SamplingPolicy[]) => estimate({ tailSampling: { keep } });
  const counted = 'tail-sampling / own telemetry: what tail_sampling counts';
  const balanced = 'collector / own telemetry: what load_balancing/tail-sampling counts';
  const ratios = of(SamplingPolicy.ratio(0.05), SamplingPolicy.ratio(0.2));
  expect([ratios.spansPerMinute, ratios.notEstimated]).toEqual([1200, [balanced, counted]]);
  expect(ratios.assumptions).toEqual(['applications: 20 % of traces are kept']);
  const usual = of(SamplingPolicy.errors(), SamplingPolicy.slowerThan(Duration.seconds(2)), SamplingPolicy.ratio(0.05));
  expect(usual.spansPerMinute).toBe(300);
  expect(usual.notEstimated).toContain('tail-sampling / tail_sampling: what errors, slower-than-2000ms keep of traces besides');
  const errors = of(SamplingPolicy.errors());
  expect(errors.spansPerMinute).toBe(6000);
  expect(errors.notEstimated).toContain('tail-sampling / tail_sampling: what errors do not keep of traces');
  expect(of(SamplingPolicy.errors(), SamplingPolicy.ratio(1)).notEstimated).toEqual([balanced, counted]);
  const said = estimate({ tailSampling: { keep: [SamplingPolicy.errors()] } }, { shareOfTracesKept: 0.07 });
  expect([Math.round(said.spansPerMinute), said.notEstimated]).toEqual([420, [balanced, counted]]);
});

test('what collectors say of themselves falls by name, at the gateway, which all of it passes', () => {
  const drop = [Drop.metrics({ names: ['otelcol_process_*', 'otelcol.k8s.*'] })];
  const own = (of: Estimate) => rowsOf(of, 'cluster-agent / own telemetry');
  // Two pods: six of the process, four of the watch, in one or both how metrics were associated.
  expect(own(all)).toBe(71.5);
  expect(own(estimate({ gateway: { processors: drop } }))).toBe(71.5 - (6 + 4) * 2 - 2 * 1.5);
  // They do not pass the agent's own processors: there is one more, in and out, and what it filters, in one or both.
  expect(own(estimate({ clusterAgent: { processors: drop } }))).toBe(71.5 + 3 * 1.5);
});

test('limits of time take nothing away', () => {
  expect(estimate({ gateway: { timeLimits: {} } }).logRecordsPerMinute).toBe(all.logRecordsPerMinute);
});

test('a gateway of another cluster may leave out what it will, and a further sink sends away what is not counted', () => {
  const existingGateway = new ExternalGateway({ endpoint: 'https://otlp.acme.example' });
  expect(estimate({ existingGateway }).notEstimated).toEqual(['otlp.acme.example: what that gateway leaves out']);
  const furtherSinks = [new OtlpSink({ endpoint: 'https://otlp.vendor.example' })];
  expect(estimate({ gateway: { furtherSinks } }).report).toContain(
    'not estimated: collector / OtlpSink (otlp_http/sink-logs-may-drop, otlp_http/sink-metrics-may-drop, otlp_http/sink-traces-may-drop): what leaves through it\n',
  );
});

/** Two agents of different nodes beside each other. */
function pools(nodesOfAgents?: ClusterShape['nodesOfAgents']): Estimate {
  const chart = new Chart(Testing.app(), 'test');
  const gateway = new CollectorGateway(chart, 'Gateway', { clusterName: 'prod', sinks: [new Nowhere()] });
  const agents = ['node-agent', 'node-agent-gpu'].map(
    (name) => new NodeAgent(chart, name, { gateway, name, nodeSelector: { pool: name } }),
  );
  return Estimates.of([gateway, ...agents], { ...shape, nodesOfAgents });
}

test('each pool of nodes counts its own', () => {
  const both = pools({ 'node-agent': 8, 'node-agent-gpu': 2 });
  const gpu = (source: string) => rowsOf(both, `node-agent-gpu / ${source}`) ?? 0;
  expect([gpu('ContainerLogs'), rowsOf(both, 'node-agent / ContainerLogs')]).toEqual([1200, 4800]);
  expect(gpu('HostMetrics')).toBe(2 * 27);
  expect(gpu('own telemetry') * 5).toBe(rowsOf(pools(), 'node-agent-gpu / own telemetry'));
  expect(gpu('KubeletMetrics') + (rowsOf(both, 'node-agent / KubeletMetrics') ?? 0)).toBeCloseTo(
    rowsOf(all, 'node-agent / KubeletMetrics') ?? 0,
  );
  expect(both.assumptions).toEqual([]);
  expect(pools().assumptions).toEqual(
    ['node-agent', 'node-agent-gpu'].map(
      (name) => `${name}: it runs on all nodes, though it selects some: \`nodesOfAgents\` says on how many`,
    ),
  );
});

test('an agent of no nodes gives nothing', () => {
  const { sources } = pools({ 'node-agent': 10, 'node-agent-gpu': 0 });
  expect(sources.filter(({ collector }) => collector === 'node-agent-gpu')).toEqual([]);
});

test('bad input: nodes of nobody, more than there are, shares that are none', () => {
  expect(() => pools({ 'node-agnet': 2, 'node-agent': 11 })).toThrow(
    /^Estimates\.of: 2 problems\n.*nodesOfAgents: given 'node-agnet'; allowed: names of agents on nodes: node-agent, node-agent-gpu.*\n.*nodesOfAgents\.node-agent: given 11; allowed: at most the 10/,
  );
  expect(() => estimate({}, { shareOfLogsKept: 30, shareOfTracesKept: -1 })).toThrow(
    /2 problems\n.*shareOfLogsKept: given 30; allowed: a number from 0 to 1\n.*shareOfTracesKept: given -1/,
  );
  expect(() => KeptShare.of({ logs: 2, trace: 1 } as never)).toThrow(
    /^KeptShare\.of: 2 problems\n.*shares\.trace: given a property that does not exist.*\n.*shares\.logs: given 2/,
  );
  class Wrong extends Processor {
    bind(): ProcessorBinding {
      return { processors: {}, keeps: 0.5 as never };
    }
  }
  expect(() => estimate({ gateway: { processors: [new Wrong()] } })).toThrow(
    'Wrong.bind().keeps: given 0.5; allowed: KeptShare.everything() or .of({ … })',
  );
});
