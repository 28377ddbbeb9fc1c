import { type Check, type Checks, checkProps, instance, list, nearest, number, oneOf, required, text } from '../../kubernetes/checks';
import { type Problem, shown, throwIfAny } from '../../kubernetes/problems';
import { Instrument } from '../../telemetry/instrument';
import type { Metric } from '../../telemetry/metric';
import { metricTables } from '../../telemetry/tables/metrics';
import { labelsOf, names } from './labels';
import { increaseSql, latestSql, quantileSql, rateSql } from './metric-sql';
import { Aggregation, QueryShape, type Scope } from './query-shape';

/** A query that is written by hand. */
export interface QueryProps {
  /**
   * SQL of ClickHouse. Tables are named without a database. `$__fromTime` and `$__toTime` are the range, `$__timeInterval(column)` its intervals; in dashboards
   * `decodeURLComponent('${cluster:percentencode}')` is the chosen cluster, in a form that no value can break out of.
   */
  readonly sql: string;
  /** What its rows mean. */
  readonly shape: QueryShape;
  /**
   * The metrics that it reads, so that one which nobody gives is an error when the YAML is made.
   * @default - none: it reads logs, spans or the store itself
   */
  readonly metrics?: Metric[];
  /**
   * The columns that are labels; `AlertRuleProps.unless` compares by them.
   * @default - not known
   */
  readonly labels?: string[];
}

/**
 * A question to the store. What is asked by metric is written for its table: with the sort key in mind, over resets of counters and repeated points,
 * and narrowed to what was chosen in the dashboard.
 *
 * @example
 * Query.rate(Metric.named('k8s.pod.network.io'), ['k8s.pod.name', 'direction']);
 */
export class Query {
  /**
   * SQL written by hand.
   * @throws if a property is wrong, with all that is wrong; also on macros that rules or other versions of the plugin do not know
   */
  static sql(props: QueryProps): Query {
    throwIfAny('Query.sql', checkProps(props, queryChecks));
    return Query._of({ render: () => props.sql, shapes: [props.shape], metrics: props.metrics, labels: () => props.labels });
  }

  /**
   * How much a counter grows a second, summed over everything that `by` does not name. Of a histogram: how often something was measured.
   * @param by attributes that make series of their own: `k8s.pod.name`, `direction`
   * @throws if the metric is a gauge, or `by` names an attribute twice
   */
  static rate(metric: Metric, by: string[] = []): Query {
    refuse(
      'Query.rate',
      metric,
      by,
      metric?.instrument === Instrument.GAUGE ? [notOf(metric, 'a counter or a histogram: a gauge has no rate')] : [],
    );
    return ofMetric(metric, by, (attributes, scope) => rateSql(metric, attributes, scope));
  }

  /**
   * The newest value of each series, none older than five minutes, put together over everything that `by` does not name.
   * @param aggregation how; the sum, if nothing else is said
   * @throws if the metric is no gauge and no sum, the aggregation is none, or `by` names an attribute twice
   */
  static latest(metric: Metric, by: string[] = [], aggregation: Aggregation = Aggregation.SUM): Query {
    const wrong = oneOf(Aggregation)(aggregation, 'aggregation');
    const isValue = metric?.instrument === Instrument.GAUGE || metric?.instrument === Instrument.SUM;
    refuse('Query.latest', metric, by, [...wrong, ...(isValue ? [] : [notOf(metric, 'a gauge or a sum')])]);
    return ofMetric(metric, by, (attributes, scope) => latestSql(metric, attributes, aggregation, scope));
  }

  /**
   * A quantile of a histogram, in the metric's own unit, interpolated within its bucket.
   * @param quantile between 0 and 1: 0.99
   * @throws if the metric is no histogram with explicit bounds, the quantile lies outside, or `by` names an attribute twice
   */
  static quantile(metric: Metric, quantile: number, by: string[] = []): Query {
    const wrong = number(0.001, 0.999)(quantile, 'quantile');
    refuse('Query.quantile', metric, by, [
      ...wrong,
      ...(metric?.instrument === Instrument.HISTOGRAM ? [] : [notOf(metric, 'a histogram with explicit bounds')]),
    ]);
    return ofMetric(metric, by, (attributes, scope) => quantileSql(metric, quantile, attributes, scope));
  }

  /** @internal How much a counter, or a gauge that counts, grows over the range. */
  static _increase(metric: Metric, by: string[]): Query {
    return ofMetric(metric, by, (attributes, scope) => increaseSql(metric, attributes, scope), [QueryShape.TABLE, QueryShape.ALERT]);
  }

  /** @internal */
  static _of(plan: QueryPlan): Query {
    return new Query(plan);
  }

  /** The metrics that it reads. */
  readonly metrics: Metric[];

  private constructor(private readonly plan: QueryPlan) {
    this.metrics = plan.metrics ?? [];
  }

  /** @internal The first of these shapes that it can take. */
  _shape(wanted: readonly QueryShape[]): QueryShape | undefined {
    return wanted.find((shape) => (this.plan.shapes ?? typedShapes).includes(shape));
  }

  /** @internal The shapes that it can take, for errors. */
  get _shapes(): readonly QueryShape[] {
    return this.plan.shapes ?? typedShapes;
  }

  /** @internal */
  _sql(scope: Scope): string {
    return this.plan.render(scope);
  }

  /** @internal The same question as the plugin's query builder holds it. */
  get _builderOptions(): ((database: string) => object) | undefined {
    return this.plan.builderOptions;
  }

  /** @internal Names of the columns that are labels, where they are known. */
  _labels(shape: QueryShape): string[] | undefined {
    return this.plan.labels?.(shape);
  }
}

/** How a query is written down. */
export interface QueryPlan {
  readonly render: (scope: Scope) => string;
  /** @default - time series, table and alert */
  readonly shapes?: readonly QueryShape[];
  readonly metrics?: Metric[];
  readonly labels?: (shape: QueryShape) => string[] | undefined;
  readonly builderOptions?: (database: string) => object;
}

const typedShapes = [QueryShape.TIME_SERIES, QueryShape.TABLE, QueryShape.ALERT];

function ofMetric(metric: Metric, by: string[], sql: (attributes: string[], scope: Scope) => string, shapes?: QueryShape[]): Query {
  return Query._of({
    render: (scope) => sql(withCluster(by, scope.shape), scope),
    labels: (shape) => names(labelsOf(metricTables[metric.instrument], withCluster(by, shape), 'Attributes')),
    metrics: [metric],
    shapes,
  });
}

/** Alerts always say which cluster they are about; panels are narrowed to one. */
export const withCluster = (by: string[], shape: QueryShape): string[] =>
  shape === QueryShape.ALERT && !by.includes('k8s.cluster.name') ? ['k8s.cluster.name', ...by] : by;

export const metricCheck = instance(
  "a Metric: Metric.named('k8s.node.cpu.usage') or Metric.custom({ name, instrument, unit })",
  'name',
  'instrument',
  'unit',
);

export const byCheck: Check = (value, where) => {
  const problems = list(text())(value, where);
  const twice = problems.length > 0 ? undefined : (value as string[]).find((attribute, index, all) => all.indexOf(attribute) !== index);
  return twice === undefined ? problems : [{ where, given: `${shown(twice)} twice`, allowed: 'each attribute once' }];
};

const sqlText: Check = (value, where) =>
  typeof value === 'string' && value.trim() !== ''
    ? unknownMacros(value, where)
    : [{ where, given: shown(value), allowed: 'a SELECT statement' }];

/** Macros that mean the same in every version of the plugin that this library takes, and are expanded in rules too. */
const macros = ['fromTime', 'toTime', 'timeInterval', 'interval_s', 'timeFilter'];

function unknownMacros(sql: string, where: string): Problem[] {
  const unknown = [...sql.matchAll(/\$__(\w+)/g)].map(([, name]) => name).filter((name) => !macros.includes(name));
  return [...new Set(unknown)].map((name) => ({
    where,
    given: `the macro $__${name}`,
    allowed: nearest(name, macros),
    fix: 'Others differ between versions of the plugin, or are not expanded in rules',
  }));
}

const queryChecks: Checks<QueryProps> = {
  sql: required(sqlText),
  shape: required(oneOf(QueryShape)),
  metrics: list(metricCheck),
  labels: list(text()),
};

const notOf = (metric: Metric | undefined, allowed: string): Problem => ({
  where: 'metric',
  given: metric ? `${metric.name}, a ${metric.instrument}` : 'nothing',
  allowed,
});

function refuse(subject: string, metric: Metric, by: string[], more: Problem[]): void {
  const wrong = metricCheck(metric, 'metric');
  throwIfAny(subject, wrong.length > 0 ? wrong : [...byCheck(by, 'by'), ...more]);
}
