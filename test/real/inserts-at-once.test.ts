import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayMode } from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { sendOtlpHttp, type Telemetry } from './harness/otlp';
import { accountsOf, quickstart, secrets, startStore } from './stack';

const objects = quickstart({ gateway: { mode: GatewayMode.SYNCHRONOUS } });

let plane: ControlPlane;
let engine: Engine;
let slowStore: SlowStore;

/** Stands before the store, lets each request wait, and counts how many are there at one time. */
class SlowStore {
  most = 0;
  private now = 0;
  private readonly server: Server;

  constructor(store: string, delay: number) {
    const [host, port] = store.split(':');
    this.server = createServer(async (incoming, outgoing) => {
      this.now++;
      this.most = Math.max(this.most, this.now);
      outgoing.once('close', () => this.now--);
      await sleep(delay);
      const { method, url: path, headers } = incoming;
      const passed = request({ host, port, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.once('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

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
