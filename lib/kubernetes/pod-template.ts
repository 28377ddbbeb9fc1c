import { createHash } from 'node:crypto';
import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Container, PodSpec, PodTemplateSpec, TopologySpreadConstraint } from '../../imports/kubernetes';
import { labels, selectorLabels, type WorkloadIdentity } from './labels';
import { object } from './object';

export interface PodTemplateProps {
  readonly workload: WorkloadIdentity;
  /** User and group of every process; 0 only where files of the node ask for it. */
  readonly user: number;
  readonly containers: Container[];
  readonly initContainers?: Container[];
  readonly volumes?: PodSpec['volumes'];
  /** Whether the pod talks to the Kubernetes API. */
  readonly token?: boolean;
  /** Everything whose change has to roll the pods: configuration, not secrets. A function is asked at synth. */
  readonly configuration?: unknown;
  /** More of the pod: replaces what stands here by default. */
  readonly pod?: Partial<PodSpec>;
}

/** A pod that passes Pod Security "restricted" (but for what `user: 0` and volumes of the node say), and rolls when its configuration changes. */
export function podTemplate(props: PodTemplateProps): PodTemplateSpec {
  return {
    metadata: {
      labels: labels(props.workload),
      annotations:
        props.configuration === undefined ? undefined : { 'cdk8s-observability/configuration': configurationChecksum(props.configuration) },
    },
    spec: {
      serviceAccountName: props.workload.name,
      automountServiceAccountToken: props.token ?? false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: props.user !== 0,
        runAsUser: props.user,
        runAsGroup: props.user,
        ...(props.user === 0 ? {} : { fsGroup: props.user, fsGroupChangePolicy: 'OnRootMismatch' }),
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(props.initContainers?.length ? { initContainers: props.initContainers } : {}),
      containers: props.containers,
      ...(props.volumes?.length ? { volumes: props.volumes } : {}),
      ...props.pod,
      nodeSelector: { ...linux, ...props.pod?.nodeSelector },
    },
  };
}

/** No image of the stack starts on Windows; a DaemonSet's pods would hang there, and no rollout would end. */
const linux = { 'kubernetes.io/os': 'linux' };

function configurationChecksum(configuration: unknown): string {
  return typeof configuration === 'function' ? Lazy.any({ produce: () => checksum(configuration()) }) : checksum(configuration);
}

/** The security context of every container of the stack. */
export function containerSecurity(capabilities: readonly string[] = []): NonNullable<Container['securityContext']> {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], ...(capabilities.length > 0 ? { add: [...capabilities] } : {}) },
  };
}

/** Replicas on different nodes and zones, as far as there are any: a full cluster still starts them. */
export function spread(workload: WorkloadIdentity): TopologySpreadConstraint[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(workload) },
  }));
}

/** Lets a drain of nodes take one replica at a time. */
export function disruptionBudget(scope: Construct, workload: WorkloadIdentity): void {
  object(scope, 'PodDisruptionBudget', 'policy/v1/PodDisruptionBudget', {
    metadata: { name: workload.name, namespace: workload.namespace, labels: labels(workload) },
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(workload) } },
  });
}

export function checksum(value: unknown): string {
  return createHash('sha256')
    .update(typeof value === 'string' ? value : JSON.stringify(value))
    .digest('hex')
    .slice(0, 16);
}
