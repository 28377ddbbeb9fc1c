import { Duration } from 'cdk8s';
import { attributes, column, dictionary, materialized, nested, repeatingAttributes } from '../column';
import { table } from '../table';
import { resourceColumns } from './resource-columns';

/** Spans. The slowest of one operation is found by `Duration`, a trace by its id within the bounds that `traceTimes` knows. */
export const traces = table({
  name: 'otel_traces',
  columns: {
    Timestamp: column('DateTime64(9)', 'Delta(8), ZSTD(1)'),
    TraceId: column('String'),
    SpanId: column('String'),
    ParentSpanId: column('String'),
    TraceState: column('String'),
    SpanName: dictionary(),
    SpanKind: dictionary(),
    ServiceName: dictionary(),
    ResourceAttributes: repeatingAttributes(),
    ScopeName: dictionary(),
    ScopeVersion: dictionary(),
    SpanAttributes: attributes(),
    /** In nanoseconds. */
    Duration: column('UInt64', 'T64, ZSTD(1)'),
    StatusCode: dictionary(),
    StatusMessage: column('String'),
    ...nested('Events', { Timestamp: 'DateTime64(9)', Name: 'LowCardinality(String)', Attributes: 'Map(LowCardinality(String), String)' }),
    ...nested('Links', { TraceId: 'String', SpanId: 'String', TraceState: 'String', Attributes: 'Map(LowCardinality(String), String)' }),
    ...resourceColumns,
    Route: materialized('LowCardinality(String)', "SpanAttributes['http.route']"),
    // Both spellings that exporters have had.
    IsError: materialized('Bool', "StatusCode IN ('Error', 'STATUS_CODE_ERROR')"),
    /**
     * How many spans it stands for, where traces are sampled: OpenTelemetry's adjusted count, of the threshold in `tracestate`, whose digits are those of a fraction. 1 where it says nothing;
     * what says that it is one of over a million is not believed.
     * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
     */
    AdjustedCount: materialized(
      'Float32',
      `1 / greatest(1 - reinterpretAsUInt64(reverse(unhex(rightPad(extract(TraceState, '(?:^|,) *ot=(?:[^,]*;)?th:([0-9a-f]{1,14})'), 14, '0')))) / pow(2, 56), 1e-6)`,
    ),
    /** Where a request enters a service. */
    IsEntry: materialized('Bool', "SpanKind IN ('Server', 'Consumer', 'SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER')"),
  },
  indexes: [
    { name: 'idx_attr_value', expression: 'mapValues(SpanAttributes)', type: 'bloom_filter(0.01)' },
    { name: 'idx_trace_id', expression: 'TraceId', type: 'bloom_filter(0.001)' },
    { name: 'idx_duration', expression: 'Duration', type: 'minmax' },
    { name: 'idx_time', expression: 'Timestamp', type: 'minmax' },
  ],
  engine: 'MergeTree',
  partitionBy: 'toDate(Timestamp)',
  orderBy: ['toStartOfHour(Timestamp)', 'ServiceName', 'IsError', 'SpanName', 'Timestamp'],
  timeColumn: 'Timestamp',
  retention: 'traces',
});

/** When a trace began and ended, by its id. Grafana looks for a table of this name. */
export const traceTimes = table({
  name: `${traces.name}_trace_id_ts`,
  columns: { TraceId: column('String'), Start: column('DateTime', 'Delta, ZSTD(1)'), End: column('DateTime', 'Delta, ZSTD(1)') },
  indexes: [{ name: 'idx_trace_id', expression: 'TraceId', type: 'bloom_filter(0.01)' }],
  engine: 'MergeTree',
  partitionBy: 'toDate(Start)',
  orderBy: ['TraceId', 'Start'],
  timeColumn: 'Start',
  retention: 'traces',
  views: [
    {
      name: `${traces.name}_trace_id_ts_mv`,
      from: traces,
      select: { TraceId: 'TraceId', Start: 'min(Timestamp)', End: 'max(Timestamp)' },
      where: "TraceId != ''",
      groupBy: ['TraceId'],
    },
  ],
});

/** The levels that `Quantiles` of `requests` answers, in this order. */
export const requestQuantiles = [0.5, 0.9, 0.95, 0.99] as const;

/** Weighted by what spans stand for, in whole numbers. */
const digest = (suffix: '' | 'State' | 'Merge', ...of: string[]) =>
  `quantilesTDigestWeighted${suffix}(${requestQuantiles.join(', ')})(${of.join(', ')})`;
const weight = 'toUInt32(round(AdjustedCount))';

/** The levels of spans, and of the sums a minute, in nanoseconds. */
export const quantilesOfSpans = digest('', 'Duration', weight);
export const quantilesOfSums = digest('Merge', 'Quantiles');

/** Rate, errors and duration of requests a minute, as many as the stored spans stand for: what dashboards of services ask all day, long after the spans are gone. */
export const requests = table({
  name: 'red_1m',
  columns: {
    Time: column('DateTime', 'DoubleDelta, ZSTD(1)'),
    Cluster: dictionary(),
    Namespace: dictionary(),
    ServiceName: dictionary(),
    SpanName: dictionary(),
    Route: dictionary(),
    /** Those that are stored: what is told of a few says little, however many they stand for. */
    Spans: column('SimpleAggregateFunction(sum, UInt64)'),
    Calls: column('SimpleAggregateFunction(sum, Float64)'),
    Errors: column('SimpleAggregateFunction(sum, Float64)'),
    /** In nanoseconds, as the next two. */
    DurationSum: column('SimpleAggregateFunction(sum, Float64)'),
    DurationMax: column('SimpleAggregateFunction(max, UInt64)'),
    Quantiles: column(`AggregateFunction(quantilesTDigestWeighted(${requestQuantiles.join(', ')}), UInt64, UInt32)`),
  },
  engine: 'AggregatingMergeTree',
  partitionBy: 'toDate(Time)',
  orderBy: ['Cluster', 'Namespace', 'ServiceName', 'SpanName', 'Route', 'Time'],
  timeColumn: 'Time',
  retention: Duration.days(400),
  views: [
    {
      name: 'red_1m_mv',
      from: traces,
      select: {
        Time: 'toStartOfMinute(Timestamp)',
        Cluster: 'Cluster',
        Namespace: 'Namespace',
        ServiceName: 'ServiceName',
        SpanName: 'SpanName',
        Route: 'Route',
        Spans: 'count()',
        Calls: 'sum(AdjustedCount)',
        Errors: 'sumIf(AdjustedCount, IsError)',
        DurationSum: 'sum(Duration * AdjustedCount)',
        DurationMax: 'max(Duration)',
        Quantiles: digest('State', 'Duration', weight),
      },
      where: 'IsEntry',
      groupBy: ['Time', 'Cluster', 'Namespace', 'ServiceName', 'SpanName', 'Route'],
    },
  ],
});
