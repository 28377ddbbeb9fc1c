import { Instrument } from '../../telemetry/instrument';
import type { Metric } from '../../telemetry/metric';
import { subjectOf } from '../../telemetry/metric-subject';
import type { Table } from '../../telemetry/table';
import { histograms, metricTables } from '../../telemetry/tables/metrics';
import { type Label, labelsOf, listed, names, selected } from './labels';
import { type Aggregation, QueryShape, type Scope } from './query-shape';
import { all, between, quoted, recent, seconds, timeSlot, wholeIntervals } from './sql';
import { filtered } from './variables';

/** How far back a counter's last value before the range is looked for: five samples. */
const lookback = 300;

/** Everything that queries of one metric have in common. */
interface Reading {
  readonly metric: Metric;
  readonly table: Table;
  readonly labels: Label[];
  readonly scope: Scope;
}

function reading(metric: Metric, by: readonly string[], scope: Scope): Reading {
  const table = metricTables[metric.instrument];
  return { metric, table, labels: labelsOf(table, by, 'Attributes'), scope };
}

const rowsOf = ({ metric, scope }: Reading, time: string): string =>
  all(`MetricName = ${quoted(metric.name)}`, time, filtered(...scope.variables));

/** The newest value of each series, put together over what no label tells apart. */
export function latestSql(metric: Metric, by: readonly string[], aggregation: Aggregation, scope: Scope): string {
  const read = reading(metric, by, scope);
  const series = scope.shape === QueryShape.TIME_SERIES;
  const time = series ? ['time'] : [];
  return `SELECT ${listed(time, names(read.labels), `toFloat64(${aggregation}(newest)) AS value`)}
FROM (
  SELECT ${listed(series ? [`${timeSlot(read.table)} AS time`] : [], selected(read.labels))}, ${subjectOf(metric.name)} AS series, argMax(Value, TimeUnix) AS newest
  FROM ${read.table.name}
  WHERE ${rowsOf(read, series ? wholeIntervals(read.table) : recent(read.table, lookback))}
  GROUP BY ${listed(time, names(read.labels), 'series')}
)${groupedBy([...time, ...names(read.labels)])}`;
}

/** Increase a second: of each series, over its resets and repeated points, then summed. */
export function rateSql(metric: Metric, by: readonly string[], scope: Scope): string {
  const read = reading(metric, by, scope);
  if (scope.shape === QueryShape.TIME_SERIES) {
    const labels = names(read.labels);
    return `${steps(read)}
SELECT ${listed('time', labels, 'sum(rate) AS value')}
FROM (
  SELECT $__timeInterval(at) AS time, ${listed(labels, 'series')}, sum(increase) / nullIf(sum(elapsed), 0) AS rate
  FROM steps
  WHERE at >= ${rangeStart(scope)}
  GROUP BY ${listed('time', labels, 'series')}
)${groupedBy(['time', ...labels])}`;
  }
  return overRange(read, "sum(increase) / greatest(dateDiff('second', $__fromTime, $__toTime), 1)");
}

/** Increase over the whole range. Gauges that count (restarts) have one too. */
export const increaseSql = (metric: Metric, by: readonly string[], scope: Scope): string =>
  overRange(reading(metric, by, scope), 'sum(increase)');

function overRange(read: Reading, value: string): string {
  const labels = names(read.labels);
  return `${steps(read)}
SELECT ${listed(labels, `toFloat64(${value}) AS value`)}
FROM steps
WHERE at > $__fromTime${groupedBy(labels)}`;
}

const rangeStart = ({ shape }: Scope): string =>
  shape === QueryShape.TIME_SERIES ? 'toStartOfInterval($__fromTime, INTERVAL $__interval_s second)' : '$__fromTime';

/** `steps`: what each point adds to the one before it in its series. */
function steps(read: Reading): string {
  const counter = countedBy[read.metric.instrument];
  const labels = names(read.labels);
  return `WITH points AS (
  SELECT ${listed(`${subjectOf(read.metric.name)} AS series`, selected(read.labels), 'TimeUnix AS at')},
    any(${counter.value}) AS total, ${counter.isDelta} AS isDelta, ${counter.started} AS started
  FROM ${read.table.name}
  WHERE ${rowsOf(read, withLookback(read))}
  GROUP BY ${listed('series', labels, 'at')}
), steps AS (
  SELECT ${listed('series', labels, 'at')},
    row_number() OVER w = 1 AS isFirst, started >= ${earliest(read.scope)} AND started < at AS isNew,
    multiIf(isDelta, total, isFirst, if(isNew, total, 0), total < lagInFrame(total) OVER w, total, total - lagInFrame(total) OVER w) AS increase,
    multiIf(NOT isFirst, dateDiff('second', lagInFrame(at) OVER w, at), isDelta OR isNew, dateDiff('second', started, at), 0) AS elapsed
  FROM points
  WINDOW w AS (PARTITION BY series ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)`;
}

const earliest = (scope: Scope): string => `${rangeStart(scope)} - ${seconds(lookback)}`;

function withLookback({ table, scope }: Reading): string {
  const end =
    scope.shape === QueryShape.TIME_SERIES
      ? `toStartOfInterval($__toTime - ${seconds(90)}, INTERVAL $__interval_s second) - ${seconds(1)}`
      : '$__toTime';
  return between(table, earliest(scope), end);
}

/** Which column counts, and whether a point holds the total since a start or what was added since the last point. */
const cumulative = { isDelta: 'any(AggregationTemporality) = 1', started: 'any(StartTimeUnix)' };
const countedBy: Record<Instrument, { readonly value: string; readonly isDelta: string; readonly started: string }> = {
  [Instrument.GAUGE]: { value: 'Value', isDelta: 'false', started: 'at' },
  [Instrument.SUM]: { value: 'Value', ...cumulative },
  [Instrument.HISTOGRAM]: { value: 'toFloat64(Count)', ...cumulative },
  [Instrument.EXPONENTIAL_HISTOGRAM]: { value: 'toFloat64(Count)', ...cumulative },
  [Instrument.SUMMARY]: { value: 'toFloat64(Count)', isDelta: 'false', started: 'any(StartTimeUnix)' },
};

/** A quantile from bucket counts: increases of each series, added up bucket by bucket, then interpolated within the bucket that holds the rank. */
export function quantileSql(metric: Metric, quantile: number, by: readonly string[], scope: Scope): string {
  const read = { ...reading(metric, by, scope), table: histograms };
  const labels = names(read.labels);
  const time = scope.shape === QueryShape.TIME_SERIES ? ['time'] : [];
  return `WITH points AS (
  SELECT ${listed(`${subjectOf(metric.name)} AS series`, selected(read.labels), 'TimeUnix AS at')},
    any(Count) AS total, any(arrayMap(count -> toFloat64(count), BucketCounts)) AS counts, any(ExplicitBounds) AS bounds, any(AggregationTemporality) = 1 AS isDelta
  FROM ${read.table.name}
  WHERE ${rowsOf(read, withLookback(read))} AND notEmpty(ExplicitBounds)
  GROUP BY ${listed('series', labels, 'at')}
), steps AS (
  SELECT ${listed(labels, 'at', 'bounds')}, lagInFrame(counts) OVER w AS before,
    multiIf(isDelta, counts, row_number() OVER w = 1, arrayMap(count -> 0., counts), total < lagInFrame(total) OVER w OR length(counts) != length(before), counts,
      arrayMap((count, earlier) -> greatest(count - earlier, 0.), counts, arrayResize(before, length(counts)))) AS increase
  FROM points
  WINDOW w AS (PARTITION BY series ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
), buckets AS (
  SELECT ${listed(time.length > 0 ? ['$__timeInterval(at) AS time'] : [], labels, 'bounds')}, arrayCumSum(sumForEach(increase)) AS cumulated, ${quantile} * cumulated[-1] AS rank
  FROM steps
  WHERE at >= ${rangeStart(scope)}
  GROUP BY ${listed(time, labels, 'bounds')}
  HAVING cumulated[-1] > 0
)
SELECT ${listed(time, labels, 'max(multiIf(place > length(bounds), bounds[-1], lower + (bounds[place] - lower) * (rank - below) / (cumulated[place] - below))) AS value')}
FROM (
  SELECT *, arrayFirstIndex(count -> count >= rank, cumulated) AS place, if(place = 1, 0., bounds[place - 1]) AS lower, if(place = 1, 0., cumulated[place - 1]) AS below
  FROM buckets
)${groupedBy([...time, ...labels])}`;
}

/** Series come in order of time, or Grafana does not take them for series. No data is no row, not a zero. */
function groupedBy(columns: readonly string[]): string {
  return columns.length === 0 ? '\nHAVING count() > 0' : `\nGROUP BY ${listed(columns)}\nORDER BY ${listed(columns)}`;
}
