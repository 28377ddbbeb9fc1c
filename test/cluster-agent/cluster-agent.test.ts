import { ClusterAgent, type ClusterAgentProps } from '../../lib/cluster-agent/cluster-agent';
import { ClusterEvents } from '../../lib/collector/sources/cluster-events';
import { gateway, synthesized } from '../collector/synthesized';
import { wrongProps } from '../collector/wrong-props';

const agent = (props: Partial<ClusterAgentProps> = {}) =>
  synthesized((scope) => new ClusterAgent(scope, 'ClusterAgent', { gateway, ...props }));

test('two replicas with numbers and without disks, drained one at a time', () => {
  const { workload, one } = agent();
  expect([workload.kind, workload.metadata.namespace, workload.spec.replicas]).toEqual(['StatefulSet', 'observability', 2]);
  expect(workload.spec.volumeClaimTemplates ?? []).toEqual([]);
  expect(one('PodDisruptionBudget').spec.maxUnavailable).toBe(1);
});

test('nothing comes twice: a lease for state and events, a share of the API servers for each replica', () => {
  const { receivers } = agent({ replicas: 3 }).config;
  expect([receivers.k8s_cluster.k8s_leader_elector, receivers.k8s_events.k8s_leader_elector]).toEqual([
    'k8s_leader_elector',
    'k8s_leader_elector',
  ]);
  const [job] = receivers['prometheus/api-server'].config.scrape_configs;
  expect(job.relabel_configs.slice(-2)).toEqual([
    { source_labels: ['__address__'], modulus: 3, target_label: '__tmp_hash', action: 'hashmod' },
    { source_labels: ['__tmp_hash'], regex: '${env:POD_INDEX}', action: 'keep' },
  ]);
});

test('it runs as nobody, mounts nothing of the node, and may read but for its lease', () => {
  const { pod, one, objects } = agent();
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 });
  expect(pod.volumes.map(({ name }: { name: string }) => name)).toEqual(['config']);
  const roles = objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  const writes = roles
    .flatMap(({ rules }) => rules)
    .filter(({ verbs }: { verbs: string[] }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
  expect(writes).toEqual([{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] }]);
  expect(one('ClusterRole').metadata.annotations['cdk8s-observability/because']).toContain(
    'events: k8s_events makes log records of events',
  );
});

test('pods and containers get the workload that they belong to; events keep what they say', () => {
  const { pipelines } = agent().config.service;
  expect(pipelines.metrics.processors).toEqual(['memory_limiter', 'resource/cluster', 'k8s_attributes']);
  expect(pipelines.logs.processors).toEqual(['memory_limiter', 'resource/cluster']);
});

test('it declares what it gives', () => {
  const names = agent().collector.metrics.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'k8s.node.condition_ready',
      'k8s.container.restarts',
      'apiserver_request_total',
      'up',
      'otelcol_process_uptime',
    ]),
  );
});

test("sources of one's own replace the default ones", () => {
  expect(Object.keys(agent({ sources: [new ClusterEvents()] }).config.receivers)).toEqual(['k8s_events']);
});

test.each<[Partial<ClusterAgentProps>, string]>([
  [{ replicas: 0 }, 'replicas: given 0; allowed: a whole number from 1 to 8'],
  [{ sources: [] }, 'sources: given a list of 0'],
  [{ shards: 2 } as never, 'shards: given a property that does not exist'],
])('bad input %#: one clear error', (props, message) => {
  expect(() => agent(props)).toThrow(message);
});

test("whatever stands in the properties, it is YAML or one error with the construct's path", () => {
  wrongProps(
    'ClusterAgent',
    [
      'name',
      'namespace',
      'resources',
      'images',
      'networkPolicies',
      'clusterName',
      'platform',
      'replicas',
      'sources',
      'processors',
      'gateway',
    ],
    agent,
  );
});
