import { Duration } from 'cdk8s';
import { alias, attributes, column, dictionary, materialized, repeatingAttributes } from '../column';
import { table } from '../table';
import { resourceColumns } from './resource-columns';

/** Words of a body in lower case. What holds a digit is left out: ids occur once each and would fill the index. */
const bodyWords = "arrayFilter(word -> NOT match(word, '[0-9]'), tokens(lower(Body), 'splitByNonAlpha'))";

/**
 * Log records. How to ask: a word by `has(BodyWords, 'deadlock')` (lower case, no digits), an id by `hasToken(lower(Body), '2636646e')`, errors by `IsError`,
 * and time by `toStartOfHour(Timestamp)` too: indexes and key help in these forms only.
 */
export const logs = table({
  name: 'otel_logs',
  columns: {
    Timestamp: column('DateTime64(9)', 'Delta(8), ZSTD(1)'),
    TraceId: column('String'),
    SpanId: column('String'),
    TraceFlags: column('UInt8'),
    SeverityText: dictionary(),
    SeverityNumber: column('UInt8'),
    ServiceName: dictionary(),
    Body: column('String'),
    ResourceSchemaUrl: dictionary(),
    ResourceAttributes: repeatingAttributes(),
    ScopeSchemaUrl: dictionary(),
    ScopeName: dictionary(),
    ScopeVersion: dictionary(),
    ScopeAttributes: repeatingAttributes(),
    LogAttributes: attributes(),
    EventName: dictionary(),
    ...resourceColumns,
    // A column and not an expression in the key: expressions are not used to leave out rows.
    IsError: materialized('Bool', 'SeverityNumber >= 17'),
    BodyWords: alias('Array(String)', bodyWords),
  },
  indexes: [
    { name: 'idx_trace_id', expression: 'TraceId', type: 'bloom_filter(0.001)' },
    { name: 'idx_attr_value', expression: 'mapValues(LogAttributes)', type: 'bloom_filter(0.01)' },
    { name: 'idx_body_tokens', expression: 'lower(Body)', type: 'tokenbf_v1(32768, 3, 0)' },
    { name: 'idx_body_words', expression: bodyWords, type: "text(tokenizer = 'array', posting_list_codec = 'bitpacking')" },
    { name: 'idx_time', expression: 'Timestamp', type: 'minmax' },
  ],
  engine: 'MergeTree',
  partitionBy: 'toDate(Timestamp)',
  orderBy: ['toStartOfHour(Timestamp)', 'IsError', 'Namespace', 'ServiceName', 'Pod', 'Timestamp'],
  timeColumn: 'Timestamp',
  retention: 'logs',
});

/** Lines and bytes of bodies a minute: counts of logs never need the logs. */
export const logVolume = table({
  name: 'logs_volume_1m',
  columns: {
    Time: column('DateTime', 'DoubleDelta, ZSTD(1)'),
    Cluster: dictionary(),
    Namespace: dictionary(),
    Workload: dictionary(),
    ServiceName: dictionary(),
    SeverityNumber: column('UInt8'),
    Lines: column('SimpleAggregateFunction(sum, UInt64)'),
    Bytes: column('SimpleAggregateFunction(sum, UInt64)'),
  },
  engine: 'AggregatingMergeTree',
  partitionBy: 'toDate(Time)',
  orderBy: ['Cluster', 'Namespace', 'Workload', 'ServiceName', 'SeverityNumber', 'Time'],
  timeColumn: 'Time',
  retention: Duration.days(400),
  views: [
    {
      name: 'logs_volume_1m_mv',
      from: logs,
      select: {
        Time: 'toStartOfMinute(Timestamp)',
        Cluster: 'Cluster',
        Namespace: 'Namespace',
        Workload: 'Workload',
        ServiceName: 'ServiceName',
        SeverityNumber: 'SeverityNumber',
        Lines: 'count()',
        Bytes: 'sum(length(Body))',
      },
      groupBy: ['Time', 'Cluster', 'Namespace', 'Workload', 'ServiceName', 'SeverityNumber'],
    },
  ],
});
