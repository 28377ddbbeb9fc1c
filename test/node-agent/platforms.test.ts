import { Chart, Size, Testing } from 'cdk8s';
import { NodeAgent, type NodeAgentProps, ObservabilityChart, type ObservabilityChartProps, Platform } from '../../lib';
import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import { Source, type SourceBinding } from '../../lib/collector/source';
import { ContainerLogs } from '../../lib/collector/sources/container-logs';
import { HostMetrics } from '../../lib/collector/sources/host-metrics';
import { KubeletTls } from '../../lib/collector/sources/kubelet-tls';
import type { Access } from '../../lib/kubernetes/access';
import { Volume } from '../../lib/kubernetes/volume';
import { gateway, synthesized } from '../collector/synthesized';

const agent = (props: Partial<NodeAgentProps> = {}) => synthesized((scope) => new NodeAgent(scope, 'NodeAgent', { gateway, ...props }));
const verified = { kubeletTls: KubeletTls.clusterAuthority() };

/** Reads a folder of the node, and asks for what it is told to. */
class Reads extends Source {
  constructor(
    private readonly volume: Volume,
    private readonly access: Access = {},
  ) {
    super();
  }

  bind(): SourceBinding {
    const include = [ConfigValue.concat(ConfigValue.directory(this.volume), '/*')];
    return { receivers: { logs: [Component.receiver({ componentType: 'file_log', config: { include }, access: this.access })] } };
  }
}

describe('OpenShift', () => {
  test('constraints with exactly what the agent has, for its account alone', () => {
    const { one, pod, warnings } = agent({ platform: Platform.OPENSHIFT, name: 'edge', namespace: 'nodes', ...verified });
    const { metadata, apiVersion, ...constraints } = one('SecurityContextConstraints');
    expect([apiVersion, metadata.name, metadata.namespace]).toEqual(['security.openshift.io/v1', 'nodes-edge', undefined]);
    expect(constraints).toEqual({
      kind: 'SecurityContextConstraints',
      allowHostDirVolumePlugin: true,
      allowHostIPC: false,
      allowHostNetwork: false,
      allowHostPID: false,
      allowHostPorts: false,
      allowPrivilegeEscalation: false,
      allowPrivilegedContainer: false,
      allowedCapabilities: [],
      defaultAddCapabilities: [],
      fsGroup: { type: 'RunAsAny' },
      groups: [],
      priority: 0,
      readOnlyRootFilesystem: true,
      requiredDropCapabilities: ['ALL'],
      runAsUser: { type: 'MustRunAs', uid: 0 },
      seLinuxContext: { type: 'MustRunAs', seLinuxOptions: { user: 'system_u', role: 'system_r', type: 'spc_t', level: 's0' } },
      seccompProfiles: ['runtime/default'],
      supplementalGroups: { type: 'RunAsAny' },
      users: [],
      volumes: ['configMap', 'hostPath', 'projected', 'secret'],
    });
    expect(one('Role', 'edge-security-context').rules).toEqual([
      { apiGroups: ['security.openshift.io'], resources: ['securitycontextconstraints'], resourceNames: ['nodes-edge'], verbs: ['use'] },
    ]);
    expect(one('RoleBinding', 'edge-security-context').subjects).toEqual([{ kind: 'ServiceAccount', name: 'edge', namespace: 'nodes' }]);
    expect(pod.securityContext.runAsUser).toBe(0);
    expect(warnings).toEqual([]);
  });

  test('what a source asks for beyond that, they let it have', () => {
    const more = new Reads(Volume.node('/var/log/audit'), { hostNetwork: true, hostPid: true, capabilities: ['SYS_PTRACE'] });
    const constraints = agent({ platform: Platform.OPENSHIFT, sources: [more] }).one('SecurityContextConstraints');
    expect(constraints).toMatchObject({
      allowHostNetwork: true,
      allowHostPorts: true,
      allowHostPID: true,
      allowedCapabilities: ['SYS_PTRACE'],
    });
  });

  test('all other pods of the stack run as the users of their images', () => {
    const objects = Testing.synth(new ObservabilityChart(Testing.app(), 'test', { clusterName: 'a', platform: Platform.OPENSHIFT }));
    const bindings = objects.filter(({ kind, roleRef }) => kind === 'RoleBinding' && roleRef.name === 'system:openshift:scc:nonroot-v2');
    expect(bindings.map(({ metadata, subjects }) => [metadata.namespace, subjects])).toEqual([
      ['observability', [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:serviceaccounts:observability' }]],
    ]);
    expect(objects.filter(({ kind }) => kind === 'SecurityContextConstraints').map(({ metadata }) => metadata.name)).toEqual([
      'observability-agents-node-agent',
    ]);
  });

  test.each(Object.values(Platform).filter((platform) => platform !== Platform.OPENSHIFT && platform !== Platform.EKS_FARGATE))(
    '%s has no such thing',
    (platform) => {
      expect(agent({ platform }).objects.filter(({ kind }) => kind === 'SecurityContextConstraints')).toEqual([]);
    },
  );
});

describe('GKE Autopilot', () => {
  const autopilot = (props: Partial<NodeAgentProps> = {}) => agent({ platform: Platform.GKE_AUTOPILOT, ...verified, ...props });

  test('nothing is written to the node: checkpoints and queue are the pod’s own, and the pod may use as much', () => {
    const { config, pod, warnings } = autopilot({ queueSize: Size.mebibytes(512) });
    const volumes = Object.fromEntries(pod.volumes.map(({ name, ...volume }: { name: string }) => [name, volume]));
    expect(Object.values<any>(volumes).flatMap(({ hostPath }) => hostPath?.path ?? [])).toEqual(['/var/log/pods']);
    expect([volumes['ephemeral-checkpoints'], volumes['ephemeral-queue']]).toEqual([
      { emptyDir: { sizeLimit: '64Mi' } },
      { emptyDir: { sizeLimit: '1Gi' } },
    ]);
    expect(config.extensions['file_storage/queue'].directory).toBe('/var/lib/otelcol/queue');
    expect(config.extensions['file_storage/checkpoints'].directory).toBe('/var/lib/otelcol/checkpoints');
    // 512 for its own, 1024 and 64 for these.
    expect(pod.containers[0].resources.limits['ephemeral-storage']).toBe('1600Mi');
    expect(warnings).toEqual([expect.stringContaining('gke-autopilot lets no pod write to its node')]);
  });

  test('a new pod does not read again what the one before it has read', () => {
    expect(autopilot().config.receivers.file_log.start_at).toBe('end');
    expect(agent().config.receivers.file_log.start_at).toBe('beginning');
  });

  test('what it refuses: one error with all of it, and what to do', () => {
    const more = new Reads(Volume.node('/var/lib/audit'), { hostPid: true, capabilities: ['SYS_PTRACE'] });
    expect(() => autopilot({ kubeletTls: undefined, sources: [more] })).toThrow(
      [
        'NodeAgent test/NodeAgent: 3 problems',
        "  platform: given gke-autopilot, and a source that reads the node's /var/lib/audit; allowed: folders below /var/log, to be read. A cluster of GKE Standard admits it (Platform.GKE); on Autopilot the source has to go",
        "  platform: given gke-autopilot, and a source that needs the node's processes; allowed: sources that do without. A cluster of GKE Standard admits it (Platform.GKE); on Autopilot the source has to go",
        '  platform: given gke-autopilot, and a source that needs the capability SYS_PTRACE; allowed: sources that do without. A cluster of GKE Standard admits it (Platform.GKE); on Autopilot the source has to go',
      ].join('\n'),
    );
  });

  test.each([
    ['/var/log', true],
    ['/var/log/audit', true],
    ['/var/log/../lib', false],
    ['/var/logs', false],
    ['/', false],
  ])('%s: %s', (path, admitted) => {
    const make = () => autopilot({ kubeletTls: undefined, sources: [new Reads(Volume.node(path))] });
    admitted ? expect(make).not.toThrow() : expect(make).toThrow(`reads the node's ${path};`);
    expect(() => autopilot({ kubeletTls: undefined, sources: [new Reads(Volume.node('/var/log/x', { writable: true }))] })).toThrow(
      "writes to the node's /var/log/x",
    );
  });
});

describe('EKS with Fargate alone', () => {
  const chart = (props: Partial<ObservabilityChartProps> = {}) =>
    new ObservabilityChart(Testing.app(), 'test', { clusterName: 'a', platform: Platform.EKS_FARGATE, ...props });

  test('the stack comes without a node agent, and says what is missing', () => {
    const stack = chart();
    const objects = Testing.synth(stack);
    expect(objects.filter(({ kind }) => kind === 'DaemonSet')).toEqual([]);
    expect(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)).toEqual(['observability']);
    expect(stack.warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^test: there is no node agent on eks-fargate: .*Missing are containers' logs, .*aws-logging.*OTLP/),
        expect.stringMatching(/^test\/Gateway: Fargate mounts no disk that a claim makes/),
      ]),
    );
    expect(() => stack.nodeAgent).toThrow('test: there is no node agent on this platform');
    expect(stack.estimate({ nodes: 1, podsPerNode: 1 }).sources.map(({ collector }) => collector)).not.toContain('node-agent');
  });

  test('what is left beside a gateway elsewhere asks for no disk', () => {
    expect(chart({ existingGateway: gateway }).warnings.filter((warning) => warning.includes('mounts no disk'))).toEqual([]);
  });

  test('an agent that is made all the same is an error', () => {
    expect(() => agent({ platform: Platform.EKS_FARGATE })).toThrow(
      /^NodeAgent test\/NodeAgent: 1 problem\n {2}platform: given eks-fargate, and a DaemonSet; allowed: a Deployment or a StatefulSet: Fargate runs each pod/,
    );
    expect(() => chart({ nodeAgent: { queueSize: Size.gibibytes(2) } })).toThrow(
      'nodeAgent: given options, and eks-fargate; allowed: no node agent: Fargate runs each pod',
    );
  });
});

test.each([
  [Platform.EKS, 'eks.amazonaws.com/compute-type', 'fargate'],
  [Platform.AKS, 'type', 'virtual-kubelet'],
])('%s: no pod of the agent waits for a node that runs none', (platform, key, value) => {
  expect(agent({ platform }).pod.affinity).toEqual({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'NotIn', values: [value] }] }],
      },
    },
  });
  expect(agent({ platform: Platform.GENERIC }).pod.affinity).toBeUndefined();
});

describe('mixed pools of nodes', () => {
  const two = (second: Partial<NodeAgentProps>) => {
    const chart = new Chart(Testing.app(), 'test');
    new NodeAgent(chart, 'NodeAgent', { gateway });
    new NodeAgent(chart, 'Other', { gateway, ...second });
    return Testing.synth(chart).filter(({ kind }) => kind === 'DaemonSet');
  };

  test('a second agent has names, a folder and nodes of its own', () => {
    const daemonSets = two({ name: 'gpu-agent', nodeSelector: { pool: 'gpu' }, sources: [new HostMetrics(), new ContainerLogs()] });
    const folders = daemonSets.map(({ spec }) =>
      spec.template.spec.volumes.flatMap(({ hostPath }: { hostPath?: { path: string; type: string } }) =>
        hostPath?.type === 'DirectoryOrCreate' ? [hostPath.path] : [],
      ),
    );
    expect(folders).toEqual([
      ['/var/lib/cdk8s-observability/observability-agents/node-agent'],
      ['/var/lib/cdk8s-observability/observability-agents/gpu-agent'],
    ]);
    expect(daemonSets.map(({ spec }) => spec.template.spec.nodeSelector)).toEqual([
      { 'kubernetes.io/os': 'linux' },
      { 'kubernetes.io/os': 'linux', pool: 'gpu' },
    ]);
    expect(daemonSets.map(({ spec }) => spec.selector.matchLabels['app.kubernetes.io/instance'])).toEqual(['node-agent', 'gpu-agent']);
  });

  test('labels and tolerations that are none: one error with all of them', () => {
    const wrong = { nodeSelector: { 'a b': 'x', ok: 'not ok' }, tolerations: [{ key: 'gpu' }] as never };
    expect(() => agent(wrong)).toThrow(
      /^NodeAgent test\/NodeAgent: 3 problems\n {2}nodeSelector \(the name\): given "a b".*\n {2}nodeSelector\.ok: given "not ok".*\n {2}tolerations\[0\]: given an object; allowed: NodeTaintQuery\.is\(/,
    );
    expect(() => agent({ nodeSelector: new Date(0) as never })).toThrow(
      'nodeSelector: given a Date; allowed: an object of names and values',
    );
    expect(agent({ nodeSelector: { 'node-role.kubernetes.io/worker': '' }, tolerations: [] }).pod).toMatchObject({
      nodeSelector: { 'node-role.kubernetes.io/worker': '' },
    });
  });

  test('two of one name are an error that names both', () => {
    expect(() => two({ nodeSelector: { pool: 'gpu' } })).toThrow(
      /test\/Other\/.* observability-agents\/node-agent exists already, made by test\/NodeAgent\//,
    );
  });
});
