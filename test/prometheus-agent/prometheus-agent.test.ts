import type { IClickHouse } from '../../lib/clickhouse/clickhouse';
import { ClickHouseCluster } from '../../lib/clickhouse/clickhouse-cluster';
import { AnnotatedTargets } from '../../lib/collector/sources/annotated-targets';
import { ClickHouseMetrics } from '../../lib/collector/sources/clickhouse-metrics';
import { ScrapeJob } from '../../lib/collector/sources/scrape-job';
import { type Endpoint, Reach } from '../../lib/kubernetes/endpoint';
import { SecretKey } from '../../lib/kubernetes/secret-key';
import { PrometheusAgent, type PrometheusAgentProps } from '../../lib/prometheus-agent/prometheus-agent';
import { relabeled } from '../collector/relabeling';
import { gateway, synthesized } from '../collector/synthesized';
import { wrongProps } from '../collector/wrong-props';

const agent = (props: Partial<PrometheusAgentProps> = {}) =>
  synthesized((scope) => new PrometheusAgent(scope, 'PrometheusAgent', { gateway, ...props }));

const at = (port: number) => ({
  host: 'clickhouse.observability.svc',
  port,
  reach: Reach._workload({ namespace: 'observability', name: 'clickhouse', program: 'clickhouse', component: 'clickhouse' }, true),
});
const clickhouse: IClickHouse = {
  nativeEndpoint: at(9000),
  httpEndpoint: at(8123),
  metricsEndpoint: at(9363),
  database: 'otel',
  login: (username) => ({ username, password: SecretKey.of('a', 'b') }),
};

test('one number makes more of it, and the rules are there from the first', () => {
  const shards = (props: Partial<PrometheusAgentProps>) => {
    const { workload, config } = agent(props);
    return [
      workload.kind,
      workload.spec.replicas,
      config.receivers['prometheus/annotated'].config.scrape_configs[0].relabel_configs.at(-2).modulus,
    ];
  };
  expect([shards({}), shards({ shards: 4 })]).toEqual([
    ['StatefulSet', 1, 1],
    ['StatefulSet', 4, 4],
  ]);
});

test('its way out is open to any TCP port, its way in is closed', () => {
  const { one, objects } = agent();
  expect(one('NetworkPolicy', 'prometheus-agent-to-outside').spec).toMatchObject({
    policyTypes: ['Egress'],
    egress: [{ ports: [{ protocol: 'TCP' }] }],
  });
  expect(objects.filter(({ kind, spec }) => kind === 'NetworkPolicy' && spec.ingress)).toEqual([]);
});

test('its rights are these', () => {
  const { one, objects } = agent();
  expect(one('ClusterRole').rules).toEqual([
    { apiGroups: [''], resources: ['pods', 'services'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ]);
  expect(objects.filter(({ kind }) => kind === 'Role')).toEqual([]);
});

test('the store that it is told of is scraped by a job of its own, and not again by its annotations', () => {
  const { config, one, collector } = agent({ clickhouse });
  expect(Object.keys(config.receivers)).toEqual([
    'prometheus/annotated',
    expect.stringMatching(/^prometheus\/clickhouse-observability-clickhouse-[0-9a-f]{4}$/),
  ]);
  expect(config.receivers['prometheus/annotated'].config.scrape_configs[0].relabel_configs).toContainEqual({
    source_labels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_label_app_kubernetes_io_instance'],
    regex: 'observability;clickhouse',
    action: 'drop',
  });
  expect(one('NetworkPolicy', 'clickhouse-from-observability-prometheus-agent').spec.ingress[0].ports).toEqual([
    { port: 9363, protocol: 'TCP' },
  ]);
  const names = collector.metrics.map(({ name }) => name);
  expect(names).toContain('ClickHouseProfileEvents_InsertedRows');
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('two stores are scraped by one agent, each by a job of its own, and neither by its annotations again', () => {
  const { config, collector } = synthesized((scope) => {
    const stores = ['orders', 'events'].map((name) => new ClickHouseCluster(scope, name, { name }));
    const sources = [
      ...stores.map(({ metricsEndpoint }) => new ClickHouseMetrics({ endpoint: metricsEndpoint as Endpoint })),
      new AnnotatedTargets(),
    ];
    return new PrometheusAgent(scope, 'PrometheusAgent', { gateway, sources });
  });
  const selected = Object.entries<any>(config.receivers).flatMap(
    ([
      id,
      {
        config: { scrape_configs },
      },
    ]) => (id.startsWith('prometheus/clickhouse-') ? [scrape_configs[0].kubernetes_sd_configs[0].selectors[0].label] : []),
  );
  expect(selected).toEqual([
    'app.kubernetes.io/name=clickhouse,app.kubernetes.io/instance=events',
    'app.kubernetes.io/name=clickhouse,app.kubernetes.io/instance=orders',
  ]);
  expect(collector.targets).toEqual(['orders', 'events'].map((name) => `observability/app.kubernetes.io/instance=${name}`));
});

test('what other collectors claim, and its own sources in whatever order, is not found by its annotations again', () => {
  const job = new ScrapeJob({ name: 'queue', pods: { labels: { app: 'rabbitmq', tier: 'a.b' }, port: 15692 } });
  const { config, collector } = agent({ claimedTargets: ['kube-system/k8s-app=kube-dns'], sources: [new AnnotatedTargets(), job] });
  const annotated = config.receivers['prometheus/annotated'].config.scrape_configs;
  const target = (namespace: string, labels: Record<string, string>) => ({
    __meta_kubernetes_namespace: namespace,
    __meta_kubernetes_pod_phase: 'Running',
    __meta_kubernetes_pod_annotation_prometheus_io_scrape: 'true',
    ...Object.fromEntries(Object.entries(labels).map(([label, value]) => [`__meta_kubernetes_pod_label_${label}`, value])),
  });
  const found = (namespace: string, labels: Record<string, string>) =>
    relabeled(target(namespace, labels), annotated[0].relabel_configs) !== undefined;
  expect([found('kube-system', { k8s_app: 'kube-dns' }), found('anywhere', { app: 'rabbitmq', tier: 'a.b' })]).toEqual([false, false]);
  expect([found('shop', { k8s_app: 'kube-dns' }), found('anywhere', { app: 'rabbitmq' })]).toEqual([true, true]);
  expect(found('anywhere', { app: 'rabbitmq', tier: 'a-b' })).toBe(true);
  expect(collector.targets).toEqual(['*/app=rabbitmq,tier=a.b']);
});

test('a store without metrics is none to scrape', () => {
  expect(Object.keys(agent({ clickhouse: { ...clickhouse, metricsEndpoint: undefined } }).config.receivers)).toEqual([
    'prometheus/annotated',
  ]);
});

test.each<[Partial<PrometheusAgentProps>, string]>([
  [{ shards: 0 }, 'shards: given 0; allowed: a whole number from 1 to 64'],
  [{ shards: 1.5 }, 'shards: given 1.5'],
  [{ claimedTargets: ['app=web'] }, 'claimedTargets[0]: given "app=web"; allowed: `namespace/label=value`'],
  [{ sources: [new AnnotatedTargets()], clickhouse }, 'clickhouse: given `sources` and `clickhouse`; allowed: one of the two'],
  [
    { sources: [new AnnotatedTargets(), new AnnotatedTargets()] },
    "sources[0] and sources[1]: given two sources called 'prometheus/annotated'",
  ],
])('bad input %#: one clear error', (props, message) => {
  expect(() => agent(props)).toThrow(message);
});

test("whatever stands in the properties, it is YAML or one error with the construct's path", () => {
  wrongProps(
    'PrometheusAgent',
    [
      'name',
      'namespace',
      'resources',
      'images',
      'networkPolicies',
      'clusterName',
      'platform',
      'shards',
      'clickhouse',
      'claimedTargets',
      'sources',
      'processors',
      'gateway',
    ],
    agent,
  );
});
