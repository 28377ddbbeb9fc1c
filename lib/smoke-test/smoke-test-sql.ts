import type { Endpoint } from '../kubernetes/endpoint';
import { logs } from '../telemetry/tables/logs';
import { gauges } from '../telemetry/tables/metrics';
import { traces } from '../telemetry/tables/traces';

/** An address, and the header that says who asks: its value is read from a file when the statement runs. */
export interface Hop {
  readonly endpoint: Endpoint;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SmokeTestInput {
  readonly gateway: Hop;
  readonly store: Hop;
  readonly database: string;
  /** Stands in `service.name`. */
  readonly service: string;
}

/** How long rows may take: the gateway collects them for five seconds, and an insert waits for its turn. */
const lookSeconds = 2;
const looks = 30;

/**
 * What `clickhouse local` runs: it sends, looks, and says before each step who is asked, so that the last lines of its log name the hop that failed.
 * One file, no shell, no other program: the engine itself makes the requests.
 * @see https://clickhouse.com/docs/sql-reference/table-functions/url
 */
export function smokeTestSql(input: SmokeTestInput): string {
  const gateway = address(input.gateway.endpoint);
  const store = address(input.store.endpoint);
  const statements = [
    'SET http_connection_timeout = 5, http_max_tries = 3, http_make_head_request = 0',
    'CREATE TABLE run ENGINE = Memory AS SELECT lower(hex(generateUUIDv4())) AS id, toString(toUnixTimestamp64Nano(now64(9))) AS now',
    `SELECT concat('Run ', id, '. Hop 1 of 2: a log record, a span and a metric point to the gateway, ${gateway}. An error below this line means that the gateway is not reached, or refuses them.') FROM run`,
    ...Object.entries(requests(input.service)).map(([path, body]) => send(input.gateway, path, body)),
    `SELECT 'The gateway took them. Hop 2 of 2: ${store} is asked for them as reader. An error below this line means that the store is not reached, or does not let the reader in.'`,
    arrived(input),
    ...Array(looks).fill(waiting),
    `SELECT throwIf(notEmpty(missing), 'the gateway took them and the store answers, but after ${lookSeconds * looks} seconds not all are there: the log of the gateway says why it does not insert, or one of its processors drops them') FROM arrived FORMAT Null`,
    "SELECT 'Passed: all three are in the store.'",
  ];
  return `${statements.join(';\n')};\n`;
}

/** Text that is filled in when the statement runs. */
const filled = (text: string) => `replaceAll(replaceAll(replaceAll('${text}', '@ID', id), '@SPAN', substring(id, 1, 16)), '@NOW', now)`;

function address({ host, port, tls }: Endpoint): string {
  return `${tls ? 'https' : 'http'}://${host}:${port}`;
}

const headers = (all: Readonly<Record<string, string>>) =>
  `headers(${Object.entries(all)
    .map(([name, value]) => `'${name}' = ${value}`)
    .join(', ')})`;

/** A POST: the answer's status decides. */
function send({ endpoint, headers: own }: Hop, path: string, body: object): string {
  const how = `'RawBLOB', 'body String', ${headers({ 'Content-Type': "'application/json'", ...own })}`;
  return `INSERT INTO FUNCTION url('${address(endpoint)}${path}', ${how}) SELECT ${filled(JSON.stringify(body))} FROM run`;
}

/** What is not there yet, asked anew each time that it is read. */
function arrived({ store, database }: SmokeTestInput): string {
  const of = (table: { readonly name: string; readonly timeColumn: string }, condition: string, as: string) =>
    `(SELECT count() FROM ${database}.${table.name} WHERE ${table.timeColumn} > now() - 86400 AND ${condition}) AS ${as}`;
  const counts = [
    of(logs, `${logs.column.TraceId} = '@ID'`, 'records'),
    of(traces, `${traces.column.TraceId} = '@ID'`, 'spans'),
    of(gauges, `${gauges.column.MetricName} = '${metricName}' AND ${gauges.column.Attributes}['${runAttribute}'] = '@ID'`, 'points'),
  ];
  const query = encoded(`SELECT ${counts.join(', ')}`);
  const url = `(SELECT replaceAll('${address(store.endpoint)}/?query=${query}', '${encoded('@ID')}', id) FROM run)`;
  const missing = "arrayFilter((name, rows) -> rows = 0, ['the log record', 'the span', 'the metric point'], [records, spans, points])";
  return `CREATE VIEW arrived AS SELECT ${missing} AS missing FROM url(${url}, 'TSV', 'records UInt64, spans UInt64, points UInt64', ${headers(store.headers ?? {})})`;
}

/** As part of an address that stands in a literal of SQL. */
const encoded = (text: string) => encodeURIComponent(text).replaceAll("'", '%27');

/** Says what is missing and waits; nothing, and at once, when all is there. */
const waiting = `SELECT concat('Not there yet: ', arrayStringConcat(missing, ', '), repeat(' ', sleepEachRow(${lookSeconds}))) FROM arrived WHERE notEmpty(missing)`;

const metricName = 'smoke_test';
const runAttribute = 'smoke_test.run';

/** Bodies of OTLP in JSON, by the path that takes them. */
function requests(service: string): Record<string, object> {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const scope = { name: 'smoke-test' };
  const ids = { traceId: '@ID', spanId: '@SPAN' };
  const record = { ...ids, timeUnixNano: '@NOW', severityNumber: 9, severityText: 'INFO', body: { stringValue: 'smoke test @ID' } };
  // The collector's sampler keeps a span that says so, whatever its share is.
  const attributes = [{ key: 'sampling.priority', value: { intValue: '1' } }];
  const span = { ...ids, name: 'smoke test', kind: 1, startTimeUnixNano: '@NOW', endTimeUnixNano: '@NOW', attributes };
  const point = { timeUnixNano: '@NOW', asInt: '1', attributes: [{ key: runAttribute, value: { stringValue: '@ID' } }] };
  return {
    '/v1/logs': { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] },
    '/v1/traces': { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] },
    '/v1/metrics': {
      resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [{ name: metricName, gauge: { dataPoints: [point] } }] }] }],
    },
  };
}
