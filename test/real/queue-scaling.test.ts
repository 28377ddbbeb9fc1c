import { setTimeout as sleep } from 'node:timers/promises';
import { Size, Testing } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { GatewayMode, ObservabilityChart } from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { startKeda } from './harness/keda';
import { sendOtlpHttp } from './harness/otlp';
import { eventually } from './harness/program';
import { SlowStore } from './harness/slow-store';
import { accountsOf, secrets, startStore } from './stack';

const objects = Testing.synth(
  new ObservabilityChart(Testing.app(), 'observability', {
    clusterName: 'prod-eu',
    clickhouse: { resources: { cpu: Cpu.units(4), memory: Size.gibibytes(16) } },
    gateway: { mode: GatewayMode.SYNCHRONOUS, autoscaling: { maxReplicas: 4, queue: { sizePerPod: Size.kibibytes(512) } } },
  }),
);
const find = (kind: string, name: string): Manifest => objects.find((object) => object.kind === kind && object.metadata.name === name);
const scaledObject = find('ScaledObject', 'collector');
const perPod = 512 * 1024;

const byCpu: Manifest = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'collector', namespace: 'observability' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'collector' },
    maxReplicas: 3,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
  },
};

let plane: ControlPlane;
let engine: Engine;
let store: SlowStore;
let gateway: RealCollector;

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(objects));
  engine = await startStore(objects);
  // No longer than the gateway waits for an answer.
  store = new SlowStore(engine.address, 10_000);
  const address = await store.start();
  gateway = await RealCollector.start({
    container: containerOf(objects, 'collector', 'otel-collector', { secrets }),
    addresses: { 'clickhouse.observability.svc:8123': address },
    inCluster: await plane.inCluster('collector', 'observability'),
  });
  await startKeda(plane, ['pod.localhost']);
  const port = Number(gateway.address(8888).split(':')[1]);
  // KEDA reads what the pods have in their environment.
  await plane.apply(Object.entries(secrets).map(([name, stringData]) => secret(name, stringData)));
  await plane.apply([find('Deployment', 'collector'), find('Service', 'collector-headless')]);
  await plane.apply([slice(port)], { warningsAsErrors: false });
  // One by CPU alone is there from before.
  await plane.apply([byCpu]);
  await plane.apply([asked(port, scaledObject)]);
}, 240_000);

const secret = (name: string, stringData: Record<string, string>): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'observability' },
  stringData,
});

afterAll(() => store?.stop());

/** The one pod that is there, by a name, as no address of the loopback may stand in a slice. */
const slice = (port: number): Manifest => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'collector-headless-here', namespace: 'observability', labels: { 'kubernetes.io/service-name': 'collector-headless' } },
  addressType: 'FQDN',
  ports: [{ name: 'own-metrics', port }],
  endpoints: [{ addresses: ['pod.localhost'], conditions: { ready: true } }],
});

/** The port on this machine that stands for the pod's. */
const asked = (port: number, object: Manifest): Manifest => JSON.parse(JSON.stringify(object).replaceAll('.svc:8888/', `.svc:${port}/`));

const metrics = async () => (await fetch(`http://${gateway.address(8888)}/metrics`)).text();
const waiting = async (signal: string) =>
  Number(new RegExp(`^otelcol_exporter_queue_size\\{.*exporter="clickhouse/${signal}".*\\} (\\S+)$`, 'm').exec(await metrics())?.[1]);

test('[gateway] each series that KEDA is told of is there from the start', async () => {
  expect(await Promise.all(['logs', 'metrics', 'traces'].map(waiting))).toEqual([0, 0, 0]);
});

const replicas = async () => {
  const [deployment] = await plane.get('deployment', 'observability', 'app.kubernetes.io/instance=collector');
  return deployment.spec.replicas as number;
};

/** Some 70 KiB a request: agents that send as fast as they are answered, and again what was refused, as long as it lasts. */
async function sendWhile(going: () => boolean): Promise<void> {
  const agent = async (index: number) => {
    while (going()) {
      await sendOtlpHttp(gateway.address(4318), { logs: 1500, resource: { 'service.name': `agent-${index}` } }).catch(() => sleep(500));
    }
  };
  await Promise.all(Array.from({ length: 60 }, (_, index) => agent(index)));
}

test('[gateway] KEDA adds pods while the store is slow, up to the most and no further, and takes them away when nothing waits', async () => {
  // The least, before anything waits.
  await eventually('KEDA scales to the least', async () => (await replicas()) === 2, 90);
  let going = true;
  const senders = sendWhile(() => going);
  await eventually('the queue holds more than three pods are meant to', async () => (await waiting('logs')) > 3 * perPod, 30);
  await eventually('KEDA scales to the most', async () => (await replicas()) === 4, 120);
  const [autoscaler, ...others] = await plane.get('horizontalpodautoscaler', 'observability');
  expect([others, autoscaler.metadata.ownerReferences[0].kind]).toEqual([[], 'ScaledObject']);
  const logs = autoscaler.status.currentMetrics.find(({ external }: Manifest) => external?.metric.name.includes('logs'));
  expect(Number.parseInt(logs.external.current.averageValue, 10)).toBeGreaterThan(perPod);
  expect([autoscaler.metadata.name, autoscaler.spec.maxReplicas]).toEqual(['collector', 4]);

  store.delay = 0;
  going = false;
  await senders;
  await eventually('nothing waits', async () => (await waiting('logs')) === 0, 30);
  expect(await replicas()).toBe(4);
  await plane.apply([quick(asked(Number(gateway.address(8888).split(':')[1]), scaledObject))]);
  await eventually('KEDA scales to the least', async () => (await replicas()) === 2, 120);
}, 400_000);

/** Without the CPU, which takes a metrics server, and without ten minutes of patience. */
function quick(object: Manifest): Manifest {
  const { spec } = object;
  const behavior = { scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }] } };
  const triggers = spec.triggers.filter(({ type }: Manifest) => type !== 'cpu');
  return { ...object, spec: { ...spec, triggers, advanced: { horizontalPodAutoscalerConfig: { name: 'collector', behavior } } } };
}
