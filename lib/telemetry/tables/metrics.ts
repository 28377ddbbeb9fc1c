import { type Column, column, dictionary, materialized, nested, repeatingAttributes } from '../column';
import { Instrument } from '../instrument';
import { type Table, table } from '../table';
import { resourceColumns } from './resource-columns';

/** One number a series, the same for equal maps of any order: rates are taken by it, never by lists of labels. */
const seriesId = materialized('UInt64', 'cityHash64(MetricName, ServiceName, ScopeName, mapSort(ResourceAttributes), mapSort(Attributes))');

/** What grows slowly, or by the same amount each time. */
const counted = (dataType: string) => column(dataType, 'Delta(8), ZSTD(1)');

const pointColumns = {
  ResourceAttributes: repeatingAttributes(),
  ResourceSchemaUrl: dictionary(),
  ScopeName: dictionary(),
  ScopeVersion: dictionary(),
  ScopeAttributes: repeatingAttributes(),
  ScopeDroppedAttrCount: column('UInt32'),
  ScopeSchemaUrl: dictionary(),
  ServiceName: dictionary(),
  MetricName: dictionary(),
  MetricDescription: dictionary(),
  MetricUnit: dictionary(),
  Attributes: repeatingAttributes(),
  StartTimeUnix: column('DateTime', 'DoubleDelta, ZSTD(1)'),
  TimeUnix: column('DateTime', 'DoubleDelta, ZSTD(1)'),
  Flags: column('UInt32'),
};

const exemplars = nested('Exemplars', {
  FilteredAttributes: 'Map(LowCardinality(String), String)',
  TimeUnix: 'DateTime',
  Value: 'Float64',
  SpanId: 'String',
  TraceId: 'String',
});

/** Metric points of one instrument. The hour behind the name keeps "now" questions small: ask for `toStartOfHour(TimeUnix)` too. */
function points<Name extends string>(instrument: Instrument, columns: Record<Name, Column>) {
  return table({
    name: `otel_metrics_${instrument}`,
    columns: { ...pointColumns, ...columns, SeriesId: seriesId, ...resourceColumns } as Record<
      keyof typeof pointColumns | Name | 'SeriesId' | keyof typeof resourceColumns,
      Column
    >,
    engine: 'MergeTree',
    partitionBy: 'toDate(TimeUnix)',
    orderBy: ['MetricName', 'toStartOfHour(TimeUnix)', 'ServiceName', 'Namespace', 'SeriesId', 'TimeUnix'],
    timeColumn: 'TimeUnix',
    retention: 'metrics',
  });
}

export const gauges = points(Instrument.GAUGE, { Value: column('Float64'), ...exemplars });

export const sums = points(Instrument.SUM, {
  Value: counted('Float64'),
  AggregationTemporality: column('Int32'),
  IsMonotonic: column('Bool'),
  ...exemplars,
});

export const histograms = points(Instrument.HISTOGRAM, {
  Count: counted('UInt64'),
  Sum: counted('Float64'),
  BucketCounts: counted('Array(UInt64)'),
  ExplicitBounds: column('Array(Float64)'),
  Min: column('Float64'),
  Max: column('Float64'),
  AggregationTemporality: column('Int32'),
  ...exemplars,
});

export const exponentialHistograms = points(Instrument.EXPONENTIAL_HISTOGRAM, {
  Count: counted('UInt64'),
  Sum: counted('Float64'),
  Scale: column('Int32'),
  ZeroCount: column('UInt64'),
  PositiveOffset: column('Int32'),
  PositiveBucketCounts: column('Array(UInt64)'),
  NegativeOffset: column('Int32'),
  NegativeBucketCounts: column('Array(UInt64)'),
  Min: column('Float64'),
  Max: column('Float64'),
  AggregationTemporality: column('Int32'),
  ...exemplars,
});

export const summaries = points(Instrument.SUMMARY, {
  Count: counted('UInt64'),
  Sum: counted('Float64'),
  ...nested('ValueAtQuantiles', { Quantile: 'Float64', Value: 'Float64' }),
});

/** Where points of a metric lie. All of them have to exist: the exporter repeats a whole batch for one that is missing. */
export const metricTables = {
  [Instrument.GAUGE]: gauges,
  [Instrument.SUM]: sums,
  [Instrument.HISTOGRAM]: histograms,
  [Instrument.EXPONENTIAL_HISTOGRAM]: exponentialHistograms,
  [Instrument.SUMMARY]: summaries,
} as const satisfies Record<Instrument, Table>;
