import type { SchemaTarget } from './statements';

/** A step from one version of the schema to the next, for stores that hold tables already. New stores get the newest tables at once. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Each may run any number of times, also on tables that have the change already: `ADD COLUMN IF NOT EXISTS`. */
  readonly statements: (target: SchemaTarget) => readonly string[];
}

/** In order. What has been released is not changed any more; a change of a table comes with a new entry. */
export const migrations: readonly Migration[] = [{ version: 1, name: 'tables of logs, traces and metrics', statements: () => [] }];

/** The version that this release makes, and that its writers wait for. */
export const schemaVersion = migrations[migrations.length - 1].version;

/** Where a store keeps which versions it has been brought to. */
export const migrationsTable = 'schema_migrations';

export const createMigrationsTable = ({ database }: SchemaTarget): string =>
  `CREATE TABLE IF NOT EXISTS ${database}.${migrationsTable} (version UInt32, name String, applied_at DateTime DEFAULT now())\nENGINE = ReplacingMergeTree(applied_at)\nORDER BY version`;

/** Once: when it was first. */
export const recordMigration = ({ database }: SchemaTarget, { version, name }: Migration): string =>
  `INSERT INTO ${database}.${migrationsTable} (version, name)\nSELECT ${version}, '${name}' WHERE NOT EXISTS (SELECT 1 FROM ${database}.${migrationsTable} WHERE version = ${version})`;
