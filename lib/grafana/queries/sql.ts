import type { Table } from '../../telemetry/table';

/**
 * Pieces of SQL that know the store's tables. Of the macros of Grafana's ClickHouse plugin only those are used that mean the same in all its versions since 4.14:
 * `$__fromTime`, `$__toTime`, `$__timeInterval`, `$__interval_s`.
 */

/** A text as SQL. A `$` is written by its code, so that Grafana never takes it for a macro or a variable. */
export const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replaceAll('$', '\\x24').replaceAll('\n', '\\n')}'`;

export const anyOf = (texts: readonly string[]): string => `(${texts.map(quoted).join(', ')})`;

export const seconds = (count: number): string => `INTERVAL ${count} SECOND`;

/**
 * Rows between two moments, both included. The hour stands in the sort key, and only a condition on the hour itself leaves out what lies between the keys:
 * with the time alone a day is read for fifteen minutes.
 */
export function between(table: Table, from: string, to: string): string {
  const time = table.timeColumn;
  const hours = table.orderBy.includes(`toStartOfHour(${time})`)
    ? [`toStartOfHour(${time}) >= toStartOfHour(${from})`, `toStartOfHour(${time}) <= toStartOfHour(${to})`]
    : [];
  return all(...hours, `${time} >= ${from}`, `${time} <= ${to}`);
}

/** Rows of the panel's time range. */
export const inRange = (table: Table): string => between(table, '$__fromTime', '$__toTime');

/** Rows of the last seconds before the end of the range. */
export const recent = (table: Table, count: number): string => between(table, `$__toTime - ${seconds(count)}`, '$__toTime');

/** Conditions that all have to hold, a line each, as people read them in Grafana; what is undefined does not count. */
export const all = (...conditions: (string | undefined)[]): string =>
  conditions.filter((condition) => condition !== undefined).join('\n    AND ');

/**
 * The whole intervals of a time series: one that is still being written would end each line with a fall to the ground.
 * Data is a minute and a half on its way: what is collected once a minute lies in the store well after its timestamp.
 */
export function wholeIntervals(table: Table): string {
  const start = (moment: string) => `toStartOfInterval(${moment}, INTERVAL $__interval_s second)`;
  const end = `${start(`$__toTime - ${seconds(90)}`)} - ${seconds(1)}`;
  return between(table, start('$__fromTime'), end);
}

export const timeSlot = (table: Table): string => `$__timeInterval(${table.timeColumn})`;
