import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { sizing } from '../../lib/clickhouse/configuration/sizing';
import { usersConfiguration } from '../../lib/clickhouse/configuration/users-configuration';
import { ruleSql, watchdogName } from '../../lib/grafana/alert-rule';
import { shippedRules } from '../../lib/grafana/alerts/shipped-rules';
import { allPanels, dashboardModel } from '../../lib/grafana/dashboard';
import { shippedDashboards } from '../../lib/grafana/dashboards/shipped-dashboards';
import { Plugins } from '../../lib/grafana/plugin';
import { logs } from '../../lib/telemetry/tables/logs';
import { gauges, sums } from '../../lib/telemetry/tables/metrics';
import { traces } from '../../lib/telemetry/tables/traces';
import { expand } from './expansion';
import { healthy, now } from './scenario';
import { shippedPanelIds, shippedQueries } from './shipped';
import { dashboard, environment, manifests, provisioned, stack } from './stack';
import { Store } from './store';

/** What people report of Grafana in front of ClickHouse, and what keeps it from happening here. */

const models = shippedDashboards.map((each) => dashboardModel(each, 'otel') as any);
const panels = models.flatMap(({ panels: all }) =>
  all.flatMap((panel: any) => (panel.type === 'row' ? [panel, ...panel.panels] : [panel])),
);
const everySql = [
  ...shippedQueries().map(({ sql }) => sql),
  ...shippedRules.map(({ props }) => ruleSql(props)),
  ...models.flatMap(({ templating }) => templating.list.map(({ query }: any) => query)),
];

describe('data sources vanish after an upgrade, or without internet', () => {
  test.each([Plugins.fromGrafanaCom(), Plugins.fromUrl('https://mirror.acme.example/p.zip'), Plugins.inImage('acme.example/grafana:1')])(
    'bundled plugins are never updated in the pod',
    (plugins) => {
      expect(environment(manifests(stack({ plugins }))).GF_PLUGINS_PREINSTALL_AUTO_UPDATE).toBe('false');
    },
  );

  test('the plugin lies on the claim: only the first start needs it to be downloaded', () => {
    const all = manifests(stack());
    const { GF_PATHS_DATA, GF_PATHS_PLUGINS } = environment(all);
    expect(GF_PATHS_PLUGINS.startsWith(`${GF_PATHS_DATA}/`)).toBe(true);
    const { volumes, containers } = all.find(({ kind }) => kind === 'Deployment').spec.template.spec;
    const mount = containers[0].volumeMounts.find(({ mountPath }: any) => mountPath === GF_PATHS_DATA);
    expect(volumes.find(({ name }: any) => name === mount.name).persistentVolumeClaim).toEqual({ claimName: 'grafana' });
  });
});

describe('dashboards are slow', () => {
  let store: Store;
  beforeAll(() => {
    store = Store.empty(undefined, 512);
    fill(store);
  });
  afterAll(() => store.close());

  /** A day of some 120 blocks of rows in each large table. */
  function fill(into: Store): void {
    const rows = 'FROM numbers(60000)';
    const time = `toDateTime(${now} - 86400 + intDiv(number * 86400, 60000))`;
    const names = [
      ...new Set(
        everySql.flatMap((sql) => [...sql.matchAll(/MetricName (?:=|IN) \(?('[^)]*?')(?:\)|\s)/g)].flatMap(([, list]) => list.split(', '))),
      ),
    ];
    const resource =
      "map('k8s.cluster.name', 'prod', 'k8s.namespace.name', concat('ns', toString(number % 7)), 'k8s.node.name', concat('n', toString(number % 5)))";
    for (const table of [gauges, sums]) {
      into.run(
        `INSERT INTO otel.${table.name} (MetricName, ResourceAttributes, TimeUnix, Value) SELECT [${names.join(', ')}][1 + number % ${names.length}], ${resource}, ${time}, 1 ${rows}`,
      );
      into.run(`OPTIMIZE TABLE otel.${table.name} FINAL`);
    }
    into.run(
      `INSERT INTO otel.${logs.name} (Timestamp, ResourceAttributes, ServiceName, Body, SeverityNumber) SELECT ${time}, ${resource}, concat('s', toString(number % 7)), concat('line ', toString(number)), if(number % 50 = 0, 17, 9) ${rows}`,
    );
    into.run(
      `INSERT INTO otel.${traces.name} (Timestamp, ResourceAttributes, ServiceName, SpanName, SpanKind, Duration, StatusCode) SELECT ${time}, ${resource}, concat('s', toString(number % 7)), 'GET', if(number % 2 = 0, 'Server', 'Client'), 1000, if(number % 50 = 0, 'Error', 'Unset') ${rows}`,
    );
    into.run(`OPTIMIZE TABLE otel.${logs.name} FINAL`);
    into.run(`OPTIMIZE TABLE otel.${traces.name} FINAL`);
  }

  /** Blocks that are read of those that there are: of the large table that is read most of. */
  function share(sql: string): number {
    const plan = store.explain(
      expand(sql, {
        from: now - 3600,
        to: now,
        interval: 120,
        variables: { cluster: 'prod', namespace: '*', service: '*', severity: '*', search: '' },
      }),
    );
    const reads = plan.split('ReadFromMergeTree').slice(1);
    const shares = reads.map((read) => {
      const steps = [...read.matchAll(/Granules: (\d+)\/(\d+)/g)].map(([, left, all]) => ({ left: Number(left), all: Number(all) }));
      const all = Math.max(0, ...steps.map((step) => step.all));
      return all < 100 ? 0 : Math.min(...steps.map((step) => step.left)) / all;
    });
    return Math.max(0, ...shares);
  }

  test.each(shippedQueries().map(({ name, sql }) => [name, sql]))('%s leaves out what its hour does not hold', (_, sql) => {
    expect(share(sql)).toBeLessThanOrEqual(0.1);
  });

  test.each(shippedRules.map(({ props }) => [props.name, ruleSql(props)]))('%s too', (_, sql) => {
    expect(share(sql)).toBeLessThanOrEqual(0.1);
  });

  test('a query on the time alone does not', () => {
    expect(share(`SELECT count() FROM ${gauges.name} WHERE TimeUnix >= $__fromTime`)).toBeGreaterThan(0.1);
  });

  test('the search for words uses the index of words', () => {
    const lines = models[2].panels.find(({ title }: any) => title === 'Lines').targets[0].rawSql;
    const plan = store.explain(
      expand(lines, {
        from: now - 3600,
        to: now,
        variables: { cluster: 'prod', namespace: '*', service: '*', severity: '*', search: 'deadlock found' },
      }),
    );
    const [, index] = plan.split('Name: idx_body_words');
    expect(index).toMatch(/Granules: 0\//);
  });
});

test('a dashboard reads whole tables to learn the keys of attributes: never', () => {
  const [{ jsonData }] = provisioned(manifests(stack()), 'datasources.yaml').datasources;
  expect(jsonData.enableMapKeysDiscovery).toBe(false);
  expect(everySql.filter((sql) => /mapKeys|arrayJoin\(map/.test(sql))).toEqual([]);
});

test('tables, data source and queries disagree: all name the columns that the schema has', () => {
  const [{ jsonData }] = provisioned(manifests(stack()), 'datasources.yaml').datasources;
  expect('TimestampTime' in logs.columns).toBe(false);
  expect([jsonData.logs.otelVersion, jsonData.logs.defaultTable, jsonData.traces.defaultTable]).toEqual(['1.30.0', logs.name, traces.name]);
  expect(jsonData.logs.contextColumns.filter((column: string) => !(column in logs.columns))).toEqual([]);
  expect(everySql.filter((sql) => sql?.includes('TimestampTime'))).toEqual([]);
});

test('the data source is fine and every query fails: the reader may ask for as long as the plugin does', () => {
  const users = usersConfiguration('otel', sizing({ cpu: Cpu.units(2), memory: Size.gibibytes(4) }));
  const [{ jsonData }] = provisioned(manifests(stack()), 'datasources.yaml').datasources;
  const [, most] = /<constraints>[\s\S]*?<max>(\d+)<\/max>/.exec(users) ?? [];
  // The plugin adds some seconds to what it is told.
  expect(Number(jsonData.queryTimeout) + 5).toBeLessThanOrEqual(Number(most));
});

describe('one variable is enough to break out', () => {
  let store: Store;
  beforeAll(() => {
    store = Store.empty();
    healthy().into(store);
  });
  afterAll(() => store.close());

  const evil = ["' OR 1=1 --", "\\' OR 1=1 --", "prod') OR ('1'='1", "{prod,x'}", 'a\nb', '$__toTime', '${cluster}'];

  test.each(evil)('not %j, in any panel', (value) => {
    const variables = { cluster: value, namespace: [value, value], service: [value], severity: [value], search: value };
    for (const { sql, id } of shippedQueries()) {
      const { rows } = store.query(expand(sql, { from: now - 600, to: now, interval: 120, variables }));
      // Counts are there without rows too, and the store's own disks belong to no cluster.
      expect(id === 119 || rows.every((row) => row.value === undefined || Number(row.value) === 0)).toBe(true);
    }
  });
});

test('rules use what only dashboards have: none does, and all macros mean the same in all versions of the plugin', () => {
  for (const { props } of shippedRules) {
    expect(ruleSql(props)).not.toMatch(/\$\{|\$(?!__)/);
  }
  const macros = new Set(everySql.flatMap((sql) => [...(sql ?? '').matchAll(/\$__(\w+)/g)].map(([, name]) => name)));
  expect([...macros].filter((name) => !['fromTime', 'toTime', 'timeInterval', 'interval_s'].includes(name))).toEqual([]);
});

test('a folder is made twice: alert rules have one of their own', () => {
  const all = manifests(stack());
  const folders = provisioned(all, 'dashboards.yaml').providers.map(({ folder }: any) => folder);
  const alertFolders = provisioned(all, 'rules.yaml').groups.map(({ folder }: any) => folder);
  expect(folders.filter((folder: string) => alertFolders.includes(folder))).toEqual([]);
});

test('an outage of the store is one message: the others keep their state', () => {
  const rules = provisioned(manifests(stack()), 'rules.yaml').groups.flatMap(({ rules: all }: any) => all);
  expect(rules.filter(({ execErrState }: any) => execErrState === 'Alerting').map(({ title }: any) => title)).toEqual(['IngestionStopped']);
  expect(rules.filter(({ noDataState }: any) => noDataState !== 'OK').map(({ title }: any) => title)).toEqual(['IngestionStopped']);
});

test('logs panels freeze, and have no context: 500 lines, and the builder’s query beside the SQL', () => {
  const [{ rawSql, editorType, builderOptions }] = panels.find(({ type }: any) => type === 'logs').targets;
  expect(rawSql).toMatch(/LIMIT 500$/);
  expect([editorType, builderOptions.database, builderOptions.table]).toEqual(['builder', 'otel', logs.name]);
  expect(builderOptions.columns.filter(({ name }: any) => !(name in logs.columns))).toEqual([]);
});

describe('pages that one finds nothing on', () => {
  test('every panel has a title, a text of its own, and the data source by its uid', () => {
    for (const panel of panels.filter(({ type }) => type !== 'row')) {
      expect(panel.description.length).toBeGreaterThan(20);
      expect(panel.targets === undefined || panel.datasource.uid === 'obs-clickhouse').toBe(true);
    }
  });

  test('numbers are unique, panels do not overlap, and stay within 24 columns', () => {
    for (const { panels: all } of models) {
      const ids = all.flatMap((panel: any) => [panel.id, ...(panel.panels ?? []).map(({ id }: any) => id)]);
      expect(new Set(ids).size).toBe(ids.length);
      const cells = all.flatMap(({ gridPos: { x, y, w, h } }: any) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(all.every(({ gridPos: { x, w } }: any) => x + w <= 24)).toBe(true);
    }
    expect(new Set(shippedPanelIds()).size).toBe(shippedPanelIds().length);
  });

  test('links lead to pages that are there, with variables that these have', () => {
    const uids = new Map(shippedDashboards.map(({ uid, variables }) => [uid, variables as readonly string[]]));
    for (const url of panels.flatMap(({ fieldConfig }: any) => (fieldConfig?.defaults.links ?? []).map((link: any) => link.url))) {
      const [, uid, query] = /^\/d\/([\w-]+)\?(.*)$/.exec(url) ?? [];
      const variables = [...query.matchAll(/var-(\w+)=/g)].map(([, name]) => name);
      expect(variables.filter((name) => !uids.get(uid)?.includes(name))).toEqual([]);
    }
  });

  test('at most twelve queries on the first screen', () => {
    for (const { panels: all } of models) {
      expect(all.filter(({ targets }: any) => targets).length).toBeLessThanOrEqual(12);
    }
  });
});

describe('rules', () => {
  const folder = join(__dirname, '../../docs/runbooks');

  test('each has a panel that shows what it judges, and a runbook with what it means and what to type first', () => {
    for (const { props, shownOn } of shippedRules) {
      const page = shippedDashboards.find(({ uid }) => uid === shownOn.dashboard)!;
      expect(allPanels(page).map(({ id }) => id)).toContain(shownOn.panel);
      const text = readFileSync(join(folder, `${props.name}.md`), 'utf8');
      expect(text).toMatch(new RegExp(`^# ${props.name}\n`));
      expect(text).toMatch(/\n## What it means\n[\s\S]+\n## First\n[\s\S]+```sh\n[\s\S]+\n## Then\n/);
    }
  });

  test('no runbook is left over', () => {
    expect(readdirSync(folder).sort()).toEqual([...shippedRules.map(({ props }) => `${props.name}.md`), `${watchdogName}.md`].sort());
  });

  test('their uids fit, and are their own', () => {
    const uids = provisioned(manifests(stack()), 'rules.yaml').groups.flatMap(({ rules }: any) => rules.map(({ uid }: any) => uid));
    expect(new Set(uids).size).toBe(9);
    expect(uids.filter((uid: string) => !/^[a-z0-9-]{1,40}$/.test(uid))).toEqual([]);
  });

  test('what wakes somebody has its duration in the query: while the store is away a pending rule ripens on old data', () => {
    for (const { props } of shippedRules.filter(
      ({ props: { severity, whenFailing } }) => severity === 'critical' && whenFailing === undefined,
    )) {
      expect(props.pendingFor?.toMinutes() ?? 5).toBeLessThanOrEqual(5);
    }
  });
});

test('dashboards are what Grafana 11 to 13 read from files', () => {
  const model = dashboard(manifests(stack()), 'obs-cluster');
  expect(model).toMatchObject({ schemaVersion: 41, editable: false, timezone: 'browser' });
  expect(model.templating.list[0]).toMatchObject({ type: 'query', name: 'cluster', refresh: 2, datasource: { uid: 'obs-clickhouse' } });
});
