import { Query } from '../../lib/grafana/queries/query';
import { Aggregation, QueryShape } from '../../lib/grafana/queries/query-shape';
import { Spans } from '../../lib/grafana/queries/spans';
import { Instrument } from '../../lib/telemetry/instrument';
import { Metric } from '../../lib/telemetry/metric';
import { expand } from './expansion';
import { container, node, now, pod, Scenario, service } from './scenario';
import { Store } from './store';

let store: Store;
beforeAll(() => {
  store = Store.empty();
});
afterAll(() => store.close());

const counter = Metric.custom({ name: 'app.requests', instrument: Instrument.SUM, unit: '{request}', attributes: ['route'] });
const latency = Metric.custom({
  name: 'http.server.request.duration',
  instrument: Instrument.HISTOGRAM,
  unit: 's',
  attributes: ['http.route'],
});
const level = Metric.custom({ name: 'queue.length', instrument: Instrument.GAUGE, unit: '{item}' });

/** Answers as `labels: value`, over the last ten minutes. */
function ask(query: Query, shape = QueryShape.TABLE, interval = 120): string[] {
  const sql = expand(query._sql({ shape, variables: [] }), { from: now - 600, to: now, interval });
  return store
    .query(sql)
    .rows.map(({ time, value, ...labels }) =>
      `${[...(time ? [String(time).slice(11, 16)] : []), ...Object.values(labels)].join(' ')}: ${value === null ? 'nothing' : Number(value.toFixed(4))}`.trim(),
    );
}

const values = (answer: string[]) => [...new Set(answer.map((line) => line.split(': ')[1]))];

describe('rate', () => {
  // Two instances, ten a second each; one begins anew in between, and each point was sent twice.
  const restart = (minute: number) => 600 * (minute < -5 ? minute + 100 : minute + 6);
  const twoInstances = () => {
    const scenario = new Scenario();
    for (const [index, values] of [(minute: number) => 600 * (minute + 100), restart].entries()) {
      const resource = service('shop', 'shop', { 'service.instance.id': `i${index}` });
      scenario
        .sum('app.requests', resource, values, { attributes: { route: '/a' } })
        .sum('app.requests', resource, values, { attributes: { route: '/a' } });
    }
    return scenario;
  };

  test.each([60, 120, 180])('is that of all instances, over a restart and repeated points, in intervals of %s seconds', (interval) => {
    twoInstances().into(store);
    expect(values(ask(Query.rate(counter, ['route']), QueryShape.TIME_SERIES, interval))).toEqual(['20']);
  });

  test('over the whole range, and as an alert with its cluster', () => {
    twoInstances().into(store);
    expect(ask(Query.rate(counter, ['route']))).toEqual(['/a: 20']);
    expect(ask(Query.rate(counter), QueryShape.ALERT)).toEqual(['prod: 20']);
    expect(ask(Query.rate(counter))).toEqual([': 20']);
  });

  test('of points that hold what came since the last one', () => {
    new Scenario().sum('app.requests', service('shop'), 300, { delta: true, started: now - 3600 }).into(store);
    expect(values(ask(Query.rate(counter, ['service.name']), QueryShape.TIME_SERIES))).toEqual(['5']);
  });

  test('a counter that begins within the range counts from its start, and one that is merely seen for the first time does not', () => {
    const fresh = new Scenario().sum('app.requests', service('a'), (minute) => 60 * (minute + 5), { since: 4, started: now - 300 });
    fresh.sum('app.requests', service('b'), (minute) => 1_000_000 + 60 * (minute + 5), { since: 4 }).into(store);
    // 300 of a; 240 of b.
    expect(ask(Query.rate(counter, ['service.name']))).toEqual(['a: 0.5', 'b: 0.4']);
  });

  test('of a histogram: how often it was measured', () => {
    new Scenario().histogram(latency.name, service('shop'), [1], (minute) => [60 * (minute + 100), 0]).into(store);
    expect(ask(Query.rate(latency))).toEqual([': 1']);
  });

  test('nothing is no row, and no zero', () => {
    new Scenario().into(store);
    expect(ask(Query.rate(counter))).toEqual([]);
  });
});

test('an increase of a container counts a restart although an attribute of its resource changed with it', () => {
  const cart = container(pod('shop', 'cart', 0, 'node-1'), 'app');
  const killed = { ...cart, 'k8s.container.status.last_terminated_reason': 'OOMKilled' };
  new Scenario()
    .gauge('k8s.container.restarts', cart, 0, { until: 5 })
    .gauge('k8s.container.restarts', killed, 1, { since: 4 })
    .into(store);
  expect(ask(Query._increase(Metric.named('k8s.container.restarts'), ['k8s.container.name']))).toEqual(['app: 1']);
});

describe('latest', () => {
  test('the newest of each series, put together', () => {
    const scenario = new Scenario().gauge(level.name, service('a', 'shop', { 'service.instance.id': '1' }), (minute) => 10 + minute / 100);
    scenario
      .gauge(level.name, service('a', 'shop', { 'service.instance.id': '2' }), 30)
      .gauge(level.name, service('gone'), 7, { until: 6 })
      .into(store);
    expect(ask(Query.latest(level, ['service.name']))).toEqual(['a: 40']);
    expect(ask(Query.latest(level, ['service.name'], Aggregation.MAXIMUM))).toEqual(['a: 30']);
    expect(ask(Query.latest(level, [], Aggregation.AVERAGE), QueryShape.ALERT)).toEqual(['prod: 20']);
  });

  test('over time, without the interval that is still being written', () => {
    // The newest samples of one of two are on their way.
    new Scenario().gauge(level.name, service('a'), 10).gauge(level.name, service('b'), 10, { until: 1 }).into(store);
    expect(ask(Query.latest(level), QueryShape.TIME_SERIES)).toEqual(['11:50: 20', '11:52: 20', '11:54: 20', '11:56: 20']);
  });

  test('labels are called like the last word of their attribute, or by all words where two would be the same', () => {
    new Scenario().gauge(level.name, { ...service('a'), ...node('node-1'), 'db.system': 'pg', 'message.system': 'kafka' }, 1).into(store);
    const names = (by: string[]) => Query.latest(level, by)._labels(QueryShape.TABLE);
    expect(names(['k8s.node.name', 'service.name', 'db.system'])).toEqual(['node', 'service', 'system']);
    expect(names(['db.system', 'message.system'])).toEqual(['db_system', 'message_system']);
    expect(ask(Query.latest(level, ['k8s.node.name', 'db.system', 'message.system']))).toEqual(['node-1 pg kafka: 1']);
  });
});

describe('quantile', () => {
  // Each minute 20 more: 10 to 0.1 s, 5 to 0.5, 4 to 1, 1 to 2.5, none above.
  const buckets = (minute: number) => [10, 5, 4, 1, 0].map((count) => count * (minute + 100));
  const measured = () =>
    new Scenario().histogram(latency.name, service('shop'), [0.1, 0.5, 1, 2.5], buckets, { attributes: { 'http.route': '/a' } });

  test('interpolated within the bucket that holds the rank', () => {
    measured().into(store);
    expect(ask(Query.quantile(latency, 0.5, ['http.route']))).toEqual(['/a: 0.1']);
    // Rank 18 of 20 lies three quarters into the bucket of 4 that ends at 1.
    expect(ask(Query.quantile(latency, 0.9))).toEqual([': 0.875']);
    expect(values(ask(Query.quantile(latency, 0.99), QueryShape.TIME_SERIES))).toEqual(['2.2']);
  });

  test('over a restart, and with two instances', () => {
    const scenario = measured().histogram(
      latency.name,
      service('shop', 'shop', { 'service.instance.id': 'b' }),
      [0.1, 0.5, 1, 2.5],
      (minute) => buckets(minute < -5 ? minute : minute - 94),
      {
        attributes: { 'http.route': '/a' },
      },
    );
    scenario.into(store);
    expect(ask(Query.quantile(latency, 0.9), QueryShape.ALERT)).toEqual(['prod: 0.875']);
  });

  test('above the last bound it is the last bound, and without a measurement there is none', () => {
    new Scenario().histogram(latency.name, service('shop'), [1], (minute) => [0, minute + 100]).into(store);
    expect(ask(Query.quantile(latency, 0.9))).toEqual([': 1']);
    new Scenario().histogram(latency.name, service('shop'), [1], () => [5, 5]).into(store);
    expect(ask(Query.quantile(latency, 0.9))).toEqual([]);
  });
});

describe('spans', () => {
  beforeEach(() => {
    const scenario = new Scenario();
    for (let minute = -10; minute < 0; minute += 1) {
      for (let index = 0; index < 6; index += 1) {
        const more = {
          attributes: { 'http.route': index < 3 ? '/a' : '/b', 'app.tenant': 'blue' },
          milliseconds: 200,
          ...(index === 5 ? { error: 'no' } : {}),
        };
        scenario.span(minute + index / 60, service('checkout'), 'POST', more);
      }
      scenario
        .span(minute, service('checkout'), 'SELECT', { kind: 'Client' })
        .span(minute, service('rare'), 'GET', { error: 'no', traceState: 'ot=th:f' });
    }
    scenario.into(store);
  });

  test('requests a second, by route and by any attribute', () => {
    expect(ask(Spans.rate({ service: 'checkout', by: ['http.route'] }))).toEqual(['/a: 0.05', '/b: 0.05']);
    expect(ask(Spans.rate({ by: ['service.name', 'app.tenant'] }))).toEqual(['checkout blue: 0.1', 'rare : 0.2667']);
    expect(values(ask(Spans.rate({ service: 'checkout' }), QueryShape.TIME_SERIES))).toEqual(['0.1']);
  });

  test('the share that fails; as a rule not of a handful, however many it stands for', () => {
    expect(ask(Spans.errorRatio({ by: ['service.name'] }))).toEqual(['checkout: 0.1667', 'rare: 1']);
    expect(ask(Spans.errorRatio({ by: ['service.name'] }), QueryShape.ALERT)).toEqual(['prod checkout: 0.1667']);
  });

  test('how long they take', () => {
    expect(ask(Spans.duration(0.95, { service: 'checkout' }))).toEqual([': 0.2']);
  });
});

test('names of metrics, services and attributes cannot break out of the SQL, nor be taken for macros', () => {
  const evil = "'; DROP TABLE otel_logs; -- \\' $__fromTime ${cluster}";
  const metric = Metric.custom({ name: evil, instrument: Instrument.GAUGE, unit: '' });
  new Scenario()
    .gauge(evil, { ...service('a'), [evil]: 'found' }, 3)
    .span(-1, service(evil), 'GET')
    .into(store);
  expect(ask(Query.latest(metric, [evil]))).toEqual(['found: 3']);
  expect(ask(Spans.rate({ service: evil }))).toEqual([': 0.0017']);
});
