import { setTimeout as sleep } from 'node:timers/promises';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { postOtlp, sendOtlpGrpc, sendOtlpHttp } from './harness/otlp';
import { accountsOf, login, quickstart, rows, startGateway, startStore } from './stack';

const objects = quickstart();
let plane: ControlPlane;
let engine: Engine;

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(objects));
  engine = await startStore(objects);
}, 120_000);

const kinds = ['gauge', 'sum', 'histogram', 'exponential_histogram'];
const metricTables = kinds.map((kind) => `otel_metrics_${kind}`);

test('[gateway] OTLP over gRPC and HTTP comes out of ClickHouse: exact counts, right columns', async () => {
  const gateway = await startGateway(objects, engine, plane);
  const resource = (service: string) => ({ 'service.name': service, 'k8s.namespace.name': 'shop', 'k8s.pod.name': `${service}-0` });
  await sendOtlpGrpc(gateway.address(4317), { logs: 12_500, spans: 3_000, points: 400, resource: resource('over-grpc') });
  await sendOtlpHttp(gateway.address(4318), { logs: 700, spans: 80, points: 90, resource: resource('over-http') });

  expect(await rows(engine, 'otel_logs', "ServiceName = 'over-grpc'", 12_500)).toBe(12_500);
  expect(await rows(engine, 'otel_traces', "ServiceName = 'over-grpc'", 3_000)).toBe(3_000);
  for (const table of metricTables) {
    expect([table, await rows(engine, table, "ServiceName = 'over-grpc'", 400)]).toEqual([table, 400]);
  }
  const overHttp: Record<string, number> = {
    otel_logs: 700,
    otel_traces: 80,
    otel_metrics_summary: 90,
    ...Object.fromEntries(metricTables.map((name) => [name, 90])),
  };
  for (const [table, count] of Object.entries(overHttp)) {
    expect([table, await rows(engine, table, "ServiceName = 'over-http'", count)]).toEqual([table, count]);
  }
  const [row] = await engine.query(
    "SELECT Cluster, Namespace, Pod, SeverityText, uniqExact(Body) AS bodies, sum(toUInt64(LogAttributes['sequence'])) AS total FROM otel.otel_logs WHERE ServiceName = 'over-grpc' GROUP BY ALL",
    login('reader'),
  );
  expect(row).toEqual({
    Cluster: 'prod-eu',
    Namespace: 'shop',
    Pod: 'over-grpc-0',
    SeverityText: 'INFO',
    bodies: 12_500,
    total: (12_499 * 12_500) / 2,
  });
  // Of 80 spans that a sampler has kept one of two of.
  const [sampled] = await engine.query(
    "SELECT sum(AdjustedCount) AS spans FROM otel.otel_traces WHERE ServiceName = 'over-http'",
    login('reader'),
  );
  expect(sampled).toEqual({ spans: 160 });
  await gateway.stop();
});

test('[gateway] a body that is an object, as an inventory has them, is JSON in the store, its numbers numbers', async () => {
  const gateway = await startGateway(objects, engine, plane);
  const status = { key: 'status', value: { kvlistValue: { values: [{ key: 'currentHealthy', value: { intValue: '2' } }] } } };
  const record = { timeUnixNano: `${Date.now()}000000`, body: { kvlistValue: { values: [status] } } };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'inventory' } }] };
  await postOtlp(gateway.address(4318), 'logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
  expect(await rows(engine, 'otel_logs', "ServiceName = 'inventory'", 1)).toBe(1);
  const [row] = await engine.query(
    "SELECT JSONExtractInt(Body, 'status', 'currentHealthy') AS healthy FROM otel.otel_logs WHERE ServiceName = 'inventory'",
    login('reader'),
  );
  expect(Number(row.healthy)).toBe(2);
  await gateway.stop();
});

test('[gateway] the store is away for two minutes and the gateway is killed meanwhile: nothing is lost, and what comes twice is counted', async () => {
  const gateway = await startGateway(objects, engine, plane, { podName: 'collector-1' });
  const send = (from: string) =>
    sendOtlpHttp(gateway.address(4318), { logs: 20_000, spans: 2_000, points: 500, resource: { 'service.name': from } });
  await send('before');
  await engine.stop();
  const away = Date.now();
  await send('during');
  await sleep(15_000);
  await gateway.kill();
  await gateway.start();
  await send('after-the-kill');
  await sleep(Math.max(0, 120_000 - (Date.now() - away)));
  await engine.restart();

  const stated: Record<string, number> = {};
  for (const service of ['before', 'during', 'after-the-kill']) {
    const condition = `ServiceName = '${service}'`;
    await rows(engine, 'otel_logs', condition, 20_000, 120);
    await rows(engine, 'otel_traces', condition, 2_000, 60);
    await rows(engine, 'otel_metrics_gauge', condition, 500, 60);
    const [logs] = await engine.query<{ different: string; all: string }>(
      `SELECT uniqExact(LogAttributes['sequence']) AS different, count() AS all FROM otel.otel_logs WHERE ${condition}`,
      login('reader'),
    );
    const [spans] = await engine.query<{ different: string; all: string }>(
      `SELECT uniqExact(SpanId) AS different, count() AS all FROM otel.otel_traces WHERE ${condition}`,
      login('reader'),
    );
    const [points] = await engine.query<{ different: string; all: string }>(
      `SELECT uniqExact(Attributes['sequence']) AS different, count() AS all FROM otel.otel_metrics_gauge WHERE ${condition}`,
      login('reader'),
    );
    expect([service, Number(logs.different), Number(spans.different), Number(points.different)]).toEqual([service, 20_000, 2_000, 500]);
    stated[service] = Number(logs.all) - 20_000 + (Number(spans.all) - 2_000) + (Number(points.all) - 500);
  }
  console.log(`rows that came twice, of 67,500: ${JSON.stringify(stated)}`);
  // What was on its way when the gateway was killed may come again; never more than it had sent by then.
  expect(Object.values(stated).reduce((sum, twice) => sum + twice, 0)).toBeLessThanOrEqual(22_500);
  await gateway.stop();
}, 420_000);
