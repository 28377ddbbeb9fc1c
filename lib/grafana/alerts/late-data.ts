import type { Table } from '../../telemetry/table';
import { all, recent, seconds } from '../queries/sql';

/**
 * Fails where the newest sample of a metric is older than three minutes. Rules that return only what is wrong would otherwise take late data for health: every alert
 * would end, and begin anew later. A query that fails leaves all alerts as they are.
 */
export function notLate(table: Table, canary: string): string {
  return `(
      SELECT throwIf(max(TimeUnix) < $__toTime - ${seconds(180)}, 'metrics are late') FROM ${table.name}
      WHERE ${all(`MetricName = '${canary}'`, recent(table, 3600))}
    ) = 0`;
}
