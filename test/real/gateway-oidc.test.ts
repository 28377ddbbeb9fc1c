import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { SecretKey, ServerTls } from '../../lib';
import { CertificateAuthority } from './harness/certificates';
import { containerOfConfiguration, RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { freePort } from './harness/free-port';
import { IdentityProvider } from './harness/identity-provider';
import { sendOtlpHttp } from './harness/otlp';
import { eventually, scratchFolder } from './harness/program';
import { postLog, type SecureSender } from './harness/secure-otlp';
import { accountsOf, quickstart, rows, secrets, startStore } from './stack';

const serverName = 'otlp.acme.example';
const providerName = 'login.acme.example';
const agentsToken = 'a5D0token';

let objects: Manifest[];
let plane: ControlPlane;
let engine: Engine;
let provider: IdentityProvider;
let gateway: RealCollector;
let sender: SecureSender;

beforeAll(async () => {
  const port = await freePort();
  const issuer = `https://${providerName}:${port}`;
  objects = quickstart({
    gateway: {
      tls: ServerTls.secret('otlp-tls', { serverName, caCertificate: SecretKey.of('acme-ca', 'ca.crt') }),
      oidc: { issuer, audience: 'telemetry', caCertificate: SecretKey.of('acme-ca', 'ca.crt') },
    },
  });
  const authority = await CertificateAuthority.create(scratchFolder('certificates'));
  const file = (name: string) => readFileSync(authority.path(name), 'utf8');
  for (const name of [serverName, providerName]) {
    await authority.sign(name, { commonName: name, usage: ['serverAuth'], names: [`DNS:${name}`] });
  }
  sender = { ca: file('ca.crt'), serverName };
  provider = await IdentityProvider.start({ issuer, port, cert: file(`${providerName}.crt`), key: file(`${providerName}.key`) });
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(objects));
  engine = await startStore(objects);
  const { env, files } = await plane.inCluster('collector', 'observability');
  gateway = await RealCollector.start({
    container: containerOf(objects, 'collector', 'otel-collector', {
      secrets: {
        ...secrets,
        'otlp-tls': { 'tls.crt': file(`${serverName}.crt`), 'tls.key': file(`${serverName}.key`) },
        'acme-ca': { 'ca.crt': file('ca.crt') },
        'collector-token': { token: agentsToken },
      },
    }),
    addresses: { 'clickhouse.observability.svc:8123': engine.address },
    inCluster: { env, files: { ...files, '/etc/hosts': `127.0.0.1 localhost apiserver.localhost ${providerName}\n` } },
  });
}, 120_000);

test("[gateway] OIDC: a token of the provider for this audience is taken; another audience's, an expired one, another issuer's, one signed by somebody else, a static one and none are refused, and nothing of theirs is stored", async () => {
  const send = (service: string, token?: string) => postLog(gateway.address(4318), service, { ...sender, token });
  const right = { aud: 'telemetry' };
  const past = Math.floor(Date.now() / 1000) - 60;
  const { privateKey: other } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  expect(await send('oidc-right', provider.token(right))).toBe(200);
  expect(await send('oidc-several', provider.token({ aud: ['billing', 'telemetry'] }))).toBe(200);
  expect(await send('no-audience', provider.token({ aud: 'billing' }))).toBe(401);
  expect(await send('no-expired', provider.token({ ...right, exp: past }))).toBe(401);
  expect(await send('no-issuer', provider.token({ ...right, iss: 'https://login.other.example' }))).toBe(401);
  expect(await send('no-signature', provider.token(right, other))).toBe(401);
  expect(await send('no-static', agentsToken)).toBe(401);
  expect(await send('no-token')).toBe(401);
  expect(await rows(engine, 'otel_logs', "startsWith(ServiceName, 'oidc-')", 2)).toBe(2);
  expect(await rows(engine, 'otel_logs', "startsWith(ServiceName, 'no-')", 0, 0)).toBe(0);
});

test('[gateway] OIDC over gRPC: a collector of somebody else sends with a token of the provider', async () => {
  const configuration = {
    receivers: { otlp: { protocols: { http: { endpoint: ':4318' } } } },
    exporters: {
      otlp_grpc: {
        endpoint: gateway.address(4317),
        tls: { ca_file: '/ca.crt', server_name_override: serverName },
        headers: { authorization: `Bearer ${provider.token({ aud: 'telemetry' })}` },
      },
    },
    service: { telemetry: { metrics: { level: 'none' } }, pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_grpc'] } } },
  };
  const container = containerOfConfiguration(stringify(configuration));
  const other = await RealCollector.start({ container: { ...container, files: { ...container.files, '/ca.crt': sender.ca } } });
  await sendOtlpHttp(other.address(4318), { spans: 50, resource: { 'service.name': 'oidc-grpc' } });
  expect(await rows(engine, 'otel_traces', "ServiceName = 'oidc-grpc'", 50)).toBe(50);
  await other.stop();
});

test("[gateway] OIDC: the stack's agents come in by their own token on ports of their own, where the provider's tokens are refused", async () => {
  const send = (service: string, token: string) => postLog(gateway.address(4328), service, { ...sender, token });
  expect(await send('no-oidc', provider.token({ aud: 'telemetry' }))).toBe(401);
  expect(await send('own-static', agentsToken)).toBe(200);
  const agent = await RealCollector.start({
    container: containerOf(objects, 'cluster-agent', 'otel-collector', {
      secrets: { 'acme-ca': { 'ca.crt': sender.ca }, 'collector-token': { token: agentsToken } },
    }),
    addresses: { 'collector-headless.observability.svc:4327': gateway.address(4327) },
    inCluster: await plane.inCluster('cluster-agent', 'observability'),
  });
  expect(await rows(engine, 'otel_metrics_gauge', "ServiceName = 'cluster-agent'", 1, 90)).toBeGreaterThan(0);
  await agent.stop();
});

test('[gateway] OIDC while the provider is away: whose tokens it signed with known keys is taken; a gateway does not start without it, for the kubelet to try again', async () => {
  const token = provider.token({ aud: 'telemetry' });
  await provider.stop();
  expect(await postLog(gateway.address(4318), 'oidc-away', { ...sender, token })).toBe(200);
  await gateway.stop();
  await expect(gateway.start()).rejects.toThrow('failed to get configuration from at least one configured auth server');
  await eventually('it has ended', async () => !gateway.running, 10);
});
