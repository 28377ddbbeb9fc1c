import { type App, Size, Testing } from 'cdk8s';
import { ObservabilityChart } from '../../lib';
import type { Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { eventually } from './harness/program';

const namespace = 'observability';

function objects(gibibytes: number): Manifest[] {
  const silent = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const clickhouse = { storage: { size: Size.gibibytes(gibibytes), storageClass: 'expandable' } };
  const chart = new ObservabilityChart(Testing.app() as App, 'observability', { clusterName: 'test', clickhouse });
  const all = Testing.synth(chart);
  silent.mockRestore();
  return all.filter(
    ({ kind, metadata }) => kind === 'Namespace' || (metadata.namespace === namespace && metadata.name.startsWith('clickhouse')),
  );
}

const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'expandable' },
  provisioner: 'example.org/none',
  allowVolumeExpansion: true,
};

const volume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'disk' },
  spec: {
    capacity: { storage: '100Gi' },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'expandable',
    claimRef: { namespace, name: 'data-clickhouse-0' },
    csi: { driver: 'example.org', volumeHandle: 'disk' },
  },
};

test('[manifests] a larger disk for the store, as the runbook says: the claim is patched, the StatefulSet made anew around its pod', async () => {
  const plane = await ControlPlane.start();
  const kubectl = (...args: string[]) => plane.kubectl(['-n', namespace, ...args]);
  const before = objects(100);
  await plane.apply([storageClass, volume, ...before.filter(({ kind }) => kind === 'Namespace')]);
  await plane.apply(before.filter(({ kind }) => kind !== 'Namespace'));
  const claim = async () => (await plane.get('pvc', namespace)).find(({ metadata }) => metadata.name === 'data-clickhouse-0');
  const pod = async () => (await plane.get('pods', namespace)).find(({ metadata }) => metadata.name === 'clickhouse-0');
  await eventually('the claim is bound', async () => (await claim())?.status.phase === 'Bound');
  const { uid } = (await pod()).metadata;

  await kubectl('patch', 'pvc', 'data-clickhouse-0', '-p', '{"spec":{"resources":{"requests":{"storage":"200Gi"}}}}');
  const statefulSet = objects(200).filter(({ kind }) => kind === 'StatefulSet');
  await expect(plane.apply(statefulSet)).rejects.toThrow('updates to statefulset spec for fields other than');
  await kubectl('delete', 'statefulset', 'clickhouse', '--cascade=orphan');
  const [made] = await plane.apply(statefulSet);

  await eventually("the pod is the new one's", async () => (await pod())?.metadata.ownerReferences?.[0]?.uid === made.metadata.uid);
  expect((await pod()).metadata.uid).toBe(uid);
  expect((await claim()).spec.resources.requests.storage).toBe('200Gi');
  await plane.stop();
});
