import { Chart, Testing } from 'cdk8s';
import {
  CAdvisorMetrics,
  Collector,
  Component,
  ConfigValue,
  Estimates,
  type IGateway,
  KubeletMetrics,
  KubeletTls,
  KubeProxyMetrics,
  NodeAgent,
  NodeLocalDnsMetrics,
  OtlpReceiver,
  Placement,
  Platform,
  PodSecurity,
  Sink,
  type SinkBinding,
  StackNamespace,
  Volume,
} from '../../lib';
import { shippedImages } from '../../lib/kubernetes/images';
import { declared, seen } from './declared';
import { busybox, Cluster } from './harness/cluster';
import type { Manifest } from './harness/container';
import { eventually } from './harness/program';
import { liveShape } from './live-shape';
import { type Point, pointsIn } from './received';
import { judgeRights } from './rights';

// A whole node: the agent as it is synthesized, and a kubelet, a kube-proxy and a CoreDNS that are real.
const folder = '/var/log/received';

/** Keeps all that comes, on the node. */
class Files extends Sink {
  bind(): SinkBinding {
    const path = ConfigValue.concat(ConfigValue.directory(Volume.node(folder, { writable: true })), '/telemetry.json');
    const file = [Component.exporter({ componentType: 'file', config: { path, flush_interval: '100ms' } })];
    return { exporters: { logs: file, metrics: file, traces: file } };
  }
}

const namespace = 'watch';
const chart = new Chart(Testing.app(), 'test', { namespace });
new StackNamespace(chart, 'Namespace', { name: namespace, podSecurity: PodSecurity.PRIVILEGED });
const receiver = new Collector(chart, 'Receiver', {
  role: 'collector',
  clusterName: 'prod-eu',
  sources: [new OtlpReceiver()],
  sinks: [new Files()],
  placement: Placement.statefulSet(1),
});
const [otlpGrpc, otlpHttp] = [receiver.endpoint('otlp-grpc'), receiver.endpoint('otlp-http')];
const tls = KubeletTls.clusterAuthority();
const agent = new NodeAgent(chart, 'NodeAgent', {
  gateway: { clusterName: 'prod-eu', otlpGrpc, otlpHttp } as IGateway,
  namespace,
  platform: Platform.KUBEADM,
  sources: [new KubeletMetrics({ tls }), new CAdvisorMetrics({ tls }), new KubeProxyMetrics(), new NodeLocalDnsMetrics()],
});
const objects: Manifest[] = Testing.synth(chart);

const pod = (name: string, inNamespace: string, spec: Manifest, label = name): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: inNamespace, labels: { 'k8s-app': label } },
  spec: { terminationGracePeriodSeconds: 0, ...spec },
});
const command = (text: string) => ['sh', '-c', text];
const sleeping = { name: 'main', image: busybox, command: command('sleep 3600') };

const corefile = `.:5300 {
  errors
  cache 30
  prometheus :9253
  hosts {
    192.0.2.1 here.example
  }
}
`;

const others: Manifest[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  pod('busy', 'shop', {
    containers: [
      { name: 'limited', image: busybox, command: command('while :; do :; done'), resources: { limits: { cpu: '20m' } } },
      { ...sleeping, name: 'free' },
    ],
  }),
  // The node's kube-proxy is a process of the harness; the pod stands where it would be one, on the node's network.
  pod('kube-proxy-x', 'kube-system', { hostNetwork: true, containers: [sleeping] }, 'kube-proxy'),
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'node-local-dns', namespace: 'kube-system' }, data: { Corefile: corefile } },
  pod('node-local-dns', 'kube-system', {
    hostNetwork: true,
    containers: [
      {
        name: 'node-cache',
        image: 'harness.test/coredns:1',
        args: ['-conf', '/etc/coredns/Corefile'],
        securityContext: { runAsUser: 0 },
        volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'node-local-dns' } }],
  }),
];

let cluster: Cluster;
let points: Point[] = [];
let uid: string;

beforeAll(async () => {
  const { repository, tag } = shippedImages.collector;
  cluster = await Cluster.start({ collector: `${repository}:${tag}` });
  await cluster.apply(others.slice(0, 1));
  await cluster.apply(others.slice(1));
  await cluster.kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '-n', 'shop', '--timeout=120s']);
  await cluster.kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '-n', 'kube-system', '--timeout=120s']);
  for (const name of ['here.example', 'here.example', 'nowhere.example']) {
    await cluster.inPod('shop', 'busy', [...command(`nslookup ${name} 192.168.99.1:5300 || true`)]);
  }
  await cluster.apply(objects.filter(({ kind }) => kind === 'Namespace'));
  await cluster.apply(objects);
  await cluster.rolledOut(objects, 180);
  uid = (await cluster.controlPlane.get('pods', 'shop'))[0].metadata.uid;
  await eventually(
    'three scrapes of everything',
    async () => {
      points = pointsIn(await cluster.onNode(['cat', `${folder}/telemetry.json`]));
      return points.filter(({ metric }) => metric === 'up').length >= 9 && points.some(({ metric }) => metric === 'k8s.node.cpu.usage');
    },
    300,
  ).catch(() => undefined);
}, 900_000);

/** Nothing fails, and no volume is a claim. */
const silent = /^(kubeproxy_sync_proxy_rules_(iptables_restore|nftables_sync)_failures_total|k8s\.volume\.)/;

test('[node-agent] kubelet, cAdvisor, kube-proxy and NodeLocal DNS give exactly what is declared: names, instruments, units, attributes', () => {
  expect(seen(points)).toEqual(declared(agent.metrics).filter((metric) => !silent.test(metric)));
});

test('[node-agent] a container with a limit of CPU is seen to be throttled, and it says whose it is', () => {
  const throttled = points.filter(({ metric }) => metric === 'container_cpu_cfs_throttled_periods_total');
  const ofBusy = throttled.filter(({ resource }) => resource['k8s.pod.name'] === 'busy');
  expect([...new Set(ofBusy.map(({ resource }) => resource['k8s.container.name']))]).toEqual(['limited']);
  expect(ofBusy[0].attributes).toEqual({});
  expect(ofBusy[0].resource).toMatchObject({
    'k8s.cluster.name': 'prod-eu',
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': 'busy',
    'k8s.pod.uid': uid,
    'k8s.node.name': 'node-a',
  });
  expect(Object.keys(ofBusy[0].resource).filter((key) => /^(server|url)\./.test(key))).toEqual([]);
  expect(ofBusy[0].resource['service.name']).not.toBe('cadvisor');
  expect(ofBusy.at(-1)?.value).toBeGreaterThan(ofBusy[0].value);
});

test('[node-agent] each program of the node is asked once a minute and answers', () => {
  for (const name of ['cadvisor', 'kube-proxy', 'node-local-dns']) {
    const up = points.filter(({ metric, resource }) => metric === 'up' && resource['service.name'] === name);
    expect([name, up.length > 1, up.every(({ value }) => value === 1)]).toEqual([name, true, true]);
    const times = up.map(({ time }) => Number(time) / 1e9).sort();
    expect(Math.min(...times.slice(1).map((time, index) => time - times[index]))).toBeGreaterThan(50);
  }
});

/** Whose a point is; what the agent says of itself is another test's. */
function sourceOf({ metric, resource }: Point): string | undefined {
  const program = programs.find(([, name]) => resource['service.name'] === name)?.[0];
  return program ?? kinds.find(([, start]) => metric.startsWith(start))?.[0];
}

const kinds = [
  ['CAdvisorMetrics', 'container_cpu_cfs_'],
  ['KubeletMetrics', 'k8s.'],
  ['KubeletMetrics', 'container.'],
];

const programs = [
  ['CAdvisorMetrics', 'cadvisor'],
  ['KubeProxyMetrics', 'kube-proxy'],
  ['NodeLocalDnsMetrics', 'node-local-dns'],
];

test('[node-agent] a round of kubelet, cAdvisor, kube-proxy and NodeLocal DNS brings as many points as are estimated for all of them, within 15 %', async () => {
  const { sources } = Estimates.of([agent], await liveShape((args) => cluster.kubectl(args)));
  // The fullest minute of each: the first round of the kubelet has no rates yet.
  const fullest = (name: string) => {
    const minutes = new Map<number, number>();
    for (const { time } of points.filter((point) => sourceOf(point) === name)) {
      const minute = Math.floor(Number(time) / 60e9);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
    return Math.max(...minutes.values());
  };
  const found = ['KubeletMetrics', 'CAdvisorMetrics', 'KubeProxyMetrics', 'NodeLocalDnsMetrics'].map((name) => ({
    name,
    counted: fullest(name),
    estimated: sources.find(({ source }) => source === name)?.rowsPerMinute ?? 0,
  }));
  console.log(`points a round: ${JSON.stringify(found)}`);
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  expect(Math.abs(sum(found.map(({ estimated }) => estimated)) / sum(found.map(({ counted }) => counted)) - 1)).toBeLessThanOrEqual(0.15);
});

test('[node-agent] its rights are enough, and none is left over; the kubelet is asked elsewhere', () => {
  const requests = cluster.controlPlane.auditOf('node-agent', namespace);
  expect(judgeRights(objects, 'node-agent', requests)).toEqual({
    refused: [],
    unused: ['get /nodes/metrics', 'get /nodes/pods', 'get /nodes/stats'],
  });
});
