import { Metric } from '../../telemetry/metric';
import { logs, logVolume } from '../../telemetry/tables/logs';
import { gauges, sums } from '../../telemetry/tables/metrics';
import { requests } from '../../telemetry/tables/traces';
import { handWritten } from '../queries/hand-written';
import { Query } from '../queries/query';
import { QueryShape } from '../queries/query-shape';
import { all, between, recent, seconds, timeSlot, wholeIntervals } from '../queries/sql';
import { filtered } from '../queries/variables';
import { eventReason, events, fullest, largestNamespaces, podMetrics, unwellPods, usedShare } from './pieces';

const table = (sql: string, metrics: readonly string[] = [], labels?: string[]): Query =>
  handWritten(QueryShape.TABLE, sql, { metrics, labels });
const series = (sql: string, metrics: readonly string[] = [], labels?: string[]): Query =>
  handWritten(QueryShape.TIME_SERIES, sql, { metrics, labels });

export const nodesNotReady = table(
  `SELECT toFloat64(countIf(ready < 1)) AS value
FROM (
  SELECT Node, argMax(Value, TimeUnix) AS ready
  FROM ${gauges.name}
  WHERE ${all("MetricName = 'k8s.node.condition_ready'", recent(gauges, 300), filtered('cluster'))}
  GROUP BY Node
)
HAVING count() > 0`,
  ['k8s.node.condition_ready'],
);

export const podsNotWell = table(`WITH ${unwellPods}\nSELECT toFloat64(count()) AS value FROM unwell`, podMetrics);

export const unwellWorkloads = table(
  `WITH ${unwellPods}, reasons AS (
  SELECT ResourceAttributes['k8s.pod.uid'] AS uid, argMax(Attributes['k8s.container.status.reason'], TimeUnix) AS reason
  FROM ${sums.name}
  WHERE ${all("MetricName = 'k8s.container.status.reason'", 'Value > 0', recent(sums, 600), filtered('cluster'))}
  GROUP BY uid
)
SELECT namespace, kind, workload, if(reason != '', toString(reason), problem) AS why, count() AS pods
FROM unwell LEFT JOIN reasons USING (uid)
GROUP BY namespace, kind, workload, why
ORDER BY pods DESC, namespace, workload, why
LIMIT 100`,
  [...podMetrics, 'k8s.container.status.reason'],
);

export const cpuUsed = table(usedShare('k8s.node.cpu.usage', 'k8s.node.allocatable_cpu'), [
  'k8s.node.cpu.usage',
  'k8s.node.allocatable_cpu',
]);
export const memoryUsed = table(usedShare('k8s.node.memory.working_set', 'k8s.node.allocatable_memory'), [
  'k8s.node.memory.working_set',
  'k8s.node.allocatable_memory',
]);

const requestMetrics = ['k8s.container.cpu_request', 'k8s.container.memory_request'];
const allocatableMetrics = ['k8s.node.allocatable_cpu', 'k8s.node.allocatable_memory'];

export const requested = table(
  `WITH newest AS (
  SELECT MetricName, Node, ResourceAttributes['k8s.pod.uid'] AS uid, Container, argMax(Value, TimeUnix) AS value
  FROM ${gauges.name}
  WHERE ${all(`MetricName IN ('${[...requestMetrics, ...allocatableMetrics, 'k8s.pod.phase'].join("', '")}')`, recent(gauges, 300), filtered('cluster'))}
  GROUP BY MetricName, Node, uid, Container
), living AS (
  SELECT uid FROM newest WHERE MetricName = 'k8s.pod.phase' AND value IN (1, 2)
)
SELECT resource, asked / offered AS value
FROM (
  SELECT if(MetricName LIKE '%cpu%', 'CPU', 'memory') AS resource, sumIf(value, MetricName LIKE '%request' AND uid IN living) AS asked, sumIf(value, MetricName LIKE '%allocatable%') AS offered
  FROM newest
  WHERE MetricName != 'k8s.pod.phase'
  GROUP BY resource
)
WHERE offered > 0
ORDER BY resource`,
  [...requestMetrics, ...allocatableMetrics, 'k8s.pod.phase'],
  ['resource'],
);

export const servicesFailing = table(
  `SELECT toFloat64(count()) AS value
FROM (
  SELECT Namespace, ServiceName
  FROM ${requests.name}
  WHERE ${all(recent(requests, 600), filtered('cluster'))}
  GROUP BY Namespace, ServiceName
  HAVING sum(Spans) >= 20 AND sum(Errors) / sum(Calls) > 0.05
)`,
);

const age = (signal: string, time: string, from: string, where: string) =>
  `SELECT '${signal}' AS signal, toFloat64(dateDiff('second', max(${time}), $__toTime)) AS value FROM ${from} WHERE ${where} HAVING count() > 0`;

const ages = [
  age('metrics', 'TimeUnix', sums.name, all("MetricName = 'otelcol_process_uptime'", recent(sums, 86_400), filtered('cluster'))),
  age('logs', 'Time', logVolume.name, all(recent(logVolume, 86_400), filtered('cluster'))),
  age('traces', 'Time', requests.name, all(recent(requests, 86_400), filtered('cluster'))),
];

/** Logs and spans are counted by the minute, so that they may seem a minute older than they are. */
export const newestData = table(
  `SELECT signal, value\nFROM (\n${ages.join('\nUNION ALL\n')}\n)\nORDER BY signal`,
  ['otelcol_process_uptime'],
  ['signal'],
);

export const cpuByNamespace = series(largestNamespaces('container.cpu.usage'), ['container.cpu.usage'], ['label']);
export const memoryByNamespace = series(largestNamespaces('container.memory.working_set'), ['container.memory.working_set'], ['label']);

export const warningEvents = series(
  `WITH commonest AS (
  SELECT ${eventReason} AS reason FROM ${logs.name} WHERE ${events('SeverityNumber = 13')} GROUP BY reason ORDER BY count() DESC, reason LIMIT 8
)
SELECT ${timeSlot(logs)} AS time, if(${eventReason} IN commonest, ${eventReason}, 'all others') AS label, toFloat64(count()) AS value
FROM ${logs.name}
WHERE ${events('SeverityNumber = 13', wholeIntervals(logs))}
GROUP BY time, label
ORDER BY time, label`,
  [],
  ['label'],
);

/** By pod and container, and not by the whole attribute set: the reason of the last end is an attribute, and changes with the restart that is to be counted. */
export const restarts = table(
  `WITH points AS (
  SELECT ResourceAttributes['k8s.pod.uid'] AS uid, Container AS container, TimeUnix AS at, any(Value) AS total,
    any(Namespace) AS namespace, any(Workload) AS workload, any(ResourceAttributes['k8s.container.status.last_terminated_reason']) AS reason
  FROM ${gauges.name}
  WHERE ${all("MetricName = 'k8s.container.restarts'", between(gauges, `$__fromTime - ${seconds(300)}`, '$__toTime'), filtered('cluster'))}
  GROUP BY uid, container, at
), steps AS (
  SELECT namespace, workload, container, reason, at, if(row_number() OVER w = 1, 0, greatest(total - lagInFrame(total) OVER w, 0)) AS increase
  FROM points
  WINDOW w AS (PARTITION BY uid, container ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
SELECT namespace, workload, container, sum(increase) AS restarts, argMax(reason, at) AS ended
FROM steps
WHERE at >= $__fromTime
GROUP BY namespace, workload, container
HAVING restarts > 0
ORDER BY restarts DESC, namespace, workload, container
LIMIT 10`,
  ['k8s.container.restarts'],
);

const nodeDisk = ['k8s.node.filesystem.available', 'k8s.node.filesystem.capacity'] as const;
export const fullestNodeDisks = table(fullest(...nodeDisk, 'Node'), nodeDisk, ['name']);

const claim = "ResourceAttributes['k8s.persistentvolumeclaim.name']";
const volume = ['k8s.volume.available', 'k8s.volume.capacity'] as const;
export const fullestClaims = table(fullest(...volume, `concat(Namespace, '/', ${claim})`, `${claim} != ''`), volume, ['name']);

export const queues = table(
  `SELECT role, exporter, signal, max(size / capacity) AS value
FROM (
  SELECT ServiceName AS role, Attributes['exporter'] AS exporter, Attributes['data_type'] AS signal, ResourceAttributes['service.instance.id'] AS instance,
    argMaxIf(Value, TimeUnix, MetricName = 'otelcol_exporter_queue_size') AS size, argMaxIf(Value, TimeUnix, MetricName = 'otelcol_exporter_queue_capacity') AS capacity
  FROM ${gauges.name}
  WHERE ${all("MetricName IN ('otelcol_exporter_queue_size', 'otelcol_exporter_queue_capacity')", recent(gauges, 300), filtered('cluster'))}
  GROUP BY role, exporter, signal, instance
  HAVING capacity > 0
)
GROUP BY role, exporter, signal
ORDER BY value DESC, role, exporter, signal`,
  ['otelcol_exporter_queue_size', 'otelcol_exporter_queue_capacity'],
  ['role', 'exporter', 'signal'],
);

export const storeDisk = table(
  `SELECT hostName() AS host, name AS disk, toFloat64(1 - free_space / total_space) AS value
FROM system.disks
WHERE NOT is_remote AND total_space > 0
ORDER BY host, disk`,
  [],
  ['host', 'disk'],
);

export const changes = table(
  `SELECT Timestamp AS time, LogAttributes['k8s.namespace.name'] AS namespace, ResourceAttributes['k8s.object.kind'] AS kind, ResourceAttributes['k8s.object.name'] AS name,
  ${eventReason} AS reason, Body AS message
FROM ${logs.name}
WHERE ${events(`${eventReason} IN ('ScalingReplicaSet', 'SuccessfulRescale', 'TriggeredScaleUp', 'ScaleDown', 'RegisteredNode', 'RemovingNode', 'NodeNotReady', 'NodeReady', 'Rebooted')`)}
ORDER BY Timestamp DESC
LIMIT 50`,
);

export const apiServer = table(
  `SELECT 1 - failed / answered AS value
FROM (
  SELECT sumIf(value, startsWith(code, '5')) AS failed, sum(value) AS answered
  FROM (
${Query._increase(Metric.named('apiserver_request_total'), ['code'])._sql({ shape: QueryShape.TABLE, variables: ['cluster'] })}
  )
)
WHERE answered > 0`,
  ['apiserver_request_total'],
);
