import { Duration } from 'cdk8s';
import { gauges, sums } from '../../telemetry/tables/metrics';
import { Severity } from '../alert-rule';
import { clusterDashboardUid, clusterPanels } from '../dashboards/panel-ids';
import { handWritten } from '../queries/hand-written';
import { QueryShape } from '../queries/query-shape';
import { anyOf, recent, seconds } from '../queries/sql';
import { notLate } from './late-data';
import type { ShippedRule } from './shipped-rule';

const nodeReady = 'k8s.node.condition_ready';
const waitingReason = 'k8s.container.status.reason';

/** Pods of Jobs are left out: a Job that fails ends by itself. */
const crashLooping = `MetricName = '${waitingReason}' AND Attributes['k8s.container.status.reason'] = 'CrashLoopBackOff' AND Value > 0 AND WorkloadKind NOT IN ('Job', 'CronJob')`;

const podCrashLooping: ShippedRule = {
  group: 'cluster',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.unwellWorkloads },
  props: {
    name: 'KubePodCrashLooping',
    severity: Severity.WARNING,
    pendingFor: Duration.minutes(15),
    summary:
      '{{ $labels.namespace }}/{{ $labels.workload }}: the container {{ $labels.container }} keeps crashing in {{ $values.A.Value }} pods',
    description: 'It ends soon after each start, and Kubernetes waits longer and longer before the next one.',
    above: 0,
    query: handWritten(
      QueryShape.ALERT,
      `SELECT Cluster AS cluster, Namespace AS namespace, WorkloadKind AS kind, Workload AS workload, Container AS container, toFloat64(uniqExact(ResourceAttributes['k8s.pod.uid'])) AS value
FROM ${sums.name}
WHERE ${crashLooping} AND ${recent(sums, 300)} AND ${notLate(gauges, nodeReady)}
GROUP BY cluster, namespace, kind, workload, container`,
      { metrics: [waitingReason, nodeReady], labels: ['cluster', 'namespace', 'kind', 'workload', 'container'] },
    ),
  },
};

const desired = ['k8s.deployment.desired', 'k8s.statefulset.desired_pods', 'k8s.daemonset.desired_scheduled_nodes'];
const ready = ['k8s.deployment.available', 'k8s.statefulset.ready_pods', 'k8s.daemonset.ready_nodes'];
const podPhase = 'k8s.pod.phase';

/** What a dead node took with it is told by the rule for nodes, what crashes by the rule for crashes, and a number that still moves is a rollout. */
const replicasMismatch: ShippedRule = {
  group: 'cluster',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.unwellWorkloads },
  props: {
    name: 'KubeWorkloadReplicasMismatch',
    severity: Severity.WARNING,
    pendingFor: Duration.minutes(15),
    summary: '{{ $labels.kind }} {{ $labels.namespace }}/{{ $labels.workload }} lacks {{ $values.A.Value }} pods, and nothing moves',
    description:
      'Fewer pods are ready than wanted, the number has not changed for ten minutes, and neither a lost node nor a crashing container explains it.',
    above: 0,
    query: handWritten(
      QueryShape.ALERT,
      `WITH down AS (
  SELECT DISTINCT Cluster, Node FROM ${gauges.name} WHERE MetricName = '${nodeReady}' AND ${recent(gauges, 900)} AND Value < 1
), lost AS (
  SELECT Cluster AS cluster, Namespace AS namespace, Workload AS workload, uniqExact(ResourceAttributes['k8s.pod.uid']) AS pods
  FROM ${gauges.name} WHERE MetricName = '${podPhase}' AND ${recent(gauges, 1800)} AND (Cluster, Node) IN down
  GROUP BY cluster, namespace, workload
), crashing AS (
  SELECT DISTINCT Cluster, Namespace, Workload FROM ${sums.name} WHERE ${crashLooping} AND ${recent(sums, 900)}
), workloads AS (
  SELECT Cluster AS cluster, Namespace AS namespace, WorkloadKind AS kind, Workload AS workload,
    argMaxIf(Value, TimeUnix, MetricName IN ${anyOf(desired)}) AS wanted, argMaxIf(Value, TimeUnix, MetricName IN ${anyOf(ready)}) AS there,
    maxIf(Value, MetricName IN ${anyOf(ready)}) = minIf(Value, MetricName IN ${anyOf(ready)}) AS still
  FROM ${gauges.name}
  WHERE MetricName IN ${anyOf([...desired, ...ready])} AND ${recent(gauges, 600)} AND ${notLate(gauges, nodeReady)} AND (Cluster, Namespace, Workload) NOT IN crashing
  GROUP BY cluster, namespace, kind, workload
  HAVING max(TimeUnix) >= $__toTime - ${seconds(300)}
)
SELECT cluster, namespace, kind, workload, toFloat64(wanted - there - lost.pods) AS value
FROM workloads LEFT JOIN lost USING (cluster, namespace, workload)
WHERE still AND value > 0`,
      { metrics: [...desired, ...ready, podPhase, nodeReady, waitingReason], labels: ['cluster', 'namespace', 'kind', 'workload'] },
    ),
  },
};

const nodeNotReady: ShippedRule = {
  group: 'cluster',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.nodesNotReady },
  props: {
    name: 'KubeNodeNotReady',
    severity: Severity.WARNING,
    pendingFor: Duration.minutes(10),
    summary: 'The node {{ $labels.node }} of {{ $labels.cluster }} is not ready',
    description: 'A value of 1: its kubelet says that it cannot run pods. 2: the API server has not heard of it.',
    above: 0,
    query: handWritten(
      QueryShape.ALERT,
      `SELECT Cluster AS cluster, Node AS node, toFloat64(1 - argMax(Value, TimeUnix)) AS value
FROM ${gauges.name}
WHERE MetricName = '${nodeReady}' AND ${recent(gauges, 300)} AND ${notLate(gauges, nodeReady)}
GROUP BY cluster, node`,
      { metrics: [nodeReady], labels: ['cluster', 'node'] },
    ),
  },
};

export const clusterRules: readonly ShippedRule[] = [podCrashLooping, replicasMismatch, nodeNotReady];
