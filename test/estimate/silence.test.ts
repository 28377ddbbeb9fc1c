import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart, Duration, Testing } from 'cdk8s';
import * as library from '../../lib';
import {
  AllocatedTargets,
  AnnotatedTargets,
  ApiServerMetrics,
  CAdvisorMetrics,
  ClickHouseCluster,
  ClickHouseMetrics,
  ClickHouseSink,
  ClusterEvents,
  type ClusterShape,
  ClusterState,
  Cni,
  CniMetrics,
  Collector,
  type CollectorProps,
  Component,
  ContainerLogs,
  ControlPlaneMetrics,
  DiscoveredReceiver,
  DiscoveredReceivers,
  Drop,
  EndpointChecks,
  type Estimate,
  Estimates,
  GatewaySink,
  HostMetrics,
  Journald,
  KafkaSink,
  KubeletMetrics,
  KubeProxyMetrics,
  LogFiles,
  LogSeverity,
  NodeLocalDnsMetrics,
  ObjectInventory,
  ObjectStorageSink,
  OtlpReceiver,
  OtlpSink,
  Placement,
  Platform,
  Processor,
  PrometheusRemoteWriteSink,
  Reach,
  Redact,
  Rename,
  Sample,
  SamplingPolicy,
  ScrapeJob,
  ServiceGraph,
  Sink,
  Source,
  SpanMetrics,
  TailSampling,
  TailSamplingSink,
  Transform,
} from '../../lib';
import { gateway } from '../collector/synthesized';
import { Nowhere } from '../nowhere';

/** Nothing that a program can choose costs something of which an estimate says nothing. */

const shape: ClusterShape = { nodes: 2, podsPerNode: 20, annotatedTargets: 2, monitoredTargets: 2, logRecordsPerPodPerSecond: 0.1 };

function estimateOf(props: Partial<CollectorProps>): Estimate {
  const collector = new Collector(new Chart(Testing.app(), 'test'), 'Collector', {
    role: 'test',
    clusterName: 'prod',
    platform: Platform.KUBEADM,
    sources: [new OtlpReceiver()],
    sinks: [new Nowhere()],
    placement: Placement.statefulSet(1),
    ...props,
  });
  return Estimates.of([collector], shape);
}

/** Whether an estimate has a number for a source, or a line that names it. */
const speaksOf = ({ sources, notEstimated }: Estimate, name: string): boolean =>
  sources.some(({ source }) => source === name) || notEstimated.some((line) => line.startsWith(`test / ${name}`));

const exported = Object.entries(library as Record<string, unknown>).filter(([, value]) => typeof value === 'function');

/** Names of all classes that a program can take for one. */
const derivedFrom = (base: { readonly prototype: object }) =>
  exported.flatMap(([name, value]) =>
    Object.isPrototypeOf.call(base.prototype, (value as { prototype: object }).prototype) ? [name] : [],
  );

const chart = new Chart(Testing.app(), 'parts');
const clickhouse = new ClickHouseCluster(chart, 'ClickHouse');
const host = { host: 'shop.example', port: 443, reach: Reach.anywhere() };

const ofCluster: Record<string, Source> = {
  AllocatedTargets: new AllocatedTargets({ allocator: host }),
  AnnotatedTargets: new AnnotatedTargets(),
  ApiServerMetrics: new ApiServerMetrics(),
  ClickHouseMetrics: new ClickHouseMetrics({ endpoint: host }),
  ClusterEvents: new ClusterEvents(),
  ClusterState: new ClusterState(),
  ControlPlaneMetrics: new ControlPlaneMetrics(),
  EndpointChecks: new EndpointChecks({ http: [{ url: 'https://shop.example/' }] }),
  ObjectInventory: new ObjectInventory({ objects: [{ resource: 'replicasets', apiGroup: 'apps' }] }),
  ScrapeJob: new ScrapeJob({ name: 'shop', pods: { namespaces: ['shop'], port: 9100 } }),
};

const ofNodes: Record<string, Source> = {
  CAdvisorMetrics: new CAdvisorMetrics(),
  CniMetrics: new CniMetrics({ provider: Cni.CILIUM }),
  ContainerLogs: new ContainerLogs(),
  DiscoveredReceivers: new DiscoveredReceivers({ receivers: [DiscoveredReceiver.redis()] }),
  HostMetrics: new HostMetrics(),
  Journald: new Journald(),
  KubeProxyMetrics: new KubeProxyMetrics(),
  KubeletMetrics: new KubeletMetrics(),
  LogFiles: new LogFiles({ paths: ['/var/log/nginx/*.log'], serviceName: 'nginx' }),
  NodeLocalDnsMetrics: new NodeLocalDnsMetrics(),
};

test('every source has a number, or stands by name among what has none', () => {
  // What applications send by OTLP is a source of its own: the line `applications / OTLP`.
  expect([...Object.keys({ ...ofCluster, ...ofNodes }), 'OtlpReceiver'].sort()).toEqual(derivedFrom(Source).sort());
  const silent = [
    ...Object.entries(ofCluster).filter(([name, source]) => !speaksOf(estimateOf({ sources: [source] }), name)),
    ...Object.entries(ofNodes).filter(
      ([name, source]) => !speaksOf(estimateOf({ sources: [source], placement: Placement.daemonSet() }), name),
    ),
  ];
  expect(silent.map(([name]) => name)).toEqual([]);
  expect(speaksOf(estimateOf({}), 'HostMetrics')).toBe(false);
});

test('what a source leaves out is named', () => {
  const { notEstimated } = estimateOf({
    sources: [new ContainerLogs({ exclude: { namespaces: ['chatty'] } })],
    placement: Placement.daemonSet(),
  });
  expect(notEstimated).toEqual(['test / ContainerLogs: what `include` and `exclude` leave out']);
  const objects = [{ resource: 'pods', interval: Duration.minutes(10) }, { resource: 'services' }];
  const inventory = estimateOf({ sources: [new ObjectInventory({ objects })] });
  expect(inventory.sources.find(({ source }) => source === 'ObjectInventory')?.rowsPerMinute).toBeCloseTo(4);
  expect(inventory.notEstimated).toEqual([
    'test / ObjectInventory: an object takes more bytes than a line',
    'test / ObjectInventory: how many there are of services',
  ]);
});

test('metrics of traces are counted, by shape and by pod', () => {
  const counted = (of: SpanMetrics | ServiceGraph, pods = 1) => {
    const placement = Placement.statefulSet(pods);
    const { sources } = estimateOf({ sources: [new OtlpReceiver(), of.source], sinks: [new Nowhere(), of.sink], placement });
    return sources.find(({ source }) => source === of.source.constructor.name)?.rowsPerMinute;
  };
  // 40 pods: 14 Deployments, so many services, of which each has ten operations and calls two others.
  expect(counted(new SpanMetrics())).toBe(14 * 10 * 2);
  expect(counted(new SpanMetrics({ interval: Duration.seconds(15) }), 2)).toBe(14 * 10 * 2 * 4 * 2);
  expect(counted(new ServiceGraph())).toBe(28 * 4);
  const dimensions = new SpanMetrics({ dimensions: ['http.route'] });
  expect(estimateOf({ sources: [new OtlpReceiver(), dimensions.source], sinks: [new Nowhere(), dimensions.sink] }).notEstimated).toEqual([
    'test / SpanMetricsSource: each value of http.route makes series of its own',
  ]);
});

/** `named` by a component, `counted`, or such that `everything` goes on. */
const processors: Record<string, readonly [Processor, 'named' | 'counted' | 'everything']> = {
  'Drop.logs': [Drop.logs({ below: LogSeverity.INFO }), 'named'],
  'Drop.metrics': [Drop.metrics({ names: ['otelcol_process_uptime', 'system.cpu.time'] }), 'counted'],
  'Drop.outOfTime': [Drop.outOfTime({ future: Duration.days(1) }), 'everything'],
  'Drop.spans': [Drop.spans({ names: ['GET /healthz'] }), 'named'],
  'Processor.components': [Processor.components({ traces: [Component.processor({ componentType: 'span' })] }), 'named'],
  'Redact.attributes': [Redact.attributes(['user.email']), 'everything'],
  'Redact.values': [Redact.values([Redact.EMAIL]), 'everything'],
  'Rename.attribute': [Rename.attribute('http.status', 'http.response.status_code'), 'everything'],
  'Rename.metric': [Rename.metric('reqs', 'http.server.requests'), 'named'],
  'Sample.logs': [Sample.logs(0.1, { services: ['chatty'] }), 'named'],
  'Sample.traces': [Sample.traces(0.5), 'counted'],
  'Transform.ottl': [Transform.ottl({ logs: ['set(log.body, "x")'] }), 'everything'],
};

test('every processor is counted, stands by name among what is not, or lets everything go on', () => {
  const index = readFileSync(join(__dirname, '../../lib/index.ts'), 'utf8');
  const rooms = [...index.matchAll(/export \{ (.*) \} from '\.\/collector\/processors?(\/.*)?';/g)].flatMap(([, names]) =>
    names.split(', '),
  );
  const factories = exported
    .filter(([name]) => rooms.includes(name))
    .flatMap(([name, of]) =>
      Object.entries(Object.getOwnPropertyDescriptors(of as object)).flatMap(([method, { value }]) =>
        typeof value === 'function' && !method.startsWith('_') ? [`${name}.${method}`] : [],
      ),
    );
  expect(Object.keys(processors).sort()).toEqual(factories.sort());
  const nodes = { sources: [new OtlpReceiver(), new HostMetrics()], placement: Placement.daemonSet() };
  const rows = ({ sources }: Estimate) => sources.reduce((sum, { rowsPerMinute }) => sum + rowsPerMinute, 0);
  const all = rows(estimateOf(nodes));
  for (const [name, [processor, expected]] of Object.entries(processors)) {
    const estimate = estimateOf({ ...nodes, processors: [processor] });
    const said = estimate.notEstimated.length > 0 ? 'named' : rows(estimate) < all ? 'counted' : 'everything';
    expect([name, said]).toEqual([name, expected]);
  }
});

const elsewhere = { endpoint: 'https://telemetry.vendor.example' };

const sinks: Record<string, { readonly sink: Sink; readonly stores?: boolean }> = {
  ClickHouseSink: { sink: new ClickHouseSink({ clickhouse }), stores: true },
  GatewaySink: { sink: new GatewaySink({ gateway }), stores: true },
  KafkaSink: { sink: new KafkaSink({ brokers: ['kafka.kafka.svc:9092'] }) },
  ObjectStorageSink: { sink: new ObjectStorageSink({ bucket: 'acme', region: 'eu-central-1' }) },
  OtlpSink: { sink: new OtlpSink(elsewhere) },
  PrometheusRemoteWriteSink: { sink: new PrometheusRemoteWriteSink({ endpoint: 'https://telemetry.vendor.example/api/v1/write' }) },
  TailSamplingSink: {
    sink: new TailSamplingSink({
      sampling: new TailSampling(chart, 'TailSampling', { clickhouse, clusterName: 'prod', keep: [SamplingPolicy.ratio(0.5)] }),
    }),
    stores: true,
  },
};

test('every sink stores, or sends to what does, or stands by name: what leaves through it is not counted', () => {
  expect(Object.keys(sinks).sort()).toEqual(derivedFrom(Sink).sort());
  for (const [name, { sink, stores = false }] of Object.entries(sinks)) {
    const { notEstimated } = estimateOf({ sinks: [sink, ...(stores && name !== 'TailSamplingSink' ? [] : [new Nowhere()])] });
    const named = notEstimated.filter((line) => line.startsWith(`test / ${name} (`));
    // Of two that store, the first one counts.
    expect([name, named]).toEqual([name, stores ? [] : [expect.stringMatching(/\): what leaves through it$/)]]);
  }
});
