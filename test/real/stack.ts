import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Testing } from 'cdk8s';
import { ObservabilityChart, type ObservabilityChartProps } from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest, type PodValues } from './harness/container';
import type { ControlPlane } from './harness/control-plane';
import { Engine, type EngineLogin } from './harness/engine';
import { eventually, scratchFolder } from './harness/program';

/** The quickstart's objects, as its program makes them. */
export const quickstart = (props: Partial<ObservabilityChartProps> = {}): Manifest[] =>
  Testing.synth(new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu', ...props }));

const password = (user: string) => `of ${user}, "with" <marks> & $signs`;

export const secrets: Record<string, Record<string, string>> = Object.fromEntries(
  ['admin', 'writer', 'reader'].map((user) => [`clickhouse-${user}`, { password: password(user) }]),
);

export const login = (username: 'admin' | 'writer' | 'reader'): EngineLogin => ({ username, password: password(username) });

/** The engine under the rendered configuration, with the rendered schema in it. */
export async function startStore(objects: readonly Manifest[]): Promise<Engine> {
  const root = scratchFolder('store');
  const { files, folders } = containerOf(objects, 'clickhouse', 'clickhouse', { secrets });
  for (const folder of Object.keys(folders)) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const hash = (user: string) => createHash('sha256').update(password(user)).digest('hex');
  const hashes = ['admin', 'writer', 'reader'].map((user) => `<${user}>${hash(user)}</${user}>`).join('');
  writeFileSync(join(root, 'run/clickhouse/hashes/hashes.xml'), `<clickhouse>${hashes}</clickhouse>`);
  const engine = await Engine.start({
    data: join(root, 'var/lib/clickhouse'),
    configuration: { root, configFile: '/etc/clickhouse-server/config.xml' },
  });
  await engine.execute(schemaOf(objects), login('admin'));
  return engine;
}

/** What the schema Job runs. */
function schemaOf(objects: readonly Manifest[]): string {
  const job = objects.find(({ kind }) => kind === 'Job');
  const { files } = containerOf(objects, job.metadata.name, undefined, { secrets });
  return Object.values(files).join('\n');
}

/** Objects that API servers must know before a collector can look anything up with its own account. */
export const accountsOf = (objects: readonly Manifest[]): Manifest[] =>
  objects.filter(({ kind }) => ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].includes(kind));

/** The synthesized gateway, as a real collector with its own account. */
export async function startGateway(
  objects: readonly Manifest[],
  engine: Engine,
  plane: ControlPlane,
  values: PodValues = {},
): Promise<RealCollector> {
  const gateway = await prepareGateway(objects, engine, plane, values);
  await gateway.start();
  return gateway;
}

/** The same before its start: what it reads can be put there. */
export async function prepareGateway(
  objects: readonly Manifest[],
  engine: Engine,
  plane: ControlPlane,
  values: PodValues = {},
): Promise<RealCollector> {
  return RealCollector.prepare({
    container: containerOf(objects, 'collector', 'otel-collector', { ...values, secrets: { ...secrets, ...values.secrets } }),
    addresses: { 'clickhouse.observability.svc:8123': engine.address },
    inCluster: await plane.inCluster('collector', 'observability'),
  });
}

/** Rows that a table has under a condition, once there are at least so many. */
export async function rows(engine: Engine, table: string, condition: string, atLeast: number, seconds = 60): Promise<number> {
  const count = async () =>
    Number((await engine.query<{ n: string }>(`SELECT count() AS n FROM otel.${table} WHERE ${condition}`, login('reader')))[0].n);
  await eventually(`${table} has ${atLeast} rows`, async () => (await count()) >= atLeast, seconds).catch(() => undefined);
  return count();
}
