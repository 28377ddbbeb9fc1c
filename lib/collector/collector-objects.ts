import { type ApiObject, Size } from 'cdk8s';
import { NodeTaintQuery } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Container, PodSpec, Probe, Toleration } from '../../imports/kubernetes';
import { labels, selectorLabels, type WorkloadIdentity } from '../kubernetes/labels';
import { headlessName } from '../kubernetes/names';
import { object } from '../kubernetes/object';
import { containerSecurity, disruptionBudget, podTemplate, spread } from '../kubernetes/pod-template';
import { mebibytes, quantity, type Resources, resourceRequirements } from '../kubernetes/resources';
import { randomSecrets } from '../kubernetes/secret-key';
import type { Volume } from '../kubernetes/volume';
import { goMemoryLimit, healthPort } from './fixed-components';
import type { NodePool, Placement } from './placement';
import type { Rendering } from './rendering';

/** The name of every collector's container: log agents leave out what it writes, or collecting would feed itself. */
export const collectorContainer = 'otel-collector';

/** The user of the official image. */
const collectorUser = 10001;

/** Folders of the node belong to user 0. */
export const userOf = ({ needs, access }: Rendering): number =>
  access.root || [...needs.volumes.values()].some((volume) => volume._kind === 'node' && volume._writable) ? 0 : collectorUser;

export interface CollectorObjectsInput {
  readonly identity: WorkloadIdentity;
  readonly rendering: Rendering;
  readonly placement: Placement;
  readonly resources: Resources;
  readonly image: string;
  readonly token: boolean;
  /** A label of nodes that no pod of a DaemonSet starts on. */
  readonly virtualNodes?: { readonly key: string; readonly value: string };
}

export interface CollectorObjects {
  readonly configMap: ApiObject;
  readonly workload: ApiObject;
  readonly service: ApiObject;
}

export function createCollectorObjects(scope: Construct, input: CollectorObjectsInput): CollectorObjects {
  const configMap = object(scope, 'ConfigMap', 'v1/ConfigMap', {
    metadata: metadata(input.identity),
    data: { 'config.yaml': input.rendering.text },
  });
  const service = services(scope, input);
  const workload = createWorkload(scope, input);
  if ((input.placement._replicas ?? 1) > 1) {
    disruptionBudget(scope, input.identity);
  }
  return { configMap, workload, service };
}

const metadata = (identity: WorkloadIdentity, name = identity.name) => ({ name, namespace: identity.namespace, labels: labels(identity) });

/**
 * A name for each single pod, where there are several of them to tell apart (gRPC clients balance over it themselves), and one address for all of them where
 * they listen for anything; of a DaemonSet only the pod of the client's own node.
 */
function services(scope: Construct, input: CollectorObjectsInput): ApiObject {
  const { identity, placement } = input;
  const ports = [...input.rendering.needs.listeners.values()]
    .filter((listener) => listener.service)
    .sort((a, b) => a.port - b.port)
    .map(({ name, port }) => ({ name, port, targetPort: name, protocol: 'TCP' }));
  const selector = selectorLabels(identity);
  const daemonSet = placement._kind === 'DaemonSet';
  const headless =
    daemonSet && ports.length > 0
      ? undefined
      : object(scope, 'HeadlessService', 'v1/Service', {
          metadata: metadata(identity, headlessName(identity.name)),
          spec: { clusterIP: 'None', selector, ...(ports.length > 0 ? { ports } : {}) },
        });
  if (headless && ports.length === 0) {
    return headless;
  }
  return object(scope, 'Service', 'v1/Service', {
    metadata: metadata(identity),
    spec: { type: 'ClusterIP', selector, ports, ...(daemonSet ? { internalTrafficPolicy: 'Local' } : {}) },
  });
}

function createWorkload(scope: Construct, input: CollectorObjectsInput): ApiObject {
  const { identity, placement } = input;
  const selector = { matchLabels: selectorLabels(identity) };
  const template = templateOf(input);
  switch (placement._kind) {
    case 'Deployment':
      return object(scope, 'Resource', 'apps/v1/Deployment', {
        metadata: workloadMetadata(input),
        // Who scales it says how many there are: a number here would set it back with every apply.
        spec: { ...(placement._autoscaling ? {} : { replicas: placement._replicas }), revisionHistoryLimit: 3, selector, template },
      });
    case 'DaemonSet':
      return object(scope, 'Resource', 'apps/v1/DaemonSet', {
        metadata: workloadMetadata(input),
        spec: {
          revisionHistoryLimit: 3,
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
          selector,
          template,
        },
      });
    case 'StatefulSet':
      return object(scope, 'Resource', 'apps/v1/StatefulSet', {
        metadata: workloadMetadata(input),
        spec: {
          replicas: placement._replicas,
          revisionHistoryLimit: 3,
          serviceName: headlessName(identity.name),
          podManagementPolicy: 'Parallel',
          persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
          selector,
          template,
          volumeClaimTemplates: volumesOf(input, 'persistent').map(claim),
        },
      });
  }
}

function workloadMetadata({ identity, rendering }: CollectorObjectsInput) {
  const random = [...rendering.needs.randomSecrets.values()];
  return { ...metadata(identity), ...(random.length > 0 ? { annotations: randomSecrets(random) } : {}) };
}

const volumesOf = (input: CollectorObjectsInput, kind: Volume['_kind']) =>
  [...input.rendering.needs.volumes.values()].filter((volume) => volume._kind === kind);

function claim(volume: Volume) {
  return {
    metadata: { name: volume._name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: volume._storageClass,
      resources: { requests: { storage: quantity(volume._size) } },
    },
  };
}

function templateOf(input: CollectorObjectsInput) {
  const { identity, placement, rendering } = input;
  const { needs, access } = rendering;
  return podTemplate({
    workload: identity,
    user: userOf(rendering),
    token: input.token,
    configuration: [rendering.text, rendering.secretSettings],
    initContainers: [...needs.initContainers.values()],
    containers: [container(input)],
    volumes: podVolumes(input),
    pod: {
      terminationGracePeriodSeconds: 60,
      ...((placement._replicas ?? 1) > 1 ? { topologySpreadConstraints: spread(identity) } : {}),
      ...nodes(placement._pool),
      ...notOn(input),
      ...(access.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
      ...(access.hostPid ? { hostPID: true } : {}),
    },
  });
}

function container(input: CollectorObjectsInput): Container {
  const { needs, access, secretSettings, featureGates } = input.rendering;
  const goLimit = { name: 'GOMEMLIMIT', value: goMemoryLimit(input.resources.memory) };
  return {
    name: collectorContainer,
    image: input.image,
    args: [
      '--config=/etc/otelcol/config.yaml',
      ...secretSettings.map((setting) => `--config=${setting}`),
      ...(featureGates.length > 0 ? [`--feature-gates=${featureGates.join(',')}`] : []),
    ],
    env: [goLimit, ...needs.environment.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    ports: [...needs.listeners.values()]
      .sort((a, b) => a.port - b.port)
      .map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })),
    ...probes(input),
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    resources: resourceRequirements(input.resources, ephemeralStorage(input)),
    securityContext: containerSecurity(access.capabilities),
    volumeMounts: [
      { name: 'config', mountPath: '/etc/otelcol', readOnly: true },
      ...[...needs.volumes.values()].map((volume) => ({
        name: volume._name,
        mountPath: volume._mountPath,
        ...(volume._writable ? {} : { readOnly: true }),
      })),
      ...secretNames(input).map((name) => ({ name: `secret-${name}`, mountPath: `/etc/otelcol/secrets/${name}`, readOnly: true })),
    ],
  };
}

/** What is on the node's disk for the pod counts against its container. */
const ephemeralStorage = (input: CollectorObjectsInput) =>
  volumesOf(input, 'ephemeral').reduce((sum, { _size }) => Size.mebibytes(mebibytes(sum) + mebibytes(_size)), Size.mebibytes(512));

function nodes(pool?: NodePool): Pick<PodSpec, 'nodeSelector' | 'tolerations'> {
  const { nodeSelector, tolerations = [NodeTaintQuery.any()] } = pool ?? { tolerations: [] };
  return {
    ...(nodeSelector ? { nodeSelector: { ...nodeSelector } } : {}),
    ...(tolerations.length > 0 ? { tolerations: tolerations.map((taint) => taint._toKube() as Toleration) } : {}),
  };
}

/** Nodes that only stand for a service of the provider; a DaemonSet's pods would wait for them for ever. */
function notOn({ placement, virtualNodes }: CollectorObjectsInput): Pick<PodSpec, 'affinity'> {
  if (placement._kind !== 'DaemonSet' || !virtualNodes) {
    return {};
  }
  const expression = { key: virtualNodes.key, operator: 'NotIn', values: [virtualNodes.value] };
  return {
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
    },
  };
}

/** Alive: the process answers. Ready: it takes telemetry, where it listens for any. */
function probes(input: CollectorObjectsInput): Pick<Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  const listener = input.rendering.needs.taking().sort((a, b) => a.port - b.port)[0];
  const alive: Probe = { httpGet: { path: '/', port: healthPort } };
  return {
    // A queue of gigabytes is compacted before the first answer.
    startupProbe: { ...alive, periodSeconds: 5, failureThreshold: 60 },
    livenessProbe: { ...alive, periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: {
      ...(listener ? { tcpSocket: { port: listener.port } } : { httpGet: { path: '/ready', port: healthPort } }),
      periodSeconds: 10,
    },
  };
}

const secretNames = (input: CollectorObjectsInput) =>
  [...new Set([...input.rendering.needs.secretFiles.values()].map(({ name }) => name))].sort();

/** Only what is read: beside an authority's certificate its key may lie. */
const secretItems = (input: CollectorObjectsInput, secret: string) =>
  [...new Set([...input.rendering.needs.secretFiles.values()].flatMap(({ name, key }) => (name === secret ? [key] : [])))]
    .sort()
    .map((key) => ({ key, path: key }));

function podVolumes(input: CollectorObjectsInput): PodSpec['volumes'] {
  return [
    { name: 'config', configMap: { name: input.identity.name } },
    ...volumesOf(input, 'node').map((volume) => ({
      name: volume._name,
      hostPath: { path: volume._nodePath, type: volume._writable ? 'DirectoryOrCreate' : 'Directory' },
    })),
    ...volumesOf(input, 'ephemeral').map((volume) => ({ name: volume._name, emptyDir: { sizeLimit: quantity(volume._size) } })),
    ...volumesOf(input, 'memory').map((volume) => ({
      name: volume._name,
      emptyDir: { medium: 'Memory', sizeLimit: quantity(volume._size) },
    })),
    ...secretNames(input).map((name) => ({ name: `secret-${name}`, secret: { secretName: name, items: secretItems(input, name) } })),
  ];
}
