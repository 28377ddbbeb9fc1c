import { Chart, Testing } from 'cdk8s';
import { ClickHouseCluster, ClickHouseSink, CollectorGateway, GatewayMode, ObservabilityChart, Signal } from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { sendOtlpHttp } from './harness/otlp';
import { accountsOf, login, rows, secrets, startStore } from './stack';

/** A stack, and a gateway of two stores: everything to the first, logs and traces of payments to the archive too. */
function synthesized(): Manifest[] {
  const app = Testing.app();
  const stack = new ObservabilityChart(app, 'observability', { clusterName: 'prod-eu' });
  const chart = new Chart(app, 'more', { namespace: 'observability' });
  const archive = new ClickHouseCluster(chart, 'Archive', { name: 'archive', namespace: 'observability' });
  new CollectorGateway(chart, 'Both', {
    name: 'both',
    namespace: 'observability',
    clusterName: 'prod-eu',
    clickhouse: stack.clickhouse,
    mode: GatewayMode.SYNCHRONOUS,
    furtherSinks: [
      new ClickHouseSink({ clickhouse: archive, name: 'archive', namespaces: ['pay*'], signals: [Signal.LOGS, Signal.TRACES] }),
    ],
  });
  return [...Testing.synth(stack), ...Testing.synth(chart)];
}

const objects = synthesized();
let first: Engine;
let archive: Engine;
let gateway: RealCollector;

beforeAll(async () => {
  const plane = await ControlPlane.start();
  await plane.apply(accountsOf(objects));
  first = await startStore(objects);
  archive = await startStore(objects);
  gateway = await RealCollector.start({
    container: containerOf(objects, 'both', 'otel-collector', { secrets: { ...secrets, 'archive-writer': secrets['clickhouse-writer'] } }),
    addresses: { 'clickhouse.observability.svc:8123': first.address, 'archive.observability.svc:8123': archive.address },
    inCluster: await plane.inCluster('both', 'observability'),
  });
}, 180_000);

test('[sinks] a second ClickHouse gets the signals and namespaces that are meant for it, and the first everything', async () => {
  for (const namespace of ['payments', 'shop']) {
    await sendOtlpHttp(gateway.address(4318), { logs: 40, spans: 30, points: 20, resource: { 'k8s.namespace.name': namespace } });
  }
  const count = async (engine: Engine, table: string, atLeast: number) => rows(engine, table, '1', atLeast, 20);
  expect(await count(first, 'otel_logs', 80)).toBe(80);
  expect(await count(first, 'otel_traces', 60)).toBe(60);
  expect(await count(first, 'otel_metrics_gauge', 40)).toBe(40);
  expect(await count(archive, 'otel_logs', 40)).toBe(40);
  expect(await count(archive, 'otel_traces', 30)).toBe(30);
  expect(await rows(archive, 'otel_metrics_gauge', '1', 0, 0)).toBe(0);
  const namespaces = await archive.query('SELECT DISTINCT Namespace FROM otel.otel_logs', login('reader'));
  expect(namespaces).toEqual([{ Namespace: 'payments' }]);
}, 60_000);
