import { writtenColumns } from '../../lib/telemetry/table';
import { tables } from '../../lib/telemetry/tables';
import { logs } from '../../lib/telemetry/tables/logs';
import { exponentialHistograms, gauges, histograms, summaries, sums } from '../../lib/telemetry/tables/metrics';
import { traces } from '../../lib/telemetry/tables/traces';

/** What the exporter of the collector writes, read from its INSERT statements (clickhouseexporter v0.161.0, internal/sqltemplates). */
const point =
  'ResourceAttributes ResourceSchemaUrl ScopeName ScopeVersion ScopeAttributes ScopeDroppedAttrCount ScopeSchemaUrl ServiceName MetricName MetricDescription MetricUnit Attributes StartTimeUnix TimeUnix Flags';
const exemplars = 'Exemplars.FilteredAttributes Exemplars.TimeUnix Exemplars.Value Exemplars.SpanId Exemplars.TraceId';
const exporter = {
  otel_logs:
    'Timestamp TraceId SpanId TraceFlags SeverityText SeverityNumber ServiceName Body ResourceSchemaUrl ResourceAttributes ScopeSchemaUrl ScopeName ScopeVersion ScopeAttributes LogAttributes EventName',
  otel_traces:
    'Timestamp TraceId SpanId ParentSpanId TraceState SpanName SpanKind ServiceName ResourceAttributes ScopeName ScopeVersion SpanAttributes Duration StatusCode StatusMessage Events.Timestamp Events.Name Events.Attributes Links.TraceId Links.SpanId Links.TraceState Links.Attributes',
  otel_metrics_gauge: `${point} ${exemplars} Value`,
  otel_metrics_sum: `${point} ${exemplars} Value AggregationTemporality IsMonotonic`,
  otel_metrics_histogram: `${point} ${exemplars} Count Sum BucketCounts ExplicitBounds Min Max AggregationTemporality`,
  otel_metrics_exponential_histogram: `${point} ${exemplars} Count Sum Scale ZeroCount PositiveOffset PositiveBucketCounts NegativeOffset NegativeBucketCounts Min Max AggregationTemporality`,
  otel_metrics_summary: `${point} Count Sum ValueAtQuantiles.Quantile ValueAtQuantiles.Value`,
};

test.each([logs, traces, gauges, sums, histograms, exponentialHistograms, summaries].map((table) => [table.name, table] as const))(
  '%s has exactly the columns that the exporter writes',
  (name, table) => {
    expect(writtenColumns(table).sort()).toEqual(exporter[name as keyof typeof exporter].split(' ').sort());
  },
);

test('names of tables are a contract: dashboards and exporters of running installations hang on them', () => {
  expect(tables.map(({ name }) => name)).toEqual([
    'otel_logs',
    'logs_volume_1m',
    'otel_traces',
    'otel_traces_trace_id_ts',
    'red_1m',
    'values_1d',
    'otel_metrics_gauge',
    'otel_metrics_sum',
    'otel_metrics_histogram',
    'otel_metrics_exponential_histogram',
    'otel_metrics_summary',
  ]);
});

test('two clusters in one store are never added up: each small table has the cluster in its key', () => {
  const small = tables.filter(({ views = [], engine }) => views.length > 0 && engine === 'AggregatingMergeTree');
  expect(small.map(({ name }) => name)).toEqual(['logs_volume_1m', 'red_1m', 'values_1d']);
  for (const { orderBy, views = [] } of small) {
    expect(orderBy).toContain('Cluster');
    expect(views.every(({ groupBy }) => groupBy.includes('Cluster'))).toBe(true);
  }
});

test('a view fills every column of its table', () => {
  for (const { columns, views = [] } of tables) {
    for (const { select } of views) {
      expect(Object.keys(select)).toEqual(Object.keys(columns));
    }
  }
});
