// ClickHouse's HTTP interface over the engine: as much as the collector's exporter, @clickhouse/client, Grafana's plugin and curl use.
// @see https://clickhouse.com/docs/interfaces/http
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { EngineError } from './engine.mjs';
import { hello, isHello } from './native.mjs';

const decoders = { gzip: promisify(zlib.gunzip), deflate: promisify(zlib.inflate), br: promisify(zlib.brotliDecompress) };
const encoders = { gzip: promisify(zlib.gzip), deflate: promisify(zlib.deflate), br: promisify(zlib.brotliCompress) };

/** Statuses as a server gives them to its exceptions; all others are 500. */
const statuses = { 62: 400, 46: 404, 47: 404, 60: 404, 81: 404, 115: 404, 192: 403, 193: 403, 194: 401, 497: 403, 516: 403 };

/** Parameters that are no settings. */
const reserved = new Set([
  ...['query', 'database', 'default_format', 'user', 'password', 'query_id', 'session_id', 'quota_key', 'compress', 'decompress'],
  ...['client_protocol_version', 'enable_http_compression', 'wait_end_of_query', 'role', 'multiquery'],
]);

/** `access` tells who asks and what he may: see access.mjs. */
export function httpInterface(engine, access) {
  return createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    try {
      if (url.pathname === '/ping' || url.pathname === '/replicas_status') response.end('Ok.\n');
      else if (url.pathname === '/') await answer(engine, access, request, response, url.searchParams);
      else response.writeHead(404).end(`There is no handle ${url.pathname}\n`);
    } catch (error) {
      const code = error.code ?? 1001;
      if (!(error instanceof EngineError)) console.error(error);
      response.writeHead(statuses[code] ?? 500, { 'X-ClickHouse-Exception-Code': code });
      response.end(`${error.message}\n`);
    }
  });
}

async function answer(engine, access, request, response, parameters) {
  const body = await decoded(await buffer(request), request.headers['content-encoding'], parameters);
  const user = access.authenticate(request.headers, parameters);
  const { sql, data } = split(parameters.get('query'), body);
  const format = parameters.get('default_format') ?? request.headers['x-clickhouse-format'] ?? 'TabSeparated';
  const database = parameters.get('database') ?? request.headers['x-clickhouse-database'] ?? 'default';
  if (!parameters.has('multiquery')) await refuseSeveral(engine, sql);
  await access.authorize(user, sql, database);
  const result =
    isHello(sql) && parameters.has('client_protocol_version')
      ? await greeting(engine)
      : await engine.query(sql, { format, database, settings: settings(parameters), body: data });
  await send(request, response, parameters, format, result);
}

async function decoded(body, encoding, parameters) {
  if (parameters.get('decompress') === '1')
    throw new EngineError(
      'Code: 48. DB::Exception: The stand-in does not know blocks of compressed data (compress: lz4, zstd); gzip, deflate, br and none work',
    );
  if (!encoding || encoding === 'identity') return body;
  if (!decoders[encoding]) throw new EngineError(`Code: 48. DB::Exception: The stand-in does not know Content-Encoding ${encoding}`);
  return decoders[encoding](body);
}

/** The query is the parameter and what follows in the body; only an INSERT's data are apart. */
function split(parameter, body) {
  if (parameter === null) return { sql: body.toString() };
  if (/^\s*insert\s/i.test(parameter) && body.length > 0) return { sql: parameter, data: body };
  return { sql: body.length > 0 ? `${parameter}\n${body}` : parameter };
}

/** The engine would run several statements; a server does not. */
async function refuseSeveral(engine, sql) {
  if (!/;\s*\S/.test(sql)) return;
  const text = sql.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const [{ one }] = await engine.rows(`SELECT formatQueryOrNull('${text}') IS NOT NULL AS one`);
  if (!one) throw new EngineError('Code: 62. DB::Exception: Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)');
}

async function greeting(engine) {
  const [{ version, timezone }] = await engine.rows('SELECT version() AS version, timezone() AS timezone');
  return hello(version, timezone);
}

const settings = (parameters) => Object.fromEntries([...parameters].filter(([name]) => !reserved.has(name)));

async function send(request, response, parameters, format, result) {
  const accepted = (request.headers['accept-encoding'] ?? '').split(',').map((encoding) => encoding.trim().split(';')[0]);
  const encoding =
    parameters.get('enable_http_compression') === '0' || result.length === 0 ? undefined : accepted.find((name) => encoders[name]);
  response.writeHead(200, { 'X-ClickHouse-Format': format, ...(encoding && { 'Content-Encoding': encoding }) });
  response.end(encoding ? await encoders[encoding](result) : result);
}
