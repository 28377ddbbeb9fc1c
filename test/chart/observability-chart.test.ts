import { App, Chart, Duration, Testing } from 'cdk8s';
import { parse } from 'yaml';
import {
  AnnotatedTargets,
  ClickHouseCluster,
  GatewayMode,
  Images,
  NodeAgent,
  ObservabilityChart,
  type ObservabilityChartProps,
  Platform,
  ScrapeJob,
} from '../../lib';
import type { Manifest } from '../laws/manifests';
import { selects } from '../laws/manifests';

const synth = (props: Partial<ObservabilityChartProps> = {}): Manifest[] =>
  Testing.synth(new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu', ...props }));

test('a property that is there and undefined is not given: what holds for the whole stack stays', () => {
  const shared: Partial<ObservabilityChartProps> = {
    retention: { logs: Duration.days(90) },
    images: Images.mirror('registry.acme.example'),
    namespace: 'telemetry',
    networkPolicies: false,
  };
  const nothing = { images: undefined, namespace: undefined, networkPolicies: undefined };
  const options = {
    clickhouse: { ...nothing, retention: undefined },
    gateway: { ...nothing, clusterName: undefined },
    nodeAgent: nothing,
    clusterAgent: nothing,
    prometheusAgent: nothing,
    grafana: nothing,
  };
  expect(synth({ ...shared, ...options })).toEqual(synth(shared));
});

test('a client without policies is still let in at those that have some', () => {
  const objects = synth({ gateway: { networkPolicies: false }, grafana: { networkPolicies: false } });
  const store = { 'app.kubernetes.io/name': 'clickhouse', 'app.kubernetes.io/instance': 'clickhouse' };
  const admitted = objects
    .filter(({ kind, spec }) => kind === 'NetworkPolicy' && spec.ingress && selects(spec.podSelector, store))
    .map(({ metadata }) => metadata.name);
  expect(admitted).toEqual(expect.arrayContaining(['clickhouse-from-observability-collector', 'clickhouse-from-observability-grafana']));
  expect(objects.filter(({ kind, metadata }) => kind === 'NetworkPolicy' && /^(collector|grafana)(-to-.*)?$/.test(metadata.name))).toEqual(
    [],
  );
});

test('one app holds a chart for each cluster', () => {
  const app = new App();
  const charts = ['eu', 'us'].map((name) => new ObservabilityChart(app, name, { clusterName: name }));
  expect(charts.map((chart) => Testing.synth(chart).length)).toEqual([synth().length, synth().length]);
});

test('images are listed, init containers too', () => {
  const chart = new ObservabilityChart(Testing.app(), 'observability', {
    clusterName: 'prod-eu',
    images: Images.mirror('registry.acme.example'),
  });
  expect(chart.images).toEqual([
    'registry.acme.example/clickhouse/clickhouse-server:26.8',
    'registry.acme.example/grafana/grafana:13.2.3',
    'registry.acme.example/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib:0.161.0',
  ]);
});

test('warnings can be read', () => {
  const chart = new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu' });
  expect(chart.warnings).toEqual([
    expect.stringContaining("observability/NodeAgent: the kubelet's certificate is not verified"),
    expect.stringContaining('observability/Grafana: nobody is told of alerts'),
  ]);
});

test('on Fargate every claim is warned of, whoever makes it, and no other platform warns', () => {
  const warnings = (props: Partial<ObservabilityChartProps>) =>
    new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu', ...props }).warnings.filter((warning) =>
      warning.includes('claim makes'),
    );
  const ofStore = expect.stringMatching(
    /^observability: StatefulSet\/clickhouse, PersistentVolumeClaim\/grafana: Fargate mounts no disk that a claim makes.*GatewayMode\.SYNCHRONOUS needs none/,
  );
  const platform = Platform.EKS_FARGATE;
  expect(warnings({ platform, gateway: { mode: GatewayMode.SYNCHRONOUS } })).toEqual([ofStore]);
  expect(warnings({ platform })).toEqual([ofStore, expect.stringMatching(/^observability\/Gateway: Fargate mounts no disk/)]);
  expect(warnings({})).toEqual([]);
});

test('the namespace that is made for the node agent is the one that it stands in', () => {
  const namespaces = synth({ nodeAgent: { namespace: 'nodes' } })
    .filter(({ kind }) => kind === 'Namespace')
    .map(({ metadata }) => [metadata.name, metadata.labels['pod-security.kubernetes.io/enforce']]);
  expect(namespaces).toEqual([
    ['observability', 'restricted'],
    ['nodes', 'privileged'],
  ]);
});

test('what one agent scrapes, and the store, no other finds by its annotations again; of the rest of the stack nothing is annotated', () => {
  const job = new ScrapeJob({ name: 'queue', pods: { namespaces: ['shop'], labels: { app: 'rabbitmq' }, portName: 'prometheus' } });
  const chart = new ObservabilityChart(Testing.app(), 'observability', {
    clusterName: 'prod-eu',
    nodeAgent: { sources: [...NodeAgent.defaultSources(), job, new AnnotatedTargets()] },
  });
  const dropped = (mark: string, regex: string) =>
    JSON.stringify({ source_labels: ['__meta_kubernetes_namespace', `__meta_kubernetes_pod_${mark}`], regex, action: 'drop' });
  const jobs = parse(chart.prometheusAgent.configText).receivers['prometheus/annotated'].config.scrape_configs;
  for (const { relabel_configs } of jobs) {
    const rules = relabel_configs.map((rule: object) => JSON.stringify(rule));
    expect(rules).toEqual(
      expect.arrayContaining([
        dropped('label_app', 'shop;rabbitmq'),
        dropped('label_app_kubernetes_io_instance', 'observability;clickhouse'),
        dropped('annotation_prometheus_io_scrape', '.*;true'),
      ]),
    );
  }
  const annotated = (Testing.synth(chart) as Manifest[]).filter(({ metadata, spec }) =>
    [metadata, spec?.template?.metadata].some((one) => Object.keys(one?.annotations ?? {}).some((key) => key.startsWith('prometheus.io/'))),
  );
  expect(annotated).toEqual([]);
});

test('a ClickHouseCluster that is there already keeps its own schema and retention: nothing here takes them back', () => {
  const app = Testing.app();
  const store = new Chart(app, 'store');
  const clickhouse = new ClickHouseCluster(store, 'ClickHouse', { retention: { logs: Duration.days(90) } });
  const observability = new ObservabilityChart(app, 'observability', { clusterName: 'prod-eu', existingClickHouse: clickhouse });
  const jobs = (Testing.synth(observability) as any[]).filter(({ kind }) => kind === 'Job' || kind === 'CronJob');
  expect(jobs.map(({ metadata }) => metadata.name).filter((name) => name.includes('schema'))).toEqual([]);
  expect(observability.gateway.configText).toContain(`Duration("${90 * 86_400}s")`);
  expect(
    () =>
      new ObservabilityChart(app, 'second', { clusterName: 'a', existingClickHouse: clickhouse, retention: { logs: Duration.days(3) } }),
  ).toThrow('retention: given `retention`, for a ClickHouseCluster that has its own; allowed: `retention` of the ClickHouseCluster');
});
