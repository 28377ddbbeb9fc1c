import { type App, Chart, Testing } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-27';
import { Instrumentation, ObservabilityChart } from '../../lib';
import { busybox } from './harness/cluster';
import type { Manifest } from './harness/container';
import { liveShape, pointsAMinute } from './live-shape';
import { NodeStack } from './node-stack';

/** The quickstart, and an application that was told of it. */
const app: App = Testing.app();
const observability = new ObservabilityChart(app, 'observability', { clusterName: 'prod-eu' });
const shop = new Chart(app, 'shop', { namespace: 'shop' });
const checkout = new Deployment(shop, 'Checkout', {
  replicas: 1,
  metadata: { name: 'checkout' },
  securityContext: { user: 1000, group: 1000 },
  containers: [
    {
      image: busybox,
      command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'],
      resources: {},
      imagePullPolicy: 'IfNotPresent' as never,
    },
  ],
});
Instrumentation.of(observability.gateway).workload(checkout, { serviceName: 'checkout', serviceNamespace: 'shop', team: 'payments' });

const basket = new Deployment(shop, 'Basket', {
  replicas: 1,
  metadata: { name: 'basket' },
  securityContext: { user: 1000, group: 1000 },
  containers: [
    {
      image: busybox,
      command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'],
      resources: {},
      imagePullPolicy: 'IfNotPresent' as never,
    },
  ],
});
Instrumentation.of(observability.nodeAgent).workload(basket, { serviceName: 'basket', serviceNamespace: 'shop', team: 'payments' });

const stackObjects = Testing.synth(observability);
const policies = (objects: Manifest[]) => objects.filter(({ kind }) => kind === 'NetworkPolicy');
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };

const pod = (name: string, command: string, more: { annotations?: Record<string, string>; ports?: object[] } = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { 'app.kubernetes.io/name': name }, annotations: more.annotations },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: busybox, command: ['sh', '-c', command], ports: more.ports }],
  },
});

const metricsPage = [
  '# TYPE shop_orders_total counter',
  'shop_orders_total{method="card"} 41',
  'shop_orders_total{method="cash"} 1',
  '# TYPE shop_basket_size gauge',
  'shop_basket_size 7.5',
].join('\\n');

let stack: NodeStack;

beforeAll(async () => {
  stack = await NodeStack.start(stackObjects);
  await stack.cluster.apply([namespace]);
  await stack.cluster.apply(Testing.synth(shop));
  await stack.cluster.apply([
    pod('talker', 'i=0; while [ $i -lt 1000 ]; do echo "line $i of the talker"; i=$((i+1)); done; echo "it broke" >&2; sleep 3600'),
    pod('stranger', 'sleep 3600'),
    pod('exporter', `mkdir -p /tmp/w; printf '${metricsPage}\\n' >/tmp/w/metrics; httpd -f -p 9100 -h /tmp/w`, {
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100' },
      ports: [{ name: 'metrics', containerPort: 9100 }],
    }),
  ]);
  await stack.cluster.kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '-n', 'shop', '--timeout=120s']);
}, 900_000);

test('[node] the whole quickstart comes up from kubectl apply alone, every pod under its own security context', async () => {
  const pods: Manifest[] = JSON.parse(
    await stack.cluster.kubectl(['get', 'pods', '-A', '-l', 'app.kubernetes.io/part-of=observability', '-o', 'json']),
  ).items;
  const users = Object.fromEntries(
    pods.flatMap(({ metadata, status }) =>
      status.containerStatuses.map(({ name, user }: Manifest) => [
        `${metadata.labels['app.kubernetes.io/instance']}/${name}`,
        user.linux.uid,
      ]),
    ),
  );
  expect(users).toEqual({
    'clickhouse/clickhouse': 101,
    'clickhouse-schema/clickhouse-client': 101,
    'collector/otel-collector': 10001,
    'cluster-agent/otel-collector': 10001,
    'grafana/grafana': 472,
    'node-agent/otel-collector': 0,
    'prometheus-agent/otel-collector': 10001,
    'smoke-test/smoke-test': 101,
  });
});

test('[node] the smoke test passed, and its log says so', async () => {
  const log = await stack.cluster.kubectl(['logs', '-n', 'observability', '-l', 'app.kubernetes.io/instance=smoke-test', '--tail=-1']);
  expect(log).toMatch(
    /^Run [0-9a-f]{32}\. Hop 1 of 2: .*\nThe gateway took them\. Hop 2 of 2: .*\n(Not there yet: .*\n)*Passed: all three are in the store\.$/m,
  );
});

test('[node] what a container writes comes out of ClickHouse: every line once, with what Kubernetes knows of it', async () => {
  expect(await stack.count('otel_logs', "Pod = 'talker'", 1001)).toBe(1001);
  const rows = await stack.query(
    "SELECT Cluster, Namespace, Container, Node, LogAttributes['log.iostream'] AS stream, count() AS lines, uniqExact(Body) AS bodies FROM otel.otel_logs WHERE Pod = 'talker' GROUP BY ALL ORDER BY lines",
  );
  const where = { Cluster: 'prod-eu', Namespace: 'shop', Container: 'main', Node: 'node-a' };
  expect(rows).toEqual([
    { ...where, stream: 'stderr', lines: 1, bodies: 1 },
    { ...where, stream: 'stdout', lines: 1000, bodies: 1000 },
  ]);
});

test('[node] no collector collects what collectors write', async () => {
  expect(await stack.count('otel_logs', "Container = 'otel-collector'", 1, 1)).toBe(0);
});

test('[node] an annotated endpoint is scraped, once a round', async () => {
  await stack.count('otel_metrics_sum', "MetricName = 'shop_orders_total'", 4, 240);
  const orders = await stack.query(
    "SELECT ResourceAttributes['k8s.namespace.name'] AS namespace, ResourceAttributes['k8s.pod.name'] AS pod, Attributes['method'] AS method, max(Value) AS value, count() = uniqExact(TimeUnix) AS once FROM otel.otel_metrics_sum WHERE MetricName = 'shop_orders_total' GROUP BY ALL ORDER BY method",
  );
  expect(orders).toEqual([
    { namespace: 'shop', pod: 'exporter', method: 'card', value: 41, once: 1 },
    { namespace: 'shop', pod: 'exporter', method: 'cash', value: 1, once: 1 },
  ]);
  expect(await stack.count('otel_metrics_gauge', "MetricName = 'shop_basket_size' AND Value = 7.5", 1, 120)).toBeGreaterThan(0);
});

test('[node] the kubelet, the node, the API server, the cluster and the store give their metrics', async () => {
  const wanted: Record<string, string[]> = {
    otel_metrics_gauge: [
      'k8s.node.cpu.usage',
      'container.memory.working_set',
      'k8s.pod.phase',
      'k8s.deployment.available',
      'system.cpu.load_average.5m',
      'otelcol_exporter_queue_size',
      'k8s.volume.available',
      'ClickHouseMetrics_Query',
    ],
    otel_metrics_sum: [
      'k8s.pod.network.io',
      'system.cpu.time',
      'apiserver_request_total',
      'otelcol_receiver_accepted_log_records',
      'ClickHouseProfileEvents_InsertedRows',
    ],
  };
  for (const [table, names] of Object.entries(wanted)) {
    for (const name of names) {
      expect([name, (await stack.count(table, `MetricName = '${name}'`, 1, 240)) > 0]).toEqual([name, true]);
    }
  }
  const collectors = await stack.query(
    "SELECT DISTINCT ServiceName AS name FROM otel.otel_metrics_gauge WHERE MetricName = 'otelcol_exporter_queue_size' ORDER BY name",
  );
  expect(collectors.map(({ name }) => name)).toEqual(['cluster-agent', 'collector', 'node-agent', 'prometheus-agent']);
});

test('[node] events of the cluster are logs', async () => {
  expect(await stack.count('otel_logs', "LogAttributes['k8s.event.reason'] != ''", 1, 120)).toBeGreaterThan(0);
});

/** What an SDK does, by a shell: an OTLP request with the resource and to the endpoint that the environment names. */
async function sendLog(deployment: string): Promise<void> {
  const pods = (await stack.cluster.kubectl(['get', 'pods', '-n', 'shop', '-o', 'name'])).split('\n');
  const name = pods.find((line) => line.startsWith(`pod/${deployment}-`))?.slice('pod/'.length) ?? '';
  const request = (attributes: string) =>
    `{"resourceLogs":[{"resource":{"attributes":[${attributes}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"'$(date +%s)000000000'","severityNumber":9,"body":{"stringValue":"order placed"}}]}]}]}`;
  const script = `attributes=$(echo "$OTEL_RESOURCE_ATTRIBUTES" | tr ',' '\\n' | sed -E 's/([^=]*)=(.*)/{"key":"\\1","value":{"stringValue":"\\2"}}/' | tr '\\n' ',' | sed 's/,$//')
wget -q -O - --header 'content-type: application/json' --post-data '${request(`{"key":"service.name","value":{"stringValue":"'$OTEL_SERVICE_NAME'"}},'"$attributes"'`)}' "$OTEL_EXPORTER_OTLP_ENDPOINT/v1/logs"`;
  await stack.cluster.inPod('shop', name, ['timeout', '10', 'sh', '-c', script]);
}

test.each([
  ['gateway', 'checkout'],
  ['agent of its own node', 'basket'],
])("[node] an application's pod reaches the %s, and what it sends is its own", async (_where, deployment) => {
  await sendLog(deployment);
  expect(await stack.count('otel_logs', `ServiceName = '${deployment}'`, 1)).toBe(1);
  const [row] = await stack.query(
    `SELECT Namespace, Node, ResourceAttributes['service.namespace'] AS space, ResourceAttributes['team'] AS team, ResourceAttributes['service.version'] AS version, ResourceAttributes['k8s.deployment.name'] AS deployment, startsWith(Pod, '${deployment}-') AS own FROM otel.otel_logs WHERE ServiceName = '${deployment}'`,
  );
  expect(row).toEqual({ Namespace: 'shop', Node: 'node-a', space: 'shop', team: 'payments', version: '1.35', deployment, own: 1 });
});

test('[node] an unrelated pod reaches neither gateway nor store nor Grafana nor the agent of its node', async () => {
  for (const address of [
    'collector.observability:4318',
    'clickhouse.observability:8123',
    'grafana.observability:3000',
    'node-agent.observability-agents:4318',
  ]) {
    await expect(stack.cluster.inPod('shop', 'stranger', ['timeout', '4', 'wget', '-q', '-O', '-', `http://${address}/`])).rejects.toThrow(
      'status 143',
    );
  }
  expect(policies(stackObjects).length).toBeGreaterThan(10);
});

test('[node] no collector writes an error once all is up', async () => {
  const complaints: string[] = [];
  for (const [of, namespaceOf] of [
    ['collector', 'observability'],
    ['cluster-agent', 'observability'],
    ['prometheus-agent', 'observability'],
    ['node-agent', 'observability-agents'],
  ]) {
    const text = await stack.cluster.kubectl([
      'logs',
      '-n',
      namespaceOf,
      '-l',
      `app.kubernetes.io/instance=${of}`,
      '--since=60s',
      '--tail=-1',
    ]);
    complaints.push(
      ...text
        .split('\n')
        .filter((line) => /"level":"(error|warn)"/.test(line))
        .map((line) => `${of}: ${line.slice(0, 300)}`),
    );
  }
  expect(complaints).toEqual([]);
});

test('[node] a minute brings as many points of each source and of each collector itself as are estimated for a cluster of this shape, within 15 %', async () => {
  // The exporter of this test: three samples.
  const shape = { ...(await liveShape((args) => stack.cluster.kubectl(args))), annotatedTargets: 1, samplesPerTarget: 3 };
  const counted = await pointsAMinute((sql) => stack.query(sql));
  const metrics = observability.estimate(shape).sources.filter(({ signal }) => signal === 'metrics');
  const estimated = Object.fromEntries(metrics.map(({ collector, source, rowsPerMinute }) => [`${collector} / ${source}`, rowsPerMinute]));
  const deviations = Object.entries(estimated).map(([name, points]) => ({ name, points, counted: counted[name] ?? 0 }));
  console.log(`points a minute, counted and estimated for ${JSON.stringify(shape)}: ${JSON.stringify(deviations)}`);
  const { 'prometheus-agent / ClickHouseMetrics': _standIn, ...compared } = estimated;
  expect(Object.keys(counted).sort()).toEqual(Object.keys(compared).sort());
  const off = deviations.filter(({ name, points }) => name in compared && Math.abs(points / counted[name] - 1) > 0.15);
  expect(off).toEqual([]);
}, 300_000);
