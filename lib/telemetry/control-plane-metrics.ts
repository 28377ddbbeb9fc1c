import { coreDnsMetrics } from './node-programs-metrics';
import { gauge, histogram, type MetricFacts, processMetrics, sum } from './scraped-metrics';

/** What is kept of the parts of a control plane beside the API server. */

/** @see https://etcd.io/docs/latest/metrics/ */
export const etcdMetrics: Record<string, MetricFacts> = {
  etcd_disk_backend_commit_duration_seconds: histogram('s'),
  etcd_disk_wal_fsync_duration_seconds: histogram('s'),
  etcd_mvcc_db_total_size_in_bytes: gauge('By'),
  etcd_server_has_leader: gauge(''),
  etcd_server_is_leader: gauge(''),
  etcd_server_leader_changes_seen_total: sum(''),
  etcd_server_proposals_failed_total: sum(''),
  etcd_server_quota_backend_bytes: gauge('By'),
  ...processMetrics,
};

const clientMetrics = { rest_client_requests_total: sum('{request}', 'code') };

/** What is kept of the scheduler, summed over its profiles. */
export const schedulerMetrics: Record<string, MetricFacts> = {
  scheduler_pending_pods: gauge('{pod}', 'queue'),
  scheduler_schedule_attempts_total: sum('{attempt}', 'result'),
  scheduler_scheduling_attempt_duration_seconds: histogram('s'),
  ...clientMetrics,
  ...processMetrics,
};

/** What is kept of the controller manager: how much waits in each of its queues, and how long everything waited. */
export const controllerManagerMetrics: Record<string, MetricFacts> = {
  workqueue_depth: gauge('', 'name'),
  workqueue_queue_duration_seconds: histogram('s'),
  ...clientMetrics,
  ...processMetrics,
};

/** Summed over servers, zones and plugins. */
export const clusterDnsMetrics: Record<string, MetricFacts> = {
  ...coreDnsMetrics,
  coredns_proxy_request_duration_seconds: histogram('s', 'to'),
};
