import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretKey, ServerTls } from '../../lib';
import { CertificateAuthority } from './harness/certificates';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { sendOtlpHttp } from './harness/otlp';
import { eventually, scratchFolder } from './harness/program';
import { SecretMount } from './harness/secret-mount';
import { postLog, type SecureSender, servedCertificate } from './harness/secure-otlp';
import { accountsOf, prepareGateway, quickstart, rows, startStore } from './stack';

const serverName = 'otlp.acme.example';
const objects: Manifest[] = quickstart({
  gateway: {
    tls: ServerTls.secret('otlp-tls', { serverName, caCertificate: SecretKey.of('acme-ca', 'ca.crt') }),
    tokens: [SecretKey.of('edge-7', 'token'), SecretKey.of('edge-8', 'token')],
  },
});
const tokens = { 'edge-7': 'token of edge 7', 'edge-8': '8888', agents: 'a5D0token' };

let plane: ControlPlane;
let engine: Engine;
let authority: CertificateAuthority;
let gateway: RealCollector;
let mounted: SecretMount;
let sender: SecureSender;

const certificate = async (name: string) => {
  await authority.sign(name, { commonName: serverName, usage: ['serverAuth'], names: [`DNS:${serverName}`] });
  return {
    'tls.crt': readFileSync(authority.path(`${name}.crt`), 'utf8'),
    'tls.key': readFileSync(authority.path(`${name}.key`), 'utf8'),
  };
};

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(objects));
  engine = await startStore(objects);
  authority = await CertificateAuthority.create(scratchFolder('certificates'));
  sender = { ca: readFileSync(authority.path('ca.crt'), 'utf8'), serverName };
  const first = await certificate('first');
  gateway = await prepareGateway(objects, engine, plane, {
    secrets: {
      'otlp-tls': first,
      'edge-7': { token: tokens['edge-7'] },
      'edge-8': { token: tokens['edge-8'] },
      'collector-token': { token: tokens.agents },
    },
  });
  mounted = new SecretMount(gateway.path('/etc/otelcol/secrets/otlp-tls'));
  mounted.write(first);
  await gateway.start();
}, 120_000);

test('[gateway] each sender is known by a token of its own; a wrong one, none, and plain text are refused, and nothing of theirs is stored', async () => {
  const address = gateway.address(4318);
  expect(await postLog(address, 'edge-7', { ...sender, token: tokens['edge-7'] })).toBe(200);
  expect(await postLog(address, 'edge-8', { ...sender, token: tokens['edge-8'] })).toBe(200);
  expect(await postLog(address, 'wrong', { ...sender, token: 'token of edge 9' })).toBe(401);
  expect(await postLog(address, 'missing', sender)).toBe(401);
  await expect(sendOtlpHttp(address, { logs: 1, resource: { 'service.name': 'plain' } })).rejects.toThrow('status 400');
  expect(await rows(engine, 'otel_logs', "ServiceName IN ('edge-7', 'edge-8')", 2)).toBe(2);
  expect(await rows(engine, 'otel_logs', "ServiceName IN ('wrong', 'missing', 'plain')", 0)).toBe(0);
});

test('[gateway] an agent of the stack sends over TLS with its token, its own metrics too; with another token it is refused, and says that it drops what it had to send', async () => {
  const agent = async (token: string, podName: string) =>
    RealCollector.start({
      container: containerOf(objects, 'cluster-agent', 'otel-collector', {
        podName,
        secrets: { 'acme-ca': { 'ca.crt': sender.ca }, 'collector-token': { token } },
      }),
      addresses: { 'collector-headless.observability.svc:4317': gateway.address(4317) },
      inCluster: await plane.inCluster('cluster-agent', 'observability'),
    });
  const known = await agent(tokens.agents, 'cluster-agent-0');
  const own = (pod: string) => `ServiceName = 'cluster-agent' AND ResourceAttributes['k8s.pod.name'] = '${pod}'`;
  expect(await rows(engine, 'otel_metrics_sum', own('cluster-agent-0'), 1, 120)).toBeGreaterThan(0);
  expect(await rows(engine, 'otel_metrics_gauge', "MetricName = 'k8s.namespace.phase'", 1, 90)).toBeGreaterThan(0);
  await known.stop();

  const unknown = await agent('another', 'cluster-agent-1');
  await eventually('the agent says that it is refused', async () => /Dropping data.*Unauthenticated/.test(unknown.output()), 120);
  expect(await rows(engine, 'otel_metrics_sum', own('cluster-agent-1'), 0)).toBe(0);
  await unknown.kill();
}, 420_000);

test("[gateway] the gateway's own metrics arrive, though it asks for TLS and tokens", async () => {
  expect(
    await rows(engine, 'otel_metrics_sum', "ServiceName = 'collector' AND MetricName LIKE 'otelcol_receiver_%'", 1, 120),
  ).toBeGreaterThan(0);
}, 180_000);

test('[gateway] a certificate that is renewed in its Secret is served without a restart, on both ports', async () => {
  const before = await servedCertificate(gateway.address(4317), sender);
  expect(await servedCertificate(gateway.address(4318), sender)).toBe(before);
  const starts = gateway.output().split('Everything is ready').length;
  mounted.write(await certificate('second'));
  for (const port of [4317, 4318]) {
    await eventually(
      `port ${port} serves the new certificate`,
      async () => (await servedCertificate(gateway.address(port), sender)) !== before,
      60,
    );
  }
  await sleep(1000);
  expect(gateway.output().split('Everything is ready').length).toBe(starts);
  expect(await postLog(gateway.address(4318), 'renewed', { ...sender, token: tokens['edge-7'] })).toBe(200);
  expect(await rows(engine, 'otel_logs', "ServiceName = 'renewed'", 1)).toBe(1);
}, 180_000);

test('[gateway] no certificate, key or token stands in what is applied', () => {
  const texts = objects.map((object) => JSON.stringify(object));
  for (const secret of [...Object.values(tokens), 'BEGIN CERTIFICATE', 'PRIVATE KEY']) {
    expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  }
});
