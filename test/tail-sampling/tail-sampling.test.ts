import { Chart, Duration, Testing } from 'cdk8s';
import { parse } from 'yaml';
import {
  ClickHouseCluster,
  CollectorGateway,
  Component,
  ObservabilityChart,
  type ObservabilityChartProps,
  Processor,
  SamplingPolicy,
  ServiceGraph,
  TailSampling,
  type TailSamplingProps,
  TailSamplingSink,
} from '../../lib';
import { wrongProps } from '../collector/wrong-props';
import { Nowhere } from '../nowhere';

function make(props: Partial<TailSamplingProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'Store');
  const sampling = new TailSampling(chart, 'Sampling', { clusterName: 'test', clickhouse, keep: [SamplingPolicy.errors()], ...props });
  return { chart, sampling, config: parse(sampling.configText), objects: Testing.synth(chart) as any[] };
}

const chart = (props: Partial<ObservabilityChartProps> = {}) =>
  new ObservabilityChart(Testing.app(), 'observability', {
    clusterName: 'test',
    tailSampling: { keep: [SamplingPolicy.ratio(0.1)] },
    ...props,
  });

test('policies are written as upstream has them', () => {
  const keep = [
    SamplingPolicy.errors(),
    SamplingPolicy.slowerThan(Duration.seconds(2)),
    SamplingPolicy.ratio(0.05),
    SamplingPolicy.spansPerSecond(100),
    SamplingPolicy.all(SamplingPolicy.attribute('service.name', ['chatty']), SamplingPolicy.ratio(0.01)),
  ];
  expect(make({ keep }).config.processors.tail_sampling.policies).toEqual([
    { name: 'errors', type: 'status_code', status_code: { status_codes: ['ERROR'] } },
    { name: 'slower-than-2000ms', type: 'latency', latency: { threshold_ms: 2000 } },
    { name: 'ratio-5-percent', type: 'probabilistic', probabilistic: { sampling_percentage: 5 } },
    { name: '100-spans-per-second', type: 'rate_limiting', rate_limiting: { spans_per_second: 100 } },
    {
      name: 'attribute-service.name-chatty-and-ratio-1-percent',
      type: 'and',
      and: {
        and_sub_policy: [
          {
            name: 'attribute-service.name-chatty',
            type: 'string_attribute',
            string_attribute: { key: 'service.name', values: ['chatty'] },
          },
          { name: 'ratio-1-percent', type: 'probabilistic', probabilistic: { sampling_percentage: 1 } },
        ],
      },
    },
  ]);
});

test('shares are told by the ids of traces, as samplers before and behind tell them', () => {
  const { processors, service } = make({}).config;
  expect(service.pipelines.traces.processors.slice(-2)).toEqual(['probabilistic_sampler/all', 'tail_sampling']);
  expect(processors['probabilistic_sampler/all']).toEqual({ mode: 'equalizing', sampling_percentage: 100 });
});

test('policies of one attribute are told apart by its values', () => {
  const keep = [['gold'], ['silver', 'bronze']].map((values) => SamplingPolicy.attribute('tenant', values));
  expect(make({ keep }).config.processors.tail_sampling.policies.map(({ name }: { name: string }) => name)).toEqual([
    'attribute-tenant-gold',
    'attribute-tenant-silver-or-bronze',
  ]);
  const stack = chart({ tailSampling: { keep: [SamplingPolicy.attribute('service.name', ['checkout'])] } });
  expect(stack.tailSampling).toBeDefined();
});

test('room for traces is that of a pod, and follows from how long they wait', () => {
  const { decision_wait, num_traces, expected_new_traces_per_sec, decision_cache } = make({
    tracesPerSecond: 900,
    replicas: 3,
    decisionWait: Duration.seconds(10),
  }).config.processors.tail_sampling;
  expect({ decision_wait, num_traces, expected_new_traces_per_sec }).toEqual({
    decision_wait: '10000ms',
    num_traces: 6000,
    expected_new_traces_per_sec: 300,
  });
  expect(decision_cache.sampled_cache_size).toBe(60_000);
});

test('a stack with it: logs and metrics go to the store, traces through the second tier, its own metrics too', () => {
  const stack = chart();
  const { exporters, service } = parse(stack.gateway.configText);
  expect(service.pipelines.logs.exporters).toEqual(['clickhouse/logs']);
  expect(service.pipelines.traces.exporters).toEqual(['load_balancing/tail-sampling']);
  expect(exporters['load_balancing/tail-sampling']).toMatchObject({
    routing_key: 'traceID',
    resolver: { dns: { hostname: 'tail-sampling-headless.observability.svc', port: '4317' } },
    sending_queue: { storage: 'file_storage/queue', block_on_overflow: true },
    protocol: { otlp: { sending_queue: { enabled: false } } },
  });
  const second = parse(stack.tailSampling?.configText ?? '').service.pipelines;
  expect(second).toMatchObject({
    traces: { receivers: ['otlp'], exporters: ['clickhouse/traces'] },
    metrics: { receivers: ['otlp/own'], exporters: ['clickhouse/metrics'] },
  });
  expect(second.logs).toBeUndefined();
  expect(stack.smokeTest).toBeDefined();
  const policies = parse(stack.tailSampling?.configText ?? '').processors.tail_sampling.policies;
  expect(policies.at(-1)).toMatchObject({ string_attribute: { key: 'service.name', values: ['smoke-test'] } });
  expect(chart({ tailSampling: { keep: [SamplingPolicy.errors()], decisionWait: Duration.minutes(2) } }).smokeTest).toBeUndefined();
  const { report } = stack.estimate({ nodes: 3, podsPerNode: 30 });
  expect(report).toContain('tail-sampling / own telemetry');
});

test('further sinks and sources: a graph of the kept traces', () => {
  const serviceGraph = new ServiceGraph();
  const { pipelines } = make({ furtherSinks: [serviceGraph.sink], furtherSources: [serviceGraph.source] }).config.service;
  expect(pipelines.traces.exporters).toEqual(['clickhouse/traces', 'service_graph']);
  expect(pipelines.metrics.receivers).toEqual(['service_graph', 'otlp/own']);
});

test('who sends there is let in, and nobody else', () => {
  const policies = (Testing.synth(chart()) as any[]).filter(({ kind }) => kind === 'NetworkPolicy');
  const into = policies.filter(
    ({ spec }) => spec.podSelector.matchLabels?.['app.kubernetes.io/instance'] === 'tail-sampling' && (spec.ingress ?? []).length > 0,
  );
  const peers = into.flatMap(({ spec }) =>
    spec.ingress.flatMap(({ from, ports }: any) => [[from[0].podSelector.matchLabels['app.kubernetes.io/instance'], ports[0].port]]),
  );
  expect(peers).toEqual([['collector', 4317]]);
});

test.each<[string, Partial<TailSamplingProps>, string]>([
  ['no policy', { keep: [] }, 'keep: given a list of 0'],
  ['what is no policy', { keep: [{} as SamplingPolicy] }, 'keep[0]: given an object; allowed: SamplingPolicy.errors()'],
  ['a policy twice', { keep: [SamplingPolicy.errors(), SamplingPolicy.errors()] }, "keep: given 'errors' twice; allowed: each policy once"],
  ['neither store nor sinks', { clickhouse: undefined }, 'clickhouse: given nothing; allowed: a store, or `sinks`'],
  ['both', { sinks: [new Nowhere()] }, 'clickhouse: given `clickhouse` and `sinks`'],
  ['a wait of nothing', { decisionWait: Duration.seconds(0) }, 'decisionWait: given 0 seconds; allowed: a Duration from 1 second'],
])('%s is refused', (_name, props, message) => {
  expect(() => make(props)).toThrow(message);
});

test.each<[string, () => unknown, string]>([
  ['a share of nothing', () => SamplingPolicy.ratio(0), 'share: given 0'],
  ['percent', () => SamplingPolicy.ratio(5), 'share: given 5; allowed: a number from 0.0001 to 1'],
  ['seconds as a number', () => SamplingPolicy.slowerThan(2 as never), 'threshold: given 2; allowed: a Duration'],
  ['all of one', () => SamplingPolicy.all(SamplingPolicy.errors()), 'policies: given a list of 1'],
  ['no value', () => SamplingPolicy.attribute('tenant', []), 'values: given a list of 0'],
  ['no sampling', () => new TailSamplingSink({ sampling: {} as TailSampling }), 'sampling: given an object; allowed: a TailSampling'],
  [
    'tailSampling beside sinks',
    () => chart({ gateway: { sinks: [new Nowhere()] } }),
    'tailSampling: given `tailSampling` and `gateway.sinks`',
  ],
  ['policies that are none, in a chart', () => chart({ tailSampling: { keep: 'errors' as never } }), 'keep: given "errors"'],
])('%s is refused', (_name, of, message) => {
  expect(of).toThrow(message);
});

test('a decision on traces of which each pod sees a part is an error; in one pod it is none', () => {
  const processors = [
    Processor.components({ traces: [Component.processor({ componentType: 'tail_sampling', config: { policies: [] } })] }),
  ];
  const gateway = (replicas: number) => {
    const scope = new Chart(Testing.app(), 'test');
    return new CollectorGateway(scope, 'Gateway', { clusterName: 'test', sinks: [new Nowhere()], replicas, processors });
  };
  expect(() => gateway(2)).toThrow(
    "processors, sinks: given 'tail_sampling' in 2 pods, each of which sees a part of every trace; allowed: TailSampling behind a TailSamplingSink",
  );
  expect(() => gateway(1)).not.toThrow();
});

test('whatever stands in the properties: a tier, or one error with everything', () => {
  wrongProps(
    'TailSampling',
    ['keep', 'clickhouse', 'sinks', 'clusterName', 'replicas', 'decisionWait', 'tracesPerSecond', 'resources'],
    (props) => {
      new TailSampling(new Chart(Testing.app(), 'test'), 'TailSampling', props as unknown as TailSamplingProps);
    },
  );
});
