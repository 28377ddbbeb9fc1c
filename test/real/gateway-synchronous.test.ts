import { setTimeout as sleep } from 'node:timers/promises';
import { Testing } from 'cdk8s';
import { Collector, CollectorGateway, GatewayMode, GatewaySink, ObservabilityChart, OtlpReceiver, OtlpSink, Placement } from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { sendOtlpGrpc, sendOtlpHttp, type Telemetry } from './harness/otlp';
import { eventually } from './harness/program';
import { accountsOf, login, rows, secrets, startGateway, startStore } from './stack';

const chart = new ObservabilityChart(Testing.app(), 'observability', {
  clusterName: 'prod-eu',
  gateway: { mode: GatewayMode.SYNCHRONOUS },
});
new Collector(chart, 'Bridge', {
  role: 'bridge',
  namespace: 'observability',
  clusterName: 'prod-eu',
  sources: [new OtlpReceiver()],
  sinks: [new GatewaySink({ gateway: chart.gateway })],
  placement: Placement.deployment(1),
  ownTelemetry: chart.gateway.otlpHttp,
});
new CollectorGateway(chart, 'Beside', {
  name: 'beside',
  clusterName: 'prod-eu',
  mode: GatewayMode.SYNCHRONOUS,
  sinks: [...CollectorGateway.defaultSinks(chart.clickhouse), new OtlpSink({ endpoint: 'https://otlp.vendor.example' })],
});
const objects = Testing.synth(chart);

let plane: ControlPlane;
let engine: Engine;
let gateway: RealCollector;

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(objects));
  engine = await startStore(objects);
  gateway = await startGateway(objects, engine, plane);
}, 120_000);

const send = (service: string, telemetry: Telemetry = { logs: 100 }, to = gateway) =>
  sendOtlpHttp(to.address(4318), { ...telemetry, resource: { 'service.name': service } });

/** A sender of its own is a request of its own; it sends again as long as it is refused, and is told each refusal. */
async function untilTaken(service: string, refused: (reason: string) => void, to = () => gateway): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const reason = await send(service, { logs: 100 }, to()).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (reason === undefined) {
      return;
    }
    refused(reason);
    await sleep(500);
  }
  throw new Error(`${service} was refused for a minute`);
}

const inserts = async () => {
  const [row] = await engine.query<{ n: string }>("SELECT sum(value) AS n FROM system.events WHERE event = 'InsertQuery'", login('admin'));
  return Number(row.n);
};

const senders = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
const stored = (name: string, atLeast: number, seconds?: number) =>
  rows(engine, 'otel_logs', `startsWith(ServiceName, '${name}-')`, atLeast, seconds);

test('[gateway] the synchronous mode answers after the insert, and one insert holds what many senders sent', async () => {
  const before = await inserts();
  await Promise.all(senders('many', 60).map((service) => send(service)));
  // Not waited for: that they were answered says that it is there.
  expect(await stored('many', 0, 0)).toBe(6_000);
  expect((await inserts()) - before).toBeLessThanOrEqual(10);

  await send('all-signals', { logs: 10, spans: 20, points: 30 });
  const tables = { otel_logs: 10, otel_traces: 20, otel_metrics_gauge: 30, otel_metrics_summary: 30 };
  for (const [table, count] of Object.entries(tables)) {
    expect([table, await rows(engine, table, "ServiceName = 'all-signals'", 0, 0)]).toEqual([table, count]);
  }
});

test('[gateway] senders of a synchronous gateway wait for the store alone: a sink beside it that may drop is away, and all is answered and stored once', async () => {
  const beside = await RealCollector.start({
    container: containerOf(objects, 'beside', 'otel-collector', { secrets }),
    addresses: { 'clickhouse.observability.svc:8123': engine.address, 'otlp.vendor.example:443': '127.0.0.1:9' },
    inCluster: await plane.inCluster('beside', 'observability'),
  });
  await Promise.all(senders('beside', 10).map((service) => send(service, { logs: 100 }, beside)));
  expect(await stored('beside', 0, 0)).toBe(1_000);
  await eventually('the other sink is tried', async () => /Exporting failed\. Will retry.*otlp_http\/sink-logs/.test(beside.output()), 20);
  await beside.stop();
});

test('[gateway] the synchronous mode while the store is away: each sender gets an error to try again by, none an OK; what is sent again is stored once', async () => {
  await engine.stop();
  const refusals: string[] = [];
  let taken = 0;
  const sending = senders('away', 20).map(async (service) => {
    await untilTaken(service, (reason) => refusals.push(reason));
    taken++;
  });
  await expect(sendOtlpGrpc(gateway.address(4317), { logs: 1, resource: { 'service.name': 'away-grpc' } })).rejects.toThrow();
  await sleep(8_000);
  expect(taken).toBe(0);
  expect(refusals.length).toBeGreaterThanOrEqual(40);
  expect(refusals.filter((reason) => !reason.startsWith('OTLP logs: status 503'))).toEqual([]);
  await engine.restart();
  await Promise.all(sending);
  expect(await stored('away', 0, 0)).toBe(2_000);
  await sleep(10_000);
  expect(await stored('away', 0, 0)).toBe(2_000);
});

test('[gateway] the synchronous mode is killed while senders send: whatever was answered is in the store', async () => {
  const answered: string[] = [];
  let killed = false;
  const sending = senders('kill', 12).map(async (sender) => {
    for (let request = 0; !killed; request++) {
      const service = `${sender}-${request}`;
      await send(service).then(
        () => answered.push(service),
        () => undefined,
      );
    }
  });
  await sleep(7_000);
  killed = true;
  await gateway.kill();
  await Promise.all(sending);
  expect(answered.length).toBeGreaterThanOrEqual(24);
  const names = answered.map((service) => `'${service}'`).join(', ');
  expect(await rows(engine, 'otel_logs', `ServiceName IN (${names})`, 0, 0)).toBe(answered.length * 100);
  await gateway.start();
});

test('[gateway] a synchronous pod is taken away while senders send: each is answered, and the other pod takes what it no longer did; nothing is lost, nothing comes twice', async () => {
  const other = await startGateway(objects, engine, plane, { podName: 'collector-other' });
  let to = gateway;
  let answered = 0;
  const sending = senders('scaled', 10).map(async (sender) => {
    for (let request = 0; request < 20; request++) {
      await untilTaken(
        `${sender}-${request}`,
        () => undefined,
        () => to,
      );
      answered++;
    }
  });
  await sleep(3_000);
  // As the Service does it: first out of the addresses, then SIGTERM.
  to = other;
  expect([answered > 0, answered < 200]).toEqual([true, true]);
  await gateway.stop();
  await Promise.all(sending);
  expect(await stored('scaled', 0, 0)).toBe(20_000);
  await other.stop();
  await gateway.start();
});

test('[gateway] behind a synchronous gateway it is the agent that keeps what the store did not take: nothing is lost, nothing comes twice', async () => {
  const bridge = await RealCollector.start({
    container: containerOf(objects, 'bridge', 'otel-collector'),
    addresses: {
      'collector-headless.observability.svc:4317': gateway.address(4317),
      'collector.observability.svc:4318': gateway.address(4318),
    },
  });
  await engine.stop();
  await Promise.all(senders('bridged', 10).map((service) => send(service, { logs: 2_000 }, bridge)));
  await sleep(10_000);
  expect(bridge.output()).toContain('Exporting failed. Will retry the request after interval.');
  await engine.restart();
  expect(await stored('bridged', 20_000, 90)).toBe(20_000);
  await sleep(5_000);
  expect(await stored('bridged', 0, 0)).toBe(20_000);
  await bridge.stop();
  await gateway.stop();
});
