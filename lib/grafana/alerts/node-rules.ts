import { Duration } from 'cdk8s';
import { gauges } from '../../telemetry/tables/metrics';
import { Severity } from '../alert-rule';
import { clusterDashboardUid, clusterPanels } from '../dashboards/panel-ids';
import { handWritten } from '../queries/hand-written';
import { QueryShape } from '../queries/query-shape';
import { recent, seconds } from '../queries/sql';
import { notLate } from './late-data';
import type { ShippedRule } from './shipped-rule';

const free = 'k8s.node.filesystem.available';
const size = 'k8s.node.filesystem.capacity';
const used = 'k8s.node.memory.working_set';
const available = 'k8s.node.memory.available';

/** The kubelet evicts pods below 10 % and stops below 3 %. The duration lies in the window: while the store is away a pending alert ripens on old data. */
const filesystemAlmostFull: ShippedRule = {
  group: 'node',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.fullestNodeDisks },
  props: {
    name: 'NodeFilesystemAlmostFull',
    severity: Severity.CRITICAL,
    pendingFor: Duration.minutes(2),
    summary: 'The disk of node {{ $labels.node }} is {{ humanizePercentage $values.A.Value }} full',
    description:
      'For eight minutes less than 3 % were free, or less than 10 % and at the pace of the last hour it is full within four. The kubelet ends pods there.',
    above: 0,
    query: handWritten(
      QueryShape.ALERT,
      `WITH samples AS (
  SELECT Cluster AS cluster, Node AS node, TimeUnix AS at, maxIf(Value, MetricName = '${free}') AS free, maxIf(Value, MetricName = '${size}') AS size
  FROM ${gauges.name}
  WHERE MetricName IN ('${free}', '${size}') AND ${recent(gauges, 3600)} AND ${notLate(gauges, 'k8s.node.cpu.usage')}
  GROUP BY cluster, node, at
  HAVING uniqExact(MetricName) = 2 AND size > 0
)
SELECT cluster, node, toFloat64(argMax(1 - free / size, at)) AS value
FROM samples
GROUP BY cluster, node
HAVING max(at) >= $__toTime - ${seconds(300)} AND countIf(at > $__toTime - ${seconds(480)}) >= 3
  AND (maxIf(free / size, at > $__toTime - ${seconds(480)}) < 0.03
    OR maxIf(free / size, at > $__toTime - ${seconds(480)}) < 0.1
      AND argMax(free, at) + 14400 * (simpleLinearRegression(toUnixTimestamp(at) - toUnixTimestamp($__toTime), free)).1 < 0)`,
      { metrics: [free, size, 'k8s.node.cpu.usage'], labels: ['cluster', 'node'] },
    ),
  },
};

/** By the measure that the kubelet itself evicts by. */
const memoryHigh: ShippedRule = {
  group: 'node',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.memoryUsed },
  props: {
    name: 'NodeMemoryHighUtilization',
    severity: Severity.WARNING,
    pendingFor: Duration.minutes(15),
    summary: 'The memory of node {{ $labels.node }} is {{ humanizePercentage $values.A.Value }} used',
    description: 'The kubelet evicts pods soon: first those that use more than they asked for.',
    above: 0.9,
    query: handWritten(
      QueryShape.ALERT,
      `SELECT Cluster AS cluster, Node AS node,
  toFloat64(argMaxIf(Value, TimeUnix, MetricName = '${used}') / (argMaxIf(Value, TimeUnix, MetricName = '${used}') + argMaxIf(Value, TimeUnix, MetricName = '${available}'))) AS value
FROM ${gauges.name}
WHERE MetricName IN ('${used}', '${available}') AND ${recent(gauges, 300)} AND ${notLate(gauges, 'k8s.node.cpu.usage')}
GROUP BY cluster, node
HAVING uniqExact(MetricName) = 2`,
      { metrics: [used, available, 'k8s.node.cpu.usage'], labels: ['cluster', 'node'] },
    ),
  },
};

export const nodeRules: readonly ShippedRule[] = [filesystemAlmostFull, memoryHigh];
