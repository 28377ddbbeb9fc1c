import type { Duration } from 'cdk8s';
import type { Table } from '../../telemetry/table';
import { tables } from '../../telemetry/tables';
import { createMigrationsTable, migrations, recordMigration } from './migrations';
import { type Retention, retentionOf } from './retention';
import { createTable, createView, type SchemaTarget, setRetention } from './statements';

/**
 * Everything that brings any store, an empty one too, to the schema of this release, in order. It may run any number of times, and by two at once.
 * Versions come last: a store has a version only when all of it is there.
 */
export function schemaStatements(target: SchemaTarget, retention: Retention = {}): string[] {
  return [
    `CREATE DATABASE IF NOT EXISTS ${target.database}`,
    createMigrationsTable(target),
    ...tables.map((table) => createTable(target, table)),
    ...migrations.flatMap(({ statements }) => statements(target)),
    ...tables.flatMap((table) => (table.views ?? []).map((view) => createView(target, table, view))),
    ...tables.map((table) => setRetention(target, table, kept(table, retentionOf(retention)))),
    ...migrations.map((migration) => recordMigration(target, migration)),
  ];
}

/** As `clickhouse client --queries-file` reads it. */
export const schemaText = (target: SchemaTarget, retention?: Retention): string =>
  `${schemaStatements(target, retention).join(';\n\n')};\n`;

const kept = (table: Table, retention: Required<Retention>): Duration =>
  typeof table.retention === 'string' ? retention[table.retention] : table.retention;
