import { setTimeout as sleep } from 'node:timers/promises';
import { Duration, Testing } from 'cdk8s';
import { ObservabilityChart } from '../../lib';
import type { Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { part } from './harness/parts';
import { eventually } from './harness/program';
import { addresses, allocatorName, monitoredTargets, outside, prober } from './monitored-targets';
import { Receiver } from './received';
import { judgeRights } from './rights';
import { type Asked, serve } from './scrape-targets';
import { StatefulPods } from './stateful-pods';
import { startTargetAllocator } from './target-allocator-program';

// A real target allocator shares targets of monitors among real collectors, of which there are first one and then three. Of what it is told this version, v0.140.0,
// reads over the rules of every monitor (`scrape_classes`) and the refusal of files: service-monitors.test.ts has a recording of a later one.
const interval = 4000;
/** How often a pod asks the allocator. */
const allocatorAsked = 30_000;
/** How long a pod that knows a target may take until it asks, besides the interval. */
const discovery = 7000;
const allocatorAddress = '127.0.0.21';

const synthesized = (shards: number): Manifest[] =>
  Testing.synth(
    new ObservabilityChart(Testing.app(), 'observability', {
      clusterName: 'prod-eu',
      prometheusAgent: { shards, targetAllocator: { scrapeInterval: Duration.millis(interval) } },
    }),
  );

const asked: Asked[] = [];
let plane: ControlPlane;
let received: Receiver;
let pods: StatefulPods;
let ask: (path: string) => Promise<Manifest>;
let steady: { readonly from: number; readonly to: number }[];
let rolled: { readonly from: number; readonly to: number };

beforeAll(async () => {
  plane = await ControlPlane.start();
  const port = await freePort();
  await monitoredTargets(plane, port);
  for (const ip of [...Object.values(addresses), prober, ...outside]) {
    serve(ip, port, () => 'shop_items 1\n', asked);
  }
  received = await Receiver.start();
  ({ ask } = await startTargetAllocator(plane, synthesized(1), { program: part('target-allocator'), address: `${allocatorAddress}:8080` }));
  const hosts = [
    '127.0.0.1 localhost',
    `${allocatorAddress} ${allocatorName}.observability.svc`,
    ...Object.entries(addresses).map(([name, ip]) => `${ip} ${name}.localhost`),
  ];
  pods = StatefulPods.start(plane, 'prometheus-agent', received.addresses, hosts);
  await shardsAre(1);
  const first = await nothingChanges();
  const from = Date.now();
  await shardsAre(3);
  rolled = { from, to: Date.now() };
  steady = [first, await nothingChanges()];
}, 400_000);

async function shardsAre(shards: number): Promise<void> {
  const ofAgent = ({ kind, metadata }: Manifest) =>
    ['ConfigMap', 'Service', 'StatefulSet'].includes(kind) &&
    metadata.name.startsWith('prometheus-agent') &&
    !metadata.name.includes('allocator');
  await plane.apply(synthesized(shards).filter(ofAgent));
  const all = Array.from({ length: shards }, (_, index) => `prometheus-agent-${index}`);
  await eventually('all pods are new', async () => String(await pods.settled()) === String(all), 120);
  await sleep(allocatorAsked + discovery + interval);
}

async function nothingChanges() {
  const from = Date.now();
  await sleep(6 * interval);
  return { from, to: Date.now() };
}

const targets = [
  `${addresses.api} /metrics`,
  `${prober} /probe?module=http_2xx&target=http%3A%2F%2Ffront.example%2F`,
  `${prober} /probe?module=http_2xx&target=https%3A%2F%2Fshop.example`,
  ...outside.map((ip) => `${ip} /node`),
];

const timesOf = (name: string, from: number, to: number) =>
  asked.filter(({ target, at }) => target === name && at >= from && at < to).map(({ at }) => at);

test('[prometheus-agent] with a real target allocator each target of a monitor is asked once an interval, of one pod and of three', () => {
  const often = steady.map(({ from, to }) => targets.map((target) => timesOf(target, from, to).length));
  expect(often.map((all) => all.filter((times) => times < 5 || times > 7))).toEqual([[], []]);
});

test('[prometheus-agent] the real target allocator gives each target to one pod, and not all to the same', async () => {
  const given = [];
  for (const job of Object.keys(await ask('/jobs'))) {
    for (const { name } of pods.lives.filter(({ gone }) => gone === undefined)) {
      const groups: Manifest[] = await ask(`/jobs/${encodeURIComponent(job)}/targets?collector_id=${name}`);
      given.push(...groups.flatMap((group) => group.targets.map((target: string) => ({ name, target: `${job} ${target}` }))));
    }
  }
  expect(new Set(given.map(({ target }) => target)).size).toBe(given.length);
  expect(given.length).toBeGreaterThanOrEqual(targets.length);
  expect(new Set(given.map(({ name }) => name)).size).toBeGreaterThan(1);
});

test('[prometheus-agent] while one pod becomes three, no target of a monitor waits for longer than two intervals, the restart and the next question to the allocator, and none is asked twice for longer than old and new overlap', () => {
  const [old, first, , fresh] = pods.lives;
  const ended = old.ended as number;
  const { from, to } = rolled;
  const waits = targets.map((target) => {
    const times = [from - 2 * interval, ...timesOf(target, from - 2 * interval, to), to];
    return Math.max(...times.slice(1).map((time, index) => time - times[index]));
  });
  expect(Math.max(...waits)).toBeLessThan(2 * interval + fresh.ready - ended + allocatorAsked + discovery);
  const often = targets.map((target) => timesOf(target, from, to).length);
  expect(Math.max(...often)).toBeLessThanOrEqual(Math.floor((to - from) / interval) + 1 + Math.ceil((ended - first.ready) / interval));
});

test('[prometheus-agent] the rights that are rendered for the allocator are enough, but for Secrets, which it may not read', () => {
  const { refused, unused } = judgeRights(synthesized(1), allocatorName, plane.auditOf(allocatorName, 'observability'));
  expect([refused.filter((right) => !/ \/secrets$/.test(right)), unused]).toEqual([[], []]);
});
