import { createServer } from 'node:http';
import { podRuns } from './cluster-contents';
import type { Manifest } from './harness/container';
import type { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { afterTheFile } from './harness/program';

/** Pods and Services of which some want to be scraped, and what was asked of them: how often, by address and path. */
export async function scrapeTargets(plane: ControlPlane): Promise<Record<string, number>> {
  const asked: Record<string, number> = {};
  const port = await freePort();
  const addresses = { annotated: '127.0.0.2', 'behind-two': '127.0.0.3', 'not-annotated': '127.0.0.4', 'says-no': '127.0.0.5' };
  for (const ip of Object.values(addresses)) {
    serve(ip, port, asked);
  }
  const scrape = { 'prometheus.io/scrape': 'true' };
  const at = { 'prometheus.io/port': String(port) };
  const objects = [
    pod('annotated', { ...scrape, ...at, 'prometheus.io/path': '/m', 'prometheus.io/param_module': 'cart' }, ['one', 'two']),
    ...service('over-annotated', scrape, port, 'annotated'),
    pod('behind-two', {}),
    ...service('first', scrape, port, 'behind-two'),
    ...service('second', { ...scrape, ...at }, port, 'behind-two'),
    pod('not-annotated', {}),
    pod('says-no', { 'prometheus.io/scrape': 'false', ...at }),
  ];
  await plane.apply(objects, { warningsAsErrors: false });
  for (const [name, ip] of Object.entries(addresses)) {
    await podRuns(plane, name, ip);
  }
  return asked;
}

function serve(ip: string, port: number, asked: Record<string, number>): void {
  const server = createServer((request, response) => {
    const target = `${ip} ${request.url}`;
    asked[target] = (asked[target] ?? 0) + 1;
    // The second time a series is gone: what tells its end must not become a value.
    const gone = asked[target] > 1 ? '' : '# TYPE shop_gone gauge\nshop_gone 7\n';
    response.end(`# TYPE shop_requests_total counter\nshop_requests_total{service_name="another"} ${asked[target]}\n${gone}`);
  }).listen(port, ip);
  afterTheFile(async () => {
    server.closeAllConnections();
    server.close();
  });
}

const pod = (name: string, annotations: Manifest, containers = ['app']): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { 'app.kubernetes.io/name': name }, annotations },
  spec: {
    containers: containers.map((container, index) => ({
      name: container,
      image: 'busybox:1',
      ports: [{ containerPort: 1000 + index }, { containerPort: 2000 + index }],
    })),
  },
});

/** Without a selector, as no controller may write addresses of the loopback into a slice; it says by a name whose pod it is. */
const service = (name: string, annotations: Manifest, port: number, target: string): Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', annotations },
    spec: { ports: [{ name: 'http', port: 80 }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'FQDN',
    ports: [{ name: 'http', port }],
    endpoints: [{ addresses: ['pod.localhost'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: target, namespace: 'shop' } }],
  },
];
