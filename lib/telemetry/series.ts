import { clusterDnsMetrics, controllerManagerMetrics, etcdMetrics, schedulerMetrics } from './control-plane-metrics';
import { Countable } from './countable';
import { antreaMetrics, awsVpcMetrics, cAdvisorMetrics, calicoMetrics, ciliumMetrics, kubeProxyMetrics } from './node-programs-metrics';
import { apiServerMetrics, clickHouseMetrics, nodeAllocatableMetrics, nodeConditionMetrics } from './scraped-metrics';

/** How many series a metric has: so many of each. */
export interface Series {
  readonly per: Countable;
  readonly count: number;
}

/** What is known of the series of a metric, by its name; counted on a real node and API server. */
export const seriesOf = (metric: string): Series | undefined => known[metric];

const each = (per: Countable, count: number, ...names: string[]) => names.map((name) => [name, { per, count }] as const);

/** Four of a hundred containers wait or have failed. */
const troubled = 0.04;

const known: Readonly<Record<string, Series>> = Object.fromEntries([
  ...each(Countable.NODE, 1, 'k8s.node.cpu.usage', 'k8s.node.memory.working_set', 'k8s.node.memory.available'),
  ...each(Countable.NODE, 1, 'k8s.node.filesystem.available', 'k8s.node.filesystem.capacity'),
  ...each(Countable.NODE, 1, 'k8s.node.filesystem.inode.count', 'k8s.node.filesystem.inode.free'),
  // Both directions of the one interface that leads out.
  ...each(Countable.NODE, 2, 'k8s.node.network.io', 'k8s.node.network.errors'),
  ...each(Countable.POD, 2, 'k8s.pod.network.io'),
  ...each(Countable.POD, 1, 'k8s.pod.filesystem.usage', 'k8s.pod.phase'),
  ...each(Countable.CONTAINER, 1, 'container.cpu.usage', 'container.memory.working_set'),
  ...each(Countable.CLAIM, 1, 'k8s.volume.available', 'k8s.volume.capacity', 'k8s.volume.inodes', 'k8s.volume.inodes.free'),

  // States of CPU and of memory, two kinds of faults, both directions of disks.
  ...each(Countable.NODE, 8, 'system.cpu.time'),
  ...each(Countable.NODE, 6, 'system.memory.usage'),
  ...each(Countable.NODE, 2, 'system.paging.faults'),
  ...each(Countable.NODE, 1, 'system.cpu.logical.count', 'system.cpu.load_average.5m', 'system.uptime'),
  ...each(Countable.DISK, 2, 'system.disk.io', 'system.disk.operations', 'system.disk.operation_time'),
  ...each(Countable.DISK, 1, 'system.disk.io_time', 'system.disk.weighted_io_time'),

  ...each(Countable.REQUEST_OR_LIMIT, 1, ...Object.keys(cAdvisorMetrics)),
  ...each(Countable.NODE, 1, ...Object.keys(kubeProxyMetrics)),
  ...each(Countable.NODE, 0, 'kubeproxy_sync_proxy_rules_iptables_restore_failures_total'),
  ...each(Countable.NODE, 0, 'kubeproxy_sync_proxy_rules_nftables_sync_failures_total'),
  // Recorded from what they document: reasons of drops, outcomes, states; both directions.
  ...[ciliumMetrics, calicoMetrics, awsVpcMetrics, antreaMetrics].flatMap((metrics) => each(Countable.NODE, 1, ...Object.keys(metrics))),
  ...each(Countable.NODE, 6, 'cilium_drop_count_total', 'cilium_endpoint_state', 'cilium_bpf_map_pressure'),
  ...each(Countable.NODE, 2, 'cilium_forward_count_total', 'cilium_endpoint_regenerations_total'),

  ...each(Countable.NODE, 1, ...Object.keys(nodeConditionMetrics), ...Object.keys(nodeAllocatableMetrics)),
  ...each(Countable.CONTAINER, 1, 'k8s.container.ready', 'k8s.container.restarts'),
  ...each(Countable.CONTAINER, troubled, 'k8s.container.status.reason'),
  ...each(Countable.REQUEST_OR_LIMIT, 1, 'k8s.container.cpu_request', 'k8s.container.cpu_limit'),
  ...each(Countable.REQUEST_OR_LIMIT, 1, 'k8s.container.memory_request', 'k8s.container.memory_limit'),
  ...each(Countable.DEPLOYMENT, 1, 'k8s.deployment.available', 'k8s.deployment.desired'),
  ...each(Countable.DAEMON_SET, 1, 'k8s.daemonset.current_scheduled_nodes', 'k8s.daemonset.desired_scheduled_nodes'),
  ...each(Countable.DAEMON_SET, 1, 'k8s.daemonset.misscheduled_nodes', 'k8s.daemonset.ready_nodes'),
  ...each(Countable.STATEFUL_SET, 1, 'k8s.statefulset.desired_pods', 'k8s.statefulset.ready_pods', 'k8s.statefulset.updated_pods'),
  ...each(Countable.JOB, 1, 'k8s.job.active_pods', 'k8s.job.desired_successful_pods', 'k8s.job.failed_pods', 'k8s.job.successful_pods'),
  ...each(Countable.CRON_JOB, 1, 'k8s.cronjob.active_jobs'),
  ...each(Countable.AUTOSCALER, 1, 'k8s.hpa.current_replicas', 'k8s.hpa.desired_replicas', 'k8s.hpa.max_replicas', 'k8s.hpa.min_replicas'),
  ...each(Countable.QUOTA, 1, 'k8s.resource_quota.hard_limit', 'k8s.resource_quota.used'),
  ...each(Countable.NAMESPACE, 1, 'k8s.namespace.phase'),
  // A claim that a pod mounts has its volume.
  ...each(Countable.CLAIM, 1, 'k8s.persistentvolume.status.phase', 'k8s.persistentvolume.storage.capacity'),
  ...each(Countable.CLAIM, 1, 'k8s.persistentvolumeclaim.status.phase', 'k8s.persistentvolumeclaim.storage.capacity'),
  ...each(Countable.CLAIM, 1, 'k8s.persistentvolumeclaim.storage.request'),

  // One of each but for these, by verb, code, operation, kind of request; of what is refused or fails, none on a good day.
  ...each(Countable.API_SERVER, 1, ...Object.keys(apiServerMetrics)),
  ...each(Countable.API_SERVER, 17, 'apiserver_request_total'),
  ...each(Countable.API_SERVER, 10, 'apiserver_request_sli_duration_seconds'),
  ...each(Countable.API_SERVER, 6, 'etcd_request_duration_seconds'),
  ...each(Countable.API_SERVER, 2, 'apiserver_current_inflight_requests'),
  ...each(Countable.API_SERVER, 0, 'aggregator_unavailable_apiservice', 'apiserver_flowcontrol_rejected_requests_total'),
  ...each(Countable.API_SERVER, 0, 'apiserver_request_terminations_total', 'apiserver_admission_webhook_fail_open_count'),
  ...each(Countable.API_SERVER, 0, 'apiserver_admission_webhook_rejection_count'),
  // Where they can be reached, there are as many as API servers; by queue, result and code.
  ...each(Countable.API_SERVER, 1, ...Object.keys({ ...etcdMetrics, ...schedulerMetrics, ...controllerManagerMetrics })),
  ...each(Countable.API_SERVER, 4, 'scheduler_pending_pods'),
  ...each(Countable.API_SERVER, 3, 'rest_client_requests_total'),
  ...each(Countable.API_SERVER, 2, 'scheduler_schedule_attempts_total'),
  ...each(Countable.API_SERVER, 8, 'workqueue_depth'),
  // Two pods; by type, code and upstream.
  ...each(Countable.CLUSTER, 2, ...Object.keys(clusterDnsMetrics)),
  ...each(Countable.CLUSTER, 4, 'coredns_dns_requests_total', 'coredns_proxy_request_duration_seconds', 'coredns_cache_hits_total'),
  ...each(Countable.CLUSTER, 6, 'coredns_dns_responses_total'),
  ...each(Countable.STORE, 1, ...Object.keys(clickHouseMetrics)),
]);
