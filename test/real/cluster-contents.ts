import type { Manifest } from './harness/container';
import type { ControlPlane } from './harness/control-plane';

/** Things to be observed, on a control plane without nodes: what a kubelet would say of them is said here. */

export const node = 'node-a';

const container = (name: string, ports: number[] = [], more: Manifest = {}) => ({
  name,
  image: 'busybox:1',
  ports: ports.map((containerPort) => ({ containerPort })),
  ...more,
});
const meta = (name: string, more: Manifest = {}) => ({ name, namespace: 'shop', ...more });
const workload = (kind: string, name: string, spec: Manifest, pod: Manifest) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: meta(name),
  spec: {
    ...spec,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [pod] } },
  },
});
const job = { completions: 1, template: { spec: { restartPolicy: 'Never', containers: [container('job')] } } };

export const contents: Manifest[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: node } },
  workload(
    'Deployment',
    'web',
    { replicas: 1 },
    container('web', [8080], { resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } } }),
  ),
  workload('StatefulSet', 'db', { replicas: 1, serviceName: 'db' }, container('db')),
  workload('DaemonSet', 'every-node', {}, container('every-node')),
  { apiVersion: 'batch/v1', kind: 'Job', metadata: meta('once'), spec: job },
  { apiVersion: 'batch/v1', kind: 'CronJob', metadata: meta('nightly'), spec: { schedule: '0 3 * * *', jobTemplate: { spec: job } } },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: meta('web'),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 3,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
    },
  },
  { apiVersion: 'v1', kind: 'ResourceQuota', metadata: meta('quota'), spec: { hard: { pods: '50' } } },
];

/** The node is ready and has room. */
export async function nodeIsReady(plane: ControlPlane): Promise<void> {
  await plane.kubectl(['taint', 'node', node, 'node.kubernetes.io/not-ready-']);
  const condition = (type: string, status: string) => ({ type, status });
  const healthy = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'].map((type) => condition(type, 'False'));
  const room = { cpu: '4', memory: '8Gi', pods: '110' };
  await patchStatus(plane, ['node', node], { capacity: room, allocatable: room, conditions: [condition('Ready', 'True'), ...healthy] });
}

/** A pod runs on a node, under an address; what it says of its containers is the test's. */
export async function podRuns(
  plane: ControlPlane,
  name: string,
  ip: string,
  containerStatuses: Manifest[] = [],
  { onNode = node, namespace = 'shop' }: { readonly onNode?: string; readonly namespace?: string } = {},
): Promise<void> {
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: onNode } };
  await plane.kubectl(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${name}/binding`, '-f', '-'], {
    input: JSON.stringify(binding),
  });
  await patchStatus(plane, ['pod', name, '-n', namespace], {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses,
  });
}

export async function podsOf(plane: ControlPlane, app: string): Promise<Manifest[]> {
  return plane.get('pods', 'shop', `app=${app}`);
}

const patchStatus = (plane: ControlPlane, what: string[], status: Manifest) =>
  plane.kubectl(['patch', ...what, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
