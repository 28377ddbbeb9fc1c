import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { manifestsOf, runExample } from '../examples/examples';
import { CertificateAuthority } from './harness/certificates';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import type { Engine } from './harness/engine';
import { eventually, scratchFolder } from './harness/program';
import { postLog } from './harness/secure-otlp';
import { TlsFront } from './harness/tls-front';
import { accountsOf, login, prepareGateway, rows, startStore } from './stack';

const files = runExample('multi-cluster');
const central = manifestsOf({ central: files['central.k8s.yaml'] });
const edge = manifestsOf({ edge: files['edge-7.k8s.yaml'] });
const token = 'the token of edge 7';

let plane: ControlPlane;
let engine: Engine;
let front: TlsFront;
let authority: string;

beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(central));
  engine = await startStore(central);
  const gateway = await prepareGateway(central, engine, plane, {
    secrets: { 'gateway-edge-7': { token }, 'collector-token': { token: 'of the agents here' } },
  });
  await gateway.start();
  const certificates = await CertificateAuthority.create(scratchFolder('certificates'));
  await certificates.sign('front', { commonName: 'front', usage: ['serverAuth'], names: ['IP:127.0.0.1'] });
  const pem = (file: string) => readFileSync(certificates.path(file), 'utf8');
  authority = pem('ca.crt');
  front = await TlsFront.start({ certificate: pem('front.crt'), key: pem('front.key'), to: gateway.address(4318) });
}, 120_000);

test("[gateway] an agent of another cluster sends through TLS and with its token to the central gateway: rows have its cluster's name", async () => {
  const agent = await RealCollector.prepare({
    container: containerOf(edge, 'cluster-agent', 'otel-collector', { secrets: { gateway: { token } } }),
    addresses: { 'otlp.acme.example:443': front.address },
    inCluster: await plane.inCluster('cluster-agent', 'observability'),
  });
  // The authorities that the image brings.
  const bundle = agent.path('/etc/ssl/certs/ca-certificates.crt');
  mkdirSync(dirname(bundle), { recursive: true });
  writeFileSync(bundle, authority);
  await agent.start();
  expect(await rows(engine, 'otel_metrics_gauge', "Cluster = 'edge-7' AND MetricName = 'k8s.namespace.phase'", 1, 90)).toBeGreaterThan(0);
  expect(await rows(engine, 'otel_metrics_sum', "Cluster = 'edge-7' AND ServiceName = 'cluster-agent'", 1, 120)).toBeGreaterThan(0);
  expect(front.largestBody).toBeGreaterThan(0);
  expect(agent.output()).not.toMatch(/Dropping data/);
  await agent.stop();
}, 300_000);

test('[gateway] what comes through an Ingress is not taken for the telemetry of the controller that passes it on', async () => {
  const pod = { name: 'ingress-controller', namespace: 'default' };
  await eventually('the account of pods is there', async () => {
    await plane.kubectl(['get', 'serviceaccount', 'default', '-n', 'default']);
    return true;
  });
  await plane.apply([{ apiVersion: 'v1', kind: 'Pod', metadata: pod, spec: { containers: [{ name: 'main', image: 'controller:1' }] } }]);
  const status = { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] };
  await plane.kubectl(['patch', 'pod', pod.name, '-n', pod.namespace, '--subresource=status', '-p', JSON.stringify({ status })]);
  // The gateway's watch has it within a second or two.
  for (let sent = 0; sent < 10; sent++) {
    expect(await postLog(front.address, 'of-another-cluster', { ca: authority, serverName: '', token })).toBe(200);
    await new Promise((later) => setTimeout(later, 500));
  }
  expect(await rows(engine, 'otel_logs', "ServiceName = 'of-another-cluster'", 10)).toBe(10);
  const pods = await engine.query(
    "SELECT DISTINCT Namespace, Pod FROM otel.otel_logs WHERE ServiceName = 'of-another-cluster'",
    login('reader'),
  );
  expect(pods).toEqual([{ Namespace: '', Pod: '' }]);
}, 120_000);

test('[gateway] a cluster without a token is refused behind an Ingress too', async () => {
  expect(await postLog(front.address, 'unknown', { ca: authority, serverName: '' })).toBe(401);
});
