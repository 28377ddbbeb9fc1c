import { Chart, Size, Testing } from 'cdk8s';
import { Deployment, Namespaces } from 'cdk8s-plus-27';
import { Collector } from '../../lib/collector/collector';
import { Placement } from '../../lib/collector/placement';
import { GatewaySink } from '../../lib/collector/sinks/gateway-sink';
import { HostMetrics } from '../../lib/collector/sources/host-metrics';
import { KubeletTls } from '../../lib/collector/sources/kubelet-tls';
import { OtlpReceiver } from '../../lib/collector/sources/otlp-receiver';
import { Instrumentation } from '../../lib/gateway/instrumentation';
import { NodeAgent, type NodeAgentProps } from '../../lib/node-agent/node-agent';
import { gateway, synthesized } from '../collector/synthesized';
import { wrongProps } from '../collector/wrong-props';

const agent = (props: Partial<NodeAgentProps> = {}) => synthesized((scope) => new NodeAgent(scope, 'NodeAgent', { gateway, ...props }));

test('a pod on every node, whatever its taints, in a namespace of its own', () => {
  const { workload, pod } = agent();
  expect([workload.kind, workload.metadata.namespace, workload.metadata.name]).toEqual(['DaemonSet', 'observability-agents', 'node-agent']);
  expect(pod.tolerations).toEqual([{ operator: 'Exists' }]);
});

test('applications reach the agent of their own node', () => {
  const { one } = agent();
  expect(one('Service', 'node-agent').spec).toMatchObject({
    internalTrafficPolicy: 'Local',
    ports: [
      { name: 'otlp-grpc', port: 4317 },
      { name: 'otlp-http', port: 4318 },
    ],
  });
});

test('who may send to it: whom Instrumentation was told of, and clients that are named', () => {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'shop' });
  const nodeAgent = new NodeAgent(chart, 'NodeAgent', {
    gateway,
    namespace: 'nodes',
    clients: [Namespaces.select(chart, 'Teams', { labels: { team: 'a' } })],
  });
  const app = new Deployment(chart, 'App', { containers: [{ image: 'a:1', portNumber: 1 }] });
  Instrumentation.of(nodeAgent).workload(app);
  const objects = Testing.synth(chart);
  const admitted = objects.filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name.startsWith('node-agent-from-'));
  expect(
    admitted.map(({ metadata, spec }) => [metadata.namespace, spec.ingress[0].ports.map(({ port }: { port: number }) => port)]),
  ).toEqual([
    ['nodes', [4317, 4318]],
    ['nodes', [4318]],
  ]);
  const { env } = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === 'shop').spec.template.spec
    .containers[0];
  expect(env).toContainEqual({ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://node-agent.nodes.svc:4318' });
  expect(() => agent({ sources: [new HostMetrics()], clients: [app] })).toThrow('clients: given clients, and no source that listens');
});

test('it sees two folders of the node: logs, read-only, and its own', () => {
  const { pod } = agent();
  const paths = pod.volumes.flatMap(({ hostPath }: { hostPath?: { path: string } }) => hostPath?.path ?? []).sort();
  expect(paths).toEqual(['/var/lib/cdk8s-observability/observability-agents/node-agent', '/var/log/pods']);
  expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined, undefined]);
  expect(pod.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test('its rights are these', () => {
  const { one, objects } = agent();
  expect(one('ClusterRole').rules).toEqual([
    { apiGroups: [''], resources: ['nodes/pods', 'nodes/stats'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  ]);
  expect(objects.filter(({ kind }) => kind === 'Role')).toEqual([]);
});

test('what the gateway does not take stays on the node: half logs, a quarter each traces and metrics', () => {
  const queues = (props: Partial<NodeAgentProps>) =>
    ['logs', 'traces', 'metrics'].map((signal) => agent(props).config.exporters[`otlp_grpc/gateway-${signal}`].sending_queue);
  expect(queues({}).map(({ queue_size, storage }) => [queue_size / 1024 / 1024, storage])).toEqual([
    [512, 'file_storage/queue'],
    [256, 'file_storage/queue'],
    [256, 'file_storage/queue'],
  ]);
  expect(queues({ queueSize: Size.gibibytes(4) }).map(({ queue_size }) => queue_size / 1024 / 1024)).toEqual([2048, 1024, 1024]);
  expect(agent().config.extensions['file_storage/queue'].directory).toBe('/var/lib/otelcol/queue');
});

test('the queue is written by the user that the folder belongs to, with any sources', () => {
  expect(agent({ sources: [new HostMetrics()] }).pod.securityContext.runAsUser).toBe(0);
});

test('only pods of its own node are watched, and known before anything is read', () => {
  const { config, pod } = agent();
  expect(config.processors.k8s_attributes).toMatchObject({ wait_for_metadata: true, filter: { node_from_env_var: 'K8S_NODE_NAME' } });
  expect(config.processors.k8s_attributes.filter.labels).toBeUndefined();
  expect(pod.containers[0].env).toContainEqual({ name: 'K8S_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } });
});

test('everything says its node, and what has none yet gets it', () => {
  const { config } = agent();
  expect(config.processors['resource/node'].attributes).toEqual([
    { key: 'k8s.node.name', value: '${env:K8S_NODE_NAME}', action: 'insert' },
  ]);
  expect(['logs', 'metrics', 'traces'].map((signal) => config.service.pipelines[signal].processors)).toEqual(
    Array(3).fill(['memory_limiter', 'resource/cluster', 'k8s_attributes', 'resource/node']),
  );
});

test('what collectors of the stack write is not collected, whatever the stack is called', () => {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'watch' });
  const ours = new Collector(chart, 'Gateway', {
    role: 'collector',
    clusterName: 'prod',
    sources: [new OtlpReceiver()],
    sinks: [new GatewaySink({ gateway })],
    placement: Placement.deployment(1),
  });
  const node = new NodeAgent(chart, 'NodeAgent', { gateway: Object.assign(ours, gateway) });
  expect(node.configText).toContain('/var/log/pods/watch_*_*/otel-collector/*');
  expect(node.configText).toContain('/var/log/pods/watch-agents_*_*/otel-collector/*');
  expect(agent({ stackNamespaces: ['a', 'b'] }).config.receivers.file_log.exclude).toEqual([
    '/var/log/pods/a_*_*/otel-collector/*',
    '/var/log/pods/b_*_*/otel-collector/*',
  ]);
});

test("the kubelet's certificate: a warning, or a choice", () => {
  expect(agent().warnings).toEqual([expect.stringContaining("test/NodeAgent: the kubelet's certificate is not verified")]);
  expect(agent({ kubeletTls: KubeletTls.clusterAuthority() }).warnings).toEqual([]);
});

test('cluster and gateway: one name, unless said otherwise', () => {
  const cluster = (props: Partial<NodeAgentProps>) => agent(props).config.processors['resource/cluster'].attributes[0].value;
  expect([cluster({}), cluster({ clusterName: 'edge-7' })]).toEqual(['prod', 'edge-7']);
});

test('it declares what it gives', () => {
  const names = agent().collector.metrics.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'k8s.node.filesystem.available',
      'container.memory.working_set',
      'system.cpu.time',
      'otelcol_exporter_queue_size',
    ]),
  );
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each<[Partial<NodeAgentProps>, string]>([
  [{ gateway: undefined }, 'gateway: given nothing; allowed: a value: it is required'],
  [
    { kubeletTls: KubeletTls.unverified(), sources: [new HostMetrics()] },
    'kubeletTls: given `sources` and `kubeletTls`; allowed: one of the two. sources: [...NodeAgent.defaultSources({ tls }), …] holds both',
  ],
  [{ queueSize: Size.mebibytes(1) }, 'queueSize: given '],
  [{ sources: [new HostMetrics(), new HostMetrics()] }, "sources[0] and sources[1]: given two sources called 'host_metrics'"],
  [{ name: 'Node_Agent', clusterName: 'a b' }, '2 problems'],
])('bad input %#: one clear error', (props, message) => {
  expect(() => agent(props)).toThrow(message);
});

test("whatever stands in the properties, it is YAML or one error with the construct's path", () => {
  wrongProps(
    'NodeAgent',
    [
      'name',
      'namespace',
      'resources',
      'images',
      'networkPolicies',
      'clusterName',
      'platform',
      'sources',
      'kubeletTls',
      'processors',
      'queueSize',
      'stackNamespaces',
      'nodeSelector',
      'tolerations',
      'gateway',
    ],
    agent,
  );
});
