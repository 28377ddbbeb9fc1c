import { quantilesOfSpans, quantilesOfSums, requestQuantiles, requests, traces } from '../../telemetry/tables/traces';
import { handWritten } from '../queries/hand-written';
import { QueryShape } from '../queries/query-shape';
import { Spans } from '../queries/spans';
import { all, inRange, timeSlot, wholeIntervals } from '../queries/sql';
import { filtered } from '../queries/variables';

const chosen = filtered('cluster', 'namespace', 'service');
const perSecond = (count: string) => `toFloat64(${count} / greatest(dateDiff('second', $__fromTime, $__toTime), 1))`;

const quantile = (level: (typeof requestQuantiles)[number], of = quantilesOfSums) => `${of}[${requestQuantiles.indexOf(level) + 1}] / 1e9`;

export const services = handWritten(
  QueryShape.TABLE,
  `SELECT Namespace AS namespace, ServiceName AS service, ${perSecond('sum(Calls)')} AS rate, sum(Errors) / sum(Calls) AS errors,
  ${quantile(0.5)} AS p50, ${quantile(0.95)} AS p95, ${quantile(0.99)} AS p99
FROM ${requests.name}
WHERE ${all(inRange(requests), chosen)}
GROUP BY namespace, service
ORDER BY errors DESC, rate DESC, namespace, service
LIMIT 200`,
);

export const duration = handWritten(
  QueryShape.TIME_SERIES,
  `SELECT time, label.1 AS quantile, label.2 / 1e9 AS value
FROM (
  SELECT ${timeSlot(requests)} AS time, arrayJoin(arrayZip(['p50', 'p90', 'p95', 'p99'], ${quantilesOfSums})) AS label
  FROM ${requests.name}
  WHERE ${all(wholeIntervals(requests), chosen)}
  GROUP BY time
)
WHERE quantile IN ('p50', 'p95', 'p99')
ORDER BY time, quantile`,
  { labels: ['quantile'] },
);

export const operations = handWritten(
  QueryShape.TABLE,
  `SELECT ServiceName AS service, SpanName AS operation, Route AS route, ${perSecond('sum(Calls)')} AS rate, sum(Errors) / sum(Calls) AS errors, ${quantile(0.95)} AS p95,
  sum(DurationSum) / sum(sum(DurationSum)) OVER () AS time
FROM ${requests.name}
WHERE ${all(inRange(requests), chosen)}
GROUP BY service, operation, route
ORDER BY time DESC, service, operation, route
LIMIT 20`,
);

export const statusCodes = Spans.rate({ by: ['http.response.status_code'] });

export const newestErrors = handWritten(
  QueryShape.TABLE,
  `SELECT ServiceName AS service, SpanName AS operation, substring(StatusMessage, 1, 300) AS message, toUInt64(round(sum(AdjustedCount))) AS requests, max(Timestamp) AS newest, argMax(TraceId, Timestamp) AS trace
FROM ${traces.name}
WHERE ${all(inRange(traces), 'IsError', 'IsEntry', chosen)}
GROUP BY service, operation, message
ORDER BY newest DESC, service, operation, message
LIMIT 50`,
);

const attribute = (name: string) => `SpanAttributes['${name}']`;

export const dependencies = handWritten(
  QueryShape.TABLE,
  `SELECT ServiceName AS service, trim(concat(if(${attribute('db.system.name')} != '', ${attribute('db.system.name')}, ${attribute('db.system')}), ' ', ${attribute('server.address')})) AS dependency,
  ${perSecond('sum(AdjustedCount)')} AS rate, sumIf(AdjustedCount, IsError) / sum(AdjustedCount) AS errors, ${quantile(0.95, quantilesOfSpans)} AS p95
FROM ${traces.name}
WHERE ${all(inRange(traces), "SpanKind IN ('Client', 'Producer', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER')", chosen)}
GROUP BY service, dependency
HAVING dependency != ''
ORDER BY errors DESC, rate DESC, service, dependency
LIMIT 50`,
);
