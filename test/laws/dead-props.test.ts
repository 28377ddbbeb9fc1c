import { Chart, Duration, Size, Testing } from 'cdk8s';
import { Cpu, NodeTaintQuery, Pods } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import {
  type Autoscaling,
  ClickHouseCluster,
  type ClickHouseClusterProps,
  ClusterAgent,
  type ClusterAgentProps,
  ClusterEvents,
  CollectorGateway,
  type CollectorGatewayProps,
  Component,
  ContactPoint,
  Exposure,
  ExternalGateway,
  GatewayMode,
  GrafanaStack,
  type GrafanaStackProps,
  Images,
  KubeletTls,
  NodeAgent,
  type NodeAgentProps,
  ObservabilityChart,
  type ObservabilityChartProps,
  type OidcSenders,
  OtlpReceiver,
  OtlpSink,
  Platform,
  Plugins,
  Processor,
  PrometheusAgent,
  type PrometheusAgentProps,
  type QueueScaling,
  Reach,
  SamplingPolicy,
  SecretKey,
  ServerTls,
  Signal,
  SmokeTest,
  type SmokeTestProps,
  SpanMetrics,
  TailSampling,
  type TailSamplingProps,
  TargetAllocator,
  type TargetAllocatorProps,
  TelemetrySchema,
  type TelemetrySchemaProps,
  type WorkloadProps,
} from '../../lib';
import { Nowhere } from '../nowhere';

/** A property that changes nothing is a promise broken silently. For each property of each construct, another value must give other YAML; one that is missing here does not compile. */
type Others<P> = { readonly [K in keyof Required<P>]: Required<P>[K] };

const processor = [Component.processor({ componentType: 'redaction' })];
const processors = [Processor.components({ logs: processor, metrics: processor, traces: processor })];
const workload: Others<WorkloadProps> = {
  name: 'other',
  namespace: 'elsewhere',
  resources: { cpu: Cpu.units(3), memory: Size.gibibytes(7) },
  images: Images.mirror('registry.example'),
  networkPolicies: false,
};
const gateway = (scope: Construct) => new CollectorGateway(scope, 'Gateway', { clusterName: 'test', sinks: [new Nowhere()] });
const otherGateway = (scope: Construct) =>
  new CollectorGateway(scope, 'Other', { name: 'other-gateway', clusterName: 'other', sinks: [new Nowhere()] });

function synth(make: (chart: Chart) => void): string {
  const chart = new Chart(Testing.app(), 'test');
  make(chart);
  return JSON.stringify(Testing.synth(chart));
}

/** Properties whose other value changes nothing by itself, with the reason. */
const exceptions: Record<string, string[]> = {
  // None of their default sources differs by platform; sources of users see it in their context.
  platform: ['CollectorGateway', 'ClusterAgent', 'PrometheusAgent'],
  // Needs another mode; its own properties follow below.
  autoscaling: ['CollectorGateway'],
  // Turns warnings into errors and writes nothing.
  strict: ['ObservabilityChart'],
};

function everyPropertyCounts<P extends object>(
  construct: string,
  base: (chart: Chart) => P,
  others: (chart: Chart) => Others<P>,
  make: (chart: Chart, props: P) => void,
): void {
  describe(construct, () => {
    const names = Object.keys(others(new Chart(Testing.app(), 'names'))).filter((name) => !exceptions[name]?.includes(construct));
    test.each(names)('%s', (name) => {
      const rendered = (change: boolean) =>
        synth((chart) => {
          const other = others(chart);
          const props = base(chart);
          make(chart, change ? { ...props, [name]: other[name as keyof P] } : props);
        });
      expect(rendered(true)).not.toBe(rendered(false));
    });
  });
}

const replacing = (componentType: string) =>
  new (class extends Nowhere {
    override bind() {
      const exporters = [Component.exporter({ componentType })];
      return { exporters: { logs: exporters, metrics: exporters, traces: exporters } };
    }
  })();

everyPropertyCounts<CollectorGatewayProps>(
  'CollectorGateway',
  (chart) => ({ clusterName: 'test', clickhouse: new ClickHouseCluster(chart, 'Store'), tls: ServerTls.secret('otlp-tls') }),
  (chart) => ({
    ...workload,
    clickhouse: new ClickHouseCluster(chart, 'OtherStore', { name: 'other-store' }),
    clusterName: 'other',
    platform: Platform.EKS,
    mode: GatewayMode.SYNCHRONOUS,
    replicas: 3,
    autoscaling: { maxReplicas: 3 },
    outageBudget: Duration.minutes(20),
    expectedTraffic: { spansPerSecond: 7 },
    storage: { size: Size.gibibytes(50), storageClass: 'fast' },
    sources: [new OtlpReceiver(), new ClusterEvents()],
    timeLimits: { logs: Duration.days(2) },
    processors,
    sinks: [replacing('debug')],
    furtherSinks: [new OtlpSink({ endpoint: 'https://otlp.vendor.example', signals: [Signal.TRACES] })],
    tls: ServerTls.secret('other-tls'),
    tokens: [SecretKey.of('sender', 'token')],
    oidc: { issuer: 'https://login.acme.example', audience: 'telemetry' },
    expose: Exposure.loadBalancer(),
    clients: [Pods.select(chart, 'Clients', { labels: { app: 'a' } })],
  }),
  (chart, props) => new CollectorGateway(chart, 'Construct', props.sinks ? { ...props, clickhouse: undefined } : props),
);

everyPropertyCounts<Autoscaling>(
  'Autoscaling',
  () => ({ maxReplicas: 5 }),
  () => ({ minReplicas: 3, maxReplicas: 4, cpuUtilization: 50, queue: {} }),
  (chart, autoscaling) => autoscaled(chart, autoscaling),
);

everyPropertyCounts<QueueScaling>(
  'QueueScaling',
  () => ({}),
  () => ({ sizePerPod: Size.mebibytes(2), kedaNamespace: 'scaling' }),
  (chart, queue) => autoscaled(chart, { maxReplicas: 3, queue }),
);

function autoscaled(chart: Chart, autoscaling: Autoscaling) {
  const sinks = [new OtlpSink({ endpoint: 'https://otlp.vendor.example', dropsWhenFull: false })];
  return new CollectorGateway(chart, 'Construct', { clusterName: 'test', mode: GatewayMode.SYNCHRONOUS, autoscaling, sinks });
}

everyPropertyCounts<OidcSenders>(
  'OidcSenders',
  () => ({ issuer: 'https://login.acme.example', audience: 'telemetry' }),
  () => ({ issuer: 'https://other.acme.example', audience: 'other', caCertificate: SecretKey.of('acme-ca', 'ca.crt') }),
  (chart, oidc) =>
    new CollectorGateway(chart, 'Construct', { clusterName: 'test', tls: ServerTls.secret('otlp-tls'), oidc, sinks: [new Nowhere()] }),
);

everyPropertyCounts<TailSamplingProps>(
  'TailSampling',
  (chart) => ({ clusterName: 'test', clickhouse: new ClickHouseCluster(chart, 'Store'), keep: [SamplingPolicy.errors()] }),
  (chart) => ({
    ...workload,
    clickhouse: new ClickHouseCluster(chart, 'OtherStore', { name: 'other-store' }),
    clusterName: 'other',
    keep: [SamplingPolicy.ratio(0.5)],
    sinks: [replacing('debug')],
    replicas: 3,
    furtherSinks: [new OtlpSink({ endpoint: 'https://otlp.vendor.example', signals: [Signal.TRACES] })],
    furtherSources: [new SpanMetrics().source],
    decisionWait: Duration.seconds(7),
    tracesPerSecond: 77,
    ownTelemetry: { host: 'elsewhere.example', port: 4318, reach: Reach.anywhere() },
  }),
  (chart, props) => new TailSampling(chart, 'Construct', props.sinks ? { ...props, clickhouse: undefined } : props),
);

const agent = (chart: Chart) => ({
  ...workload,
  gateway: otherGateway(chart),
  clusterName: 'renamed',
  platform: Platform.EKS,
  sources: [new OtlpReceiver()],
  processors,
});

everyPropertyCounts<NodeAgentProps>(
  'NodeAgent',
  (chart) => ({ gateway: gateway(chart) }),
  (chart) => ({
    ...agent(chart),
    clients: [Pods.select(chart, 'Clients', { labels: { app: 'a' } })],
    nodeSelector: { pool: 'gpu' },
    tolerations: [NodeTaintQuery.exists('gpu')],
    kubeletTls: KubeletTls.clusterAuthority(),
    queueSize: Size.gibibytes(2),
    stackNamespaces: ['a', 'b'],
  }),
  (chart, props) => new NodeAgent(chart, 'Construct', props),
);

everyPropertyCounts<ClusterAgentProps>(
  'ClusterAgent',
  (chart) => ({ gateway: gateway(chart) }),
  (chart) => ({ ...agent(chart), replicas: 3 }),
  (chart, props) => new ClusterAgent(chart, 'Construct', props),
);

everyPropertyCounts<PrometheusAgentProps>(
  'PrometheusAgent',
  (chart) => ({ gateway: gateway(chart) }),
  (chart) => ({
    ...agent(chart),
    targetAllocator: {},
    shards: 3,
    clickhouse: new ClickHouseCluster(chart, 'OtherStore', { name: 'other-store' }),
    claimedTargets: ['shop/app=web'],
  }),
  (chart, props) => new PrometheusAgent(chart, 'Construct', props),
);

everyPropertyCounts<TargetAllocatorProps>(
  'TargetAllocator',
  () => ({ collector: 'scraper' }),
  () => ({
    ...workload,
    collector: 'other',
    labels: { team: 'shop' },
    namespaces: ['shop'],
    exceptNamespaces: ['shop'],
    scrapeInterval: Duration.seconds(30),
    replicas: 1,
    except: ['shop/app=cart'],
    exceptAnnotated: ['prometheus.io/scrape'],
  }),
  (chart, props) => new TargetAllocator(chart, 'Construct', props),
);

everyPropertyCounts<ClickHouseClusterProps>(
  'ClickHouseCluster',
  () => ({}),
  () => ({
    ...workload,
    retention: { logs: Duration.days(1) },
    storage: { size: Size.gibibytes(7), storageClass: 'fast' },
    database: 'telemetry',
  }),
  (chart, props) => new ClickHouseCluster(chart, 'Construct', props),
);

everyPropertyCounts<TelemetrySchemaProps>(
  'TelemetrySchema',
  (chart) => ({ clickhouse: new ClickHouseCluster(chart, 'Store') }),
  (chart) => ({
    name: 'other',
    namespace: 'elsewhere',
    resources: workload.resources,
    images: workload.images,
    networkPolicies: false,
    clickhouse: new ClickHouseCluster(chart, 'OtherStore', { name: 'other-store' }),
    retention: { logs: Duration.days(1) },
  }),
  (chart, props) => new TelemetrySchema(chart, 'Construct', { name: 'schema', ...props }),
);

everyPropertyCounts<SmokeTestProps>(
  'SmokeTest',
  (chart) => ({ clickhouse: new ClickHouseCluster(chart, 'Store'), gateway: gateway(chart) }),
  (chart) => ({
    ...workload,
    clickhouse: new ClickHouseCluster(chart, 'OtherStore', { name: 'other-store' }),
    gateway: otherGateway(chart),
  }),
  (chart, props) => new SmokeTest(chart, 'Construct', props),
);

const onCall = { contactPoints: [ContactPoint.slack({ name: 'team', url: SecretKey.of('slack', 'url') })] };

everyPropertyCounts<GrafanaStackProps>(
  'GrafanaStack',
  (chart) => ({ clickhouse: new ClickHouseCluster(chart, 'Store') }),
  (chart) => ({
    ...workload,
    clickhouse: new ClickHouseCluster(chart, 'OtherStore', { name: 'other-store' }),
    url: 'https://grafana.example',
    storage: { size: Size.gibibytes(9) },
    plugins: Plugins.inImage('registry.example/grafana:13.2.0'),
    runbookBaseUrl: 'https://runbooks.example',
    clients: [Pods.select(chart, 'Clients', { labels: { app: 'a' } })],
    removedAlertRules: ['Old'],
    producers: [otherGateway(chart)],
    onCall,
  }),
  (chart, props) => new GrafanaStack(chart, 'Construct', props),
);

const elsewhere = () => new ClickHouseCluster(new Chart(Testing.app(), 'elsewhere'), 'Store', { name: 'elsewhere' });

describe('ObservabilityChart', () => {
  const others: Others<ObservabilityChartProps> = {
    clusterName: 'other',
    platform: Platform.EKS,
    namespace: 'elsewhere',
    createNamespaces: false,
    images: Images.mirror('registry.example'),
    networkPolicies: false,
    strict: true,
    retention: { logs: Duration.days(1) },
    clickhouse: { database: 'telemetry' },
    existingClickHouse: elsewhere(),
    gateway: { replicas: 3 },
    existingGateway: new ExternalGateway({ endpoint: 'https://otlp.example' }),
    nodeAgent: { queueSize: Size.gibibytes(2) },
    clusterAgent: { replicas: 1 },
    prometheusAgent: { shards: 2 },
    grafana: { url: 'https://grafana.example' },
    onCall,
    tailSampling: { keep: [SamplingPolicy.errors()] },
    smokeTest: false,
  };
  const render = (change: Partial<ObservabilityChartProps>) =>
    JSON.stringify(Testing.synth(new ObservabilityChart(Testing.app(), 'test', { clusterName: 'test', ...change })));
  const names = Object.keys(others).filter((name) => !exceptions[name]?.includes('ObservabilityChart'));
  test.each(names)('%s', (name) => {
    expect(render({ [name]: others[name as keyof ObservabilityChartProps] })).not.toBe(render({}));
  });

  test('strict', () => {
    expect(() => render({ strict: true })).toThrow("the kubelet's certificate is not verified");
  });
});
