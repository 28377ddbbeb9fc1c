import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { node } from './cluster-contents';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { manyPods } from './harness/many-pods';
import { afterTheFile, eventually } from './harness/program';
import { Receiver } from './received';
import { accountsOf, quickstart, startGateway, startStore } from './stack';

// Each collector as the quickstart has it, beside 5,000 pods on 46 nodes, of which a hundred are annotated and answer with fifty samples each.
const count = 5000;
const podsOfANode = 110;
const nodes = Array.from({ length: Math.ceil(count / podsOfANode) }, (_, index) => (index === 0 ? node : `${node}-${index}`));
const annotated = 100;
const samples = 50;
const namespaces = Array.from({ length: 50 }, (_, index) => `team-${index}`);
const objects = quickstart();
const asked = new Set<string>();
let plane: ControlPlane;
const collectors: Record<string, RealCollector> = {};
const atStart: Record<string, number> = {};

beforeAll(async () => {
  plane = await ControlPlane.start({ controllers: 'none' });
  await plane.apply([
    ...accountsOf(objects),
    ...nodes.map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })),
    ...namespaces.flatMap(namespace),
  ]);
  const port = await freePort();
  await serve(port);
  await manyPods(
    plane,
    Array.from({ length: count }, (_, index) => ({ pod: pod(index, port), ip: address(index) })),
  );
  const received = await Receiver.start();
  const start = async (role: string) => {
    const inCluster = await plane.inCluster(role, namespaceOf(role));
    collectors[role] = await RealCollector.start({
      container: containerOf(objects, role, 'otel-collector', { podName: `${role}-0`, nodeName: node }),
      addresses: received.addresses,
      inCluster: { ...inCluster, files: { ...inCluster.files, '/etc/hosts': '127.0.0.1 localhost\n' } },
    });
  };
  collectors.collector = await startGateway(objects, await startStore(objects), plane, { podName: 'collector-0' });
  for (const role of ['cluster-agent', 'node-agent', 'prometheus-agent']) {
    await start(role);
  }
  await eventually('all that are annotated were asked', async () => asked.size === annotated, 90);
  for (const role of Object.keys(collectors)) {
    atStart[role] = requests(role);
  }
  await sleep(60_000);
}, 420_000);

const namespaceOf = (role: string) => (role === 'node-agent' ? 'observability-agents' : 'observability');

const namespace = (name: string): Manifest[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } },
];

const address = (index: number) => `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;

/** About as large as pods are. */
const pod = (index: number, port: number): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `app-${index}`,
    namespace: namespaces[index % namespaces.length],
    labels: { app: `app-${index % 100}`, 'app.kubernetes.io/name': `app-${index % 100}`, 'pod-template-hash': '5d4f8c7b6' },
    annotations: index < annotated ? { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) } : {},
  },
  spec: {
    nodeName: nodes[Math.floor(index / podsOfANode)],
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'app',
        image: 'registry.example/team/app:1.2.3',
        env: Array.from({ length: 10 }, (_, setting) => ({ name: `SETTING_${setting}`, value: `the value of setting ${setting}` })),
        ports: [{ name: 'metrics', containerPort: port }],
      },
    ],
  },
});

/** Every address of the loopback leads here. */
function serve(port: number): Promise<void> {
  const text = Array.from({ length: samples }, (_, index) => `# TYPE app_${index} gauge\napp_${index}{method="GET"} ${index}\n`).join('');
  const server = createServer((request, response) => {
    asked.add(String(request.socket.localAddress));
    response.end(text);
  });
  afterTheFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((listening) => server.listen(port, '0.0.0.0', listening));
}

/** The most that it ever had, in MiB. */
const memory = (role: string) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${collectors[role].pid}/status`, 'utf8'))?.[1]) / 1024;
/** A lease is renewed each two seconds, however many pods there are. */
const requests = (role: string) => plane.auditOf(role, namespaceOf(role)).filter(({ resource }) => resource !== 'leases').length;

/** Bounds are generous: the machine is shared. */
function needs(role: string, most: { memory: number; toStart: number; inAMinute: number }): void {
  const inAMinute = requests(role) - atStart[role];
  console.log(`${role}: ${memory(role).toFixed(0)} MiB; ${atStart[role]} requests to start, ${inAMinute} in the next minute`);
  expect(memory(role)).toBeLessThan(most.memory);
  expect(atStart[role]).toBeLessThan(most.toStart);
  expect(inAMinute).toBeLessThanOrEqual(most.inAMinute);
}

test('[prometheus-agent] with 5,000 pods it needs the memory that is documented, and asks the API server for nothing twice', () => {
  needs('prometheus-agent', { memory: 300, toStart: 10, inAMinute: 0 });
});

test('[gateway] with 5,000 pods it needs the memory that is documented, and asks the API server for nothing twice', () => {
  needs('collector', { memory: 360, toStart: 10, inAMinute: 0 });
});

test('[cluster-agent] with 5,000 pods it needs the memory that is documented, and asks the API server for nothing twice but its lease', () => {
  needs('cluster-agent', { memory: 300, toStart: 50, inAMinute: 0 });
});

test('[node-agent] with 5,000 pods it knows those of its node alone: memory and requests that are documented', () => {
  needs('node-agent', { memory: 175, toStart: 10, inAMinute: 0 });
});
