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
import { accountsOf, quickstart } from './stack';

// The Prometheus agent as the quickstart has it, beside 5,000 pods, of which a hundred are annotated and answer with fifty samples each.
const count = 5000;
const annotated = 100;
const samples = 50;
const namespaces = Array.from({ length: 50 }, (_, index) => `team-${index}`);
const objects = quickstart();
const asked = new Set<string>();
let plane: ControlPlane;
let agent: RealCollector;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllers: 'none' });
  await plane.apply([
    ...accountsOf(objects),
    { apiVersion: 'v1', kind: 'Node', metadata: { name: node } },
    ...namespaces.flatMap(namespace),
  ]);
  const port = await freePort();
  await serve(port);
  await manyPods(
    plane,
    Array.from({ length: count }, (_, index) => ({ pod: pod(index, port), ip: address(index) })),
  );
  const received = await Receiver.start();
  const inCluster = await plane.inCluster('prometheus-agent', 'observability');
  agent = await RealCollector.start({
    container: containerOf(objects, 'prometheus-agent', 'otel-collector', { nodeName: node }),
    addresses: received.addresses,
    inCluster: { ...inCluster, files: { ...inCluster.files, '/etc/hosts': '127.0.0.1 localhost\n' } },
  });
  await eventually('all that are annotated were asked', async () => asked.size === annotated, 90);
}, 300_000);

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
    nodeName: node,
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
const memory = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1]) / 1024;
const requests = () => plane.auditOf('prometheus-agent', 'observability').length;

test('[prometheus-agent] with 5,000 pods it needs the memory that is documented, and asks the API server for nothing twice', async () => {
  const atStart = requests();
  await sleep(60_000);
  console.log(`${memory().toFixed(0)} MiB; ${atStart} requests to start, ${requests() - atStart} in the next minute`);
  expect(memory()).toBeLessThan(300);
  expect(atStart).toBeLessThan(10);
  expect(requests() - atStart).toBe(0);
});
