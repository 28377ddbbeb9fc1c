// Stands in for Grafana in its image, as far as Kubernetes sees it: it starts under the pod's own user and file system, insists on what it is to be given
// (settings, secrets, provisioning files that are YAML and JSON, a data folder that it can write) and answers its probes.
// It shows nothing and alerts nobody. What it can do of Grafana's work: /api/datasources/health logs in to each provisioned store.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Settings that the environment must give, by value or by the name of a file. */
const settings = ['GF_PATHS_DATA', 'GF_PATHS_PROVISIONING', 'GF_SECURITY_ADMIN_PASSWORD', 'GF_SECURITY_SECRET_KEY'];

async function setting(name) {
  const value = process.env[name] ?? (process.env[`${name}__FILE`] && (await readFile(process.env[`${name}__FILE`], 'utf8')));
  if (!value) throw new Error(`${name} is not given`);
  return value;
}

async function filesBelow(folder, ending) {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith(ending) && !name.split('/').some((part) => part.startsWith('..')))
    .map((name) => join(folder, name));
}

/** `$__env{NAME}`, `${NAME}` and `$NAME` as Grafana puts the environment into data sources. */
function environmentIn(text) {
  return text.replace(/\$__env\{(\w+)\}|\$\{(\w+)\}|\$([A-Z]\w*)/g, (_whole, ...names) => {
    const name = names.slice(0, 3).find(Boolean);
    if (process.env[name] === undefined) throw new Error(`the environment variable ${name} is asked for and not given`);
    return process.env[name];
  });
}

async function provisioned() {
  const folder = await setting('GF_PATHS_PROVISIONING');
  const documents = await Promise.all(
    (await filesBelow(folder, '.yaml')).map(async (file) => ({ file, content: parse(await readFile(file, 'utf8')) })),
  );
  const of = (kind) => documents.filter(({ file }) => file.startsWith(join(folder, kind, '/'))).map(({ content }) => content);
  const stores = of('datasources').flatMap(({ datasources = [] }) => datasources);
  for (const { options } of of('dashboards').flatMap(({ providers }) => providers)) {
    const dashboards = await filesBelow(options.path, '.json');
    if (dashboards.length === 0) throw new Error(`there is no dashboard in ${options.path}`);
    for (const file of dashboards) JSON.parse(await readFile(file, 'utf8'));
    console.log(`${dashboards.length} dashboards in ${options.path}`);
  }
  console.log(
    `${
      of('alerting')
        .flatMap(({ groups = [] }) => groups)
        .flatMap(({ rules }) => rules).length
    } rules`,
  );
  return stores.map((store) => ({ ...store, secureJsonData: JSON.parse(environmentIn(JSON.stringify(store.secureJsonData ?? {}))) }));
}

async function logIn({ name, jsonData, secureJsonData }) {
  const url = `${jsonData.secure ? 'https' : 'http'}://${jsonData.host}:${jsonData.port}/?query=SELECT+currentDatabase()&database=${jsonData.defaultDatabase}`;
  const headers = { 'X-ClickHouse-User': jsonData.username, 'X-ClickHouse-Key': secureJsonData.password };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(5000) });
  return { name, status: response.status, answer: (await response.text()).trim() };
}

for (const name of settings) await setting(name);
await writeFile(join(await setting('GF_PATHS_DATA'), 'grafana.db'), 'a stand-in keeps nothing');
const stores = await provisioned();

const server = createServer(async (request, response) => {
  if (request.url === '/healthz') response.end('Ok');
  else if (request.url === '/api/health') response.end(JSON.stringify({ database: 'ok', version: 'stand-in' }));
  else if (request.url === '/api/datasources/health') {
    const answers = await Promise.all(
      stores.map((store) =>
        logIn(store).catch((error) => ({ name: store.name, status: 0, answer: error.cause?.message ?? error.message })),
      ),
    );
    response.writeHead(answers.every(({ status }) => status === 200) ? 200 : 500).end(JSON.stringify(answers));
  } else response.writeHead(404).end();
});
server.listen(3000, '::', () => console.log('listens on 3000'));
process.once('SIGTERM', () => process.exit(0));
