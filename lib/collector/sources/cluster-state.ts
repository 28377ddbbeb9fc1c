import type { AccessRule } from '../../kubernetes/access';
import { Metric } from '../../telemetry/metric';
import { Component } from '../component';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { leaderElection } from './leader-election';
import { selectMetrics } from './metric-selection';

/**
 * What the API server knows of nodes, workloads, pods and containers: wanted and available replicas, phases, readiness, restarts, requests, limits, quotas.
 * Of several replicas one works.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/k8sclusterreceiver
 */
export class ClusterState extends Source {
  bind(context: CollectorContext): SourceBinding {
    const { config, metrics } = clusterSelection();
    const cluster = Component.receiver({
      componentType: 'k8s_cluster',
      config: {
        auth_type: 'serviceAccount',
        k8s_leader_elector: leaderElection(context),
        collection_interval: '60s',
        node_conditions_to_report: Object.keys(nodeConditions),
        allocatable_types_to_report: Object.keys(allocatable),
        metrics: config,
        resource_attributes: {
          // It changes with every restart, and a restart count that begins anew counts nothing.
          'container.id': { enabled: false },
          'k8s.container.status.last_terminated_reason': { enabled: true },
        },
      },
      access: {
        rules: watched.map(
          ([apiGroup, resources]): AccessRule => ({
            apiGroup,
            resources,
            verbs: ['list', 'watch'],
            because: 'k8s_cluster watches them for cluster state',
          }),
        ),
      },
    });
    const made = [...Object.values(nodeConditions), ...Object.values(allocatable)].map((name) => Metric.named(name));
    return { receivers: { metrics: [cluster] }, processors: { metrics: [reasonsThatHold] }, metrics: [...metrics, ...made] };
  }
}

/** Conditions of a node, and what their metrics are called. */
const nodeConditions = {
  Ready: 'k8s.node.condition_ready',
  MemoryPressure: 'k8s.node.condition_memory_pressure',
  DiskPressure: 'k8s.node.condition_disk_pressure',
  PIDPressure: 'k8s.node.condition_pid_pressure',
  NetworkUnavailable: 'k8s.node.condition_network_unavailable',
};

const allocatable = { cpu: 'k8s.node.allocatable_cpu', memory: 'k8s.node.allocatable_memory', pods: 'k8s.node.allocatable_pods' };

/** The receiver sends nine possible reasons a container, nearly all 0: absence is health. */
const reasonsThatHold = Component.processor({
  componentType: 'filter',
  name: 'reasons-that-hold',
  config: { error_mode: 'ignore', metric_conditions: ['metric.name == "k8s.container.status.reason" and datapoint.value_int == 0'] },
});

/** The receiver watches all of them, whatever metrics are asked for. */
const watched: [string, string[]][] = [
  ['', ['namespaces', 'nodes', 'pods', 'replicationcontrollers', 'resourcequotas', 'services']],
  ['apps', ['daemonsets', 'deployments', 'replicasets', 'statefulsets']],
  ['autoscaling', ['horizontalpodautoscalers']],
  ['batch', ['cronjobs', 'jobs']],
];

const clusterSelection = () =>
  selectMetrics('k8s_cluster', [
    'k8s.container.cpu_limit',
    'k8s.container.cpu_request',
    'k8s.container.memory_limit',
    'k8s.container.memory_request',
    'k8s.container.ready',
    'k8s.container.restarts',
    'k8s.container.status.reason',
    'k8s.cronjob.active_jobs',
    'k8s.daemonset.current_scheduled_nodes',
    'k8s.daemonset.desired_scheduled_nodes',
    'k8s.daemonset.misscheduled_nodes',
    'k8s.daemonset.ready_nodes',
    'k8s.deployment.available',
    'k8s.deployment.desired',
    'k8s.hpa.current_replicas',
    'k8s.hpa.desired_replicas',
    'k8s.hpa.max_replicas',
    'k8s.hpa.min_replicas',
    'k8s.job.active_pods',
    'k8s.job.desired_successful_pods',
    'k8s.job.failed_pods',
    'k8s.job.successful_pods',
    'k8s.namespace.phase',
    'k8s.pod.phase',
    'k8s.resource_quota.hard_limit',
    'k8s.resource_quota.used',
    'k8s.statefulset.desired_pods',
    'k8s.statefulset.ready_pods',
    'k8s.statefulset.updated_pods',
  ]);
