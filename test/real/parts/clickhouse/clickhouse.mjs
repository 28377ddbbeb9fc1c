#!/usr/bin/env node
// Stands in for the program `clickhouse` of ClickHouse's image, over the embedded engine: a server with its HTTP interface, `local` and `client`.
// An option that it does not know is an error.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const text = { type: 'string' };
const queries = { query: { ...text, short: 'q', multiple: true }, 'queries-file': text };

/** `--root`, `--host` and `--port` are the stand-in's own. A port of 0 is a free one; the first line on stdout says which. */
async function server(args) {
  const { Access, openAccess } = await import('./access.mjs');
  const { engineConfiguration } = await import('./configuration.mjs');
  const { Engine } = await import('./engine.mjs');
  const { httpInterface } = await import('./http.mjs');
  const { metricsEndpoint } = await import('./metrics.mjs');
  const { values } = parseArgs({
    args,
    options: { 'config-file': { ...text, short: 'C' }, path: text, root: text, host: text, port: text },
  });
  const root = values.root ?? '';
  const scratch = await mkdtemp(join(tmpdir(), 'clickhouse-'));
  const configFile = values['config-file'];
  const data = values.path ?? `${root}/var/lib/clickhouse`;
  const configuration = configFile && (await engineConfiguration(root + configFile, root, data, scratch));
  const engine = await Engine.open(data, configuration?.file);
  const access = configuration ? new Access(engine, configuration.hashes) : openAccess;
  const http = httpInterface(engine, access);
  // The port of the native protocol takes HTTP too: `client` below speaks nothing else, and what lies between them is judged by the port.
  const all = [
    [http, 8123],
    [httpInterface(engine, access), 9000],
    [metricsEndpoint(engine), 9363],
  ];
  const listeners = values.port ? [[http, Number(values.port)]] : all;
  process.once('SIGTERM', async () => {
    for (const [listener] of listeners) {
      listener.close();
      listener.closeAllConnections();
    }
    await engine.close();
    await rm(scratch, { recursive: true });
    process.exit(0);
  });
  for (const [listener, port] of listeners)
    await new Promise((done, failed) => listener.on('error', failed).listen(port, values.host ?? '::', done));
  console.log(JSON.stringify({ port: http.address().port }));
}

async function local(args) {
  const { localConfiguration } = await import('./configuration.mjs');
  const { Engine } = await import('./engine.mjs');
  const { values } = parseArgs({
    args,
    options: { ...queries, 'config-file': { ...text, short: 'C' }, format: text, 'output-format': text },
  });
  const folder = await mkdtemp(join(tmpdir(), 'clickhouse-local-'));
  const configuration = values['config-file'] && (await localConfiguration(values['config-file'], folder));
  const engine = await Engine.open(folder, configuration);
  for (const sql of await statements(values))
    process.stdout.write(await engine.query(sql, { format: values['output-format'] ?? values.format }));
  await engine.close();
  await rm(folder, { recursive: true });
}

async function client(args) {
  const connection = {
    host: { ...text, short: 'h' },
    port: text,
    user: { ...text, short: 'u' },
    password: text,
    database: { ...text, short: 'd' },
  };
  const { values } = parseArgs({ args, options: { ...queries, ...connection, format: { ...text, short: 'f' } } });
  const host = values.host ?? 'localhost';
  const url = new URL(`http://${host.includes(':') ? `[${host}]` : host}:${values.port ?? 9000}/?multiquery=1`);
  url.searchParams.set('default_format', values.format ?? 'TabSeparated');
  if (values.database) url.searchParams.set('database', values.database);
  const user = values.user ?? process.env.CLICKHOUSE_USER ?? 'default';
  const password = values.password ?? process.env.CLICKHOUSE_PASSWORD ?? '';
  for (const sql of await statements(values)) {
    const response = await fetch(url, { method: 'POST', body: sql, headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password } });
    const answer = await response.text();
    if (!response.ok) throw new Error(answer.trim());
    process.stdout.write(answer);
  }
}

/** One after the other, as the program does it: what came before an error has been answered. In files each ends with its line. */
async function statements(values) {
  const fromFile = values['queries-file'] ? (await readFile(values['queries-file'], 'utf8')).split(/;$/m) : [];
  const all = [...(values.query ?? []), ...fromFile.filter((statement) => statement.trim() !== '')];
  if (all.length === 0) throw new Error('the stand-in needs --query or --queries-file');
  return all;
}

const programs = { server, local, client };
const [program, ...rest] = process.argv.slice(2);

try {
  if (!programs[program]) throw new Error(`the stand-in is ${Object.keys(programs).join(', ')}; not: ${program}`);
  await programs[program](rest);
} catch (error) {
  console.error(error.cause ? `${error.message}: ${error.cause.message}` : error.message);
  process.exit(1);
}
