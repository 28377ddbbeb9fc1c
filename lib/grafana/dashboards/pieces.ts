import { subjectOf } from '../../telemetry/metric-subject';
import { logs } from '../../telemetry/tables/logs';
import { gauges } from '../../telemetry/tables/metrics';
import { all, anyOf, inRange, recent, seconds, timeSlot, wholeIntervals } from '../queries/sql';
import { filtered } from '../queries/variables';

/** SQL that several panels share. */

/** The part of what there is that is used, over the whole cluster. */
export function usedShare(used: string, total: string): string {
  return `SELECT sumIf(newest, MetricName = '${used}') / sumIf(newest, MetricName = '${total}') AS value
FROM (
  SELECT MetricName, Node, argMax(Value, TimeUnix) AS newest
  FROM ${gauges.name}
  WHERE ${all(`MetricName IN ${anyOf([used, total])}`, recent(gauges, 300), filtered('cluster'))}
  GROUP BY MetricName, Node
)
HAVING sumIf(newest, MetricName = '${total}') > 0 AND countIf(MetricName = '${used}') > 0`;
}

/** A metric of containers by namespace over time: the eight largest, and all others as one. */
export function largestNamespaces(metric: string): string {
  return `WITH points AS (
  SELECT time, namespace, sum(newest) AS used
  FROM (
    SELECT ${timeSlot(gauges)} AS time, Namespace AS namespace, ${subjectOf(metric)} AS series, argMax(Value, TimeUnix) AS newest
    FROM ${gauges.name}
    WHERE ${all(`MetricName = '${metric}'`, wholeIntervals(gauges), filtered('cluster'))}
    GROUP BY time, namespace, series
  )
  GROUP BY time, namespace
), largest AS (
  SELECT namespace FROM points GROUP BY namespace ORDER BY sum(used) DESC, namespace LIMIT 8
)
SELECT time, if(namespace IN largest, toString(namespace), 'all others') AS label, sum(used) AS value
FROM points
GROUP BY time, label
ORDER BY time, label`;
}

/** The share of something that fills up, from what is free and what there is: the ten fullest. */
export function fullest(free: string, size: string, name: string, where?: string): string {
  return `SELECT ${name} AS name, 1 - argMaxIf(Value, TimeUnix, MetricName = '${free}') / argMaxIf(Value, TimeUnix, MetricName = '${size}') AS value
FROM ${gauges.name}
WHERE ${all(`MetricName IN ${anyOf([free, size])}`, recent(gauges, 600), where, filtered('cluster'))}
GROUP BY name
HAVING uniqExact(MetricName) = 2 AND argMaxIf(Value, TimeUnix, MetricName = '${size}') > 0
ORDER BY value DESC, name
LIMIT 10`;
}

export const podMetrics = ['k8s.pod.phase', 'k8s.container.ready'];

/**
 * `unwell`: pods that are pending, failed or not ready in every sample of ten minutes, with their workload. A pod that is younger than eight is still starting.
 * Pods of Jobs are left out: that they end is what they are for.
 */
export const unwellPods = `phases AS (
  SELECT ResourceAttributes['k8s.pod.uid'] AS uid, any(Namespace) AS namespace, any(WorkloadKind) AS kind, any(Workload) AS workload, argMax(Value, TimeUnix) AS phase,
    countIf(Value IN (2, 3)) = 0 AS stuck
  FROM ${gauges.name}
  WHERE ${all("MetricName = 'k8s.pod.phase'", recent(gauges, 600), filtered('cluster'), "WorkloadKind NOT IN ('Job', 'CronJob')")}
  GROUP BY uid
  HAVING max(TimeUnix) >= $__toTime - ${seconds(300)} AND min(TimeUnix) <= $__toTime - ${seconds(480)}
), unready AS (
  SELECT ResourceAttributes['k8s.pod.uid'] AS uid
  FROM ${gauges.name}
  WHERE ${all("MetricName = 'k8s.container.ready'", recent(gauges, 600), filtered('cluster'))}
  GROUP BY uid, Container
  HAVING max(Value) = 0
), unwell AS (
  SELECT uid, namespace, kind, workload, multiIf(NOT stuck, 'not ready', phase = 1, 'pending', phase = 4, 'failed', 'unknown') AS problem
  FROM phases
  WHERE stuck OR phase = 2 AND uid IN unready
)`;

/** Kubernetes events are log records of their own receiver, known by its scope. */
export const events = (...conditions: readonly string[]): string =>
  all(
    "ScopeName = 'github.com/open-telemetry/opentelemetry-collector-contrib/receiver/k8seventsreceiver'",
    inRange(logs),
    filtered('cluster'),
    ...conditions,
  );

export const eventReason = "LogAttributes['k8s.event.reason']";
