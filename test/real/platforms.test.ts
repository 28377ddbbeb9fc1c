import { readdirSync } from 'node:fs';
import { NodeTaintQuery } from 'cdk8s-plus-27';
import { KubeletTls, Platform } from '../../lib';
import { node } from './cluster-contents';
import { dropped } from './dropped';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { Receiver } from './received';
import { quickstart } from './stack';

// What platforms change, and pools of nodes, on a real API server and in a real collector. OpenShift's own objects: manifests.test.ts, by its example.
const pool = { nodeSelector: { pool: 'batch' }, tolerations: [NodeTaintQuery.is('dedicated', 'batch'), NodeTaintQuery.exists('spot')] };
const platforms = Object.values(Platform).filter((platform) => platform !== Platform.OPENSHIFT);
const nodeAgent = { ...pool, kubeletTls: KubeletTls.clusterAuthority() };
const stack = (platform: Platform) => quickstart({ platform, ...(platform === Platform.EKS_FARGATE ? {} : { nodeAgent }) });
const workloads = (objects: Manifest[]) => objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind));

let plane: ControlPlane;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllers: 'none' });
}, 120_000);

test.each(platforms)(
  '[manifests] a real API server takes the stack of %s strictly, drops no field, and would start its pods',
  async (platform) => {
    const objects = stack(platform);
    await plane.apply(objects.filter(({ kind }) => kind === 'Namespace'));
    const came = await plane.apply(objects);
    const back = (sent: Manifest) =>
      came.find(
        ({ kind, metadata }) =>
          kind === sent.kind && metadata.name === sent.metadata.name && metadata.namespace === sent.metadata.namespace,
      );
    expect(objects.flatMap((sent) => dropped(sent, back(sent), `${sent.kind}/${sent.metadata.name}`))).toEqual([]);
    await plane.dryRunPods(workloads(objects));
  },
);

test('[node-agent] with nothing on the node to write to, as on GKE Autopilot, it runs, and keeps its state in volumes of the pod', async () => {
  const objects = stack(Platform.GKE_AUTOPILOT);
  await plane.apply(objects.filter(({ kind }) => kind === 'Namespace'));
  await plane.apply(objects.filter(({ kind }) => ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'].includes(kind)));
  const received = await Receiver.start();
  const container = containerOf(objects, 'node-agent', 'otel-collector', { podName: 'node-agent-x', nodeName: node });
  const inCluster = await plane.inCluster('node-agent', 'observability-agents');
  const collector = await RealCollector.start({ container, addresses: received.addresses, inCluster });
  await collector.stop();
  const [{ spec }] = objects.filter(({ kind }) => kind === 'DaemonSet').map((daemonSet) => daemonSet.spec.template);
  const ofThePod = spec.volumes.filter(({ emptyDir }: Manifest) => emptyDir).map(({ name }: Manifest) => name);
  const mounts: string[] = spec.containers[0].volumeMounts
    .filter(({ name }: Manifest) => ofThePod.includes(name))
    .map(({ mountPath }: Manifest) => mountPath);
  const files = readdirSync(collector.path('/var/lib/otelcol'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const written = files.map(({ parentPath }) => parentPath.slice(collector.path('/').length - 1));
  expect([...new Set(written)].sort()).toEqual(mounts.sort());
}, 120_000);
