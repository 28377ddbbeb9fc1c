import { type Checks, checkProps, text } from '../../kubernetes/checks';
import { throwIfAny } from '../../kubernetes/problems';
import type { Table } from '../../telemetry/table';
import { quantilesOfSpans, quantilesOfSums, requestQuantiles, requests, traces } from '../../telemetry/tables/traces';
import { columnOf, labelsOf, listed, names, selected } from './labels';
import { byCheck, Query, withCluster } from './query';
import { QueryShape, type Scope } from './query-shape';
import { all, inRange, quoted, timeSlot, wholeIntervals } from './sql';
import { filtered } from './variables';

/** Which spans, and what tells their series apart. */
export interface SpansProps {
  /**
   * Only spans of this service.
   * @default - all services
   */
  readonly service?: string;
  /**
   * Attributes that make series of their own: `service.name`, `span.name`, `http.route`, any attribute of spans or resources.
   * @default - none: one series
   */
  readonly by?: string[];
}

/**
 * Questions about requests: spans where a request enters a service, as many as each stands for where traces are sampled. What only needs namespace, service, span name and route is answered from sums a minute,
 * which are kept far longer than spans.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: languages other than TypeScript have no free functions
export class Spans {
  /**
   * Requests a second.
   * @throws if a property is wrong, with all that is wrong
   */
  static rate(props: SpansProps = {}): Query {
    check('rate', props);
    return query(props, (counts) => `toFloat64(${counts.calls} / ${counts.seconds})`);
  }

  /**
   * The share of requests that fail, 0 to 1. As a rule it stays silent on fewer than 20 stored spans: one failure of three is no incident.
   * @throws if a property is wrong, with all that is wrong
   */
  static errorRatio(props: SpansProps = {}): Query {
    check('errorRatio', props);
    return query(props, (counts) => `toFloat64(${counts.errors} / ${counts.calls})`, 20);
  }

  /**
   * How long requests take, in seconds, as a quantile.
   * @param quantile 0.5, 0.9, 0.95 or 0.99: what the sums a minute can answer
   * @throws if it is another quantile, or a property is wrong, with all that is wrong
   */
  static duration(quantile: number, props: SpansProps = {}): Query {
    const level = (requestQuantiles as readonly number[]).indexOf(quantile);
    check('duration', props, level < 0 ? [{ where: 'quantile', given: String(quantile), allowed: requestQuantiles.join(', ') }] : []);
    return query(props, (counts) => `toFloat64(${counts.quantiles}[${level + 1}]) / 1e9`, 20);
  }
}

const checks: Checks<SpansProps> = { service: text(), by: byCheck };

function check(name: string, props: SpansProps, more: ReturnType<typeof checkProps> = []): void {
  throwIfAny(`Spans.${name}`, [...checkProps(props, checks), ...more]);
}

/** How requests are counted in a table. */
interface Counts {
  /** Stored spans. */
  readonly spans: string;
  readonly calls: string;
  readonly errors: string;
  readonly quantiles: string;
  readonly seconds: string;
}

const fromSums = { spans: 'sum(Spans)', calls: 'sum(Calls)', errors: 'sum(Errors)', quantiles: quantilesOfSums };
const fromSpans = {
  spans: 'count()',
  calls: 'sum(AdjustedCount)',
  errors: 'sumIf(AdjustedCount, IsError)',
  quantiles: quantilesOfSpans,
};

function query(props: SpansProps, value: (counts: Counts) => string, fewest = 0): Query {
  const labelsFor = (shape: QueryShape) => withCluster(props.by ?? [], shape);
  return Query._of({
    render: (scope) => spansSql(labelsFor(scope.shape), props.service, value, fewest, scope),
    labels: (shape) => names(labelsOf(traces, labelsFor(shape), 'SpanAttributes')),
  });
}

function spansSql(
  by: readonly string[],
  service: string | undefined,
  value: (counts: Counts) => string,
  fewest: number,
  scope: Scope,
): string {
  const summed = by.every((attribute) => columnOf(requests, attribute) ?? attribute === 'http.route');
  const table: Table = summed ? requests : traces;
  const labels = labelsOf(traces, by, 'SpanAttributes');
  const series = scope.shape === QueryShape.TIME_SERIES;
  const columns = [...(series ? ['time'] : []), ...names(labels)];
  const counts = {
    ...(summed ? fromSums : fromSpans),
    seconds: series ? '$__interval_s' : "greatest(dateDiff('second', $__fromTime, $__toTime), 1)",
  };
  const where = all(
    series ? wholeIntervals(table) : inRange(table),
    summed ? undefined : 'IsEntry',
    service === undefined ? undefined : `ServiceName = ${quoted(service)}`,
    filtered(...scope.variables),
  );
  const least = scope.shape === QueryShape.ALERT ? fewest : 1;
  return `SELECT ${listed(series ? [`${timeSlot(table)} AS time`] : [], selected(labels), `${value(counts)} AS value`)}
FROM ${table.name}
WHERE ${where}${columns.length > 0 ? `\nGROUP BY ${listed(columns)}` : ''}
HAVING ${counts.spans} >= ${least}${columns.length > 0 ? `\nORDER BY ${listed(columns)}` : ''}`;
}
