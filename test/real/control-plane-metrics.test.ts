import { ClusterAgent, ControlPlaneMetrics, ControlPlanePart, Estimates, Platform } from '../../lib';
import { gateway, synthesized } from '../collector/synthesized';
import { contents } from './cluster-contents';
import { addresses, podsOfParts, startParts } from './control-plane-parts';
import { declared, seen } from './declared';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { eventually } from './harness/program';
import { Receiver } from './received';
import { judgeRights } from './rights';
import { accountsOf } from './stack';

/** The parts of a control plane as kubeadm makes one, once they have been given an address for others, scraped by two replicas. */
const { collector, objects } = synthesized(
  (scope) =>
    new ClusterAgent(scope, 'ClusterAgent', {
      gateway,
      platform: Platform.KUBEADM,
      sources: [new ControlPlaneMetrics({ parts: Object.values(ControlPlanePart) })],
    }),
);

let plane: ControlPlane;
let received: Receiver;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllers: 'none' });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'observability' } };
  await plane.apply([namespace, ...contents, ...accountsOf(objects)], { warningsAsErrors: false });
  await startParts(plane);
  await podsOfParts(plane);
  received = await Receiver.start();
  const inCluster = await plane.inCluster('cluster-agent', 'observability');
  for (const podName of ['cluster-agent-0', 'cluster-agent-1']) {
    await RealCollector.start({
      container: containerOf(objects, 'cluster-agent', undefined, { podName }),
      addresses: received.addresses,
      inCluster,
    });
  }
  await eventually('two scrapes of each', async () => ups().length >= 8, 180);
}, 300_000);

const ups = () => received.points().filter(({ metric }) => metric === 'up');
const of = (metric: string) => received.points().filter((point) => point.metric === metric);

test('[cluster-agent] ControlPlaneMetrics gives exactly what it declares: name, instrument, unit and attributes', () => {
  expect(seen(received.points())).toEqual(declared(collector.metrics));
});

test('[cluster-agent] each part is scraped once a minute, by one of two replicas, and no port of it that has no metrics', () => {
  const targets = ups().map(({ resource, value }) => `${resource['service.name']} ${resource['service.instance.id']} ${value}`);
  const expected = [
    `coredns ${addresses.coredns}:9153 1`,
    `etcd ${addresses.etcd}:2381 1`,
    `kube-controller-manager ${addresses['controller-manager']}:10257 1`,
    `kube-scheduler ${addresses.scheduler}:10259 1`,
  ];
  expect([...new Set(targets)].sort()).toEqual(expected);
  for (const target of expected) {
    const times = ups()
      .filter(({ resource }) => target.startsWith(`${resource['service.name']} `))
      .map(({ time }) => Number(time) / 1e9)
      .sort();
    expect(times[1] - times[0]).toBeGreaterThan(50);
  }
});

test('[cluster-agent] of thousands of series few are kept, and of the queues those that somebody waits for', () => {
  const [first] = ups()
    .filter(({ resource }) => resource['service.name'] === 'kube-controller-manager')
    .map(({ time }) => time);
  const ofFirst = received
    .points()
    .filter(({ resource, time }) => resource['service.name'] === 'kube-controller-manager' && time === first);
  expect(ofFirst.length).toBeLessThan(25);
  expect([...new Set(of('workqueue_depth').map(({ attributes }) => attributes.name))].sort()).toEqual([
    'daemonset',
    'deployment',
    'endpoint_slice',
    'garbage_collector_attempt_to_delete',
    'job',
    'namespace',
    'replicaset',
    'statefulset',
  ]);
  expect(of('etcd_server_has_leader').map(({ value }) => value)).toContain(1);
});

test('[cluster-agent] its rights are enough to scrape what asks for a token, and none is left over', () => {
  const { refused, unused } = judgeRights(objects, 'cluster-agent', plane.auditOf('cluster-agent', 'observability'));
  // /metrics is asked of the parts, not of the API server.
  expect({ refused, unused }).toEqual({ refused: [], unused: ['get /metrics'] });
});

test('[cluster-agent] a scrape of each part brings as many points as are estimated for all of them, within 15 %', () => {
  const ofPart = (part: string, points = received.points()) => points.filter(({ resource }) => resource['service.name'] === part).length;
  const parts = Object.values(ControlPlanePart);
  const counted = parts.map((part) => ofPart(part) / ofPart(part, ups()));
  const estimated = parts.map(estimate);
  console.log(`points a scrape: ${counted} counted, ${estimated} estimated for ${parts}`);
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  expect(Math.abs(sum(estimated) / sum(counted) - 1)).toBeLessThanOrEqual(0.15);
});

/** Of one part alone. CoreDNS is taken to have two pods. */
function estimate(part: ControlPlanePart): number {
  const sources = [new ControlPlaneMetrics({ parts: [part] })];
  const { collector: alone } = synthesized(
    (scope) => new ClusterAgent(scope, 'ClusterAgent', { gateway, platform: Platform.KUBEADM, sources }),
  );
  const { sources: rows } = Estimates.of([alone], { nodes: 1, podsPerNode: 10 });
  const points = rows.find(({ source }) => source === 'ControlPlaneMetrics')?.rowsPerMinute ?? 0;
  return part === ControlPlanePart.CORE_DNS ? points / 2 : points;
}
