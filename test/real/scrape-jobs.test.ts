import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chart, Duration, Testing } from 'cdk8s';
import { AnnotatedTargets, ConfigValue, NodeAgent, PrometheusAgent, Reach, ScrapeJob, SecretKey } from '../../lib';
import { gateway } from '../collector/synthesized';
import { podRuns } from './cluster-contents';
import { CertificateAuthority } from './harness/certificates';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { freePort } from './harness/free-port';
import { eventually, scratchFolder } from './harness/program';
import { SecretMount } from './harness/secret-mount';
import { Receiver } from './received';
import { judgeRights } from './rights';
import { type Asked, pod, serve, service } from './scrape-targets';
import { accountsOf } from './stack';

// Jobs of one's own in real collectors: addresses, pods, TLS with a token. Two shards of a Prometheus agent, and agents of two nodes.
const interval = Duration.seconds(2);
const nodes = ['node-a', 'node-b'];
const host = { plain: '127.0.2.1', secure: '127.0.2.2', inventory: '127.0.2.3' };
const found = ['127.0.2.4', '127.0.2.5', '127.0.2.6'];
/** Pods of each node: some of the queue, which are annotated too, some that are only annotated, and one whose Service is. */
const pods: Record<string, { ip: string; node: string }> = {
  'queue-a': { ip: '127.0.2.11', node: 'node-a' },
  'queue-b': { ip: '127.0.2.12', node: 'node-b' },
  'web-a': { ip: '127.0.2.13', node: 'node-a' },
  'web-b': { ip: '127.0.2.14', node: 'node-b' },
  front: { ip: '127.0.2.15', node: 'node-a' },
};
const serverName = 'hosts.acme.example';

let objects: Manifest[];
let plane: ControlPlane;
let token = 'first token';
const asked: Asked[] = [];
const mounted: SecretMount[] = [];
const secrets: Record<string, Record<string, string>> = {
  token: { token: `${token}\n` },
  hosts: { password: 'of hosts' },
};
const received: Record<string, Receiver> = {};

function synthesized(port: number): Manifest[] {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'observability' });
  const at = (address: string) => ({ host: address, port, reach: Reach.cidrs('127.0.0.0/8') });
  const queue = new ScrapeJob({ name: 'queue', interval, path: '/queue', pods: { labels: { app: 'queue' }, portName: 'metrics' } });
  const nodeAgent = new NodeAgent(chart, 'NodeAgent', { gateway, sources: [new AnnotatedTargets({ interval }), queue] });
  new PrometheusAgent(chart, 'PrometheusAgent', {
    gateway,
    claimedTargets: nodeAgent.targets,
    shards: 2,
    sources: [
      new AnnotatedTargets({ interval }),
      queue,
      new ScrapeJob({ name: 'by-number', interval, path: '/number', pods: { namespaces: ['shop'], labels: { app: 'queue' }, port } }),
      new ScrapeJob({
        name: 'hosts',
        interval,
        targets: [at(host.plain)],
        path: '/federate',
        params: { 'match[]': ['up', '{job=~"$x"}'] },
        metricAllow: ['shop_.*', 'latency'],
        metricDrop: ['shop_dropped'],
        config: {
          honor_labels: true,
          basic_auth: { username: 'agent', password_file: ConfigValue.secretFile(SecretKey.of('hosts', 'password')) },
          metric_relabel_configs: [
            { source_labels: ['zone'], regex: '(.)-.*', target_label: 'area', replacement: 'area $1', action: 'replace' },
          ],
        },
      }),
      new ScrapeJob({
        name: 'found',
        interval,
        config: { http_sd_configs: [{ url: ConfigValue.concat(ConfigValue.connect(at(host.inventory), 'http'), '/targets') }] },
      }),
      new ScrapeJob({
        name: 'secure',
        interval,
        targets: [at(host.secure)],
        tls: {
          caCertificate: SecretKey.of('ca', 'ca.crt'),
          serverName,
          clientCertificate: SecretKey.of('client', 'tls.crt'),
          clientKey: SecretKey.of('client', 'tls.key'),
        },
        authorization: SecretKey.of('token', 'token'),
      }),
    ],
  });
  return Testing.synth(chart);
}

beforeAll(async () => {
  plane = await ControlPlane.start();
  const port = await freePort();
  objects = synthesized(port);
  await serveAll(port);
  const object = (kind: string) => (name: string) => ({ apiVersion: 'v1', kind, metadata: { name } });
  const annotations = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port), 'prometheus.io/path': '/annotated' };
  const contents = [
    ...['shop', 'observability', 'observability-agents'].map(object('Namespace')),
    ...nodes.map(object('Node')),
    ...accountsOf(objects),
    ...Object.keys(pods).map((name) => {
      const ports = [
        { name: 'metrics', port },
        { name: 'other', port: 9 },
      ];
      return pod(name, name === 'front' ? {} : annotations, ports, ['app'], { app: name.split('-')[0] });
    }),
    ...service('front', annotations, port, 'front'),
  ];
  await plane.apply(contents, { warningsAsErrors: false });
  await Promise.all(Object.entries(pods).map(([name, { ip, node }]) => podRuns(plane, name, ip, [], { onNode: node })));
  await start('prometheus-agent', 'observability', 'prometheus-agent-0', 'node-a');
  await start('prometheus-agent', 'observability', 'prometheus-agent-1', 'node-b');
  await start('node-agent', 'observability-agents', 'node-agent-a', 'node-a');
  await start('node-agent', 'observability-agents', 'node-agent-b', 'node-b');
  await eventually('each has been asked', async () => Object.keys(received).every((podName) => up(podName).length > 8), 90);
  await sleep(3000);
}, 240_000);

const latency = `# TYPE latency histogram
latency_bucket{le="1"} 1
latency_bucket{le="+Inf"} 2
latency_sum 3
latency_count 2
`;

async function serveAll(port: number): Promise<void> {
  const ofAgent = `Basic ${Buffer.from('agent:of hosts').toString('base64')}`;
  const metrics = `${latency}shop_kept{zone="a-1",instance="its own"} 1\nshop_dropped 1\nother 1\n`;
  serve(host.plain, port, (_, { headers }) => (headers.authorization === ofAgent ? metrics : undefined), asked);
  serve(host.inventory, port, () => JSON.stringify([{ targets: found.map((ip) => `${ip}:${port}`) }]));
  for (const ip of [...Object.values(pods).map((pod) => pod.ip), ...found]) {
    serve(ip, port, () => 'shop_kept 1\n', asked);
  }
  const authority = await CertificateAuthority.create(scratchFolder('certificates'));
  await authority.sign('server', { commonName: serverName, usage: ['serverAuth'], names: [`DNS:${serverName}`] });
  await authority.sign('client', { commonName: 'prometheus-agent', usage: ['clientAuth'] });
  const read = (file: string) => readFileSync(authority.path(file), 'utf8');
  secrets.ca = { 'ca.crt': read('ca.crt') };
  secrets.client = { 'tls.crt': read('client.crt'), 'tls.key': read('client.key') };
  const tls = { key: read('server.key'), cert: read('server.crt'), ca: read('ca.crt'), requestCert: true, rejectUnauthorized: true };
  const knows = (authorization?: string) => (authorization === `Bearer ${token}` ? 'shop_secure 1\n' : undefined);
  serve(host.secure, port, (_, { headers }) => knows(headers.authorization), asked, tls);
}

async function start(role: string, namespace: string, podName: string, nodeName: string): Promise<void> {
  received[podName] = await Receiver.start();
  const collector = await RealCollector.prepare({
    container: containerOf(objects, role, 'otel-collector', { podName, nodeName, secrets }),
    addresses: received[podName].addresses,
    inCluster: await plane.inCluster(role, namespace),
  });
  if (role === 'prometheus-agent') {
    const mount = new SecretMount(collector.path('/etc/otelcol/secrets/token'));
    mount.write(secrets.token);
    mounted.push(mount);
  }
  await collector.start();
}

const up = (podName: string) => received[podName].points().filter(({ metric }) => metric === 'up');

/** The pod, or the address where it is one of several of a job. */
function nameOf({ 'service.name': job, 'k8s.pod.name': podName, 'service.instance.id': instance }: Record<string, unknown>): string {
  const which = job === 'found' ? String(instance).split(':')[0] : podName;
  return which ? `${job} of ${which}` : String(job);
}

const targetsOf = (podName: string) => [...new Set(up(podName).map(({ resource }) => nameOf(resource)))].sort();
const ofShards = () => ['prometheus-agent-0', 'prometheus-agent-1'];
const pointsOf = (job: string) =>
  ofShards().flatMap((podName) => received[podName].points().filter(({ resource }) => resource['service.name'] === job));

describe('[prometheus-agent]', () => {
  test('jobs of its own: addresses, pods and what a discovery of Prometheus finds, each asked by one of two shards, and pods of a job not by their annotations again', () => {
    const [first, second] = ofShards().map(targetsOf);
    // Annotated pods are the node agents'; the one whose Service is annotated is not.
    expect([...first, ...second].sort()).toEqual([
      ...['by-number of queue-a', 'by-number of queue-b', ...found.map((ip) => `found of ${ip}`), 'front of front', 'hosts'],
      ...['queue of queue-a', 'queue of queue-b', 'secure'],
    ]);
    const paths = (name: string) =>
      [...new Set(asked.flatMap(({ target }) => (target.startsWith(`${pods[name].ip} `) ? [target.split(' ')[1]] : [])))].sort();
    expect([paths('queue-a'), paths('queue-b'), paths('web-a')]).toEqual([['/number', '/queue'], ['/number', '/queue'], ['/annotated']]);
  });

  test("a job asks with its path, parameters and password, keeps the metrics that it allows, and takes further fields in Prometheus' words", () => {
    const urls = new Set(asked.filter(({ target }) => target.startsWith(`${host.plain} `)).map(({ target }) => target));
    expect([...urls]).toEqual([`${host.plain} /federate?match%5B%5D=up&match%5B%5D=%7Bjob%3D~%22%24x%22%7D`]);
    const ofScrapes = ['scrape_duration_seconds', 'scrape_samples_post_metric_relabeling', 'scrape_samples_scraped', 'up'];
    expect([...new Set(pointsOf('hosts').map(({ metric }) => metric))].sort()).toEqual(['latency', ...ofScrapes, 'shop_kept'].sort());
    expect(pointsOf('hosts').find(({ metric }) => metric === 'latency')).toMatchObject({ kind: 'histogram', value: 2 });
    const [kept] = pointsOf('hosts').filter(({ metric }) => metric === 'shop_kept');
    expect([kept.attributes, kept.resource['service.instance.id']]).toEqual([{ zone: 'a-1', area: 'area a' }, 'its own']);
  });

  test('over TLS it checks and shows certificates, and a token that changes is read anew', async () => {
    const state = () =>
      pointsOf('secure')
        .filter(({ metric }) => metric === 'up')
        .sort((one, other) => Number(one.time) - Number(other.time))
        .at(-1)?.value;
    expect([state(), pointsOf('secure').some(({ metric }) => metric === 'shop_secure')]).toEqual([1, true]);
    token = 'second token';
    await eventually('it is refused', async () => state() === 0);
    for (const mount of mounted) {
      mount.write({ token: `${token}\n` });
    }
    await eventually('it is let in again', async () => state() === 1);
  });

  test('its rights for jobs are enough, and none is left over', () => {
    expect(judgeRights(objects, 'prometheus-agent', plane.auditOf('prometheus-agent', 'observability'))).toEqual({
      refused: [],
      unused: [],
    });
  });
});

describe('[node-agent]', () => {
  test('the same sources in an agent of every node ask the pods of its own node, and no others', () => {
    expect([targetsOf('node-agent-a'), targetsOf('node-agent-b')]).toEqual([
      ['queue of queue-a', 'web-a of web-a'],
      ['queue of queue-b', 'web-b of web-b'],
    ]);
  });

  test('its rights for pods of its node are enough', () => {
    expect(judgeRights(objects, 'node-agent', plane.auditOf('node-agent', 'observability-agents')).refused).toEqual([]);
  });
});
