import { Duration } from 'cdk8s';
import { mayDrop } from '../../collector/may-drop';
import { gauges, sums } from '../../telemetry/tables/metrics';
import { RuleState, Severity } from '../alert-rule';
import { clusterDashboardUid, clusterPanels } from '../dashboards/panel-ids';
import { handWritten } from '../queries/hand-written';
import { QueryShape } from '../queries/query-shape';
import { recent } from '../queries/sql';
import { notLate } from './late-data';
import type { ShippedRule } from './shipped-rule';

const queueSize = 'otelcol_exporter_queue_size';
const queueCapacity = 'otelcol_exporter_queue_capacity';
const uptime = 'otelcol_process_uptime';

/** Queues that are full in every sample of five minutes; of exporters whose id is like this, or is not. */
const fullQueues = (exporters: 'LIKE' | 'NOT LIKE') =>
  handWritten(
    QueryShape.ALERT,
    `SELECT cluster, role, exporter, signal, toFloat64(max(least)) AS value
FROM (
  SELECT cluster, role, exporter, signal, instance, min(fill) AS least
  FROM (
    SELECT Cluster AS cluster, ServiceName AS role, Attributes['exporter'] AS exporter, Attributes['data_type'] AS signal, ResourceAttributes['service.instance.id'] AS instance, TimeUnix AS at,
      maxIf(Value, MetricName = '${queueSize}') / maxIf(Value, MetricName = '${queueCapacity}') AS fill
    FROM ${gauges.name}
    WHERE MetricName IN ('${queueSize}', '${queueCapacity}') AND Attributes['exporter'] ${exporters} '%${mayDrop}' AND ${recent(gauges, 300)} AND ${notLate(sums, uptime)}
    GROUP BY cluster, role, exporter, signal, instance, at
    HAVING maxIf(Value, MetricName = '${queueCapacity}') > 0 AND uniqExact(MetricName) = 2
  )
  GROUP BY cluster, role, exporter, signal, instance
  HAVING count() >= 3
)
GROUP BY cluster, role, exporter, signal`,
    { metrics: [queueSize, queueCapacity, uptime], labels: ['cluster', 'role', 'exporter', 'signal'] },
  );

const queueNearFull: ShippedRule = {
  group: 'pipeline',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.queues },
  props: {
    name: 'OtelQueueNearFull',
    severity: Severity.CRITICAL,
    pendingFor: Duration.minutes(1),
    summary: 'The queue of {{ $labels.role }} for {{ $labels.signal }} is {{ humanizePercentage $values.A.Value }} full',
    description:
      'What it sends to does not keep up or is away. When it is full, senders have to wait, and what they cannot keep themselves is lost.',
    above: 0.85,
    query: fullQueues('NOT LIKE'),
  },
};

/** A sink that drops when it is full stands at full for as long as it is away, by design. */
const optionalQueueNearFull: ShippedRule = {
  group: 'pipeline',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.queues },
  props: {
    name: 'OtelOptionalQueueNearFull',
    severity: Severity.WARNING,
    pendingFor: Duration.minutes(15),
    summary: 'The queue of {{ $labels.role }} to {{ $labels.exporter }} is {{ humanizePercentage $values.A.Value }} full',
    description:
      'That sink does not keep up or is away. When its queue is full, what comes is dropped for it alone: nobody waits, the store and other sinks have everything.',
    above: 0.85,
    query: fullQueues('LIKE'),
  },
};

/** The one rule that fires when the store does not answer. All others keep their state then, so that an outage is one message. */
const ingestionStopped: ShippedRule = {
  group: 'pipeline',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.newestData },
  props: {
    name: 'IngestionStopped',
    severity: Severity.CRITICAL,
    pendingFor: Duration.minutes(2),
    summary: 'No telemetry{{ with $labels.cluster }} of {{ . }}{{ end }} arrives in the store, or the store does not answer',
    description:
      'The newest sample of the collectors themselves is older than eight minutes. No other alert can be believed until this one ends.',
    above: 480,
    whenEmpty: RuleState.ALERTING,
    whenFailing: RuleState.ALERTING,
    query: handWritten(
      QueryShape.ALERT,
      // A store that has just been started may be empty for a while.
      `WITH newest AS (
  SELECT Cluster AS cluster, max(TimeUnix) AS at FROM ${sums.name} WHERE MetricName = '${uptime}' AND ${recent(sums, 86_400)} GROUP BY cluster
)
SELECT cluster, toFloat64(dateDiff('second', at, $__toTime)) AS value FROM newest
UNION ALL
SELECT 'any cluster' AS cluster, toFloat64(if(uptime() < 900, 0, 86400)) AS value WHERE (SELECT count() FROM newest) = 0`,
      { metrics: [uptime], labels: ['cluster'] },
    ),
  },
};

const diskSpaceLow: ShippedRule = {
  group: 'store',
  shownOn: { dashboard: clusterDashboardUid, panel: clusterPanels.storeDisk },
  props: {
    name: 'ClickHouseDiskSpaceLow',
    severity: Severity.CRITICAL,
    pendingFor: Duration.minutes(5),
    summary: 'The disk {{ $labels.disk }} of ClickHouse is {{ humanizePercentage $values.A.Value }} full',
    description: 'When it is full, nothing is stored any more, and the queues of the collectors fill up.',
    above: 0.9,
    query: handWritten(
      QueryShape.ALERT,
      `SELECT hostName() AS host, name AS disk, toFloat64(1 - free_space / total_space) AS value
FROM system.disks
WHERE NOT is_remote AND total_space > 0`,
      { labels: ['host', 'disk'] },
    ),
  },
};

export const pipelineRules: readonly ShippedRule[] = [queueNearFull, optionalQueueNearFull, ingestionStopped, diskSpaceLow];
