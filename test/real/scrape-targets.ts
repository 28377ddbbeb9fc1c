import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
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
    serve(ip, port, (url) => {
      const target = `${ip} ${url}`;
      asked[target] = (asked[target] ?? 0) + 1;
      // The second time a series is gone: what tells its end must not become a value.
      const gone = asked[target] > 1 ? '' : '# TYPE shop_gone gauge\nshop_gone 7\n';
      return `# TYPE shop_requests_total counter\nshop_requests_total{service_name="another"} ${asked[target]}\n${gone}`;
    });
  }
  const scrape = { 'prometheus.io/scrape': 'true' };
  const at = { 'prometheus.io/port': String(port) };
  const ports = [1000, 2000];
  const objects = [
    pod('annotated', { ...scrape, ...at, 'prometheus.io/path': '/m', 'prometheus.io/param_module': 'cart' }, ports, ['one', 'two']),
    ...service('over-annotated', scrape, port, 'annotated'),
    pod('behind-two', {}, ports),
    ...service('first', scrape, port, 'behind-two'),
    ...service('second', { ...scrape, ...at }, port, 'behind-two'),
    pod('not-annotated', {}, ports),
    pod('says-no', { 'prometheus.io/scrape': 'false', ...at }, ports),
  ];
  await plane.apply(objects, { warningsAsErrors: false });
  for (const [name, ip] of Object.entries(addresses)) {
    await podRuns(plane, name, ip);
  }
  return asked;
}

/** What was asked, in order: the address, path and query, and when. */
export interface Asked {
  readonly target: string;
  readonly at: number;
}

/** A program with metrics at an address of the loopback, whatever path is asked for; over TLS with `tls`. What it refuses is no answer. */
export function serve(
  ip: string,
  port: number,
  answer: (url: string, request: IncomingMessage) => string | undefined,
  asked: Asked[] = [],
  tls?: ServerOptions,
): void {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    asked.push({ target: `${ip} ${request.url}`, at: Date.now() });
    const text = answer(request.url as string, request);
    // Metrics come without a content type, as from many programs; lists of targets have to say theirs.
    response.writeHead(text === undefined ? 401 : 200, text?.startsWith('[') ? { 'content-type': 'application/json' } : {}).end(text);
  };
  const server = (tls ? createSecureServer(tls, listener) : createServer(listener)).listen(port, ip);
  afterTheFile(async () => {
    server.closeAllConnections();
    server.close();
  });
}

/** Each container declares the ports, by number or by name too. */
export const pod = (
  name: string,
  annotations: Manifest,
  ports: (number | { readonly name: string; readonly port: number })[],
  containers = ['app'],
  labels: Manifest = {},
): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { 'app.kubernetes.io/name': name, ...labels }, annotations },
  spec: {
    containers: containers.map((container, index) => ({
      name: container,
      image: 'busybox:1',
      ports: ports.map((port) =>
        typeof port === 'number' ? { containerPort: port + index } : { name: port.name, containerPort: port.port },
      ),
    })),
  },
});

/** Without a selector, as no controller may write addresses of the loopback into a slice; it says by a name whose pod it is. */
export const service = (name: string, annotations: Manifest, port: number, target: string): Manifest[] => [
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
