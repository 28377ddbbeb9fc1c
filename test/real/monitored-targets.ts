import { readFileSync } from 'node:fs';
import { Testing } from 'cdk8s';
import { ObservabilityChart } from '../../lib';
import { contents, nodeIsReady, podRuns } from './cluster-contents';
import type { Manifest } from './harness/container';
import type { ControlPlane } from './harness/control-plane';
import { part } from './harness/parts';
import { eventually } from './harness/program';

/** A cluster with monitors of every kind, and what they describe. The same for the recording of the allocator and for those who ask it. */

export const chart = new ObservabilityChart(Testing.app(), 'observability', {
  clusterName: 'prod-eu',
  prometheusAgent: { shards: 2, targetAllocator: {} },
});
export const objects: Manifest[] = Testing.synth(chart);

export const allocatorName = 'prometheus-agent-target-allocator';
export const agents = ['prometheus-agent-0', 'prometheus-agent-1'];

/** What the recording has; where targets really listen is another one. */
export const recordedPort = 9100;

/** Where each pod is; names stand for addresses of the loopback, which no slice may hold. */
export const addresses = {
  cart: '127.0.0.2',
  annotated: '127.0.0.3',
  api: '127.0.0.4',
  behind: '127.0.0.5',
  locked: '127.0.0.8',
  thief: '127.0.0.9',
};
export const prober = '127.0.0.6';
/** So many that each pod of the agent gets some. */
export const outside = ['127.0.0.7', '127.0.0.10', '127.0.0.18', '127.0.0.19', '127.0.0.20'];

/** The custom resources of monitors, as their project declares them. */
export async function monitorsAreServed(plane: ControlPlane): Promise<void> {
  const kinds = ['podmonitors', 'probes', 'scrapeconfigs', 'servicemonitors'];
  for (const kind of kinds) {
    await plane.apply(readFileSync(part(`${kind}.yaml`), 'utf8'));
  }
  await eventually('monitors are served', async () => {
    for (const kind of kinds) {
      await plane.kubectl(['get', `${kind}.monitoring.coreos.com`, '-A']);
    }
    return true;
  });
}

export async function monitoredTargets(plane: ControlPlane, port: number): Promise<void> {
  await monitorsAreServed(plane);
  const rights = ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
  await plane.apply([...objects.filter(({ kind }) => rights.includes(kind)), ...contents]);
  await nodeIsReady(plane);
  const annotations = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) };
  const targets = [
    pod('cart', port),
    ...service('cart', port),
    pod('annotated', port, annotations),
    ...service('annotated', port),
    pod('api', port),
    pod('behind', port),
    ...service('behind', port, annotations),
    pod('locked', port),
    ...service('locked', port),
    pod('thief', port),
    ...service('thief', port),
  ];
  await plane.apply([...targets, ...monitors(port)], { warningsAsErrors: false });
  for (const [name, ip] of Object.entries(addresses)) {
    await podRuns(plane, name, ip);
  }
}

/** The agent's pods, as the allocator sees them. */
export async function agentsRun(plane: ControlPlane): Promise<void> {
  const { spec } = objects.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'prometheus-agent');
  for (const name of agents) {
    const metadata = { name, namespace: 'observability', labels: spec.template.metadata.labels };
    await plane.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec.template.spec, nodeName: 'node-a' } }]);
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await plane.kubectl(['patch', 'pod', name, '-n', 'observability', ...patch]);
  }
}

const pod = (name: string, port: number, annotations: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name }, annotations },
  spec: { containers: [{ name: 'app', image: 'busybox:1', ports: [{ name: 'metrics', containerPort: port }, { containerPort: 1000 }] }] },
});

/** Without a selector, as no controller may write addresses of the loopback into a slice; it says by a name whose pod it is. */
const service = (name: string, port: number, annotations: Manifest = {}): Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', labels: { app: name }, annotations },
    spec: { ports: [{ name: 'metrics', port: 80 }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'FQDN',
    ports: [{ name: 'metrics', port }],
    endpoints: [{ addresses: [`${name}.localhost`], conditions: { ready: true }, targetRef: { kind: 'Pod', name, namespace: 'shop' } }],
  },
];

const monitor = (kind: string, name: string, spec: Manifest): Manifest => ({
  apiVersion: `monitoring.coreos.com/${kind === 'ScrapeConfig' ? 'v1alpha1' : 'v1'}`,
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
});

const serviceMonitor = (name: string, endpoint: Manifest) =>
  monitor('ServiceMonitor', name, { selector: { matchLabels: { app: name } }, endpoints: [{ port: 'metrics', ...endpoint }] });

const monitors = (port: number): Manifest[] => [
  serviceMonitor('cart', { interval: '10s', path: '/m' }),
  serviceMonitor('annotated', {}),
  serviceMonitor('behind', {}),
  serviceMonitor('locked', {
    basicAuth: { username: { name: 'login', key: 'user' }, password: { name: 'login', key: 'password' } },
  }),
  serviceMonitor('thief', { bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' }),
  monitor('PodMonitor', 'api', { selector: { matchLabels: { app: 'api' } }, podMetricsEndpoints: [{ port: 'metrics' }] }),
  monitor('Probe', 'site', {
    prober: { url: `${prober}:${port}` },
    module: 'http_2xx',
    targets: { staticConfig: { static: ['https://shop.example'] } },
  }),
  monitor('Probe', 'front', {
    prober: { url: `${prober}:${port}` },
    module: 'http_2xx',
    targets: { ingress: { selector: { matchLabels: { app: 'front' } } } },
  }),
  monitor('ScrapeConfig', 'outside', { staticConfigs: [{ targets: outside.map((ip) => `${ip}:${port}`) }], metricsPath: '/node' }),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'front', namespace: 'shop', labels: { app: 'front' } },
    spec: {
      rules: [
        {
          host: 'front.example',
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'cart', port: { number: 80 } } } }] },
        },
      ],
    },
  },
];
