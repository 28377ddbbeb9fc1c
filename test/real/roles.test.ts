import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Testing } from 'cdk8s';
import { ObservabilityChart } from '../../lib';
import { contents, node, nodeIsReady, podRuns, podsOf } from './cluster-contents';
import { declared, isOwn, ownUndeclared, seen } from './declared';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { Engine } from './harness/engine';
import { eventually } from './harness/program';
import { type Point, Receiver } from './received';
import { judgeRights } from './rights';
import { scrapeTargets, serve } from './scrape-targets';

// Each agent's synthesized configuration in the real collector, under its own account, on a real control plane; all at once, since each waits for its minute.
const chart = new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu', prometheusAgent: { shards: 2 } });
const objects: Manifest[] = Testing.synth(chart);
const rightsAndAccounts = ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

type Role = 'cluster-agent' | 'node-agent' | 'prometheus-agent';

let plane: ControlPlane;
let asked: Record<string, number>;
let storeMetrics: string;
let application: { name: string; uid: string };
const received = {} as Record<Role, Receiver>;
const collectors: Record<string, RealCollector> = {};

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.apply([...objects.filter(({ kind }) => rightsAndAccounts.includes(kind)), ...contents]);
  await Promise.all([nodeIsReady(plane), apiServerIsListed()]);
  application = await crashLoop();
  asked = await scrapeTargets(plane);
  storeMetrics = await store();
  for (const role of ['cluster-agent', 'node-agent', 'prometheus-agent'] as const) {
    received[role] = await Receiver.start();
  }
  await Promise.all([
    start('cluster-agent', 0),
    start('cluster-agent', 1),
    start('prometheus-agent', 0),
    start('prometheus-agent', 1),
    startNodeAgent(),
  ]);
  await eventually(
    'cluster state, and two scrapes of everything',
    async () =>
      points('cluster-agent', 'k8s.node.condition_ready').length > 0 &&
      scrapesBy('cluster-agent') > 1 &&
      scrapesBy('prometheus-agent') > 3 &&
      points('node-agent', 'system.cpu.time').length > 0,
    180,
  );
}, 300_000);

/** A control plane on the loopback does not list itself as an endpoint of its Service: a name stands for its address. */
async function apiServerIsListed(): Promise<void> {
  const { env } = await plane.inCluster('cluster-agent', 'observability');
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'FQDN',
    ports: [{ name: 'https', port: Number(env.KUBERNETES_SERVICE_PORT) }],
    endpoints: [{ addresses: ['apiserver.localhost'] }],
  };
  // Names in slices are deprecated.
  await plane.apply([slice], { warningsAsErrors: false });
}

async function crashLoop(): Promise<{ name: string; uid: string }> {
  const { metadata } = await eventually('the Deployment has its pod', async () => (await podsOf(plane, 'web'))[0]);
  const state = { waiting: { reason: 'CrashLoopBackOff' } };
  const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
  await podRuns(plane, metadata.name, '127.0.0.9', [
    { name: 'web', ready: false, restartCount: 3, image: 'busybox:1', imageID: 'x', containerID: 'containerd://1', state, lastState },
  ]);
  return metadata;
}

/** A pod of the store, and what it says: counters and gauges of a real engine, as a server writes them. */
async function store(): Promise<string> {
  const engine = await Engine.start();
  const tables = {
    ClickHouseMetrics_: ['gauge', 'system.metrics', 'metric'],
    ClickHouseProfileEvents_: ['counter', 'system.events', 'event'],
  };
  const lines: string[] = [];
  await engine.execute('CREATE TABLE t (n UInt8) ENGINE = MergeTree ORDER BY n; INSERT INTO t VALUES (1); SELECT * FROM t');
  for (const [prefix, [type, table, column]] of Object.entries(tables)) {
    for (const { name, value } of await engine.query(`SELECT ${column} AS name, value FROM ${table}`)) {
      lines.push(`# TYPE ${prefix}${name} ${type}`, `${prefix}${name} ${value}`);
    }
  }
  const address = '127.0.0.8';
  serve(address, 9363, () => `${lines.join('\n')}\n`);
  const { template } = objects.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'clickhouse')?.spec ?? {};
  const metadata = { name: 'clickhouse-0', namespace: 'observability', labels: template.metadata.labels };
  const { securityContext } = template.spec.containers[0];
  const container = { name: 'clickhouse', image: 'busybox:1', ports: [{ containerPort: 9363 }], securityContext };
  const spec = { securityContext: template.spec.securityContext, containers: [container] };
  await plane.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec }]);
  await podRuns(plane, metadata.name, address, [], { namespace: 'observability' });
  return lines.join('\n');
}

/** What a pod finds, its hosts file among it. */
async function prepare(role: Role, podName: string): Promise<RealCollector> {
  const namespace = role === 'node-agent' ? 'observability-agents' : 'observability';
  const { env, files } = await plane.inCluster(role, namespace);
  const collector = await RealCollector.prepare({
    container: containerOf(objects, role, 'otel-collector', { podName, nodeName: node }),
    addresses: received[role].addresses,
    inCluster: { env, files: { ...files, '/etc/hosts': '127.0.0.1 localhost apiserver.localhost pod.localhost\n' } },
  });
  collectors[podName] = collector;
  return collector;
}

async function start(role: Role, index: number): Promise<void> {
  await (await prepare(role, `${role}-${index}`)).start();
}

async function startNodeAgent(): Promise<void> {
  const agent = await prepare('node-agent', 'node-agent-x');
  write('observability_collector-0_1/otel-collector', ['stdout F of the stack itself']);
  write('observability_clickhouse-0_2/clickhouse', ['stdout F of the store']);
  write(applicationLog(), [...numbered(0, 1000), 'stderr P cut behind a space ', 'stderr F and completed']);
  await agent.start();
}

const applicationLog = () => `shop_${application.name}_${application.uid}/web`;
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `stdout F number ${from + index}`);

/** Lines as containerd writes them. */
function write(folder: string, lines: string[], file = '0.log'): void {
  const path = collectors['node-agent-x'].path(`/var/log/pods/${folder}/${file}`);
  mkdirSync(dirname(path), { recursive: true });
  const text = lines.map((line) => `2026-11-25T00:00:00.123456789Z ${line}\n`).join('');
  writeFileSync(path, '', { flag: 'a' });
  appendFileSync(path, text);
}

const points = (role: Role, metric: string) => received[role].points().filter((point) => point.metric === metric);
const scrapesBy = (role: Role) => points(role, 'up').length;
/** Lines of `seen` and `declared` begin with the name. */
const nameOf = (line: string) => line.slice(0, line.indexOf(' '));

/** Two replicas never ask at the same moment: a series that comes again within half a minute is there twice. */
function twice(all: Point[]): string[] {
  const series = new Map<string, Point[]>();
  for (const point of all.filter(({ metric }) => !isOwn(metric))) {
    const { metric, resource, attributes } = point;
    const key = JSON.stringify([metric, sorted(resource), sorted(attributes)]);
    series.set(key, [...(series.get(key) ?? []), point]);
  }
  return [...series].filter(([, of]) => shortestWait(of) < 30).map(([key]) => key);
}

const sorted = (attributes: Record<string, unknown>) => Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));

/** In seconds, between two points of what has one series. */
function shortestWait(all: Point[]): number {
  const times = all.map(({ time }) => Number(time) / 1e9).sort();
  return Math.min(...times.slice(1).map((time, index) => time - times[index]));
}

test.each([
  ['cluster-agent', () => chart.clusterAgent],
  ['node-agent', () => chart.nodeAgent],
  ['prometheus-agent', () => chart.prometheusAgent],
] as const)('what the %s says of itself is declared: name, instrument, unit and attributes', (role, agent) => {
  const points = received[role].points();
  expect(points.filter(({ metric }) => isOwn(metric)).length).toBeGreaterThan(10);
  expect(ownUndeclared(points, agent().metrics)).toEqual([]);
});

describe('[cluster-agent]', () => {
  test('gives exactly the metrics that it declares, as far as there is something to count', () => {
    const silent = [
      'aggregator_unavailable_apiservice',
      'apiserver_admission_webhook_fail_open_count',
      'apiserver_admission_webhook_rejection_count',
    ];
    const calm = ['apiserver_flowcontrol_rejected_requests_total', 'apiserver_request_terminations_total'];
    expect(seen(received['cluster-agent'].points())).toEqual(
      declared(chart.clusterAgent.metrics).filter((line) => ![...silent, ...calm].includes(nameOf(line))),
    );
  });

  test('its rights are enough, and none is left over', () => {
    expect(judgeRights(objects, 'cluster-agent', plane.auditOf('cluster-agent', 'observability'))).toEqual({ refused: [], unused: [] });
  });

  test('two replicas give everything once a minute', () => {
    expect(twice(received['cluster-agent'].points())).toEqual([]);
    for (const metric of ['k8s.node.condition_ready', 'up']) {
      expect(shortestWait(points('cluster-agent', metric))).toBeGreaterThan(50);
    }
  });

  test('a crash loop says its reason, why the last run ended and whose it is, and only reasons that hold are sent', () => {
    const [reason, ...others] = points('cluster-agent', 'k8s.container.status.reason').filter(({ time }, _, all) => time === all[0].time);
    expect(others).toEqual([]);
    expect(reason.attributes).toEqual({ 'k8s.container.status.reason': 'CrashLoopBackOff' });
    expect(reason.resource).toMatchObject({
      'k8s.container.status.last_terminated_reason': 'OOMKilled',
      'k8s.deployment.name': 'web',
      'k8s.namespace.name': 'shop',
      'k8s.node.name': node,
      'k8s.cluster.name': 'prod-eu',
    });
    expect(reason.resource).not.toHaveProperty('container.id');
  });

  test("an API server's metrics are few", () => {
    const scrapes = points('cluster-agent', 'up').length;
    const all = received['cluster-agent'].points().filter(({ resource }) => resource['service.name'] === 'kube-apiserver');
    expect(all.length / scrapes).toBeLessThan(120);
    expect(Object.keys(points('cluster-agent', 'apiserver_request_total')[0].attributes).sort()).toEqual(['code', 'verb']);
  });

  test('an event is a log record', async () => {
    const line = await eventually('the autoscaler complains', async () =>
      received['cluster-agent'].lines().find(({ attributes }) => attributes['k8s.event.reason'] === 'FailedGetResourceMetric'),
    );
    expect(line.resource).toMatchObject({
      'k8s.object.kind': 'HorizontalPodAutoscaler',
      'k8s.object.name': 'web',
      'k8s.cluster.name': 'prod-eu',
    });
  });

  test('when the replica that works is gone, the other one goes on, and tells no event again', async () => {
    const [lease] = (await plane.get('leases', 'observability')).filter(({ metadata }) => metadata.name === 'cluster-agent');
    const holder = ['cluster-agent-0', 'cluster-agent-1'].find((name) =>
      collectors[name].output().includes('Successfully acquired lease'),
    ) as string;
    await collectors[holder].kill();
    const killed = Date.now();
    await eventually(
      'another holds the lease',
      async () =>
        (await plane.get('leases', 'observability')).some(
          ({ metadata, spec }) => metadata.name === 'cluster-agent' && spec.holderIdentity !== lease.spec.holderIdentity,
        ),
      40,
    );
    console.log(`the lease was taken over after ${((Date.now() - killed) / 1000).toFixed(1)} s`);
    const before = points('cluster-agent', 'k8s.node.condition_ready').length;
    await eventually('cluster state comes again', async () => points('cluster-agent', 'k8s.node.condition_ready').length > before, 90);
    // What goes on is counted up by Kubernetes, and each count told once, whoever tells it.
    const events = received['cluster-agent'].lines().filter(({ attributes }) => attributes['k8s.event.uid'] !== undefined);
    const told = events.map(({ attributes }) => `${attributes['k8s.event.uid']} ${attributes['k8s.event.count']}`);
    expect(told.length).toBeGreaterThan(2);
    expect(told.filter((one, index) => told.indexOf(one) !== index)).toEqual([]);
  });
});

describe('[prometheus-agent]', () => {
  const podOf = ({ resource }: Point) => resource['k8s.pod.name'];

  test('asks each annotated target once a minute, whatever leads to it, and nobody else', () => {
    expect(Object.keys(asked).sort()).toEqual(['127.0.0.2 /m?module=cart', '127.0.0.3 /metrics']);
    expect(twice(received['prometheus-agent'].points())).toEqual([]);
    for (const pod of ['annotated', 'behind-two']) {
      expect(shortestWait(points('prometheus-agent', 'up').filter((point) => podOf(point) === pod))).toBeGreaterThan(50);
    }
  });

  test('gives what it declares of every scrape and of the store, and what targets say', () => {
    const ofTargets = ["shop_gone gauge '' []", "shop_requests_total sum '' [exported_service_name]"];
    const isSaid = (line: string) => !line.startsWith('ClickHouse') || storeMetrics.includes(`# TYPE ${nameOf(line)} `);
    const wanted = declared(chart.prometheusAgent.metrics).filter(isSaid);
    expect(wanted.filter((line) => line.startsWith('ClickHouse')).length).toBeGreaterThan(12);
    expect(seen(received['prometheus-agent'].points())).toEqual([...wanted, ...ofTargets].sort());
  });

  test('knows whose metrics they are', () => {
    const [point] = points('prometheus-agent', 'shop_requests_total').filter((one) => podOf(one) === 'annotated');
    expect(point.resource).toMatchObject({
      'service.name': 'annotated',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'annotated',
      'k8s.node.name': node,
      'k8s.cluster.name': 'prod-eu',
      'url.scheme': 'http',
    });
    expect(point.attributes).toEqual({ exported_service_name: 'another' });
  });

  test('the end of a series is no value', () => {
    expect(points('prometheus-agent', 'shop_gone').map(({ value, flags }) => [value, flags])).toEqual([
      [7, 0],
      [7, 0],
    ]);
  });

  test('its rights are enough, and none is left over', () => {
    expect(judgeRights(objects, 'prometheus-agent', plane.auditOf('prometheus-agent', 'observability'))).toEqual({
      refused: [],
      unused: [],
    });
  });
});

describe('[node-agent]', () => {
  const bodies = () => received['node-agent'].lines().map(({ body }) => body);

  test('host metrics are exactly those that it declares', () => {
    expect(seen(received['node-agent'].points())).toEqual(declared(chart.nodeAgent.metrics).filter((line) => line.startsWith('system.')));
    expect(points('node-agent', 'system.cpu.time')[0].resource).toEqual({ 'k8s.cluster.name': 'prod-eu', 'k8s.node.name': node });
  });

  test('each line comes once, whole, with the pod that wrote it; what the stack writes about collecting does not come', async () => {
    await eventually('all lines', async () => bodies().length >= 1002);
    expect(
      bodies()
        .filter((body) => body.startsWith('number'))
        .sort(),
    ).toEqual(
      numbered(0, 1000)
        .map((line) => line.slice('stdout F '.length))
        .sort(),
    );
    expect(
      bodies()
        .filter((body) => !body.startsWith('number'))
        .sort(),
    ).toEqual(['cut behind a space and completed', 'of the store']);
    const line = received['node-agent'].lines().find(({ body }) => body === 'cut behind a space and completed');
    expect(line).toMatchObject({ attributes: { 'log.iostream': 'stderr' }, time: '1795564800123456789' });
    expect(Object.keys(line?.attributes ?? {})).toEqual(['log.iostream']);
    expect(line?.resource).toMatchObject({
      'k8s.pod.name': application.name,
      'k8s.pod.uid': application.uid,
      'k8s.deployment.name': 'web',
      'k8s.container.name': 'web',
      'service.name': 'web',
      'k8s.node.name': node,
      'k8s.cluster.name': 'prod-eu',
    });
  });

  test('what is written while it is away is read when it is back, and nothing again', async () => {
    const agent = collectors['node-agent-x'];
    await agent.stop();
    write(applicationLog(), numbered(1000, 1500));
    write(applicationLog(), numbered(1500, 2000), '1.log');
    await agent.start();
    write(applicationLog(), numbered(2000, 2100));
    await eventually('all lines', async () => bodies().length >= 2102);
    await sleep(2000);
    expect(
      bodies()
        .filter((body) => body.startsWith('number'))
        .sort(),
    ).toEqual(
      numbered(0, 2100)
        .map((line) => line.slice('stdout F '.length))
        .sort(),
    );
  });

  test('its rights at the API server are enough, and none is left over; the kubelet is asked elsewhere', () => {
    const { refused, unused } = judgeRights(objects, 'node-agent', plane.auditOf('node-agent', 'observability-agents'));
    expect({ refused, unused }).toEqual({ refused: [], unused: ['get /nodes/pods', 'get /nodes/stats'] });
  });
});
