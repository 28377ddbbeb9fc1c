import type { Duration } from 'cdk8s';
import type { Column } from '../../telemetry/column';
import type { SkipIndex, Table, View } from '../../telemetry/table';

/** What statements are made for. */
export interface SchemaTarget {
  readonly database: string;
  /** The user whose rights views have. It has to exist as long as they do. */
  readonly owner: string;
}

/** Settings of every table. */
const settings = {
  // Whole parts are dropped when all of their rows are too old; nothing is rewritten for it.
  ttl_only_drop_parts: 1,
  // A changed retention is noted beside each part. Without it every part would be rewritten.
  materialize_ttl_recalculate_only: 1,
  // A batch that is sent again is stored once.
  non_replicated_deduplication_window: 1000,
};

export function createTable({ database }: SchemaTarget, table: Table): string {
  const columns = Object.entries(table.columns).map(([name, column]) => columnDefinition(name, column));
  const indexes = (table.indexes ?? []).map(indexDefinition);
  return [
    `CREATE TABLE IF NOT EXISTS ${database}.${table.name} (`,
    [...columns, ...indexes].map((line) => `    ${line}`).join(',\n'),
    `) ENGINE = ${table.engine}`,
    `PARTITION BY ${table.partitionBy}`,
    `ORDER BY (${table.orderBy.join(', ')})`,
    `SETTINGS ${Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}`)
      .join(', ')}`,
  ].join('\n');
}

/** Runs with its owner's rights: a writer needs none on what it reads and feeds, and one who may only insert has none. */
export function createView({ database, owner }: SchemaTarget, target: Table, view: View): string {
  const select = Object.entries(view.select).map(([name, expression]) => (expression === name ? name : `${expression} AS ${name}`));
  return [
    `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.${view.name} TO ${database}.${target.name}`,
    `DEFINER = ${owner} SQL SECURITY DEFINER`,
    `AS SELECT ${select.join(', ')}`,
    `FROM ${database}.${view.from.name}`,
    ...(view.where ? [`WHERE ${view.where}`] : []),
    `GROUP BY ${view.groupBy.join(', ')}`,
  ].join('\n');
}

/** Changes nothing where the table has this retention already. */
export function setRetention({ database }: SchemaTarget, table: Table, kept: Duration): string {
  const time = table.columns[table.timeColumn].dataType.startsWith('DateTime64') ? `toDateTime(${table.timeColumn})` : table.timeColumn;
  return `ALTER TABLE ${database}.${table.name} MODIFY TTL ${time} + ${interval(kept)}`;
}

function interval(duration: Duration): string {
  const seconds = Math.round(duration.toMilliseconds({ integral: false }) / 1000);
  return seconds % 86_400 === 0 ? `INTERVAL ${seconds / 86_400} DAY` : `INTERVAL ${seconds} SECOND`;
}

function columnDefinition(name: string, column: Column): string {
  const computed =
    column.materialized !== undefined
      ? [`MATERIALIZED ${column.materialized}`]
      : column.alias !== undefined
        ? [`ALIAS ${column.alias}`]
        : [];
  return [quoted(name), column.dataType, ...computed, ...(column.codec ? [`CODEC(${column.codec})`] : [])].join(' ');
}

const indexDefinition = ({ name, expression, type }: SkipIndex): string => `INDEX ${name} ${expression} TYPE ${type}`;

/** Names of nested columns hold a dot. */
const quoted = (name: string): string => (/^\w+$/.test(name) ? name : `\`${name}\``);
