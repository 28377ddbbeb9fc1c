import { setTimeout as sleep } from 'node:timers/promises';
import { Chart, Duration, Testing } from 'cdk8s';
import { AnnotatedTargets, Component, ConfigValue, Processor, PrometheusAgent } from '../../lib';
import { gateway } from '../collector/synthesized';
import { podRuns } from './cluster-contents';
import type { Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { eventually } from './harness/program';
import { type Point, Receiver } from './received';
import { type Asked, pod, serve } from './scrape-targets';
import { accountsOf } from './stack';
import { StatefulPods } from './stateful-pods';

// From one shard to three and back: the real StatefulSet controller replaces the pods, each of which is a real collector.
const interval = 4000;
/** How long a pod that is ready may take until it asks, besides the interval: it looks for new targets each 5 s. */
const discovery = 7000;
const names = Array.from({ length: 24 }, (_, index) => `target-${index}`);
const address = (name: string) => `127.0.3.${names.indexOf(name) + 1}`;

/** Each point says which shard sent it. */
function synthesized(shards: number): Manifest[] {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'observability' });
  const shard = Component.processor({
    componentType: 'resource',
    name: 'shard',
    config: { attributes: [{ key: 'shard', value: ConfigValue.podField('POD_NAME', 'metadata.name'), action: 'insert' }] },
  });
  const sources = [new AnnotatedTargets({ interval: Duration.millis(interval) })];
  new PrometheusAgent(chart, 'PrometheusAgent', { gateway, shards, sources, processors: [Processor.components({ metrics: [shard] })] });
  return Testing.synth(chart);
}

/** A stretch of time, in milliseconds. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

interface Roll {
  /** From the change until every target has its new pod for good. */
  readonly during: Stretch;
  readonly after: Stretch;
}

const asked: Asked[] = [];
let plane: ControlPlane;
let received: Receiver;
let pods: StatefulPods;
let rolls: Roll[];
let ups: Point[];

beforeAll(async () => {
  plane = await ControlPlane.start();
  const port = await freePort();
  for (const name of names) {
    serve(address(name), port, () => 'shop_items 1\n', asked);
  }
  received = await Receiver.start();
  const namespaces = ['shop', 'observability'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } };
  const targets = names.map((name) => pod(name, { 'prometheus.io/scrape': 'true' }, [port]));
  await plane.apply([...namespaces, node, ...accountsOf(synthesized(1)), ...targets], { warningsAsErrors: false });
  await Promise.all(names.map((name) => podRuns(plane, name, address(name))));
  pods = StatefulPods.start(plane, 'prometheus-agent', received.addresses, ['127.0.0.1 localhost']);
  rolls = [await roll(1), await roll(3), await roll(1)];
  ups = received.points().filter(({ metric }) => metric === 'up');
}, 400_000);

/** Applies what is rendered for a number of shards, as a change of a running agent. */
async function roll(shards: number): Promise<Roll> {
  const from = Date.now();
  await plane.apply(synthesized(shards).filter(({ kind }) => ['ConfigMap', 'Service', 'StatefulSet'].includes(kind)));
  const all = Array.from({ length: shards }, (_, index) => `prometheus-agent-${index}`);
  await eventually('all pods are new', async () => String(await pods.settled()) === String(all), 120);
  await sleep(discovery + 2 * interval);
  const to = Date.now();
  await sleep(6 * interval);
  return { during: { from, to }, after: { from: to, to: Date.now() } };
}

const timesOf = (name: string, { from, to }: Stretch) =>
  asked.filter(({ target, at }) => target === `${address(name)} /metrics` && at >= from && at < to).map(({ at }) => at);

/** With what came shortly before, so that a wait that begins there counts whole. */
function longestWait(name: string, { from, to }: Stretch): number {
  const times = [from - 2 * interval, ...timesOf(name, { from: from - 2 * interval, to }), to];
  return Math.max(...times.slice(1).map((time, index) => time - times[index]));
}

/** Which shards asked a target. */
function shardsOf(name: string, { from, to }: Stretch): unknown[] {
  const ofTarget = ups.filter(
    ({ resource, time }) => resource['k8s.pod.name'] === name && Number(time) / 1e6 >= from && Number(time) / 1e6 < to,
  );
  return [...new Set(ofTarget.map(({ resource }) => resource.shard))];
}

test('[prometheus-agent] before a change of shards and after it each target is asked once an interval, by one pod', () => {
  for (const { after } of rolls) {
    const often = names.map((name) => timesOf(name, after).length);
    expect([Math.min(...often), Math.max(...often)].filter((times) => times < 5 || times > 7)).toEqual([]);
    expect(names.filter((name) => shardsOf(name, after).length !== 1)).toEqual([]);
  }
  const shards = rolls.map(({ after }) => [...new Set(names.flatMap((name) => shardsOf(name, after)))].sort());
  const first = 'prometheus-agent-0';
  expect(shards).toEqual([[first], [first, 'prometheus-agent-1', 'prometheus-agent-2'], [first]]);
});

test('[prometheus-agent] from one shard to three the new pods come first, and the old one asks until they are there', () => {
  const [old, one, two, fresh] = pods.lives;
  expect([one.name, two.name].sort()).toEqual(['prometheus-agent-1', 'prometheus-agent-2']);
  expect([old.name, fresh.name]).toEqual(['prometheus-agent-0', 'prometheus-agent-0']);
  expect(old.ended).toBeGreaterThan(Math.max(one.ready, two.ready));
});

test('[prometheus-agent] while shards change no target waits for longer than two intervals and the restart, and is asked twice for no longer than old and new pods overlap', () => {
  const [old, , , ofThree, last] = pods.lives;
  const changes = [
    { during: rolls[1].during, away: ofThree.ready - (old.ended as number), overlap: (old.ended as number) - pods.lives[1].ready },
    // All end at once, then comes the one.
    { during: rolls[2].during, away: last.ready - (ofThree.ended as number), overlap: 0 },
  ];
  for (const { during, away, overlap } of changes) {
    const waits = names.map((name) => longestWait(name, during));
    expect(Math.max(...waits)).toBeLessThan(2 * interval + away + discovery);
    const often = names.map((name) => timesOf(name, during).length);
    const once = (during.to - during.from) / interval;
    expect(Math.max(...often)).toBeLessThanOrEqual(Math.floor(once) + 1 + Math.ceil(overlap / interval));
  }
});
