import { clickHousePort } from '../ports';
import type { Sizing } from './sizing';
import { type XmlElements, xml } from './xml';

/** Where the server finds its files. The claim is mounted at `data`. */
export const clickHousePath = {
  configuration: '/etc/clickhouse-server',
  serverFile: 'config.xml',
  usersFile: 'users.xml',
  data: '/var/lib/clickhouse',
  /** Outside of the configuration's folder, which cannot be written. */
  hashes: '/run/clickhouse/hashes',
  hashesFile: 'hashes.xml',
} as const;

/**
 * The server's whole configuration: nothing of the image's own is read, so that an upgrade brings no log table that grows for ever and no open port.
 * Anything not said here has the server's default.
 * @see https://clickhouse.com/docs/operations/server-configuration-parameters/settings
 */
export function serverConfiguration(sizes: Sizing): string {
  return xml({
    ...listeners,
    logger: { level: 'warning', console: true, formatting: { type: 'json' } },
    ...paths,
    timezone: 'UTC',
    default_profile: 'default',
    default_database: 'default',
    ...access,
    ...limits(sizes),
    ...caches(sizes),
    ...merges(sizes),
    // A pod that goes finishes what it does; its address is out of the Service by then.
    shutdown_wait_unfinished: 30,
    shutdown_wait_unfinished_queries: true,
    prometheus: {
      endpoint: '/metrics',
      port: clickHousePort.metrics,
      metrics: true,
      events: true,
      asynchronous_metrics: true,
      errors: true,
    },
    send_crash_reports: { enabled: false },
    ...systemLogs,
  });
}

/** Both address families; a node without one of them is no reason to stop. */
const listeners: XmlElements = {
  listen_host: ['::', '0.0.0.0'],
  listen_try: true,
  http_port: clickHousePort.http,
  tcp_port: clickHousePort.native,
};

const paths: XmlElements = {
  path: `${clickHousePath.data}/`,
  tmp_path: `${clickHousePath.data}/tmp/`,
  user_files_path: `${clickHousePath.data}/user_files/`,
  format_schema_path: `${clickHousePath.data}/format_schemas/`,
  users_config: `${clickHousePath.configuration}/${clickHousePath.usersFile}`,
};

const access: XmlElements = {
  allow_plaintext_password: false,
  allow_no_password: false,
  allow_implicit_no_password: false,
  access_control_improvements: {
    select_from_system_db_requires_grant: true,
    select_from_information_schema_requires_grant: true,
    settings_constraints_replace_previous: true,
  },
};

const limits = (sizes: Sizing): XmlElements => ({
  max_server_memory_usage: sizes.serverMemory,
  max_connections: 1024,
  max_concurrent_queries: sizes.concurrentQueries,
  max_concurrent_select_queries: sizes.concurrentSelects,
});

const caches = (sizes: Sizing): XmlElements => ({
  mark_cache_size: sizes.markCache,
  primary_index_cache_size: sizes.primaryIndexCache,
  index_mark_cache_size: sizes.indexMarkCache,
  text_index_tokens_cache_size: sizes.textIndexTokensCache,
  text_index_header_cache_size: sizes.textIndexHeaderCache,
  text_index_postings_cache_size: sizes.textIndexPostingsCache,
  query_condition_cache_size: sizes.queryConditionCache,
  compiled_expression_cache_size: sizes.compiledExpressionCache,
});

/** The server refuses to start where it is to keep more entries free than there are. */
const merges = (sizes: Sizing): XmlElements => ({
  background_pool_size: sizes.mergeThreads,
  background_merges_mutations_concurrency_ratio: 2,
  merge_tree: {
    number_of_free_entries_in_pool_to_lower_max_size_of_merge: sizes.mergeThreads,
    number_of_free_entries_in_pool_to_execute_mutation: sizes.mergeThreads,
    number_of_free_entries_in_pool_to_execute_optimize_entire_partition: sizes.mergeThreads,
    max_bytes_to_merge_at_max_space_in_pool: sizes.largestMerge,
    merge_max_block_size: sizes.mergeBlockRows,
  },
});

/** The log tables that are kept, each for some days. A log that is not named does not exist. Metrics are scraped, and the log goes to the pod's. */
const systemLogs: XmlElements = { query_log: systemLog('query_log', 7), part_log: systemLog('part_log', 3) };

function systemLog(table: string, days: number): XmlElements {
  return {
    database: 'system',
    table,
    engine: `ENGINE = MergeTree PARTITION BY event_date ORDER BY event_time TTL event_date + INTERVAL ${days} DAY DELETE SETTINGS ttl_only_drop_parts = 1`,
    flush_interval_milliseconds: 7500,
  };
}
