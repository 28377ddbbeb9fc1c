import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Testing } from 'cdk8s';
import { ObservabilityChart } from '../../lib';
import { shippedImages } from '../../lib/kubernetes/images';
import type { Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { eventually } from './harness/program';
import { agents, agentsRun, allocatorName, monitoredTargets, objects, recordedPort } from './monitored-targets';
import { allocatorConfiguration, startTargetAllocator } from './target-allocator-program';

/**
 * Runs the real target allocator, with its rendered configuration and under its own account, on a real control plane with monitors of every kind, and keeps what it answers, asks and logs.
 * The module of the version that ships cannot be had where the tests run, so what it is built from has to be brought: `go build ./cmd/otel-allocator` in the sources of the version of `shippedImages.targetAllocator`, then
 * `TARGET_ALLOCATOR=… npx jest -c jest.real.config.json --runInBand --testMatch '**\/test/real/target-allocator-recording.ts'`. Not part of any other run: what it writes is committed.
 */
const file = join(__dirname, '../fixtures/recorded/target-allocator.json');

test('records', async () => {
  const plane = await ControlPlane.start();
  await monitoredTargets(plane, recordedPort);
  await agentsRun(plane);
  const all = await record(plane, objects);
  const { answers } = all;
  const some = await record(plane, inOneNamespace());
  writeFileSync(
    file,
    `${JSON.stringify({ version: shippedImages.targetAllocator.tag, ...all, inOneNamespace: { requests: some.requests, jobs: Object.keys(some.answers['/jobs']) } }, null, 2)}\n`,
  );
  expect(Object.keys(answers['/jobs'])).not.toEqual([]);
}, 300_000);

const inOneNamespace = (): Manifest[] =>
  Testing.synth(
    new ObservabilityChart(Testing.app(), 'observability', {
      clusterName: 'prod-eu',
      prometheusAgent: { shards: 2, targetAllocator: { namespaces: ['shop'] } },
    }),
  );

async function record(plane: ControlPlane, manifests: readonly Manifest[]) {
  const rights = manifests.filter(
    ({ kind, metadata }) =>
      ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].includes(kind) && metadata.name.endsWith(allocatorName),
  );
  await plane.kubectl(['delete', 'clusterrole,clusterrolebinding', `observability-${allocatorName}`, '--ignore-not-found']);
  await plane.apply(rights);
  const before = plane.auditOf(allocatorName, 'observability').length;
  const started = Date.now();
  const { program, ask } = await startTargetAllocator(plane, manifests, {
    program: process.env.TARGET_ALLOCATOR ?? 'TARGET_ALLOCATOR says where the program is',
    address: `127.0.0.1:${await freePort()}`,
  });
  const jobs = await eventually('targets are shared out', async () => {
    const found = await ask('/jobs');
    return Object.keys(found).length > 4 && found;
  });
  console.log(`knew all monitors after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  const targets = Object.keys(jobs).flatMap((job) =>
    agents.map((agent) => `/jobs/${encodeURIComponent(job)}/targets?collector_id=${agent}`),
  );
  // Pods become targets some seconds later, and it does not say when it has seen the last.
  await sleep(20_000);
  const paths = ['/jobs', '/scrape_configs', ...targets];
  const answers = Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await ask(path)])));
  await program.stop();
  return { configuration: allocatorConfiguration(manifests), answers, requests: requests(plane, before), log: notices(program.output()) };
}

/** Each once, in the order of their kinds. */
function requests(plane: ControlPlane, before: number) {
  const all = plane
    .auditOf(allocatorName, 'observability')
    .slice(before)
    .map((request) => JSON.stringify({ ...request, nonResourceUrl: request.nonResourceUrl?.replace(/\?.*/, '') }));
  return [...new Set(all)].sort().map((request) => JSON.parse(request));
}

const notices = (output: string) => [
  ...new Set(
    output
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
      .filter(({ level }) => level !== 'info')
      .map(({ level, msg, object, job, error, reason }) => [level, msg, object ?? job, error ?? reason].filter(Boolean).join(': ')),
  ),
];
