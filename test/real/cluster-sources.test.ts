import { setTimeout as sleep } from 'node:timers/promises';
import { Duration } from 'cdk8s';
import { ClusterAgent, ClusterEvents, ClusterState, ObjectInventory } from '../../lib';
import { gateway, synthesized } from '../collector/synthesized';
import { contents, nodeIsReady, podRuns, podsOf } from './cluster-contents';
import { declared, seen } from './declared';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { eventually } from './harness/program';
import { type Line, Receiver } from './received';
import { judgeRights } from './rights';
import { accountsOf } from './stack';

/** What a cluster agent can be given beside its default, in two replicas, on a real control plane. */
const further = [
  'k8s.container.status.state',
  'k8s.persistentvolume.status.phase',
  'k8s.persistentvolumeclaim.status.phase',
  'k8s.persistentvolumeclaim.storage.request',
  'k8s.service.endpoint.count',
  'k8s.service.load_balancer.ingress.count',
];
const { collector, objects } = synthesized(
  (scope) =>
    new ClusterAgent(scope, 'ClusterAgent', {
      gateway,
      sources: [
        new ClusterState({ furtherMetrics: further }),
        new ClusterEvents(),
        new ObjectInventory({
          objects: [
            { resource: 'deployments', apiGroup: 'apps', interval: Duration.minutes(1) },
            { resource: 'poddisruptionbudgets', apiGroup: 'policy' },
            { resource: 'configmaps', namespaces: ['shop'], labelSelector: 'tier=front' },
            { resource: 'spaceships', apiGroup: 'example.org' },
          ],
        }),
      ],
    }),
);

const shop = (kind: string, apiVersion: string, name: string, more: object = {}, labels = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop', labels },
  ...more,
});
const storage = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'none' };
const things = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'disk' },
    spec: { ...storage, hostPath: { path: '/nowhere' }, claimRef: { namespace: 'shop', name: 'bound' } },
  },
  ...['bound', 'waiting'].map((name) =>
    shop('PersistentVolumeClaim', 'v1', name, {
      spec: {
        accessModes: storage.accessModes,
        storageClassName: 'none',
        resources: { requests: { storage: '1Gi' } },
        ...(name === 'bound' ? { volumeName: 'disk' } : {}),
      },
    }),
  ),
  shop('Service', 'v1', 'web', { spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] } }),
  shop('PodDisruptionBudget', 'policy/v1', 'web', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } }),
  shop('ConfigMap', 'v1', 'listed', { data: { key: 'value' } }, { tier: 'front' }),
  shop('ConfigMap', 'v1', 'other', { data: { key: 'value' } }),
];

let plane: ControlPlane;
let received: Receiver;

beforeAll(async () => {
  plane = await ControlPlane.start();
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'observability' } };
  await plane.apply([namespace, ...contents]);
  await plane.apply([...accountsOf(objects), ...things], { warningsAsErrors: false });
  await nodeIsReady(plane);
  const { metadata } = await eventually('the Deployment has its pod', async () => (await podsOf(plane, 'web'))[0]);
  const status = { ready: true, restartCount: 0, image: 'busybox:1', imageID: 'x', containerID: 'containerd://1', started: true };
  const waiting = { waiting: { reason: 'CrashLoopBackOff' } };
  await podRuns(plane, metadata.name, '10.9.9.9', [{ name: 'web', ...status, state: waiting }]);
  await eventually('the claim is bound', async () => (await plane.get('pvc', 'shop')).some(({ status: { phase } }) => phase === 'Bound'));
  received = await Receiver.start();
  const inCluster = await plane.inCluster('cluster-agent', 'observability');
  for (const podName of ['cluster-agent-0', 'cluster-agent-1']) {
    await RealCollector.start({
      container: containerOf(objects, 'cluster-agent', undefined, { podName }),
      addresses: received.addresses,
      inCluster,
    });
  }
  await eventually('two minutes of it', async () => ofDeployment().length > 1 && points('k8s.pod.phase').length > 0, 180);
}, 400_000);

const inventory = (kind: string): Line[] => received.lines().filter(({ attributes }) => attributes['k8s.object.kind'] === kind);
const ofDeployment = () => inventory('Deployment');
const points = (metric: string) => received.points().filter((point) => point.metric === metric);

describe('[cluster-agent] ClusterState', () => {
  test('gives exactly what it declares, the further metrics too: name, instrument, unit and attributes', () => {
    expect(seen(received.points())).toEqual(declared(collector.metrics));
  });

  test('of states only the one that holds, of endpoints those that are ready', () => {
    const once = (metric: string) => points(metric).filter(({ time }, _, [first]) => time === first.time);
    const phases = once('k8s.persistentvolumeclaim.status.phase').map(({ resource, attributes, value }) => [
      resource['k8s.persistentvolumeclaim.name'],
      attributes['k8s.persistentvolumeclaim.status.phase'],
      value,
    ]);
    expect(phases.sort()).toEqual([
      ['bound', 'Bound', 1],
      ['waiting', 'Pending', 1],
    ]);
    const endpoints = once('k8s.service.endpoint.count').map(({ resource, attributes, value }) => [
      resource['k8s.service.name'],
      attributes['k8s.service.endpoint.condition'],
      value,
    ]);
    expect(endpoints).toEqual([['web', 'ready', 1]]);
    expect(once('k8s.service.load_balancer.ingress.count').map(({ value }) => value)).toEqual([0]);
  });
});

describe('[cluster-agent] ObjectInventory', () => {
  test('each object of each kind comes once a round, of the namespaces and with the labels that were asked for', async () => {
    const times = ofDeployment().map(({ time }) => time);
    expect(times.length).toBeGreaterThan(1);
    expect(new Set(times).size).toBe(times.length);
    expect(ofDeployment().every(({ attributes }) => attributes['k8s.object.name'] === 'web')).toBe(true);
    const budgets = inventory('PodDisruptionBudget').map(({ attributes }) => attributes['k8s.object.name']);
    expect(budgets).toEqual(['web']);
    expect(inventory('ConfigMap').map(({ attributes }) => attributes['k8s.object.name'])).toEqual(['listed']);
  });

  test('the record says what the object is, and nothing of who wrote which field', () => {
    const [line] = ofDeployment();
    expect(line.attributes).toEqual({
      'k8s.resource.name': 'deployments',
      'k8s.object.kind': 'Deployment',
      'k8s.object.name': 'web',
      'k8s.object.uid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(line.resource).toMatchObject({ 'k8s.namespace.name': 'shop', 'k8s.cluster.name': 'prod' });
    expect(line.object).toMatchObject({ kind: 'Deployment', metadata: { name: 'web', generation: '1' }, spec: { replicas: '1' } });
    expect(line.object.metadata).not.toHaveProperty('managedFields');
    expect(Number(line.time)).toBeGreaterThan(1.7e18);
  });
});

describe('[cluster-agent] ClusterEvents', () => {
  test('an event comes once, from one of the replicas', async () => {
    await sleep(1000);
    const events = received.lines().filter(({ attributes }) => attributes['k8s.event.reason']);
    const keys = events.map(({ attributes, body }) => `${attributes['k8s.event.uid']} ${attributes['k8s.event.count']} ${body}`);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});

test('[cluster-agent] the rights that follow are enough, and none is left over', () => {
  // Of kinds that the cluster does not have nothing is asked.
  expect(judgeRights(objects, 'cluster-agent', plane.auditOf('cluster-agent', 'observability'))).toEqual({
    refused: [],
    unused: ['watch example.org/spaceships'],
  });
});
