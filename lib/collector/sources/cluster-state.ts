import { receiverMetrics } from '../../../imports/metrics';
import type { AccessRule } from '../../kubernetes/access';
import { type Check, type Checks, list, nearest, refuse } from '../../kubernetes/checks';
import { shown } from '../../kubernetes/problems';
import { Metric } from '../../telemetry/metric';
import { Component } from '../component';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { leaderElection } from './leader-election';
import { selectMetrics } from './metric-selection';

/** Properties of ClusterState. */
export interface ClusterStateProps {
  /**
   * Metrics of the receiver beside those that panels and rules of this library read, by name: `k8s.persistentvolumeclaim.status.phase`,
   * `k8s.service.endpoint.count`. Rights to look at what they are of come along.
   * @default - none
   */
  readonly furtherMetrics?: string[];
}

/**
 * What the API server knows of nodes, workloads, pods and containers: wanted and available replicas, phases, readiness, restarts, requests, limits, quotas.
 * Of several replicas one works. Of states that exclude each other only the one that holds is given, of endpoints of Services only those that are ready.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/k8sclusterreceiver
 */
export class ClusterState extends Source {
  private readonly furtherMetrics: ClusterMetric[];

  /** @throws if a property is wrong */
  constructor(props: ClusterStateProps = {}) {
    super();
    refuse<ClusterStateProps>('ClusterState', props, checks);
    this.furtherMetrics = (props.furtherMetrics ?? []) as ClusterMetric[];
  }

  bind(context: CollectorContext): SourceBinding {
    const names = [...new Set([...collected, ...this.furtherMetrics])];
    const { config, metrics } = selectMetrics('k8s_cluster', names);
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
        rules: [...watched, ...watchedFor(names)].map(
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
    return { receivers: { metrics: [cluster] }, processors: { metrics: [reasonsThatHold(names)] }, metrics: [...metrics, ...made] };
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

/** Of these the receiver sends every value that there can be, nearly all 0: absence is health. */
const states: ClusterMetric[] = [
  'k8s.container.status.reason',
  'k8s.container.status.state',
  'k8s.persistentvolume.status.phase',
  'k8s.persistentvolumeclaim.status.phase',
];

function reasonsThatHold(names: readonly ClusterMetric[]): Component {
  const zeros = states.filter((name) => names.includes(name)).map((name) => `metric.name == "${name}" and datapoint.value_int == 0`);
  const unready = 'metric.name == "k8s.service.endpoint.count" and datapoint.attributes["k8s.service.endpoint.condition"] != "ready"';
  return Component.processor({
    componentType: 'filter',
    name: 'reasons-that-hold',
    config: { error_mode: 'ignore', metric_conditions: [...zeros, ...(names.includes('k8s.service.endpoint.count') ? [unready] : [])] },
  });
}

type ClusterMetric = keyof (typeof receiverMetrics)['k8s_cluster'] & string;

/** The receiver watches all of them, whatever metrics are asked for. */
const watched: [string, string[]][] = [
  ['', ['namespaces', 'nodes', 'pods', 'replicationcontrollers', 'resourcequotas', 'services']],
  ['apps', ['daemonsets', 'deployments', 'replicasets', 'statefulsets']],
  ['autoscaling', ['horizontalpodautoscalers']],
  ['batch', ['cronjobs', 'jobs']],
];

/** And these only when they are asked for. */
const watchedFor = (names: readonly string[]): [string, string[]][] =>
  (
    [
      ['k8s.persistentvolume.', '', ['persistentvolumes']],
      ['k8s.persistentvolumeclaim.', '', ['persistentvolumeclaims']],
      ['k8s.service.endpoint.', 'discovery.k8s.io', ['endpointslices']],
    ] as const
  )
    .filter(([start]) => names.some((name) => name.startsWith(start)))
    .map(([, apiGroup, resources]) => [apiGroup, [...resources]]);

const collected: ClusterMetric[] = [
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
];

/** Quotas of OpenShift come with a setting of their own. */
const available = Object.keys(receiverMetrics.k8s_cluster).filter((name) => !name.startsWith('openshift.'));

const metricName: Check = (value, where) =>
  available.includes(value as string)
    ? []
    : [{ where, given: shown(value), allowed: `a metric of k8s_cluster: ${nearest(String(value), available)}` }];

const checks: Checks<ClusterStateProps> = { furtherMetrics: list(metricName) };
