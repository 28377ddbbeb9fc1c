import type { Duration } from 'cdk8s';
import type { Column } from './column';

/** A skip index: lets reads leave out blocks of rows that cannot hold what is looked for. One entry a block; a text index is one for a whole part. */
export interface SkipIndex {
  readonly name: string;
  readonly expression: string;
  readonly type: string;
}

/** Feeds a table with what is written to another, within the same INSERT. */
export interface View {
  readonly name: string;
  /** The table that it reads. */
  readonly from: Table;
  /** `column of the target: expression over the source`. */
  readonly select: Readonly<Record<string, string>>;
  /** @default - all rows */
  readonly where?: string;
  /** The columns of the target that rows are grouped by. */
  readonly groupBy: readonly string[];
}

export interface TableDefinition<Name extends string> {
  readonly name: string;
  readonly columns: Readonly<Record<Name, Column>>;
  /** @default - none */
  readonly indexes?: readonly SkipIndex[];
  readonly engine: 'MergeTree' | 'AggregatingMergeTree';
  readonly partitionBy: string;
  readonly orderBy: readonly string[];
  /** When what a row says happened; retention counts from here. */
  readonly timeColumn: NoInfer<Name>;
  /** The signal that it is kept as long as, or how long. */
  readonly retention: 'logs' | 'metrics' | 'traces' | Duration;
  /** @default - nothing feeds it but its writer */
  readonly views?: readonly View[];
}

/** A table of the store as data. Statements, exporter settings, data sources and queries are all made from it. */
export interface Table<Name extends string = string> extends TableDefinition<Name> {
  /** Each column's name under itself, so that a query that names a column which does not exist does not compile. */
  readonly column: { readonly [K in Name]: K };
}

export function table<Name extends string>(definition: TableDefinition<Name>): Table<Name> {
  const names = Object.keys(definition.columns).map((name) => [name, name]);
  return { ...definition, column: Object.fromEntries(names) };
}

/** The columns that a writer gives: the others are computed. */
export const writtenColumns = (of: Table): string[] =>
  Object.entries(of.columns)
    .filter(([, { materialized, alias }]) => materialized === undefined && alias === undefined)
    .map(([name]) => name);
