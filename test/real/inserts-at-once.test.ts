import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayMode } from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { sendOtlpHttp, type Telemetry } from './harness/otlp';
import { SlowStore } from './harness/slow-store';
import { accountsOf, quickstart, secrets, startStore } from './stack';

const objects = quickstart({ gateway: { mode: GatewayMode.SYNCHRONOUS } });

let plane: ControlPlane;
let engine: Engine;
let slowStore: SlowStore;

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(objects));
  engine = await startStore(objects);
  slowStore = new SlowStore(engine.address, 1_000);
}, 120_000);

afterAll(() => slowStore.stop());

// The most pods that autoscaling may have follow from this number: docs/guides/gateway.md.
test('[gateway] however many send, a gateway inserts at most fourteen times at one time: logs and traces twice, metrics twice into five tables', async () => {
  const gateway = await RealCollector.start({
    container: containerOf(objects, 'collector', 'otel-collector', { secrets }),
    addresses: { 'clickhouse.observability.svc:8123': await slowStore.start() },
    inCluster: await plane.inCluster('collector', 'observability'),
  });
  const end = Date.now() + 12_000;
  const kinds: Telemetry[] = [{ logs: 50 }, { spans: 50 }, { points: 10 }];
  const senders = Array.from({ length: 60 }, async (_, index) => {
    // Not in step: inserts of one signal follow each other before the first has ended.
    await sleep(index * 37);
    while (Date.now() < end) {
      await sendOtlpHttp(gateway.address(4318), { ...kinds[index % 3], resource: { 'service.name': `at-once-${index}` } });
    }
  });
  await Promise.all(senders);
  console.log(`at most ${slowStore.most} requests to the store at one time`);
  expect(slowStore.most).toBeLessThanOrEqual(14);
  expect(slowStore.most).toBeGreaterThanOrEqual(10);
  await gateway.stop();
});
