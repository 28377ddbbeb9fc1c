import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart, Testing } from 'cdk8s';
import { stringify } from 'yaml';
import { DiscoveredReceiver, DiscoveredReceivers, NodeAgent, SecretKey } from '../../lib';
import { gateway } from '../collector/synthesized';
import { node } from './cluster-contents';
import { declared, seen } from './declared';
import { containerOfConfiguration, RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { eventually, Program, scratchFolder, succeed } from './harness/program';
import { type Point, Receiver } from './received';
import { judgeRights } from './rights';

// Redis, nginx and PostgreSQL as Debian has them, each a pod's container on the loopback, found by the annotations of the pod.
const password = 'correct-horse-battery-staple';
const chart = new Chart(Testing.app(), 'test');
const sources = [
  new DiscoveredReceivers({
    receivers: [
      DiscoveredReceiver.redis(),
      DiscoveredReceiver.nginx(),
      DiscoveredReceiver.postgreSql({ username: 'otel', password: SecretKey.of('postgres-monitor', 'password'), namespaces: ['shop'] }),
    ],
  }),
];
const agent = new NodeAgent(chart, 'NodeAgent', { gateway, namespace: 'watch', sources });
const objects: Manifest[] = Testing.synth(chart);
const rightsAndAccounts = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'];

let plane: ControlPlane;
let received: Receiver;
let collector: RealCollector;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllers: 'none' });
  await plane.apply(['watch', 'shop', 'others'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
  await plane.apply(objects.filter(({ kind }) => rightsAndAccounts.includes(kind)));
  await Promise.all([startRedis('127.0.0.31', 6379), startNginx('127.0.0.32', 8080), startPostgreSql('127.0.0.33', 5432)]);
  await runs('cache', '127.0.0.31', [6379], asking('redis'));
  await runs('front', '127.0.0.32', [9999, 8080], { ...asking('nginx', '.8080') });
  await runs('store', '127.0.0.33', [5432], asking('postgresql'));
  // None of these may be asked: not enabled, a receiver that is not on the list, a configuration of its own, a password's receiver elsewhere.
  await runs('quiet', '127.0.0.31', [6379], { ...asking('redis'), [`${hints}/enabled`]: 'false' });
  await runs('greedy', '127.0.0.32', [8080], {
    ...asking('http_check/x'),
    [`${hints}/config`]: 'targets: [{endpoint: "http://127.0.0.32:8080"}]',
  });
  await runs('thief', '127.0.0.33', [5432], asking('postgresql'), 'others');
  received = await Receiver.start();
  collector = await RealCollector.start({
    container: containerOf(objects, 'node-agent', 'otel-collector', {
      podName: 'node-agent-x',
      nodeName: node,
      secrets: { 'postgres-monitor': { password } },
    }),
    addresses: received.addresses,
    inCluster: await plane.inCluster('node-agent', 'watch'),
  });
  const programs = ['redis.uptime', 'nginx.requests', 'postgresql.backends'];
  await eventually('two scrapes of each', async () => programs.every((name) => of(name).length >= 2), 150).catch(() => undefined);
}, 300_000);

const hints = 'io.opentelemetry.discovery.metrics';
const asking = (scraper: string, port = '') => ({ [`${hints}${port}/enabled`]: 'true', [`${hints}${port}/scraper`]: scraper });

async function runs(name: string, ip: string, ports: number[], annotations: Record<string, string>, namespace = 'shop'): Promise<void> {
  await plane.apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }]);
  const containers = [{ name: 'main', image: 'x:1', ports: ports.map((containerPort) => ({ containerPort })) }];
  const spec = { nodeName: node, automountServiceAccountToken: false, containers };
  await plane.apply([{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, annotations }, spec }]);
  const status = {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    containerStatuses: [
      {
        name: 'main',
        ready: true,
        started: true,
        restartCount: 0,
        image: 'x:1',
        imageID: 'x',
        containerID: 'containerd://1',
        state: { running: {} },
      },
    ],
  };
  await plane.kubectl(['patch', 'pod', name, '-n', namespace, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
}

async function startRedis(ip: string, port: number): Promise<void> {
  const folder = scratchFolder('redis');
  const redis = Program.start(['redis-server', '--bind', ip, '--port', String(port), '--dir', folder, '--save', ''], {
    log: join(folder, 'log'),
  });
  await redis.until('answers', async () => redis.output().includes('Ready to accept connections'));
}

async function startNginx(ip: string, port: number): Promise<void> {
  const folder = scratchFolder('nginx');
  const file = join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  writeFileSync(
    file,
    `daemon off; pid ${folder}/pid; error_log stderr; user root;
events {}
http { access_log off; ${paths} server { listen ${ip}:${port}; location = /nginx_status { stub_status; } } }
`,
  );
  const nginx = Program.start(['nginx', '-c', file, '-p', folder], { log: join(folder, 'log') });
  await nginx.until('answers', async () => (await fetch(`http://${ip}:${port}/nginx_status`)).ok);
}

/** It refuses to run as root. */
async function startPostgreSql(ip: string, port: number): Promise<void> {
  const folder = scratchFolder('postgresql');
  const [bin] = (await succeed(['sh', '-c', 'ls -d /usr/lib/postgresql/*/bin'])).trim().split('\n').reverse();
  const user = ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--'];
  const data = join(folder, 'data');
  mkdirSync(data);
  await succeed(['chown', '-R', 'postgres', folder]);
  await succeed([...user, join(bin, 'initdb'), '-D', data, '--auth=scram-sha-256', '--auth-local=trust', '--no-sync']);
  const settings = [`listen_addresses=${ip}`, `port=${port}`, `unix_socket_directories=${folder}`, 'fsync=off'].flatMap((setting) => [
    '-c',
    setting,
  ]);
  const program = Program.start([...user, join(bin, 'postgres'), '-D', data, ...settings], { log: join(folder, 'log') });
  const psql = (sql: string) => succeed([...user, join(bin, 'psql'), '-h', folder, '-p', String(port), '-d', 'postgres', '-c', sql]);
  await program.until('answers', async () => (await psql('SELECT 1')).includes('1'));
  await psql(`CREATE ROLE otel LOGIN PASSWORD '${password}' IN ROLE pg_monitor`);
}

const of = (name: string): Point[] => received.points().filter(({ metric }) => metric === name);
test('[node-agent] Redis, nginx and PostgreSQL give exactly what is declared: names, instruments, units, attributes', () => {
  expect(seen(received.points())).toEqual(declared(agent.metrics));
});

test('[node-agent] who asks is asked, once a minute, and it is known whose it is; nobody else', () => {
  const pods = [...new Set(received.points().map(({ resource }) => resource['k8s.pod.name']))].filter((name) => name !== 'node-agent-x');
  expect(pods.sort()).toEqual(['cache', 'front', 'store']);
  const resources = of('redis.uptime')[0].resource;
  expect(resources).toMatchObject({
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': 'cache',
    'service.name': 'cache',
    'k8s.node.name': node,
  });
  const times = of('redis.uptime').map(({ time }) => Number(time) / 1e9);
  expect(Math.min(...times.slice(1).map((time, index) => time - times[index]))).toBeGreaterThan(50);
});

test('[node-agent] the password stands in no file of the collector, and in none of its lines', () => {
  expect(JSON.stringify(objects)).not.toContain(password);
  expect(collector.output()).not.toContain(password);
});

test("[node-agent] why upstream's own discovery stays off: its list of ignored receivers is passed by a name behind the type", async () => {
  const pipeline = { receivers: ['receiver_creator'], exporters: ['debug'] };
  const config = {
    extensions: { k8s_observer: { auth_type: 'serviceAccount', node, observe_pods: true } },
    receivers: { receiver_creator: { watch_observers: ['k8s_observer'], discovery: { enabled: true, ignore_receivers: ['http_check'] } } },
    exporters: { debug: {} },
    service: { extensions: ['k8s_observer'], telemetry: { metrics: { level: 'none' } }, pipelines: { metrics: pipeline } },
  };
  const inCluster = await plane.inCluster('node-agent', 'watch');
  const open = await RealCollector.start({ container: containerOfConfiguration(stringify(config)), inCluster });
  await eventually(
    'the receiver of the pod that is called greedy starts',
    async () => /"?starting receiver"?.*http_check\/x/.test(open.output()),
    30,
  );
  expect(collector.output()).not.toContain('http_check');
});

test('[node-agent] the right to find pods is enough, and none is left over', () => {
  expect(judgeRights(objects, 'node-agent', plane.auditOf('node-agent', 'watch'))).toEqual({ refused: [], unused: [] });
});
