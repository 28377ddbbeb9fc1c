import { Instrument } from './instrument';

/** What is known of metrics that no receiver's metadata lists. Names and types as the programs write them on `/metrics`. */

export interface MetricFacts {
  readonly instrument: Instrument;
  readonly unit: string;
  readonly attributes: readonly string[];
}

export const gauge = (unit: string, ...attributes: string[]): MetricFacts => ({ instrument: Instrument.GAUGE, unit, attributes });
export const sum = (unit: string, ...attributes: string[]): MetricFacts => ({ instrument: Instrument.SUM, unit, attributes });
export const histogram = (unit: string, ...attributes: string[]): MetricFacts => ({ instrument: Instrument.HISTOGRAM, unit, attributes });

/**
 * What every scrape says about itself.
 * @see https://prometheus.io/docs/concepts/jobs_instances/
 */
export const scrapeMetrics: Record<string, MetricFacts> = {
  scrape_duration_seconds: gauge('s'),
  scrape_samples_post_metric_relabeling: gauge(''),
  scrape_samples_scraped: gauge(''),
  up: gauge(''),
};

/** What every program of Kubernetes says about its process. */
export const processMetrics: Record<string, MetricFacts> = {
  process_cpu_seconds_total: sum('s'),
  process_resident_memory_bytes: gauge('By'),
  process_start_time_seconds: gauge('s'),
};

/**
 * What is kept of the API server's metrics, summed over all labels but these.
 * @see https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
export const apiServerMetrics: Record<string, MetricFacts> = {
  aggregator_unavailable_apiservice: gauge('', 'name'),
  apiserver_admission_webhook_fail_open_count: sum('', 'name'),
  apiserver_admission_webhook_rejection_count: sum('', 'name', 'error_type'),
  apiserver_current_inflight_requests: gauge('{request}', 'request_kind'),
  apiserver_flowcontrol_rejected_requests_total: sum('{request}', 'priority_level', 'reason'),
  apiserver_request_sli_duration_seconds: histogram('s', 'verb', 'scope'),
  apiserver_request_terminations_total: sum('{request}', 'code'),
  apiserver_request_total: sum('{request}', 'verb', 'code'),
  apiserver_storage_size_bytes: gauge('By'),
  etcd_request_duration_seconds: histogram('s', 'operation'),
  ...processMetrics,
};

const clickHouseNow = (unit: string, ...names: string[]) => names.map((name) => [`ClickHouseMetrics_${name}`, gauge(unit)] as const);
const clickHouseEvents = (unit: string, ...names: string[]) => names.map((name) => [`ClickHouseProfileEvents_${name}`, sum(unit)] as const);
const clickHouseMeasured = (unit: string, ...names: string[]) =>
  names.map((name) => [`ClickHouseAsyncMetrics_${name}`, gauge(unit)] as const);

/**
 * What is kept of ClickHouse's metrics. A server writes some two thousand of them.
 * @see https://clickhouse.com/docs/operations/server-configuration-parameters/settings#prometheus
 */
export const clickHouseMetrics: Record<string, MetricFacts> = Object.fromEntries([
  ...clickHouseNow(
    '',
    'BackgroundMergesAndMutationsPoolSize',
    'BackgroundMergesAndMutationsPoolTask',
    'DelayedInserts',
    'HTTPConnection',
    'Merge',
    'PartMutation',
    'Query',
    'TCPConnection',
  ),
  ...clickHouseNow('By', 'MemoryTracking'),
  ...clickHouseEvents('', 'DelayedInserts', 'FailedInsertQuery', 'FailedSelectQuery', 'InsertQuery', 'RejectedInserts', 'SelectQuery'),
  ...clickHouseEvents('{row}', 'InsertedRows', 'MergedRows'),
  ...clickHouseEvents('By', 'InsertedBytes', 'NetworkReceiveBytes', 'NetworkSendBytes'),
  ...clickHouseEvents('us', 'InsertQueryTimeMicroseconds', 'OSCPUVirtualTimeMicroseconds', 'SelectQueryTimeMicroseconds'),
  ...clickHouseMeasured('', 'MaxPartCountForPartition'),
  ...clickHouseMeasured('s', 'Uptime'),
  ...clickHouseMeasured('By', 'DiskAvailable_default', 'DiskTotal_default', 'MemoryResident'),
]);

/**
 * Metrics of `k8s_cluster` whose names are made of what its configuration asks for, and so stand in no metadata. A condition is 1, 0, or -1 where it is not known.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/k8sclusterreceiver
 */
export const nodeConditionMetrics: Record<string, MetricFacts> = {
  'k8s.node.condition_disk_pressure': gauge(''),
  'k8s.node.condition_memory_pressure': gauge(''),
  'k8s.node.condition_network_unavailable': gauge(''),
  'k8s.node.condition_pid_pressure': gauge(''),
  'k8s.node.condition_ready': gauge(''),
};

export const nodeAllocatableMetrics: Record<string, MetricFacts> = {
  'k8s.node.allocatable_cpu': gauge('{cpu}'),
  'k8s.node.allocatable_ephemeral_storage': gauge('By'),
  'k8s.node.allocatable_memory': gauge('By'),
  'k8s.node.allocatable_pods': gauge('{pod}'),
};
