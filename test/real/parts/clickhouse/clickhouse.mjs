#!/usr/bin/env node
// Stands in for the program `clickhouse`, over the embedded engine: a server with its HTTP interface, `local` and `client`.
// It answers to the names clickhouse, clickhouse-server, clickhouse-local and clickhouse-client. Options that it does not know are an error.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Access, openAccess } from './access.mjs';
import { engineConfiguration } from './configuration.mjs';
import { Engine } from './engine.mjs';
import { httpInterface } from './http.mjs';
import { metricsEndpoint } from './metrics.mjs';

const text = { type: 'string' };

/** `--root` and `--host`, `--port` are the stand-in's own. A port of 0 is a free one; the first line on stdout says which. */
async function server(args) {
  const { values } = parseArgs({ args, options: { 'config-file': text, C: text, path: text, root: text, host: text, port: text } });
  const root = values.root ?? '';
  const configFile = values['config-file'] ?? values.C;
  const scratch = await mkdtemp(join(tmpdir(), 'clickhouse-'));
  const configuration = configFile && (await engineConfiguration(root + configFile, root, scratch));
  const engine = await Engine.open(values.path ?? `${root}/var/lib/clickhouse`, configuration?.file);
  const access = configuration ? new Access(engine, configuration.hashes) : openAccess;
  const http = httpInterface(engine, access);
  // The server's port is its default; in a pod, the port of the native protocol takes HTTP too: `client` below speaks nothing else.
  const listeners = values.port
    ? [[http, Number(values.port)]]
    : [
        [http, 8123],
        [httpInterface(engine, access), 9000],
        [metricsEndpoint(engine), 9363],
      ];
  for (const [listener, port] of listeners)
    await new Promise((done, failed) => listener.on('error', failed).listen(port, values.host ?? '::', done));
  console.log(JSON.stringify({ port: http.address().port }));
  process.once('SIGTERM', async () => {
    for (const [listener] of listeners) listener.close().closeAllConnections();
    await engine.close();
    await rm(scratch, { recursive: true });
    process.exit(0);
  });
}

async function local(args) {
  const { values } = parseArgs({
    args,
    options: { query: { ...text, short: 'q', multiple: true }, 'queries-file': text, format: text, 'output-format': text },
  });
  const folder = await mkdtemp(join(tmpdir(), 'clickhouse-local-'));
  const engine = await Engine.open(folder);
  for (const sql of await statements(values))
    process.stdout.write(await engine.query(sql, { format: values['output-format'] ?? values.format }));
  await engine.close();
  await rm(folder, { recursive: true });
}

async function client(args) {
  const { values } = parseArgs({
    args,
    options: {
      ...{ host: { ...text, short: 'h' }, port: text, user: { ...text, short: 'u' }, password: text, database: { ...text, short: 'd' } },
      ...{ query: { ...text, short: 'q', multiple: true }, 'queries-file': text, format: { ...text, short: 'f' } },
      ...{ multiquery: { type: 'boolean', short: 'n' }, connect_timeout: text, receive_timeout: text, send_timeout: text },
    },
  });
  const host = values.host ?? process.env.CLICKHOUSE_HOST ?? 'localhost';
  const url = new URL(`http://${host.includes(':') ? `[${host}]` : host}:${values.port ?? 9000}/`);
  // A client sends one statement after the other; the stand-in's server takes them in one request.
  for (const [name, value] of Object.entries({
    multiquery: '1',
    default_format: values.format ?? 'TabSeparated',
    database: values.database,
  })) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const user = values.user ?? process.env.CLICKHOUSE_USER ?? 'default';
  const password = values.password ?? process.env.CLICKHOUSE_PASSWORD ?? '';
  for (const sql of await statements(values)) {
    const response = await fetch(url, { method: 'POST', body: sql, headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password } });
    const answer = await response.text();
    if (!response.ok) throw new Error(answer.trim());
    process.stdout.write(answer);
  }
}

async function statements(values) {
  const fromFile = values['queries-file'] && (await readFile(values['queries-file'], 'utf8'));
  const all = [...(values.query ?? []), ...(fromFile ? [fromFile] : [])];
  if (all.length === 0) throw new Error('the stand-in needs --query or --queries-file');
  return all;
}

const programs = { server, local, client };
const [, name] = /^clickhouse-(\w+)$/.exec(basename(process.argv[1])) ?? [];
const [program, args] = name ? [name, process.argv.slice(2)] : [process.argv[2], process.argv.slice(3)];
if (!programs[program]) throw new Error(`the stand-in is ${Object.keys(programs).join(', ')}; not: ${program}`);
await programs[program](args).catch((error) => {
  console.error(error.cause ? `${error.message}: ${error.cause.message}` : error.message);
  process.exit(1);
});
