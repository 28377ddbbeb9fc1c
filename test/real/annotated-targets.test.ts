import { setTimeout as sleep } from 'node:timers/promises';
import { Chart, Duration, Size, Testing } from 'cdk8s';
import { AnnotatedTargets, Component, ConfigValue, Processor, PrometheusAgent } from '../../lib';
import { gateway } from '../collector/synthesized';
import { podRuns } from './cluster-contents';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { eventually } from './harness/program';
import { Receiver } from './received';
import { type Asked, pod, serve, service } from './scrape-targets';

// Three shards of one Prometheus agent, each a real collector, on a real API server; annotations as people write them, also the wrong ones.
const shards = 3;
const objects = synthesized();

/** Each point says which shard sent it. */
function synthesized(): Manifest[] {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'observability' });
  const shard = Component.processor({
    componentType: 'resource',
    name: 'shard',
    config: { attributes: [{ key: 'shard', value: ConfigValue.podField('POD_NAME', 'metadata.name'), action: 'insert' }] },
  });
  new PrometheusAgent(chart, 'PrometheusAgent', {
    gateway,
    shards,
    sources: [
      new AnnotatedTargets({
        prefixes: ['prometheus.io', 'metrics.acme.example'],
        interval: Duration.seconds(2),
        limits: { samples: 10, labels: 5, labelNameLength: 30, labelValueLength: 40, bodySize: Size.mebibytes(1) },
      }),
    ],
    processors: [Processor.components({ metrics: [shard] })],
  });
  return Testing.synth(chart);
}

const scrape = { 'prometheus.io/scrape': 'true' };
const acme = { 'metrics.acme.example/scrape': 'true' };

/** Annotations, and what has to be asked then: path and query, or nothing. */
const annotated: Record<string, [annotations: Manifest, asked: string | undefined]> = {
  plain: [scrape, '/metrics'],
  'port-text': [{ ...scrape, 'prometheus.io/port': 'http' }, '/metrics'],
  'port-too-large': [{ ...scrape, 'prometheus.io/port': '99999' }, undefined],
  'interval-text': [{ ...scrape, 'prometheus.io/interval': 'often' }, '/metrics'],
  'interval-zero': [{ ...scrape, 'prometheus.io/interval': '0s' }, '/metrics'],
  'interval-short': [{ ...scrape, 'prometheus.io/interval': '1s' }, '/metrics'],
  'interval-long': [{ ...scrape, 'prometheus.io/interval': '5s' }, '/metrics'],
  'path-without-slash': [{ ...scrape, 'prometheus.io/path': 'm/x' }, '/m/x'],
  'path-odd': [{ ...scrape, 'prometheus.io/path': '/a b?c=%zz' }, '/a%20b%3Fc=%25zz'],
  'scheme-odd': [{ ...scrape, 'prometheus.io/scheme': 'gopher' }, '/metrics'],
  parameters: [{ ...scrape, 'prometheus.io/param-module': 'cart', 'prometheus.io/param_debug': '1&2' }, '/metrics?debug=1%262&module=cart'],
  'too-much': [{ ...scrape, 'prometheus.io/path': '/much' }, '/much'],
  'too-many-labels': [{ ...scrape, 'prometheus.io/path': '/labels' }, '/labels'],
  'too-long-name': [{ ...scrape, 'prometheus.io/path': '/name' }, '/name'],
  'too-long-value': [{ ...scrape, 'prometheus.io/path': '/value' }, '/value'],
  'too-large': [{ ...scrape, 'prometheus.io/path': '/large' }, '/large'],
  'second-prefix': [{ ...acme, 'metrics.acme.example/path': '/m' }, '/m'],
  'both-prefixes': [{ ...scrape, ...acme, 'metrics.acme.example/path': '/m', 'metrics.acme.example/interval': '5s' }, '/m'],
  'no-by-one': [{ 'prometheus.io/scrape': 'false', ...acme }, '/metrics'],
  'behind-both': [{}, '/metrics'],
  'annotated-and-behind': [acme, '/metrics'],
  'not-annotated': [{}, undefined],
};
const names = Object.keys(annotated);
const address = (name: string) => `127.0.1.${names.indexOf(name) + 1}`;

const nine = Array.from({ length: 9 }, (_, index) => `shop_${index} 1\n`).join('');

/** By path; a sample has the labels `job` and `instance` and its name beside its own. */
const answers: Record<string, string> = {
  '/much': `${nine}shop_9 1\nshop_10 1\n`,
  '/labels': `${nine}shop_9{a="1",b="1",c="1"} 1\n`,
  '/name': `${nine}shop_9{${'a'.repeat(31)}="1"} 1\n`,
  '/value': `${nine}shop_9{a="${'1'.repeat(41)}"} 1\n`,
  '/large': `${nine}# ${'x'.repeat(1024 * 1024)}\n`,
};

const asked: Asked[] = [];
let received: Receiver;

beforeAll(async () => {
  const plane = await ControlPlane.start();
  const port = await freePort();
  for (const name of names) {
    serve(address(name), port, (url) => answers[url] ?? nine, asked);
  }
  const namespaces = ['shop', 'observability'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  const pods = names.map((name) => pod(name, annotated[name][0], [port]));
  const services = [
    ...service('first', scrape, port, 'behind-both'),
    ...service('second', acme, port, 'behind-both'),
    ...service('over-annotated', scrape, port, 'annotated-and-behind'),
  ];
  const account = objects.filter(({ kind }) => ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'].includes(kind));
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } };
  await plane.apply([...namespaces, node, ...account, ...pods, ...services], { warningsAsErrors: false });
  await Promise.all(names.map((name) => podRuns(plane, name, address(name))));
  received = await Receiver.start();
  const { env, files } = await plane.inCluster('prometheus-agent', 'observability');
  const inCluster = { env, files: { ...files, '/etc/hosts': '127.0.0.1 localhost pod.localhost\n' } };
  for (let shard = 0; shard < shards; shard++) {
    const container = containerOf(objects, 'prometheus-agent', 'otel-collector', { podName: `prometheus-agent-${shard}` });
    await RealCollector.start({ container, addresses: received.addresses, inCluster });
  }
  await eventually('five scrapes of everything that answers', async () => Object.values(scrapesOf()).every((times) => times >= 5), 90);
  await sleep(1000);
}, 240_000);

/** How often each was asked that has to be. */
const scrapesOf = () =>
  Object.fromEntries(
    names
      .filter((name) => annotated[name][1])
      .map((name) => [name, asked.filter(({ target }) => target === `${address(name)} ${annotated[name][1]}`).length]),
  );

const up = () => received.points().filter(({ metric }) => metric === 'up');
const podOf = (resource: Record<string, unknown>) => resource['k8s.pod.name'] as string;

/** In seconds, between two questions: the median, as a busy machine delays single ones. */
function usualWait(name: string): number {
  const times = asked.filter(({ target }) => target.startsWith(`${address(name)} `)).map(({ at }) => at / 1000);
  const waits = times.slice(1).map((time, index) => time - times[index]);
  return waits.sort((one, other) => one - other)[Math.floor(waits.length / 2)];
}

describe('[prometheus-agent]', () => {
  test('annotations of any sense and nonsense: what can be meant is asked, and nothing else', () => {
    const wanted = names.flatMap((name) => (annotated[name][1] ? [`${address(name)} ${annotated[name][1]}`] : []));
    expect([...new Set(asked.map(({ target }) => target))].sort()).toEqual(wanted.sort());
  });

  test('of three shards each target belongs to one, whatever leads to it', () => {
    const shardsOf = new Map<string, Set<unknown>>();
    for (const { resource } of up()) {
      const name = podOf(resource);
      shardsOf.set(name, (shardsOf.get(name) ?? new Set()).add(resource.shard));
    }
    expect([...shardsOf.keys()].sort()).toEqual(names.filter((name) => name !== 'not-annotated').sort());
    expect([...shardsOf].filter(([, owners]) => owners.size !== 1)).toEqual([]);
    expect(new Set([...shardsOf.values()].flatMap((owners) => [...owners])).size).toBe(shards);
  });

  test('each target is asked once an interval, its own if its annotation says one', () => {
    const waits = Object.fromEntries(
      ['plain', 'behind-both', 'interval-text', 'interval-short', 'interval-long'].map((name) => [name, usualWait(name)]),
    );
    expect(
      Object.entries(waits).filter(([name, wait]) => Math.abs(wait - ({ 'interval-short': 1, 'interval-long': 5 }[name] ?? 2)) > 0.4),
    ).toEqual([]);
  });

  test('a target that gives more than its limit, or does not answer, is down, says how much it gave, and hurts no other', () => {
    const values = (metric: string, name: string) => [
      ...new Set(
        received
          .points()
          .filter((point) => point.metric === metric && podOf(point.resource) === name)
          .map(({ value }) => value),
      ),
    ];
    const down = names.filter((name) => up().some(({ resource, value }) => podOf(resource) === name && value === 0));
    expect(down.sort()).toEqual(['port-too-large', 'too-large', 'too-long-name', 'too-long-value', 'too-many-labels', 'too-much']);
    expect([values('scrape_samples_scraped', 'too-much'), values('scrape_samples_scraped', 'plain')]).toEqual([[11], [9]]);
    expect([...down, 'plain'].flatMap((name) => values('shop_0', name))).toEqual([1]);
  });
});
