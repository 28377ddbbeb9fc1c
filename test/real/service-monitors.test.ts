import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { afterTheFile, eventually } from './harness/program';
import { addresses, agents, allocatorName, chart, monitoredTargets, objects, outside, prober, recordedPort } from './monitored-targets';
import { type Point, Receiver } from './received';

// Two pods of the agent in the real collector, under their own account, on a real control plane; what the real allocator said of the same objects is played back to them.
const recorded = JSON.parse(readFileSync(join(__dirname, '../fixtures/recorded/target-allocator.json'), 'utf8'));
const allocatorAddress = '127.0.0.21';
const asked: Record<string, number> = {};
const collectors: RealCollector[] = [];
let plane: ControlPlane;
let received: Receiver;
let port: number;
let allocator: Server;

beforeAll(async () => {
  plane = await ControlPlane.start();
  port = await freePort();
  await monitoredTargets(plane, port);
  for (const ip of [...Object.values(addresses), prober, ...outside]) {
    serveTarget(ip);
  }
  received = await Receiver.start();
  for (const podName of agents) {
    await prepare(podName);
  }
  const starts = Promise.all(collectors.map((collector) => collector.start()));
  // They are there before it is.
  await sleep(3000);
  expect(asked).toEqual({});
  allocator = await playBack();
  await starts;
  await eventually(
    'two scrapes of everything',
    async () => Object.values(asked).filter((count) => count > 1).length >= 6 + outside.length,
    150,
  );
}, 300_000);

function listen(server: Server, at: number, host: string): Promise<void> {
  afterTheFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((listening) => server.listen(at, host, listening));
}

/** One sample more than a target may give where its monitor does not say how many. */
const tooMany = {
  ip: outside[outside.length - 1],
  text: Array.from({ length: 50_001 }, (_, index) => `shop_item{id="${index}"} 1\n`).join(''),
};

function serveTarget(ip: string): void {
  const server = createServer((request, response) => {
    const target = `${ip} ${request.url}`;
    asked[target] = (asked[target] ?? 0) + 1;
    if (ip === tooMany.ip) {
      response.end(tooMany.text);
      return;
    }
    response.end(`# TYPE shop_requests_total counter\nshop_requests_total{service_name="another"} ${asked[target]}\n`);
  });
  void listen(server, port, ip);
}

async function playBack(): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = recorded.answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}).replaceAll(`:${recordedPort}`, `:${port}`));
  });
  await listen(server, 8080, allocatorAddress);
  return server;
}

async function prepare(podName: string): Promise<void> {
  const { env, files } = await plane.inCluster('prometheus-agent', 'observability');
  const hosts = [
    '127.0.0.1 localhost',
    `${allocatorAddress} ${allocatorName}.observability.svc`,
    // By these names slices and the pods of annotated Services are known.
    ...Object.entries(addresses).map(([name, ip]) => `${ip} ${name}.localhost`),
  ];
  const collector = await RealCollector.prepare({
    container: containerOf(objects, 'prometheus-agent', 'otel-collector', { podName }),
    addresses: received.addresses,
    inCluster: { env, files: { ...files, '/etc/hosts': `${hosts.join('\n')}\n` } },
  });
  collectors.push(collector);
}

const points = (metric: string) => received.points().filter((point) => point.metric === metric);

/** In seconds, between two scrapes of one target. */
function shortestWait(all: Point[]): number {
  const times = all.map(({ time }) => Number(time) / 1e9).sort();
  return Math.min(...times.slice(1).map((time, index) => time - times[index]));
}

test('[prometheus-agent] what monitors of every kind describe is asked, each target by one pod, and what annotations lead to by no monitor again', () => {
  expect(Object.keys(asked).sort()).toEqual(
    [
      '127.0.0.2 /m',
      '127.0.0.3 /metrics',
      '127.0.0.4 /metrics',
      '127.0.0.5 /metrics',
      '127.0.0.6 /probe?module=http_2xx&target=http%3A%2F%2Ffront.example%2F',
      '127.0.0.6 /probe?module=http_2xx&target=https%3A%2F%2Fshop.example',
      ...outside.map((ip) => `${ip} /node`),
    ].sort(),
  );
  const jobs = (of: string) => [
    ...new Set(
      points('up')
        .filter(({ resource }) => resource['k8s.pod.name'] === of)
        .map(({ resource }) => resource['service.name']),
    ),
  ];
  expect([jobs('annotated'), jobs('behind')]).toEqual([['annotated'], ['behind']]);
  for (const pod of ['annotated', 'behind', 'api']) {
    expect(shortestWait(points('up').filter(({ resource }) => resource['k8s.pod.name'] === pod))).toBeGreaterThan(50);
  }
});

test('[prometheus-agent] both pods of the agent have targets of monitors', () => {
  const given = agents.map((agent) =>
    Object.entries<Manifest>(recorded.answers).filter(([path, targets]) => path.endsWith(`collector_id=${agent}`) && targets.length > 0),
  );
  expect(given.every((paths) => paths.length > 0)).toBe(true);
});

test('[prometheus-agent] a monitor says how often its targets are asked', () => {
  const ofCart = points('up').filter(({ resource }) => resource['service.name'] === 'cart');
  expect(shortestWait(ofCart)).toBeLessThan(12);
});

test('[prometheus-agent] a target that grew out of hand fails, and is seen to', () => {
  const ups = (ip: string) =>
    new Set(
      points('up')
        .filter(({ resource }) => resource['service.instance.id'] === `${ip}:${port}`)
        .map(({ value }) => value),
    );
  expect(ups(tooMany.ip)).toEqual(new Set([0]));
  expect(ups(outside[0])).toEqual(new Set([1]));
});

test('[prometheus-agent] it gives what it declares of every scrape, and what targets say', () => {
  const isOfScrapes = (name: string) => !/^(otelcol|ClickHouse)/.test(name);
  const seen = new Set(
    received
      .points()
      .map(({ metric }) => metric)
      .filter(isOfScrapes),
  );
  expect([...seen].sort()).toEqual(
    [...chart.prometheusAgent.metrics.map(({ name }) => name).filter(isOfScrapes), 'shop_requests_total'].sort(),
  );
});

test('[prometheus-agent] it is known whose metrics they are, and a label of a program does not pass for it', () => {
  const [point] = points('shop_requests_total').filter(({ resource }) => resource['service.name'] === 'cart');
  expect(point.resource).toMatchObject({
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': 'cart',
    'k8s.container.name': 'app',
    'k8s.cluster.name': 'prod-eu',
  });
  expect(point.attributes).toEqual({
    container: 'app',
    endpoint: 'metrics',
    exported_service_name: 'another',
    namespace: 'shop',
    pod: 'cart',
    service: 'cart',
  });
});

test('[prometheus-agent] while the allocator is away, the last that it said holds', async () => {
  allocator.closeAllConnections();
  allocator.close();
  const before = { ...asked };
  await sleep(45_000);
  expect(asked['127.0.0.2 /m']).toBeGreaterThan(before['127.0.0.2 /m'] + 2);
  await eventually('all others are asked again', async () => Object.keys(before).every((target) => asked[target] > before[target]), 60);
});
