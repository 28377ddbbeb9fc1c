import { readFileSync } from 'node:fs';
import { Duration } from 'cdk8s';
import { migrations, schemaVersion } from '../../lib/clickhouse/schema/migrations';
import { schemaStatements, schemaText } from '../../lib/clickhouse/schema/schema';
import { tables } from '../../lib/telemetry/tables';
import { Engine } from '../engine/engine';

const target = { database: 'otel', owner: 'default' };
let engine: Engine;

const bringUp = (retention = {}) => {
  for (const statement of schemaStatements(target, retention)) {
    engine.run(statement);
  }
};
/** Everything that the engine knows of the tables: definitions, columns, changes under way. */
const state = () => ({
  tables: engine.rows("SELECT name, create_table_query FROM system.tables WHERE database = 'otel' ORDER BY name"),
  mutations: engine.rows("SELECT table, mutation_id FROM system.mutations WHERE database = 'otel' ORDER BY ALL"),
  migrations: engine.rows('SELECT * FROM otel.schema_migrations'),
});
const waitFor = async (query: string, expected: number) => {
  for (let tries = 0; tries < 100 && engine.value(query) !== expected; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(engine.value(query)).toBe(expected);
};

beforeEach(() => {
  engine = Engine.bare();
});
afterEach(() => engine.close());

test('an empty store gets every table and view, and then its version', () => {
  bringUp();
  const there = engine.rows<{ name: string }>("SELECT name FROM system.tables WHERE database = 'otel'").map(({ name }) => name);
  expect(there.sort()).toEqual(
    ['schema_migrations', ...tables.flatMap(({ name, views = [] }) => [name, ...views.map((view) => view.name)])].sort(),
  );
  expect(engine.value('SELECT max(version) FROM otel.schema_migrations')).toBe(schemaVersion);
});

test('a second run changes nothing', () => {
  bringUp();
  const before = state();
  bringUp();
  expect(state()).toEqual(before);
});

test('a run that ended half way is completed by the next', () => {
  const statements = schemaStatements(target);
  for (const statement of statements.slice(0, Math.floor(statements.length / 2))) {
    engine.run(statement);
  }
  expect(engine.value('SELECT count() FROM otel.schema_migrations')).toBe(0);
  bringUp();
  expect(engine.value('SELECT max(version) FROM otel.schema_migrations')).toBe(schemaVersion);
});

test('a shorter retention frees what is older at once, a longer one keeps what is there', async () => {
  bringUp({ logs: Duration.days(30) });
  engine.run("INSERT INTO otel.otel_logs (Timestamp, Body) SELECT now64(9) - INTERVAL number DAY, 'line' FROM numbers(20)");
  const expires =
    "SELECT dateDiff('day', today(), max(delete_ttl_info_max)) FROM system.parts WHERE database = 'otel' AND table = 'otel_logs' AND active AND rows > 0";
  expect(engine.value(expires)).toBe(30);
  bringUp({ logs: Duration.days(60) });
  await waitFor(expires, 60);
  bringUp({ logs: Duration.hours(229) });
  await waitFor('SELECT count() FROM otel.otel_logs', 10);
}, 30_000);

describe('versions', () => {
  /** What a release of each version made. A changed table needs a migration, a new version and a file of it here; files of released versions stay as they are. */
  const released = (version: number) => readFileSync(`${__dirname}/released/schema-${version}.sql`, 'utf8');

  test('rise by one', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_migration, index) => index + 1));
  });

  test('the newest is recorded', () => {
    expect(schemaText(target)).toBe(released(schemaVersion));
  });

  test.each(migrations)('a store of version $version becomes the same as a new one', ({ version }) => {
    bringUp();
    const fresh = state().tables;
    engine.run('DROP DATABASE otel SYNC');
    for (const statement of released(version).split(/;\n+/).filter(Boolean)) {
      engine.run(statement);
    }
    bringUp();
    expect(state().tables).toEqual(fresh);
    expect(engine.value('SELECT max(version) FROM otel.schema_migrations')).toBe(schemaVersion);
  });
});

test('retention is that of the signal, and small tables have their own', () => {
  bringUp({ logs: Duration.days(3), traces: Duration.hours(5), metrics: Duration.days(400) });
  const ttl = (table: string) =>
    / TTL (.*?) SETTINGS/.exec(
      engine.value(`SELECT create_table_query FROM system.tables WHERE database = 'otel' AND name = '${table}'`),
    )?.[1];
  expect(ttl('otel_logs')).toBe('toDateTime(Timestamp) + toIntervalDay(3)');
  expect(ttl('otel_traces')).toBe('toDateTime(Timestamp) + toIntervalSecond(18000)');
  expect(ttl('otel_traces_trace_id_ts')).toBe('Start + toIntervalSecond(18000)');
  expect(ttl('otel_metrics_summary')).toBe('TimeUnix + toIntervalDay(400)');
  expect(ttl('red_1m')).toBe('Time + toIntervalDay(400)');
  expect(ttl('values_1d')).toBe('Day + toIntervalDay(60)');
});

test('a batch that is sent again is stored once, in its table and in what views feed', () => {
  bringUp();
  const pod =
    "{'k8s.cluster.name': 'prod', 'k8s.namespace.name': 'shop', 'k8s.job.name': 'report-28391040', 'k8s.pod.name': 'report-28391040-x2x'}";
  for (let sent = 0; sent < 3; sent++) {
    engine.run(
      `INSERT INTO otel.otel_logs (Timestamp, Body, SeverityNumber, ServiceName, ResourceAttributes) VALUES ('2040-01-02 10:00:01', 'Deadlock 2636646e', 17, 'report', ${pod}), ('2040-01-02 10:00:59', 'fine', 9, 'report', ${pod})`,
    );
    engine.run(
      `INSERT INTO otel.otel_traces (Timestamp, TraceId, SpanKind, SpanName, StatusCode, Duration, ServiceName, ResourceAttributes, SpanAttributes) VALUES ('2040-01-02 10:00:01', 'a1', 'Server', 'GET', 'Error', 2000, 'shop', ${pod}, {'http.route': '/cart'}), ('2040-01-02 10:00:02', 'a1', 'Client', 'SELECT', 'Unset', 1000, 'shop', ${pod}, {})`,
    );
  }
  expect(
    engine.rows('SELECT Cluster, Namespace, WorkloadKind, Workload, Pod, IsError, BodyWords FROM otel.otel_logs ORDER BY Timestamp'),
  ).toEqual([
    {
      Cluster: 'prod',
      Namespace: 'shop',
      WorkloadKind: 'Job',
      Workload: 'report',
      Pod: 'report-28391040-x2x',
      IsError: true,
      BodyWords: ['deadlock'],
    },
    {
      Cluster: 'prod',
      Namespace: 'shop',
      WorkloadKind: 'Job',
      Workload: 'report',
      Pod: 'report-28391040-x2x',
      IsError: false,
      BodyWords: ['fine'],
    },
  ]);
  expect(
    engine.rows(
      'SELECT Cluster, Workload, SeverityNumber, sum(Lines) AS n, sum(Bytes) AS bytes FROM otel.logs_volume_1m GROUP BY ALL ORDER BY SeverityNumber',
    ),
  ).toEqual([
    { Cluster: 'prod', Workload: 'report', SeverityNumber: 9, n: 1, bytes: 4 },
    { Cluster: 'prod', Workload: 'report', SeverityNumber: 17, n: 1, bytes: 17 },
  ]);
  expect(
    engine.rows(
      'SELECT Route, sum(Calls) AS calls, sum(Errors) AS errors, quantilesTDigestWeightedMerge(0.5, 0.9, 0.95, 0.99)(Quantiles) AS quantiles FROM otel.red_1m GROUP BY Route',
    ),
  ).toEqual([{ Route: '/cart', calls: 1, errors: 1, quantiles: [2000, 2000, 2000, 2000] }]);
  expect(engine.rows('SELECT * FROM otel.otel_traces_trace_id_ts')).toEqual([
    { TraceId: 'a1', Start: '2040-01-02 10:00:01', End: '2040-01-02 10:00:02' },
  ]);
  expect(engine.rows('SELECT Signal, Cluster, Workload, sum(Rows) AS n FROM otel.values_1d GROUP BY ALL ORDER BY Signal')).toEqual([
    { Signal: 'logs', Cluster: 'prod', Workload: 'report', n: 2 },
    { Signal: 'traces', Cluster: 'prod', Workload: 'report', n: 2 },
  ]);
});

test.each([
  ['', 1],
  ['ot=th:0', 1],
  ['ot=th:8', 2],
  ['ot=th:c', 4],
  ['vendor=a,ot=rv:0123456789abcd;th:e', 8],
  ['vendor=a, ot=th:ff;rv:0123456789abcd,other=b', 256],
  ['ot=rv:0123456789abcd', 1],
  ['vendor=th:c,not=th:c', 1],
  // Says that it is one of 72 thousand million millions.
  ['ot=th:ffffffffffffff', 1_000_000],
])('a span whose tracestate is %j stands for %d', (traceState, count) => {
  bringUp();
  engine.run(
    `INSERT INTO otel.otel_traces (Timestamp, TraceState, SpanKind, StatusCode, Duration) VALUES ('2040-01-02 10:00:01', '${traceState}', 'Server', 'Error', 2000), ('2040-01-02 10:00:02', '', 'Server', 'Unset', 1000)`,
  );
  expect(
    engine.rows('SELECT sum(Spans) AS spans, sum(Calls) AS calls, sum(Errors) AS errors, sum(DurationSum) AS time FROM otel.red_1m'),
  ).toEqual([{ spans: 2, calls: count + 1, errors: count, time: 2000 * count + 1000 }]);
});

test('quantiles are of what spans stand for', () => {
  bringUp();
  engine.run(
    "INSERT INTO otel.otel_traces (Timestamp, TraceState, SpanKind, Duration) SELECT '2040-01-02 10:00:01', if(number < 4, 'ot=th:f', ''), 'Server', if(number < 4, 100, 900) FROM numbers(20)",
  );
  expect(engine.value('SELECT quantilesTDigestWeightedMerge(0.5, 0.9, 0.95, 0.99)(Quantiles)[1] FROM otel.red_1m')).toBe(100);
});

test('a series is one number, in whatever order its labels come', () => {
  bringUp();
  engine.run(
    "INSERT INTO otel.otel_metrics_sum (MetricName, TimeUnix, Attributes, Value) VALUES ('m', '2040-01-02 10:00:00', {'a': '1', 'b': '2'}, 1), ('m', '2040-01-02 10:01:00', {'b': '2', 'a': '1'}, 2), ('m', '2040-01-02 10:01:00', {'a': '1'}, 3)",
  );
  expect(
    engine
      .rows('SELECT SeriesId, count() AS points FROM otel.otel_metrics_sum GROUP BY SeriesId ORDER BY points')
      .map(({ points }) => points),
  ).toEqual([1, 2]);
});

test('searches and errors are answered from indexes and key, in the form that the tables ask for', () => {
  bringUp();
  engine.run(
    "INSERT INTO otel.otel_logs (Timestamp, Body, SeverityNumber, ServiceName, TraceId, LogAttributes) SELECT toDateTime64('2040-01-02 10:00:00', 9) + number / 27, if(number = 77777, 'deadlock 2636646e', concat('line ', toString(number))), if(number % 1000 = 0, 17, 9), 's', if(number = 77777, 'abc', ''), map('id', toString(number)) FROM numbers(200000)",
  );
  engine.run('OPTIMIZE TABLE otel.otel_logs FINAL');
  const granules = (where: string) => {
    const plan = engine
      .rows<{ explain: string }>(`EXPLAIN indexes = 1 SELECT count() FROM otel.otel_logs WHERE ${where}`)
      .map(({ explain }) => explain);
    return Number(/Granules: (\d+)\/\d+/.exec(plan.filter((line) => line.includes('Granules')).at(-1) ?? '')?.[1]);
  };
  expect(granules('1')).toBeNaN();
  expect(granules("has(BodyWords, 'deadlock')")).toBe(1);
  expect(granules("hasToken(lower(Body), '2636646e')")).toBeLessThan(5);
  expect(granules("TraceId = 'abc'")).toBeLessThan(3);
  expect(granules("LogAttributes['id'] = '77777'")).toBeLessThan(3);
  expect(granules('IsError')).toBeLessThan(7);
});
