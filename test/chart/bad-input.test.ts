import { Duration, Size, Testing } from 'cdk8s';
import fc from 'fast-check';
import { GatewayMode, ObservabilityChart, type ObservabilityChartProps, type Retention } from '../../lib';

const synth = (props: unknown) => Testing.synth(new ObservabilityChart(Testing.app(), 'observability', props as ObservabilityChartProps));

test.each<[string, object, string]>([
  ['no name for the cluster', {}, 'clusterName: given nothing; allowed: a value: it is required'],
  ['a name that is too long', { clusterName: 'x'.repeat(64) }, 'clusterName: given "'],
  [
    'a misspelt property',
    { clusterName: 'a', retension: {} },
    'retension: given a property that does not exist; did you mean `retention`?',
  ],
  [
    'two stores',
    { clusterName: 'a', clickhouse: {}, existingClickHouse: { nativeEndpoint: 1, httpEndpoint: 1, database: 'x', login: 1 } },
    'existingClickHouse: given `clickhouse` and `existingClickHouse`; allowed: one of the two',
  ],
  [
    'retention in two places',
    { clusterName: 'a', retention: {}, clickhouse: { retention: {} } },
    'clickhouse.retention: given `retention` here and on the chart',
  ],
  ['a retention under an hour', { clusterName: 'a', retention: { logs: Duration.minutes(59) } }, 'retention.logs: given'],
  [
    'a budget that no disk holds',
    { clusterName: 'a', gateway: { outageBudget: Duration.days(2) } },
    'outageBudget: given 2 days; allowed: at most',
  ],
  ['a namespace that Kubernetes refuses', { clusterName: 'a', namespace: 'Prod_EU' }, 'namespace: given "Prod_EU"'],
  [
    'text instead of a size',
    { clusterName: 'a', clickhouse: { storage: { size: '100Gi' } } },
    'storage.size: given "100Gi"; allowed: a Size',
  ],
])('%s', (_, props, message) => {
  expect(() => synth(props)).toThrow(message);
});

test('the longest names that are taken are long enough for what is put behind them', () => {
  expect(synth({ clusterName: 'a', namespace: 'n'.repeat(33), clickhouse: { name: 'c'.repeat(33) } })).not.toEqual([]);
  expect(() => synth({ clusterName: 'a', namespace: 'n'.repeat(34) })).toThrow(
    'ObservabilityChart observability: 1 problem\n  namespace: given',
  );
  expect(() => synth({ clusterName: 'a', clickhouse: { name: 'c'.repeat(34) } })).toThrow(
    'ClickHouseCluster observability/ClickHouse: 1 problem\n  name: given',
  );
});

test('all problems of a construct stand in one error', () => {
  expect(() => synth({ clusterName: 7, platform: 'openstack', strict: 'yes' })).toThrow(
    /^ObservabilityChart observability: 3 problems\n {2}clusterName: .*\n {2}platform: .*\n {2}strict: /,
  );
});

/** Where anything may stand: every property of the chart, and those of the constructs that it passes on. */
const places: string[][] = [
  ...[
    'clusterName',
    'platform',
    'namespace',
    'createNamespaces',
    'images',
    'networkPolicies',
    'strict',
    'retention',
    'clickhouse',
    'existingClickHouse',
    'gateway',
    'existingGateway',
    'nodeAgent',
    'clusterAgent',
    'prometheusAgent',
    'grafana',
    'onCall',
    'smokeTest',
  ].map((name) => [name]),
  ...['logs', 'traces', 'metrics'].map((name) => ['retention', name]),
  ...['name', 'namespace', 'resources', 'images', 'networkPolicies', 'retention', 'storage', 'database'].map((name) => [
    'clickhouse',
    name,
  ]),
  ['clickhouse', 'storage', 'size'],
  ['clickhouse', 'resources', 'cpu'],
  ...[
    'mode',
    'replicas',
    'autoscaling',
    'outageBudget',
    'expectedTraffic',
    'storage',
    'sources',
    'processors',
    'sinks',
    'clients',
    'tls',
    'tokens',
    'oidc',
    'expose',
  ].map((name) => ['gateway', name]),
  ['gateway', 'expectedTraffic', 'spansPerSecond'],
  ...['keep', 'replicas', 'decisionWait', 'tracesPerSecond', 'resources', 'name'].map((name) => ['tailSampling', name]),
  ...['minReplicas', 'maxReplicas', 'cpuUtilization', 'queue'].map((name) => ['gateway', 'autoscaling', name]),
  ...['sizePerPod', 'kedaNamespace'].map((name) => ['gateway', 'autoscaling', 'queue', name]),
  ...['issuer', 'audience', 'caCertificate'].map((name) => ['gateway', 'oidc', name]),
  ...['sources', 'kubeletTls', 'processors', 'queueSize', 'stackNamespaces', 'nodeSelector', 'tolerations'].map((name) => [
    'nodeAgent',
    name,
  ]),
  ...['replicas', 'sources', 'resources'].map((name) => ['clusterAgent', name]),
  ...['shards', 'sources', 'clickhouse', 'targetAllocator'].map((name) => ['prometheusAgent', name]),
  ...['labels', 'namespaces', 'exceptNamespaces', 'scrapeInterval', 'replicas', 'resources'].map((name) => [
    'prometheusAgent',
    'targetAllocator',
    name,
  ]),
  ...['url', 'storage', 'plugins', 'runbookBaseUrl', 'clients', 'removedAlertRules'].map((name) => ['grafana', name]),
  ...['contactPoints', 'routes', 'heartbeat', 'smtp'].map((name) => ['onCall', name]),
];

/** Things that JavaScript lets through, and quantities that nobody means. */
const anything = fc.oneof(
  fc.anything(),
  fc.constantFrom<unknown>(
    '',
    ' ',
    'x'.repeat(300),
    'a\nb',
    '../..',
    -1,
    0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e21,
    null,
    [],
    {},
    [null],
    () => 1,
    Symbol.iterator,
    1n,
    new Date(0),
    Duration.seconds(0),
    Duration.days(1e6),
    Size.kibibytes(0),
    Size.tebibytes(1e9),
    GatewayMode.SYNCHRONOUS,
    { maxReplicas: 2 },
  ),
);

function put(props: Record<string, unknown>, [name, ...rest]: string[], value: unknown): Record<string, unknown> {
  return { ...props, [name]: rest.length === 0 ? value : put((props[name] as Record<string, unknown>) ?? {}, rest, value) };
}

test('whatever stands anywhere in the properties: YAML, or one error with a construct and its path, never a bare stack trace', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...places), anything), { minLength: 1, maxLength: 3 }), (changes) => {
      const props = changes.reduce<Record<string, unknown>>((all, [place, value]) => put(all, place, value), { clusterName: 'test' });
      try {
        synth(props);
      } catch (error) {
        expect((error as Error).message).toMatch(
          /^(ObservabilityChart observability|\w+ observability\/\w+|Validation failed|observability\/)/,
        );
      }
    }),
    { numRuns: 400 },
  );
});

test('retentions within their bounds are all taken', () => {
  const days = fc.integer({ min: 1, max: 3650 }).map((n) => Duration.days(n));
  fc.assert(
    fc.property(fc.record<Retention>({ logs: days, traces: days, metrics: days }), (retention) => {
      expect(synth({ clusterName: 'test', retention }).length).toBeGreaterThan(50);
    }),
    { numRuns: 20 },
  );
});
