import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { type AlertRuleProps, RuleState, Severity } from '../../lib/grafana/alert-rule';
import { ContactPoint } from '../../lib/grafana/contact-point';
import type { DashboardProps } from '../../lib/grafana/dashboard';
import type { GrafanaStackProps } from '../../lib/grafana/grafana-stack';
import { Panel, type PanelProps } from '../../lib/grafana/panel';
import { Plugins } from '../../lib/grafana/plugin';
import { Query } from '../../lib/grafana/queries/query';
import { Aggregation, QueryShape } from '../../lib/grafana/queries/query-shape';
import { Spans } from '../../lib/grafana/queries/spans';
import { Match, Route } from '../../lib/grafana/route';
import { SecretKey } from '../../lib/kubernetes/secret-key';
import { Metric } from '../../lib/telemetry/metric';
import { stack } from './stack';

const panel: PanelProps = { title: 'Requests', description: 'A second.', query: Spans.rate() };
const dashboard: DashboardProps = { uid: 'mine', title: 'Mine', panels: [Panel.timeSeries(panel)] };
const rule: AlertRuleProps = {
  name: 'Mine',
  severity: Severity.WARNING,
  summary: 'Bad.',
  runbook: 'https://acme.example/x',
  query: Spans.rate(),
  above: 1,
};
const cpu = Metric.named('container.cpu.usage');

/** What each call complains of: the place, and where it is not plain, what is allowed. */
const complaints: [string, () => unknown, ...string[]][] = [
  ['a stack', () => stack({ clickhouse: {} } as never), 'GrafanaStack test/Grafana', 'clickhouse: given'],
  [
    'a stack',
    () => stack({ producers: [{}], onCall: 5, url: 'grafana', storage: { size: Size.mebibytes(1), storageClass: 'Big!' } } as never),
    'producers[0]',
    'onCall',
    'url',
    'storage.size',
    'storage.storageClass',
  ],
  [
    'a stack',
    () =>
      stack({
        plugins: 'yes',
        runbookBaseUrl: 'docs',
        clients: ['me'],
        removedAlertRules: [''],
        name: 'A',
        namespace: '-',
        networkPolicies: 'no',
        images: 1,
        resources: {},
      } as never),
    'plugins',
    'runbookBaseUrl',
    'clients[0]',
    'removedAlertRules[0]',
    'name',
    'namespace',
    'networkPolicies',
    'images',
    'resources.cpu',
    'resources.memory',
  ],
  [
    'a stack',
    () => stack({ url: 'https://acme.example/grafana' }),
    `url: given "https://acme.example/grafana"`,
    'without a path: give Grafana a host of its own',
  ],
  ['a stack', () => stack({ url: 'https://acme.example?orgId=1' }), 'without a path'],
  ['a stack', () => stack({ dashbords: [] } as never), 'a property that does not exist'],
  [
    'a dashboard',
    () => stack().grafana.addDashboard({ ...dashboard, uid: 'with space', title: '', folder: 'a/b', variables: ['pod'] } as never),
    'addDashboard(with space) uid',
    'title',
    'folder',
    'variables[0]',
  ],
  [
    'a dashboard',
    () => stack().grafana.addDashboard({ ...dashboard, panels: [{}], rows: [{ title: 1 }] } as never),
    'panels[0]',
    'rows[0].title',
    'rows[0].panels',
  ],
  ['a dashboard', () => stack().grafana.addDashboard({ ...dashboard, panels: [] }), 'given no panel'],
  [
    'a dashboard',
    () => stack().grafana.addDashboard({ ...dashboard, uid: 'obs-logs', title: 'Logs' }),
    'which is the dashboard "Logs"',
    'which another dashboard of the folder "Observability" has',
  ],
  ['a dashboard', () => stack().grafana.addDashboard(undefined as never), 'addDashboard()'],
  [
    'a rule',
    () =>
      stack().grafana.addAlertRule({
        ...rule,
        name: '!',
        severity: 'page',
        summary: 'x ${HOME}',
        description: '',
        runbook: 'wiki',
      } as never),
    'name',
    'severity',
    'without `${`',
    'description',
    'runbook',
  ],
  [
    'a rule',
    () =>
      stack().grafana.addAlertRule({
        ...rule,
        query: 'SELECT 1',
        above: 'one',
        pendingFor: Duration.days(2),
        window: Duration.seconds(1),
        unless: 1,
      } as never),
    'query',
    'above',
    'pendingFor',
    'window',
    'unless',
  ],
  [
    'a rule',
    () =>
      stack().grafana.addAlertRule({
        ...rule,
        labels: { severity: 'x', 'a-b': 'y', ok: '' },
        whenEmpty: 'fine',
        whenFailing: 'NoData',
      } as never),
    'labels (the name)',
    'labels.ok',
    'whenEmpty',
    'whenFailing',
  ],
  ['a rule', () => stack().grafana.addAlertRule({ ...rule, name: 'KubeNodeNotReady' }), 'which another rule is called'],
  ['a rule', () => stack().grafana.addAlertRule({ ...rule, name: 'Watchdog' }), 'which another rule is called'],
  [
    'a rule',
    () => stack().grafana.addAlertRule({ ...rule, query: Query.sql({ sql: 'SELECT 1', shape: QueryShape.LOGS }) }),
    'a query of shape logs; allowed: one of shape alert',
  ],
  [
    'a rule',
    () => stack().grafana.addAlertRule({ ...rule, unless: Spans.rate({ by: ['http.route'] }) }),
    'with the labels route, which the rule',
  ],
  [
    'a rule',
    () => stack().grafana.addAlertRule({ ...rule, unless: Query.sql({ sql: 'SELECT 1', shape: QueryShape.ALERT }) }),
    'whose labels are not known',
  ],
  [
    'a panel',
    () =>
      Panel.timeSeries({ ...panel, title: '', description: ' ', query: 'SELECT 1', unit: '', columnUnits: { a: 1 }, width: 25 } as never),
    'Panel.timeSeries',
    'title',
    'description',
    'query',
    'unit',
    'columnUnits.a',
    'width',
  ],
  [
    'a panel',
    () => Panel.stat({ ...panel, thresholds: { warning: 1, critical: 1 }, link: 'javascript:alert(1)', options: 'x' } as never),
    'two different values',
    'link',
    'options',
  ],
  [
    'a panel',
    () => Panel.table({ ...panel, query: Query.sql({ sql: 'SELECT 1', shape: QueryShape.TIME_SERIES }) }),
    'a query of shape timeseries; allowed: one of shape table',
  ],
  ['a panel', () => Panel.json({ title: 'No type' }), 'Panel.json', 'type'],
  ['a panel', () => Panel.json('text' as never, ['x'] as never), 'model', 'metrics[0]'],
  [
    'a query',
    () => Query.sql({ sql: 'SELECT $__timeGroup(t, 5m), $__fromTme', shape: 'rows', metrics: ['x'], labels: [''] } as never),
    'the macro $__timeGroup',
    'did you mean `fromTime`?',
    'shape',
    'metrics[0]',
    'labels[0]',
  ],
  ['a query', () => Query.rate(cpu), 'container.cpu.usage, a gauge; allowed: a counter'],
  ['a query', () => Query.rate('container.cpu.usage' as never), 'metric: given'],
  ['a query', () => Query.latest(cpu, ['a', 'a'], 'median' as never), '"a" twice', 'aggregation'],
  ['a query', () => Query.latest(Metric.named('etcd_request_duration_seconds'), [], Aggregation.SUM), 'allowed: a gauge or a sum'],
  ['a query', () => Query.quantile(cpu, 99), 'quantile: given 99', 'allowed: a histogram'],
  ['a query', () => Spans.duration(0.42, { service: '', by: 'x' } as never), 'Spans.duration', 'quantile: given 0.42', 'service', 'by'],
  ['plugins', () => Plugins.fromUrl('https://me:secret@mirror/plugin.zip'), 'Plugins.fromUrl'],
  ['plugins', () => Plugins.fromUrl('https://mirror/plugin.tar'), 'a zip archive'],
  ['plugins', () => Plugins.inImage('grafana:latest'), 'Plugins.inImage'],
  [
    'a contact point',
    () => ContactPoint.pagerDuty({ name: '', integrationKey: 'key' } as never),
    'ContactPoint.pagerDuty',
    'name',
    'a secret is never text here',
  ],
  ['a contact point', () => ContactPoint.opsgenie({ name: 'x', apiKey: SecretKey.of('a', 'b'), europe: 'yes' } as never), 'europe'],
  ['a contact point', () => ContactPoint.email({ name: 'x', addresses: ['a@b', 'c'] }), 'addresses[1]'],
  ['a contact point', () => ContactPoint.email({ name: 'x', addresses: [] }), 'a list of at least one email address'],
  [
    'a contact point',
    () => ContactPoint.webhook({ name: 'x', url: SecretKey.of('a', 'b'), endpoint: { host: 'https://x', port: 0 } } as never),
    'endpoint.host',
    'endpoint.port',
    'endpoint.reach',
  ],
  ['a contact point', () => ContactPoint.slack({ name: 'x' } as never), 'url: given nothing'],
  ['a contact point', () => ContactPoint.betterStack(undefined as never), 'ContactPoint.betterStack'],
  ['a route', () => Route.to(''), 'Route.to', 'contactPoint'],
  ['a route', () => Route.to('x').when(), 'a list of at least one Match'],
  ['a route', () => Route.to('x').when('severity=critical' as never), 'matches[0]'],
  ['a match', () => Match.label('a b'), 'Match.label', 'name'],
  ['a match', () => Match.label('a').is(''), "Match.label('a')", 'value'],
];

test.each(complaints.map((complaint) => ({ what: complaint[0], complaint })))('$what, $#', ({ complaint: [, call, ...texts] }) => {
  const message = thrownBy(call);
  for (const text of texts) {
    expect(message).toContain(text);
  }
});

function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

const anything = fc.oneof(
  fc.anything(),
  fc.constantFrom(
    undefined,
    null,
    0,
    -1,
    '',
    'x',
    [],
    {},
    Number.NaN,
    SecretKey.of('a', 'b'),
    Duration.minutes(1),
    Size.gibibytes(10),
    Spans.rate(),
    Plugins.fromGrafanaCom(),
  ),
);

/** Right properties, some of them replaced by anything: it works, or it is told in one error of ours. */
function isJudged<P extends object>(right: P, more: readonly (keyof P & string)[], use: (props: P) => void, subject: string): void {
  const names = [...new Set([...Object.keys(right), ...more])];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 4 }), (wrong) => {
      const message = thrownBy(() => use({ ...right, ...wrong } as P));
      expect(message === 'nothing was thrown' || message.startsWith(subject)).toBe(true);
    }),
    { numRuns: 300 },
  );
}

test('any properties of a stack', () => {
  const optional: (keyof GrafanaStackProps)[] = [
    'clickhouse',
    'producers',
    'onCall',
    'url',
    'storage',
    'plugins',
    'runbookBaseUrl',
    'clients',
    'removedAlertRules',
    'name',
    'namespace',
    'resources',
    'images',
    'networkPolicies',
  ];
  isJudged({} as GrafanaStackProps, optional, (props) => stack(props), 'GrafanaStack test/Grafana: ');
});

test('any properties of dashboards, rules, panels and queries', () => {
  isJudged(dashboard, ['folder', 'rows', 'variables'], (props) => stack().grafana.addDashboard(props), 'GrafanaStack test/Grafana: ');
  isJudged(
    { ...rule, whenEmpty: RuleState.OK },
    ['description', 'pendingFor', 'window', 'unless', 'labels', 'whenFailing'],
    (props) => stack().grafana.addAlertRule(props),
    'GrafanaStack test/Grafana: ',
  );
  isJudged(
    panel,
    ['unit', 'columnUnits', 'thresholds', 'width', 'link', 'options'],
    (props) => Panel.timeSeries(props),
    'Panel.timeSeries: ',
  );
  isJudged(
    { sql: 'SELECT 1', shape: QueryShape.TABLE },
    ['metrics' as never, 'labels' as never],
    (props) => Query.sql(props),
    'Query.sql: ',
  );
});
