import { gauge, histogram, type MetricFacts, sum } from './scraped-metrics';

/** What is kept of the metrics of programs that run on every node. */

/**
 * Of the kubelet's /metrics/cadvisor, of which all else stands in KubeletMetrics. Only containers with a limit of CPU have them.
 * @see https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 */
export const cAdvisorMetrics: Record<string, MetricFacts> = {
  container_cpu_cfs_periods_total: sum(''),
  container_cpu_cfs_throttled_periods_total: sum(''),
};

/**
 * Of failures there are none before the first, and of two kinds only that of the mode that kube-proxy works in.
 * @see https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
export const kubeProxyMetrics: Record<string, MetricFacts> = {
  kubeproxy_network_programming_duration_seconds: histogram('s'),
  kubeproxy_sync_proxy_rules_duration_seconds: histogram('s'),
  kubeproxy_sync_proxy_rules_endpoint_changes_pending: gauge(''),
  kubeproxy_sync_proxy_rules_iptables_restore_failures_total: sum(''),
  kubeproxy_sync_proxy_rules_nftables_sync_failures_total: sum(''),
};

/** @see https://coredns.io/plugins/metrics/ */
export const coreDnsMetrics: Record<string, MetricFacts> = {
  coredns_cache_hits_total: sum('', 'type'),
  coredns_cache_misses_total: sum(''),
  coredns_dns_request_duration_seconds: histogram('s'),
  coredns_dns_requests_total: sum('', 'type'),
  coredns_dns_responses_total: sum('', 'rcode'),
  coredns_forward_healthcheck_broken_total: sum(''),
};

/** @see https://docs.cilium.io/en/stable/observability/metrics/ */
export const ciliumMetrics: Record<string, MetricFacts> = {
  cilium_bpf_map_pressure: gauge('', 'map_name'),
  cilium_controllers_failing: gauge(''),
  cilium_drop_count_total: sum('', 'reason', 'direction'),
  cilium_endpoint_regenerations_total: sum('', 'outcome'),
  cilium_endpoint_state: gauge('', 'endpoint_state'),
  cilium_forward_count_total: sum('', 'direction'),
  cilium_unreachable_nodes: gauge(''),
};

/** @see https://docs.tigera.io/calico/latest/reference/felix/prometheus */
export const calicoMetrics: Record<string, MetricFacts> = {
  felix_active_local_endpoints: gauge(''),
  felix_active_local_policies: gauge(''),
  felix_int_dataplane_failures: sum(''),
  felix_ipset_errors: sum(''),
  felix_iptables_restore_errors: sum(''),
  felix_iptables_save_errors: sum(''),
  felix_log_errors: sum(''),
  felix_resync_state: gauge(''),
};

/** @see https://github.com/aws/amazon-vpc-cni-k8s */
export const awsVpcMetrics: Record<string, MetricFacts> = {
  awscni_assigned_ip_addresses: gauge(''),
  awscni_aws_api_error_count: sum('', 'api', 'error'),
  awscni_eni_allocated: gauge(''),
  awscni_eni_max: gauge(''),
  awscni_ip_max: gauge(''),
  awscni_ipamd_error_count: sum('', 'fn'),
  awscni_total_ip_addresses: gauge(''),
};

/** @see https://antrea.io/docs/main/docs/prometheus-integration/ */
export const antreaMetrics: Record<string, MetricFacts> = {
  antrea_agent_conntrack_max_connection_count: gauge(''),
  antrea_agent_conntrack_total_connection_count: gauge(''),
  antrea_agent_local_pod_count: gauge(''),
  antrea_agent_networkpolicy_count: gauge(''),
  antrea_agent_ovs_flow_ops_error_count: sum('', 'operation'),
  antrea_agent_ovs_total_flow_count: gauge(''),
};
