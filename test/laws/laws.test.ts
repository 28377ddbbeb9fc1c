import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { laws } from './laws';
import type { Manifest } from './manifests';

const good = () => parseAllDocuments(readFileSync(join(__dirname, 'good.yaml'), 'utf8')).map((document) => document.toJS());

/** The parts that bad fixtures change. */
function parts(manifests: Manifest[]) {
  const find = (kind: string, name: string) => manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  const pod = find('StatefulSet', 'api').spec.template.spec;
  const agent = find('DaemonSet', 'agent').spec.template.spec;
  return { find, pod, agent, container: pod.containers[0] };
}

type Change = (parts_: ReturnType<typeof parts>, manifests: Manifest[]) => void;

/** For each law, changes that it must reject. */
const bad: Record<string, Record<string, Change>> = {
  'every container has limits of memory and ephemeral storage, and requests of both and of CPU': {
    'no memory limit': ({ container }) => delete container.resources.limits.memory,
    'no ephemeral storage limit': ({ container }) => delete container.resources.limits['ephemeral-storage'],
    'no CPU request': ({ container }) => delete container.resources.requests.cpu,
    'an init container without resources': ({ pod, container }) => {
      pod.initContainers = [{ ...container, name: 'init', resources: undefined }];
    },
  },
  'every container has a read-only root, no escalation and no capability': {
    'writable root': ({ container }) => delete container.securityContext.readOnlyRootFilesystem,
    escalation: ({ container }) => {
      container.securityContext.allowPrivilegeEscalation = true;
    },
    'capabilities kept': ({ container }) => {
      container.securityContext.capabilities = {};
    },
    'a capability added': ({ container }) => {
      container.securityContext.capabilities.add = ['DAC_READ_SEARCH'];
    },
    privileged: ({ container }) => {
      container.securityContext.privileged = true;
    },
    'no seccomp profile': ({ pod }) => delete pod.securityContext.seccompProfile,
  },
  'every pod runs as a user of its own, not root but for the node agent': {
    root: ({ pod }) => {
      pod.securityContext.runAsUser = 0;
    },
    'a low user': ({ pod }) => {
      pod.securityContext.runAsUser = 1000;
    },
    'no pod security context': ({ pod }) => delete pod.securityContext,
    'an agent that does not say it': ({ agent }) => delete agent.securityContext.runAsNonRoot,
  },
  'every pod asks for nodes of Linux': {
    'any node': ({ agent }) => delete agent.nodeSelector,
    'nodes of a pool only': ({ pod }) => {
      pod.nodeSelector = { pool: 'general' };
    },
  },
  'no pod uses ports, network, processes or memory of the host': {
    hostNetwork: ({ pod }) => {
      pod.hostNetwork = true;
    },
    hostPID: ({ agent }) => {
      agent.hostPID = true;
    },
    hostIPC: ({ pod }) => {
      pod.hostIPC = true;
    },
    hostPort: ({ container }) => {
      container.ports[0].hostPort = 80;
    },
  },
  'folders of the node are mounted by the node agent only, never a whole system folder, writable only its own': {
    'another pod': ({ pod }) => {
      pod.volumes.push({ name: 'logs', hostPath: { path: '/var/log/pods' } });
    },
    'the root': ({ agent }) => {
      agent.volumes[0].hostPath.path = '/';
    },
    'proc, with a slash': ({ agent }) => {
      agent.volumes[0].hostPath.path = '/proc/';
    },
    'logs writable': ({ agent }) => delete agent.containers[0].volumeMounts[0].readOnly,
  },
  'every image has a tag or a digest, and none moves': {
    latest: ({ container }) => {
      container.image = 'registry.example:5000/api:latest';
    },
    'no tag': ({ container }) => {
      container.image = 'registry.example:5000/api';
    },
  },
  'every pod is closed by a NetworkPolicy in both directions': {
    'no egress': ({ find }) => {
      find('NetworkPolicy', 'api').spec.policyTypes = ['Ingress'];
    },
    'another namespace': ({ find }) => {
      find('NetworkPolicy', 'api').metadata.namespace = 'team-agents';
    },
    'another label': ({ find }) => {
      find('NetworkPolicy', 'api').spec.podSelector.matchLabels.app = 'other';
    },
  },
  'every NetworkPolicy, Service and PodDisruptionBudget selects a pod of the stack': {
    'a Service of nobody': ({ find }) => {
      find('Service', 'api-headless').spec.selector.app = 'nobody';
    },
    'a policy of nobody': (_, manifests) => {
      manifests.push({
        kind: 'NetworkPolicy',
        metadata: { name: 'x', namespace: 'team' },
        spec: { podSelector: { matchLabels: { app: 'x' } }, policyTypes: [] },
      });
    },
  },
  'a pod behind a Service says when it is ready, and otherwise than whether it is alive': {
    'no readiness': ({ container }) => delete container.readinessProbe,
    'one question': ({ container }) => {
      container.livenessProbe = { httpGet: { path: '/ready', port: 80 } };
    },
  },
  'spread has a selector, and two replicas or more have spread and a disruption budget': {
    'no selector': ({ pod }) => delete pod.topologySpreadConstraints[0].labelSelector,
    'no spread': ({ pod }) => delete pod.topologySpreadConstraints,
    'no budget': (_, manifests) => {
      manifests.splice(
        manifests.findIndex(({ kind }) => kind === 'PodDisruptionBudget'),
        1,
      );
    },
    'an empty budget': ({ find }) => delete find('PodDisruptionBudget', 'api').spec.maxUnavailable,
  },
  'replicas are always written, or an autoscaler is there and they are not': {
    'no replicas': ({ find }) => delete find('StatefulSet', 'api').spec.replicas,
    "replicas, and KEDA's autoscaler": (_, manifests) => {
      const scaleTargetRef = { kind: 'StatefulSet', name: 'api' };
      manifests.push({ kind: 'ScaledObject', metadata: { name: 'api', namespace: 'team' }, spec: { scaleTargetRef } });
    },
    'replicas, and an autoscaler': (_, manifests) => {
      const scaleTargetRef = { kind: 'StatefulSet', name: 'api' };
      manifests.push({ kind: 'HorizontalPodAutoscaler', metadata: { name: 'api', namespace: 'team' }, spec: { scaleTargetRef } });
    },
  },
  'a StatefulSet names a headless Service that is there': {
    'no such Service': ({ find }) => {
      find('StatefulSet', 'api').spec.serviceName = 'api';
    },
    'not headless': ({ find }) => delete find('Service', 'api-headless').spec.clusterIP,
  },
  'no environment variable is set twice': { twice: ({ container }) => container.env.push(container.env[0]) },
  'a CronJob says how late it may start': {
    'no deadline': (_, manifests) => {
      manifests.push({ kind: 'CronJob', metadata: { name: 'x', namespace: 'team' }, spec: { jobTemplate: { spec: { template: {} } } } });
    },
  },
  'no ConfigMap, environment or argument holds a secret, or looks as if it did': {
    'a password': ({ find }) => {
      find('ConfigMap', 'api').data['config.yaml'] = 'exporter:\n  password: hunter2';
    },
    'a reference that looks like one': ({ find }) => {
      find('ConfigMap', 'api').data['config.yaml'] = 'password: ${env:X}';
    },
    'a token in an ini file': ({ find }) => {
      find('ConfigMap', 'api').data['grafana.ini'] = 'token=abc';
    },
    'a variable': ({ container }) => {
      container.env = [{ name: 'DB_PASSWORD', value: 'hunter2' }];
    },
    'a Secret': (_, manifests) => {
      manifests.push({ kind: 'Secret', metadata: { name: 'x', namespace: 'team' }, stringData: { a: 'b' } });
    },
  },
  'rights are reads and leases, no wildcard, no Secrets, nothing of a node but its numbers': {
    'a wildcard': ({ find }) => {
      find('Role', 'api').rules[1].verbs = ['*'];
    },
    Secrets: ({ find }) => {
      find('Role', 'api').rules[1].resources = ['secrets'];
    },
    'nodes/proxy': ({ find }) => {
      find('Role', 'api').rules[1].resources = ['nodes/proxy'];
    },
    'pods/exec': ({ find }) => {
      find('Role', 'api').rules[1].resources = ['pods/exec'];
    },
    'constraints of somebody else': ({ find }) => {
      find('Role', 'agent').rules[0].resourceNames = ['privileged'];
    },
    'constraints of any name': ({ find }) => delete find('Role', 'agent').rules[0].resourceNames,
    'writing Services': ({ find }) => {
      find('Role', 'api').rules.push({ apiGroups: [''], resources: ['services'], verbs: ['update'] });
    },
    'leases everywhere': ({ find }) => {
      find('Role', 'api').kind = 'ClusterRole';
    },
  },
  'a binding names the API group, a role and an account that are there': {
    'no API group': ({ find }) => delete find('RoleBinding', 'api').roleRef.apiGroup,
    'no such role': ({ find }) => {
      find('RoleBinding', 'api').roleRef.name = 'x';
    },
    'no such account': ({ find }) => {
      find('RoleBinding', 'api').subjects[0].namespace = 'x';
    },
    'another role of OpenShift': ({ find }) => {
      find('RoleBinding', 'nonroot').roleRef.name = 'system:openshift:scc:privileged';
    },
    'accounts of another namespace': ({ find }) => {
      find('RoleBinding', 'nonroot').subjects[0].name = 'system:serviceaccounts:x';
    },
  },
  'a token is mounted exactly where rights are bound': {
    'a token without rights': ({ agent }) => {
      agent.automountServiceAccountToken = true;
    },
    'rights without a token': ({ pod }) => {
      pod.automountServiceAccountToken = false;
    },
    'by default': ({ agent }) => {
      agent.serviceAccountName = 'api';
      agent.automountServiceAccountToken = true;
    },
  },
  'every account, ConfigMap and claim that a pod names is there': {
    'no such account': ({ pod }) => {
      pod.serviceAccountName = 'x';
    },
    'no such ConfigMap': ({ pod }) => {
      pod.volumes[0].configMap.name = 'x';
    },
    'no such claim': ({ pod }) => {
      pod.volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'x' } });
    },
  },
  'a namespace enforces Pod Security: privileged for the node agent alone': {
    'no level': ({ find }) => delete find('Namespace', 'team').metadata.labels,
    'privileged for all': ({ find }) => {
      find('Namespace', 'team').metadata.labels['pod-security.kubernetes.io/enforce'] = 'privileged';
    },
  },
  'constraints of OpenShift admit nothing privileged, and nobody but who is bound to them': {
    privileged: ({ find }) => {
      find('SecurityContextConstraints', 'agent').allowPrivilegedContainer = true;
    },
    escalation: ({ find }) => delete find('SecurityContextConstraints', 'agent').allowPrivilegeEscalation,
    'a writable root': ({ find }) => {
      find('SecurityContextConstraints', 'agent').readOnlyRootFilesystem = false;
    },
    'any volume': ({ find }) => find('SecurityContextConstraints', 'agent').volumes.push('*'),
    'any seccomp profile': ({ find }) => find('SecurityContextConstraints', 'agent').seccompProfiles.push('*'),
    'a group': ({ find }) => find('SecurityContextConstraints', 'agent').groups.push('system:authenticated'),
  },
  'a selector holds no version': {
    version: ({ find }) => {
      find('StatefulSet', 'api').spec.selector.matchLabels['app.kubernetes.io/version'] = '1';
    },
  },
  'no ConfigMap is larger than the API server takes': {
    large: ({ find }) => {
      find('ConfigMap', 'api').data.big = 'x'.repeat(1_048_577);
    },
  },
};

test('a good stack keeps every law', () => {
  expect(Object.values(laws).flatMap((law) => law(good()))).toEqual([]);
});

test('every law has bad fixtures', () => {
  expect(Object.keys(bad).sort()).toEqual(Object.keys(laws).sort());
});

describe.each(Object.keys(laws))('%s', (name) => {
  test.each(Object.entries(bad[name]))('rejects: %s', (_, change) => {
    const manifests = good();
    change(parts(manifests), manifests);
    expect(laws[name](manifests)).not.toEqual([]);
  });
});
