import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Chart, Testing } from 'cdk8s';
import { stringify } from 'yaml';
import { ClickHouseCluster, type IGateway, Reach, Sample, SecretKey, SmokeTest } from '../../lib';
import { CertificateAuthority } from './harness/certificates';
import { containerOfConfiguration, RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { freePort } from './harness/free-port';
import { partsFolder } from './harness/parts';
import { type Outcome, run, scratchFolder } from './harness/program';
import { accountsOf, login, quickstart, rows, startGateway, startStore } from './stack';

const objects = quickstart();
let plane: ControlPlane;
let engine: Engine;
let gateway: RealCollector;

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(objects));
  engine = await startStore(objects);
  gateway = await startGateway(objects, engine, plane);
}, 180_000);

interface Elsewhere {
  readonly objects?: Manifest[];
  readonly gateway?: string;
  readonly store?: string;
  readonly secrets?: Record<string, Record<string, string>>;
}

/** What the Job's container runs, with its files below a folder of this machine and the cluster's addresses on the loopback. */
async function smokeTest(elsewhere: Elsewhere = {}): Promise<Outcome> {
  const all = elsewhere.objects ?? objects;
  const root = scratchFolder('smoke-test');
  const job = all.find(({ kind, metadata }) => kind === 'Job' && metadata.name.startsWith('smoke-test'));
  const secrets = { 'clickhouse-reader': { password: login('reader').password }, ...elsewhere.secrets };
  const { command, files } = containerOf(all, job.metadata.name, undefined, { secrets });
  const here = (text: string) =>
    text
      .replaceAll('/etc/smoke-test', join(root, 'etc/smoke-test'))
      .replaceAll('/run/smoke-test', join(root, 'run/smoke-test'))
      .replaceAll('collector.observability.svc:4318', elsewhere.gateway ?? gateway.address(4318))
      .replaceAll('clickhouse.observability.svc:8123', elsewhere.store ?? engine.address);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path.startsWith('/etc/') ? here(text) : text);
  }
  const [program, ...options] = command.map(here);
  expect(program).toBe('/usr/bin/clickhouse');
  return run([process.execPath, join(partsFolder, 'clickhouse/clickhouse.mjs'), ...options], { seconds: 150 });
}

const lastLineOf = (text: string) => text.trim().split('\n').at(-1) ?? '';

test('[smoke-test] a log record, a span and a metric point go through the gateway and are found in the store, each once', async () => {
  const { status, stdout, stderr } = await smokeTest();
  expect([status, stderr]).toEqual([0, '']);
  expect(lastLineOf(stdout)).toBe('Passed: all three are in the store.');
  const id = /^Run ([0-9a-f]{32})\. Hop 1 of 2/.exec(stdout)?.[1];
  expect(await rows(engine, 'otel_logs', `TraceId = '${id}' AND Body = 'smoke test ${id}' AND ServiceName = 'smoke-test'`, 1)).toBe(1);
  expect(await rows(engine, 'otel_traces', `TraceId = '${id}' AND SpanName = 'smoke test'`, 1)).toBe(1);
  expect(
    await rows(engine, 'otel_metrics_gauge', `MetricName = 'smoke_test' AND Attributes['smoke_test.run'] = '${id}' AND Value = 1`, 1),
  ).toBe(1);
});

test('[smoke-test] a gateway that keeps one trace of ten thousand keeps that of the test', async () => {
  const sampled = quickstart({ gateway: { processors: [Sample.traces(0.0001)] }, smokeTest: true });
  const sampling = await startGateway(sampled, engine, plane, { podName: 'collector-1' });
  const { status, stdout, stderr } = await smokeTest({ objects: sampled, gateway: sampling.address(4318) });
  await sampling.kill();
  expect([status, stderr]).toEqual([0, '']);
  expect(lastLineOf(stdout)).toBe('Passed: all three are in the store.');
});

test('[smoke-test] the gateway is away: its hop is the last that is named, with the reason', async () => {
  const { status, stdout, stderr } = await smokeTest({ gateway: `127.0.0.1:${await freePort()}` });
  expect(status).not.toBe(0);
  expect(lastLineOf(stdout)).toMatch(/Hop 1 of 2: .* to the gateway, http:\/\/127/);
  expect(stderr).toContain('Connection refused');
});

test('[smoke-test] the store is away: its hop is the last that is named, with the reason', async () => {
  const { status, stdout, stderr } = await smokeTest({ store: `127.0.0.1:${await freePort()}` });
  expect(status).not.toBe(0);
  expect(lastLineOf(stdout)).toMatch(/^The gateway took them\. Hop 2 of 2: http:\/\/127/);
  expect(stderr).toContain('Connection refused');
});

test('[smoke-test] the reader has another password: the store says so', async () => {
  const { status, stdout, stderr } = await smokeTest({ secrets: { 'clickhouse-reader': { password: 'another' } } });
  expect(status).not.toBe(0);
  expect(lastLineOf(stdout)).toContain('Hop 2 of 2');
  expect(stderr).toContain('reader: Authentication failed');
});

test('[smoke-test] the gateway takes them and cannot insert: after a minute it is said what is missing and where to look', async () => {
  const nowhere = await RealCollector.start({
    container: containerOf(objects, 'collector', 'otel-collector', {
      podName: 'collector-1',
      secrets: Object.fromEntries(['admin', 'writer', 'reader'].map((user) => [`clickhouse-${user}`, { password: 'x' }])),
    }),
    addresses: { 'clickhouse.observability.svc:8123': `127.0.0.1:${await freePort()}` },
    inCluster: await plane.inCluster('collector', 'observability'),
  });
  const { status, stdout, stderr } = await smokeTest({ gateway: nowhere.address(4318) });
  await nowhere.kill();
  expect(status).not.toBe(0);
  expect(lastLineOf(stdout)).toBe('Not there yet: the log record, the span, the metric point');
  expect(stderr).toContain('the gateway took them and the store answers, but after 60 seconds not all are there');
}, 180_000);

describe('[smoke-test] through a gateway with TLS and a token', () => {
  const token = SecretKey.of('gateway-token', 'token');
  const authority = SecretKey.of('gateway-ca', 'ca.crt');
  const protectedGateway = (port: number): IGateway & { token: SecretKey } => {
    const endpoint = { host: 'localhost', port, tls: true, caCertificate: authority, reach: Reach.anywhere() };
    return { clusterName: 'prod-eu', otlpGrpc: endpoint, otlpHttp: endpoint, token };
  };
  let secrets: Record<string, Record<string, string>>;
  let synthesized: Manifest[];

  beforeAll(async () => {
    const folder = scratchFolder('certificates');
    const ca = await CertificateAuthority.create(folder);
    await ca.sign('gateway', { commonName: 'localhost', usage: ['serverAuth'], names: ['DNS:localhost'] });
    const file = (name: string) => readFileSync(join(folder, name), 'utf8');
    const pipeline = { receivers: ['otlp'], exporters: ['otlp_http'] };
    const configuration = {
      extensions: { bearertokenauth: { token: 'edge-7+/==' } },
      receivers: {
        otlp: {
          protocols: {
            http: {
              endpoint: ':4318',
              tls: { cert_file: '/tls/gateway.crt', key_file: '/tls/gateway.key' },
              auth: { authenticator: 'bearertokenauth' },
            },
          },
        },
      },
      exporters: { otlp_http: { endpoint: `http://${gateway.address(4318)}` } },
      service: {
        extensions: ['bearertokenauth'],
        telemetry: { metrics: { level: 'none' } },
        pipelines: { logs: pipeline, metrics: pipeline, traces: pipeline },
      },
    };
    const container = containerOfConfiguration(stringify(configuration));
    const front = await RealCollector.start({
      container: {
        ...container,
        files: { ...container.files, '/tls/gateway.crt': file('gateway.crt'), '/tls/gateway.key': file('gateway.key') },
      },
    });
    secrets = { 'gateway-token': { token: 'edge-7+/==' }, 'gateway-ca': { 'ca.crt': file('ca.crt') } };
    const chart = new Chart(Testing.app(), 'test');
    const clickhouse = new ClickHouseCluster(chart, 'ClickHouse');
    new SmokeTest(chart, 'SmokeTest', { clickhouse, gateway: protectedGateway(Number(front.address(4318).split(':')[1])) });
    synthesized = Testing.synth(chart);
  }, 120_000);

  test('[smoke-test] it passes', async () => {
    const { status, stdout, stderr } = await smokeTest({ objects: synthesized, secrets });
    expect([status, stderr]).toEqual([0, '']);
    expect(lastLineOf(stdout)).toBe('Passed: all three are in the store.');
  });

  test('[smoke-test] another token is refused at the first hop', async () => {
    const { status, stdout, stderr } = await smokeTest({
      objects: synthesized,
      secrets: { ...secrets, 'gateway-token': { token: 'stolen' } },
    });
    expect(status).not.toBe(0);
    expect(lastLineOf(stdout)).toContain('Hop 1 of 2');
    expect(stderr).toContain("HTTP status code: 401 'Unauthorized'");
  });
});
