import { clusterPanels, logsPanels, servicesPanels } from '../../lib/grafana/dashboards/panel-ids';
import { expand } from './expansion';
import { collector, container, deployment, healthy, node, now, pod, type Scenario, service } from './scenario';
import { formats, type ShippedQuery, shippedQueries } from './shipped';
import { type Answer, Store } from './store';

let store: Store;
beforeAll(() => {
  store = Store.empty();
  everything().into(store);
});
afterAll(() => store.close());

const all = { cluster: 'prod', namespace: '*', service: '*', severity: '*', search: '' };
const byId = new Map(shippedQueries().map((query) => [query.id, query]));

/** The answer over the last ten minutes, in intervals of two. */
function ask(id: number, variables: Record<string, string | string[]> = {}): Answer {
  return store.query(expand(byId.get(id)!.sql, { from: now - 600, to: now, interval: 120, variables: { ...all, ...variables } }));
}

/** Values in the order of the columns, numbers rounded. */
const rows = (id: number, variables?: Record<string, string | string[]>) =>
  ask(id, variables).rows.map((row) => Object.values(row).map((value) => (typeof value === 'number' ? Number(value.toFixed(4)) : value)));

/** Series of the last whole interval, 11:56 to 11:58. */
const last = (id: number, variables?: Record<string, string | string[]>) => {
  const answer = rows(id, variables);
  return answer.filter(([time]) => time === answer[answer.length - 1][0]).map(([, ...rest]) => rest);
};

const events = 'github.com/open-telemetry/opentelemetry-collector-contrib/receiver/k8seventsreceiver';
const event = (reason: string, more = {}) => ({
  scope: events,
  attributes: { 'k8s.event.reason': reason, 'k8s.namespace.name': 'shop', ...more },
});

/** One of everything, in the cluster `prod`; another cluster, `edge`, must never show. */
function everything(): Scenario {
  const scenario = deployment(healthy(), 'shop', 'checkout', 3, 2);
  cluster(scenario);
  requests(scenario);
  lines(scenario);
  return scenario;
}

function cluster(scenario: Scenario): void {
  scenario.gauge('k8s.node.condition_ready', node('node-4'), 0).gauge('k8s.node.condition_ready', node('node-9', 'edge'), 0);
  // Two pods that wait: one that cannot get its image, one too young to count; one that is not ready; one of a Job.
  scenario
    .gauge('k8s.pod.phase', pod('shop', 'search', 0, 'node-1'), 1)
    .gauge('k8s.pod.phase', pod('shop', 'search', 1, 'node-1'), 1, { since: 3 });
  scenario.sum('k8s.container.status.reason', container(pod('shop', 'search', 0, 'node-1'), 'app'), 1, {
    attributes: { 'k8s.container.status.reason': 'ImagePullBackOff' },
  });
  scenario
    .gauge('k8s.pod.phase', pod('shop', 'cart', 0, 'node-1'), 2)
    .gauge('k8s.container.ready', container(pod('shop', 'cart', 0, 'node-1'), 'app'), 0);
  scenario.gauge('k8s.pod.phase', pod('shop', 'report', 0, 'node-1', 'prod', 'k8s.job.name'), 4);
  // Use and requests: 1.5 cores of shop, 0.25 of kube-system; what a finished pod asked for does not count.
  const use = (namespace: string, name: string, cores: number, bytes: number) => {
    const own = container(pod(namespace, name, 0, 'node-1'), 'app');
    scenario.gauge('container.cpu.usage', own, cores).gauge('container.memory.working_set', own, bytes);
    scenario
      .gauge('k8s.container.cpu_request', own, 3)
      .gauge('k8s.container.memory_request', own, 12e9)
      .gauge('k8s.pod.phase', pod(namespace, name, 0, 'node-1'), 2);
  };
  use('shop', 'cart', 1.5, 4e9);
  use('kube-system', 'coredns', 0.25, 1e9);
  scenario.gauge('k8s.container.cpu_request', container(pod('shop', 'report', 0, 'node-1'), 'app'), 100);
  const claim = { ...pod('shop', 'db', 0, 'node-1'), 'k8s.persistentvolumeclaim.name': 'data-db-0', 'k8s.volume.name': 'data' };
  scenario.gauge('k8s.volume.available', claim, 5).gauge('k8s.volume.capacity', claim, 20);
  // The container of cart was killed six minutes ago: its reason, an attribute of the resource, changed with the restart.
  const cart = container(pod('shop', 'cart', 0, 'node-1'), 'app');
  scenario.gauge('k8s.container.restarts', cart, 0, { until: 7 });
  scenario.gauge('k8s.container.restarts', { ...cart, 'k8s.container.status.last_terminated_reason': 'OOMKilled' }, 1, { since: 6 });
  scenario.log(-3, {}, 'Back-off restarting failed container', { severity: 13, ...event('BackOff') });
  scenario.log(-2.5, { 'k8s.cluster.name': 'prod' }, 'Back-off restarting failed container', { severity: 13, ...event('BackOff') });
  scenario.log(-3, { 'k8s.cluster.name': 'prod' }, '0/4 nodes are available', { severity: 13, ...event('FailedScheduling') });
  scenario.log(
    -8,
    { 'k8s.cluster.name': 'prod', 'k8s.object.kind': 'Deployment', 'k8s.object.name': 'checkout' },
    'Scaled up replica set',
    event('ScalingReplicaSet'),
  );
  const answered = (code: string, aMinute: number) =>
    scenario.sum(
      'apiserver_request_total',
      { 'k8s.cluster.name': 'prod', 'service.name': 'kube-apiserver' },
      (minute) => 10_000 + minute * aMinute,
      { attributes: { code } },
    );
  answered('200', 98);
  answered('503', 2);
}

function requests(scenario: Scenario): void {
  const checkout = service('checkout', 'shop', { 'service.version': '1.4.2' });
  // In each minute: 20 of 100 ms, of which a quarter is kept, 5 of one second that fail.
  for (let minute = -10; minute < 0; minute += 1) {
    for (let index = 0; index < 10; index += 1) {
      const failing = index >= 5;
      scenario.span(minute + index / 100, checkout, 'POST /orders', {
        milliseconds: failing ? 1000 : 100,
        ...(failing ? { error: 'card refused', trace: `trace${minute}` } : { traceState: 'ot=th:c' }),
        attributes: { 'http.route': '/orders', 'http.response.status_code': failing ? '500' : '200' },
      });
    }
    if (minute % 2 === 0) {
      scenario.span(minute, checkout, 'SELECT', {
        kind: 'Client',
        milliseconds: 20,
        attributes: { 'db.system.name': 'postgresql', 'server.address': 'db.shop' },
        traceState: 'ot=th:8',
      });
    }
    scenario.span(minute, { ...service('checkout'), 'k8s.cluster.name': 'edge' }, 'POST /orders', { error: 'far away' });
  }
}

function lines(scenario: Scenario): void {
  const cart = service('cart');
  for (let minute = -10; minute < 0; minute += 1) {
    scenario.log(minute, cart, `request ${1000 - minute} served`).log(minute, cart, `request ${2000 - minute} served`);
    scenario.log(minute, { ...cart, 'k8s.cluster.name': 'edge' }, 'far away', { severity: 17 });
  }
  scenario.log(-4, cart, 'Deadlock found when locking order 4711', { severity: 17, attributes: { 'db.table': 'orders' } });
  scenario.log(-3, cart, 'connection to 10.0.0.8 lost', { severity: 17 }).log(-100, cart, 'connection to 10.0.0.9 lost', { severity: 17 });
  scenario.log(-60 * 24 - 4, cart, 'connection to 10.0.0.7 lost', { severity: 17 });
  scenario.log(-2, cart, 'no severity here', { severity: 0 });
  for (const name of ['node-1', 'node-2', 'node-3']) {
    const agent = { ...collector('node-agent', `agent-${name}`), ...node(name) };
    scenario.sum('otelcol_receiver_accepted_log_records', agent, (minute) => (name === 'node-3' ? 5 : 1000 + minute), {
      attributes: { receiver: 'file_log/pods' },
    });
  }
}

describe('every panel', () => {
  test.each(shippedQueries().map((query) => [query.name, query] as const))('%s answers in the form that its kind takes', (_, query) => {
    const answer = ask(query.id);
    expect(answer.rows.length).toBeGreaterThan(0);
    expect(formProblems(query, answer)).toEqual([]);
  });

  test('is judged by its numbers below', () => {
    expect(Object.keys(expectations).map(Number).sort()).toEqual([...byId.keys()].sort());
  });
});

/** What the plugin and Grafana's panels ask of columns. */
function formProblems({ format, type }: ShippedQuery, { columns, rows: found }: Answer): string[] {
  const isText = (column: { type: string }) => /^(LowCardinality\()?String\)?$/.test(column.type);
  const isNumber = (column: { type: string }) => /^(U?Int\d+|Float64)$/.test(column.type);
  if (format === formats.series) {
    const [time, ...others] = columns;
    const times = found.map((row) => String(row.time));
    return [
      ...(time.name === 'time' && /^DateTime/.test(time.type) ? [] : ['the first column is no time']),
      ...(others.every((column) => isText(column) || isNumber(column)) && others.filter(isNumber).length === 1
        ? []
        : ['not texts and one number']),
      ...(JSON.stringify(times) === JSON.stringify([...times].sort()) ? [] : ['not in order of time']),
    ];
  }
  if (format === formats.logs) {
    return ['timestamp', 'body', 'level'].filter((name) => !columns.some((column) => column.name === name));
  }
  return type === 'table' || columns.some((column) => column.name === 'value' && isNumber(column)) ? [] : ['no number called value'];
}

/** By hand, from the rows above. */
const expectations: Record<number, () => void> = {
  [clusterPanels.nodesNotReady]: () => expect(rows(clusterPanels.nodesNotReady)).toEqual([[1]]),
  [clusterPanels.podsNotWell]: () => expect(rows(clusterPanels.podsNotWell)).toEqual([[2]]),
  [clusterPanels.unwellWorkloads]: () =>
    expect(rows(clusterPanels.unwellWorkloads)).toEqual([
      ['shop', 'Deployment', 'cart', 'not ready', 1],
      ['shop', 'Deployment', 'search', 'ImagePullBackOff', 1],
    ]),
  // Three nodes use one core each of four, and 6 of 16 GB.
  [clusterPanels.cpuUsed]: () => expect(rows(clusterPanels.cpuUsed)).toEqual([[0.25]]),
  [clusterPanels.memoryUsed]: () => expect(rows(clusterPanels.memoryUsed)).toEqual([[0.375]]),
  // Two pods ask for 3 cores of 12 and 12 GB of 48 each.
  [clusterPanels.requested]: () =>
    expect(rows(clusterPanels.requested)).toEqual([
      ['CPU', 0.5],
      ['memory', 0.5],
    ]),
  [clusterPanels.servicesFailing]: () => expect(rows(clusterPanels.servicesFailing)).toEqual([[1]]),
  [clusterPanels.newestData]: () =>
    expect(rows(clusterPanels.newestData)).toEqual([
      ['logs', 60],
      ['metrics', 0],
      ['traces', 60],
    ]),
  [clusterPanels.cpuByNamespace]: () =>
    expect(last(clusterPanels.cpuByNamespace)).toEqual([
      ['kube-system', 0.25],
      ['shop', 1.5],
    ]),
  [clusterPanels.memoryByNamespace]: () =>
    expect(last(clusterPanels.memoryByNamespace)).toEqual([
      ['kube-system', 1e9],
      ['shop', 4e9],
    ]),
  [clusterPanels.warningEvents]: () =>
    expect(last(clusterPanels.warningEvents)).toEqual([
      ['BackOff', 1],
      ['FailedScheduling', 1],
    ]),
  [clusterPanels.queues]: () => expect(rows(clusterPanels.queues)).toEqual([['collector', 'clickhouse', 'logs', 0.01]]),
  [clusterPanels.storeDisk]: () => {
    const [[, disk, value]] = rows(clusterPanels.storeDisk);
    expect(disk).toBe('default');
    expect(value > 0 && value < 1).toBe(true);
  },
  [clusterPanels.fullestNodeDisks]: () =>
    expect(rows(clusterPanels.fullestNodeDisks)).toEqual([
      ['node-1', 0.4],
      ['node-2', 0.4],
      ['node-3', 0.4],
    ]),
  [clusterPanels.fullestClaims]: () => expect(rows(clusterPanels.fullestClaims)).toEqual([['shop/data-db-0', 0.75]]),
  [clusterPanels.restarts]: () => expect(rows(clusterPanels.restarts)).toEqual([['shop', 'cart', 'app', 1, 'OOMKilled']]),
  [clusterPanels.changes]: () =>
    expect(rows(clusterPanels.changes).map(([, ...rest]) => rest)).toEqual([
      ['shop', 'Deployment', 'checkout', 'ScalingReplicaSet', 'Scaled up replica set'],
    ]),
  [clusterPanels.apiServer]: () => expect(rows(clusterPanels.apiServer)).toEqual([[0.98]]),
  // 250 requests in 600 seconds, a fifth of them failed.
  [servicesPanels.services]: () => {
    const [[namespace, name, rate, errors, p50, p95, p99], ...more] = rows(servicesPanels.services);
    expect([namespace, name, rate, errors, more]).toEqual(['shop', 'checkout', 0.4167, 0.2, []]);
    expect([p50, p95, p99]).toEqual([0.1, 1, 1]);
  },
  [servicesPanels.requests]: () => expect(last(servicesPanels.requests)).toEqual([['checkout', 0.4167]]),
  [servicesPanels.errors]: () => expect(last(servicesPanels.errors)).toEqual([['checkout', 0.2]]),
  [servicesPanels.duration]: () =>
    expect(last(servicesPanels.duration)).toEqual([
      ['p50', 0.1],
      ['p95', 1],
      ['p99', 1],
    ]),
  [servicesPanels.operations]: () =>
    expect(rows(servicesPanels.operations)).toEqual([['checkout', 'POST /orders', '/orders', 0.4167, 0.2, 1, 1]]),
  [servicesPanels.statusCodes]: () =>
    expect(last(servicesPanels.statusCodes)).toEqual([
      ['200', 0.3333],
      ['500', 0.0833],
    ]),
  [servicesPanels.versions]: () => expect(last(servicesPanels.versions)).toEqual([['checkout', '1.4.2', 0.2]]),
  [servicesPanels.newestErrors]: () =>
    expect(
      rows(servicesPanels.newestErrors).map(([name, operation, message, count, , trace]) => [name, operation, message, count, trace]),
    ).toEqual([['checkout', 'POST /orders', 'card refused', 50, 'trace-1']]),
  [servicesPanels.dependencies]: () =>
    expect(rows(servicesPanels.dependencies)).toEqual([['checkout', 'postgresql db.shop', 0.0167, 0, 0.02]]),
  [logsPanels.volume]: () => {
    expect(last(logsPanels.volume, { service: ['cart'] })).toEqual([
      ['error', 2],
      ['info', 4],
    ]);
  },
  [logsPanels.errors]: () =>
    expect(rows(logsPanels.errors, { service: ['cart'] })).toEqual([
      ['now', 0.2],
      ['a day ago', 0.1],
    ]),
  // One of 23 lines.
  [logsPanels.withoutSeverity]: () => expect(rows(logsPanels.withoutSeverity, { service: ['cart'] })).toEqual([[0.0435]]),
  [logsPanels.lines]: () => {
    const [newest] = ask(logsPanels.lines, { severity: ['error', 'fatal'] }).rows;
    expect([newest.body, newest.level, newest.ServiceName, newest.Workload ?? '']).toEqual([
      'connection to 10.0.0.8 lost',
      'error',
      'cart',
      '',
    ]);
  },
  [logsPanels.newPatterns]: () =>
    expect(rows(logsPanels.newPatterns).map(([name, line, count, , example]) => [name, line, count, example])).toEqual([
      ['cart', 'Deadlock found when locking order #', 1, 'Deadlock found when locking order 4711'],
    ]),
  [logsPanels.topPatterns]: () =>
    expect(rows(logsPanels.topPatterns, { service: ['cart'] })[0].slice(0, 4)).toEqual(['cart', 'request # served', 20, 0.8696]),
  [logsPanels.byWorkload]: () => expect(rows(logsPanels.byWorkload)[0]).toEqual(['shop/cart', 23]),
  [logsPanels.nodes]: () => expect(rows(logsPanels.nodes).map(([name]) => name)).toEqual(['node-3']),
};

describe('by hand', () => {
  test.each(Object.keys(expectations).map((id) => [byId.get(Number(id))!.name, Number(id)] as const))('%s', (_, id) => {
    expectations[id]();
  });
});
