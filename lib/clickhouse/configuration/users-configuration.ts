import { tables } from '../../telemetry/tables';
import { ClickHouseUser } from '../clickhouse';
import { migrationsTable } from '../schema/migrations';
import { clickHousePath } from './server-configuration';
import type { Sizing } from './sizing';
import { included, type XmlElements, xml } from './xml';

/**
 * Users, what they may do, and their limits. Hashes of passwords come from a file that an init container writes: none stands here.
 * @see https://clickhouse.com/docs/operations/settings/settings-users
 */
export function usersConfiguration(database: string, sizes: Sizing): string {
  return xml({
    include_from: `${clickHousePath.hashes}/${clickHousePath.hashesFile}`,
    profiles: { default: defaultProfile(sizes), writer: writerProfile, reader: readerProfile(sizes) },
    users: {
      [ClickHouseUser.ADMIN]: user(ClickHouseUser.ADMIN, 'default'),
      [ClickHouseUser.WRITER]: user(ClickHouseUser.WRITER, 'writer', writerGrants(database)),
      [ClickHouseUser.READER]: user(ClickHouseUser.READER, 'reader', readerGrants(database)),
    },
  });
}

/** Without grants of its own a user may do everything but hand out rights. */
function user(name: ClickHouseUser, profile: string, grants?: string[]): XmlElements {
  return { password_sha256_hex: included(name), networks: { ip: '::/0' }, profile, grants: grants && { query: grants } };
}

/** Into the tables that the collector writes, and no other: those that views feed are their owner's. */
function writerGrants(database: string): string[] {
  const written = tables.filter(({ views }) => !views).map(({ name }) => `GRANT INSERT ON ${database}.${name}`);
  return [...written, `GRANT SELECT ON ${database}.${migrationsTable}`];
}

/** Of the server's own tables what panels and rules read: how full its disks are. Others show the queries of everybody. */
const readerGrants = (database: string): string[] => [`GRANT SELECT ON ${database}.*`, 'GRANT SELECT ON system.disks'];

const defaultProfile = (sizes: Sizing): XmlElements => ({ log_queries: true, max_threads: sizes.queryThreads });

const writerProfile: XmlElements = {
  // Only whole blocks are recognized when they are sent again.
  async_insert: false,
  // One record with a wrong clock must not hold up all others for ever.
  throw_on_max_partitions_per_insert_block: false,
};

/** What Grafana sets for itself may change within bounds; nothing else can be. Its own limit is sent some seconds above the one that it was given. */
const readerProfile = (sizes: Sizing): XmlElements => ({
  readonly: 1,
  max_execution_time: 60,
  max_memory_usage: sizes.readerQueryMemory,
  max_memory_usage_for_user: sizes.readerMemory,
  constraints: {
    max_execution_time: { changeable_in_readonly: '', min: 1, max: 90 },
    additional_table_filters: { changeable_in_readonly: '' },
    limit: { changeable_in_readonly: '' },
  },
});
