import { ClickHouseUser, type IClickHouse } from '../clickhouse';
import { clientContainer } from '../clickhouse-client';
import { migrationsTable, schemaVersion } from './migrations';

/**
 * An init container for writers: one that saw the tables before a migration would keep writing to what it saw.
 * It fails while the store is away or its schema is older than what this release writes, and Kubernetes tries again.
 */
export function awaitSchema(clickhouse: IClickHouse, image: string, sink?: string) {
  const older = `the schema is older than version ${schemaVersion}: the Job of the TelemetrySchema brings it there`;
  const query = `SELECT throwIf(max(version) < ${schemaVersion}, '${older}') FROM ${clickhouse.database}.${migrationsTable}`;
  return clientContainer({
    name: sink ? `await-schema-${sink}` : 'await-schema',
    image,
    clickhouse,
    user: ClickHouseUser.WRITER,
    arguments: ['--query', query],
  });
}
