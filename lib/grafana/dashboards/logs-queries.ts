import { logs, logVolume } from '../../telemetry/tables/logs';
import { gauges, sums } from '../../telemetry/tables/metrics';
import { handWritten } from '../queries/hand-written';
import { QueryShape } from '../queries/query-shape';
import { all, between, inRange, recent, timeSlot, wholeIntervals } from '../queries/sql';
import { filtered, severityName } from '../queries/variables';

const chosen = filtered('cluster', 'namespace', 'service');

export const volume = handWritten(
  QueryShape.TIME_SERIES,
  `SELECT ${timeSlot(logVolume)} AS time, ${severityName} AS level, toFloat64(sum(Lines)) AS value
FROM ${logVolume.name}
WHERE ${all(wholeIntervals(logVolume), chosen)}
GROUP BY time, level
ORDER BY time, level`,
  { labels: ['level'] },
);

const errorsAMinute = (range: string, from: string, to: string) =>
  `SELECT '${range}' AS range, toFloat64(sum(Lines) / greatest(dateDiff('minute', $__fromTime, $__toTime), 1)) AS value
FROM ${logVolume.name}
WHERE ${all('SeverityNumber >= 17', between(logVolume, from, to), chosen)}`;

const ranges = [
  errorsAMinute('now', '$__fromTime', '$__toTime'),
  errorsAMinute('a day ago', '$__fromTime - INTERVAL 1 DAY', '$__toTime - INTERVAL 1 DAY'),
];

export const errors = handWritten(
  QueryShape.TABLE,
  `SELECT range, value\nFROM (\n${ranges.join('\nUNION ALL\n')}\n)\nORDER BY range DESC`,
  {
    labels: ['range'],
  },
);

export const withoutSeverity = handWritten(
  QueryShape.TABLE,
  `SELECT sumIf(Lines, SeverityNumber = 0) / sum(Lines) AS value
FROM ${logVolume.name}
WHERE ${all(inRange(logVolume), chosen)}
HAVING sum(Lines) > 0`,
);

/** Columns are called as the plugin's own log queries call them, so that links to traces and log details work. */
export const lines = handWritten(
  QueryShape.LOGS,
  `SELECT Timestamp AS timestamp, Body AS body, ${severityName} AS level, TraceId AS traceID, ServiceName, Namespace, Pod, Container, LogAttributes, ResourceAttributes
FROM ${logs.name}
WHERE ${all(inRange(logs), filtered('cluster', 'namespace', 'service', 'severity', 'search'))}
ORDER BY Timestamp DESC
LIMIT 500`,
  {
    builderOptions: (database) => ({
      database,
      table: logs.name,
      queryType: 'logs',
      mode: 'list',
      limit: 500,
      columns: [
        { name: 'Timestamp', type: logs.columns.Timestamp.dataType, hint: 'time' },
        { name: 'SeverityText', type: logs.columns.SeverityText.dataType, hint: 'log_level' },
        { name: 'Body', type: logs.columns.Body.dataType, hint: 'log_message' },
        { name: 'TraceId', type: logs.columns.TraceId.dataType, hint: 'trace_id' },
      ],
      filters: [],
      orderBy: [{ name: '', hint: 'time', dir: 'DESC' }],
      meta: { otelEnabled: true, otelVersion: '1.30.0' },
    }),
  },
);

/** A line without what differs from one to the next: ids and numbers. */
const pattern = "replaceRegexpAll(substring(Body, 1, 300), '[0-9a-fA-F]{8,}|[0-9]+', '#')";

export const newPatterns = handWritten(
  QueryShape.TABLE,
  `WITH known AS (
  SELECT DISTINCT cityHash64(ServiceName, ${pattern}) AS line
  FROM ${logs.name}
  WHERE ${all('IsError', between(logs, '$__fromTime - INTERVAL 1 DAY', '$__fromTime'), chosen)}
)
SELECT ServiceName AS service, ${pattern} AS line, count() AS lines, min(Timestamp) AS first, any(Body) AS example
FROM ${logs.name}
WHERE ${all('IsError', inRange(logs), chosen)}
GROUP BY service, line
HAVING cityHash64(service, line) NOT IN known
ORDER BY lines DESC, service, line
LIMIT 50`,
);

export const topPatterns = handWritten(
  QueryShape.TABLE,
  `SELECT ServiceName AS service, ${pattern} AS line, count() AS lines, count() / sum(count()) OVER () AS lines_share, sum(length(Body)) / sum(sum(length(Body))) OVER () AS bytes_share
FROM ${logs.name}
WHERE ${all(inRange(logs), chosen)}
GROUP BY service, line
ORDER BY lines DESC, service, line
LIMIT 20`,
);

export const byWorkload = handWritten(
  QueryShape.TABLE,
  `SELECT concat(Namespace, '/', Workload) AS name, toFloat64(sum(Lines)) AS value
FROM ${logVolume.name}
WHERE ${all(inRange(logVolume), chosen)}
GROUP BY name
ORDER BY value DESC, name
LIMIT 10`,
  { labels: ['name'] },
);

export const nodesWithoutLogs = handWritten(
  QueryShape.TABLE,
  `WITH reading AS (
  SELECT Node
  FROM ${sums.name}
  WHERE ${all("MetricName = 'otelcol_receiver_accepted_log_records'", "startsWith(Attributes['receiver'], 'file_log')", recent(sums, 1800), filtered('cluster'))}
  GROUP BY Node, SeriesId
  HAVING max(Value) > min(Value)
)
SELECT Node AS node, max(TimeUnix) AS seen
FROM ${gauges.name}
WHERE ${all("MetricName = 'k8s.node.cpu.usage'", recent(gauges, 300), filtered('cluster'), 'Node NOT IN reading')}
GROUP BY node
ORDER BY node`,
  { metrics: ['otelcol_receiver_accepted_log_records', 'k8s.node.cpu.usage'] },
);
