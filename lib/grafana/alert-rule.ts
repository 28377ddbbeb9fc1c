import { createHash } from 'node:crypto';
import { Duration } from 'cdk8s';
import { type Check, type Checks, checkProps, duration, instance, number, oneOf, record, required, text } from '../kubernetes/checks';
import { type Problem, shown } from '../kubernetes/problems';
import { seconds } from '../kubernetes/seconds';
import { dataSource } from './data-source';
import { literals } from './files/interpolation';
import { target } from './panel';
import type { Query } from './queries/query';
import { QueryShape } from './queries/query-shape';

/** How soon somebody has to look. */
export enum Severity {
  /** Wakes a person. */
  CRITICAL = 'critical',
  /** Somebody looks in working hours. */
  WARNING = 'warning',
  /** Shown in Grafana; nobody is told, unless a route asks for it. */
  INFO = 'info',
}

/** What a rule is taken to be when its query does not answer. */
export enum RuleState {
  /** All is well. */
  OK = 'OK',
  /** It fires. */
  ALERTING = 'Alerting',
  /** As it was: what fires goes on firing, and nothing new does. */
  KEEP_LAST = 'KeepLast',
}

/** Properties of an alert rule. */
export interface AlertRuleProps {
  /** The label `alertname`, by the custom of the field in words run together: `CheckoutErrors`. */
  readonly name: string;
  /** How soon somebody has to look: routes go by it. */
  readonly severity: Severity;
  /** One line for the person who is woken. `{{ $labels.service }}` is a label, `{{ $values.A.Value }}` the value. */
  readonly summary: string;
  /**
   * More about it, with the same placeholders.
   * @default - none
   */
  readonly description?: string;
  /** The address of a page that says what it means and what to do first. */
  readonly runbook: string;
  /** Each row of its answer is an alert of its own. */
  readonly query: Query;
  /** A row whose value lies above this one breaches. */
  readonly above: number;
  /**
   * How long a row has to breach before it fires. Up to 24 hours.
   * @default Duration.minutes(5)
   */
  readonly pendingFor?: Duration;
  /**
   * The time that the query looks back over, up to a week. It ends a minute ago, as younger data is still on its way.
   * @default Duration.minutes(10)
   */
  readonly window?: Duration;
  /**
   * Says nothing about a row as long as this query has a row with the same labels and a value above 0: a cause that another rule reports. It may have fewer labels.
   * @default - nothing hides it
   */
  readonly unless?: Query;
  /**
   * More labels, to route by: `{ team: 'shop' }`.
   * @default - none
   */
  readonly labels?: Record<string, string>;
  /**
   * When the query has no rows.
   * @default RuleState.OK
   */
  readonly whenEmpty?: RuleState;
  /**
   * When the query fails: of an outage of the store only the rule for such an outage should tell.
   * @default RuleState.KEEP_LAST
   */
  readonly whenFailing?: RuleState;
}

/** A rule with its place among the others. */
export interface PlacedRule {
  readonly props: AlertRuleProps;
  /** Rules of a group are evaluated one after the other. */
  readonly group: string;
  /**
   * The panel that shows what the rule judges.
   * @default - none
   */
  readonly shownOn?: { readonly dashboard: string; readonly panel: number };
}

/** The rule that fires as long as alerting works. It asks no data source, so it also fires while the store is away. */
export const watchdogName = 'Watchdog';

/** Grafana lets a uid have 40 characters; the digest keeps names apart that look alike without capitals and spaces. */
export function ruleUid(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return `obs-${words.slice(0, 27)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** A rule as Grafana reads it from a file. */
export function ruleModel({ props, shownOn }: PlacedRule): Record<string, unknown> {
  const window = Math.round(seconds(props.window ?? defaultWindow));
  return {
    ...ruleHead(props.name, props.pendingFor ?? defaultPending, 'C'),
    noDataState: props.whenEmpty ?? RuleState.OK,
    execErrState: props.whenFailing ?? RuleState.KEEP_LAST,
    // One late sample is not the end of an alert.
    missing_series_evals_to_resolve: 3,
    labels: literals({ ...props.labels, severity: props.severity }),
    annotations: {
      summary: props.summary,
      ...(props.description ? { description: props.description } : {}),
      runbook_url: props.runbook,
      ...(shownOn ? { __dashboardUid__: shownOn.dashboard, __panelId__: String(shownOn.panel) } : {}),
    },
    data: [
      {
        refId: 'A',
        datasourceUid: dataSource.uid,
        relativeTimeRange: { from: window + delay, to: delay },
        model: { ...target('A', ruleSql(props), QueryShape.ALERT), intervalMs: 60_000, maxDataPoints: 43_200 },
      },
      expression('C', { type: 'threshold', expression: 'A', conditions: [{ evaluator: { type: 'gt', params: [props.above] } }] }),
    ],
  };
}

/** Always firing: a heartbeat monitor outside of the cluster hears of it each minute, and tells when it does not. */
export function watchdogModel(runbook: string): Record<string, unknown> {
  return {
    ...ruleHead(watchdogName, Duration.seconds(0), 'A'),
    noDataState: RuleState.ALERTING,
    execErrState: RuleState.ALERTING,
    labels: { severity: Severity.INFO },
    annotations: { summary: 'Alerting works. This alert fires always; the heartbeat monitor tells when it stops.', runbook_url: runbook },
    data: [expression('A', { type: 'math', expression: '1 > 0' })],
  };
}

const ruleHead = (name: string, pendingFor: Duration, condition: string) => ({
  uid: ruleUid(name),
  title: name,
  condition,
  for: `${Math.round(seconds(pendingFor))}s`,
});

/** A step that Grafana computes itself. */
const expression = (refId: string, model: Record<string, unknown>) => ({
  refId,
  datasourceUid: '__expr__',
  relativeTimeRange: { from: 0, to: 0 },
  model: { refId, datasource: { type: '__expr__', uid: '__expr__' }, ...model },
});

/** The query of a rule, without the rows that another cause explains. Grafana's own inhibition cannot be provisioned. */
export function ruleSql({ query, unless }: Pick<AlertRuleProps, 'query' | 'unless'>): string {
  const scope = { shape: QueryShape.ALERT, variables: [] };
  if (!unless) {
    return query._sql(scope);
  }
  const labels = unless._labels(QueryShape.ALERT)?.join(', ');
  return `SELECT breach.* FROM (
${query._sql(scope)}
) AS breach
LEFT ANTI JOIN (
SELECT DISTINCT ${labels} FROM (
${unless._sql(scope)}
) WHERE value > 0
) AS cause USING (${labels})`;
}

const defaultWindow = Duration.minutes(10);
const defaultPending = Duration.minutes(5);

/** Seconds that data may take from where it is measured into the store. */
const delay = 60;

const ruleName = text({
  max: 100,
  pattern: /^[A-Za-z0-9][A-Za-z0-9 ._-]*$/,
  allowed: "1 to 100 letters, digits, spaces, '.', '_' and '-', a letter or digit first",
});

/** Grafana replaces `${…}` in annotations by the environment; `{{ … }}` it leaves to the alert. */
const annotation: Check = (value, where) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= 1000 && !value.includes('${')
    ? []
    : [{ where, given: shown(value), allowed: 'a text of 1 to 1000 characters without `${`', fix: 'A label is {{ $labels.name }}' }];

const alertQuery = instance('a Query: Query.rate(…), Spans.errorRatio(…), Query.sql({ shape: QueryShape.ALERT, … })', 'metrics', '_sql');
const runbookUrl = text({ max: 2000, pattern: /^https?:\/\/\S+$/, allowed: 'an address by http or https' });
const labelName = text({
  max: 100,
  pattern: /^(?!alertname$|severity$)[A-Za-z_][A-Za-z0-9_]*$/,
  allowed: "letters, digits and '_', no digit first; not `alertname` or `severity`",
});

const alertRuleChecks: Checks<AlertRuleProps> = {
  name: required(ruleName),
  severity: required(oneOf(Severity)),
  summary: required(annotation),
  description: annotation,
  runbook: required(runbookUrl),
  query: required(alertQuery),
  above: required(number(-1e15, 1e15)),
  pendingFor: duration(Duration.seconds(0), Duration.hours(24)),
  window: duration(Duration.minutes(1), Duration.days(7)),
  unless: alertQuery,
  labels: record(text({ max: 200 }), labelName),
  whenEmpty: oneOf(RuleState),
  whenFailing: oneOf(RuleState),
};

/** What is wrong with a rule, by itself and beside others. */
export function alertRuleProblems(props: AlertRuleProps, others: readonly string[]): Problem[] {
  const problems = checkProps(props, alertRuleChecks);
  if (problems.length > 0) {
    return problems;
  }
  const taken = [...others, watchdogName].includes(props.name)
    ? [{ where: 'name', given: `"${props.name}", which another rule is called`, allowed: 'a name of its own' }]
    : [];
  return [
    ...taken,
    ...shapeProblem('query', props.query),
    ...(props.unless ? [...shapeProblem('unless', props.unless), ...labelProblem(props.query, props.unless)] : []),
  ];
}

const shapeProblem = (where: string, query: Query): Problem[] =>
  query._shape([QueryShape.ALERT])
    ? []
    : [
        {
          where,
          given: `a query of shape ${query._shapes.join(', ')}`,
          allowed: 'one of shape alert: texts that are labels, and one number called `value`',
        },
      ];

function labelProblem(query: Query, unless: Query): Problem[] {
  const [own, hiding] = [query, unless].map((each) => each._labels(QueryShape.ALERT));
  if (!own || !hiding || hiding.length === 0) {
    return [{ where: 'unless', given: 'queries whose labels are not known', allowed: '`labels` named in Query.sql of both' }];
  }
  const more = hiding.filter((label) => !own.includes(label));
  return more.length > 0
    ? [
        {
          where: 'unless',
          given: `a query with the labels ${more.join(', ')}, which the rule's query does not have`,
          allowed: own.join(', '),
        },
      ]
    : [];
}
