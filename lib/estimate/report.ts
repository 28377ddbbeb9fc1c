import { type Duration, type Size, SizeRoundingBehavior } from 'cdk8s';
import type { Retention } from '../clickhouse/schema/retention';
import type { Estimate, SourceEstimate } from './estimate';

/** An estimate as a table and its sums. */
export function reportOf(estimate: Omit<Estimate, 'report'>, kept: Required<Retention>): string {
  const rows = estimate.sources.map((source) => [
    nameOf(source),
    source.signal,
    grouped(source.rowsPerMinute),
    mebibytes(source.bytesPerDay),
  ]);
  const totals = [
    `${grouped(estimate.metricPointsPerMinute)} points, ${grouped(estimate.logRecordsPerMinute)} log records and ${grouped(estimate.spansPerMinute)} spans a minute`,
    `${mebibytes(estimate.bytesPerDay)} MiB a day, ${mebibytes(estimate.storedBytes)} MiB of disk with logs kept ${shown(kept.logs)}, metrics ${shown(kept.metrics)}, traces ${shown(kept.traces)}; merges need as much again, free`,
    ...estimate.notEstimated.map((line) => `not estimated: ${line}`),
    ...estimate.assumptions.map((line) => `assumed: ${line}`),
  ];
  return `${[...table([['source', 'signal', 'rows a minute', 'MiB a day'], ...rows]), '', ...totals].join('\n')}\n`;
}

const nameOf = ({ collector, source }: SourceEstimate) => `${collector} / ${source}`;

/** Texts to the left, numbers to the right. */
function table(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '),
  );
}

const mebibytes = (size: Size) => {
  const exact = size.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
  return exact < 10 ? exact.toFixed(1) : grouped(exact);
};

const grouped = (number: number) =>
  Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');

const shown = (duration: Duration) => duration.toHumanString();
