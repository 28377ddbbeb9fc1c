/** The recommended labels of Kubernetes: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/. The only place that spells their keys. */

export interface WorkloadIdentity {
  readonly namespace: string;
  /** The workload's own name: `collector`. */
  readonly name: string;
  /** The program: `opentelemetry-collector`. */
  readonly program: string;
  /** The part it plays in the stack: `gateway`. */
  readonly component: string;
  readonly version?: string;
}

/** What pods are found by. Without the version: an upgrade must never change a selector, which is immutable. */
export function selectorLabels(workload: Pick<WorkloadIdentity, 'program' | 'name'>): Record<string, string> {
  return { 'app.kubernetes.io/name': workload.program, 'app.kubernetes.io/instance': workload.name };
}

export function labels(workload: WorkloadIdentity): Record<string, string> {
  return {
    ...selectorLabels(workload),
    'app.kubernetes.io/component': workload.component,
    'app.kubernetes.io/part-of': 'observability',
    'app.kubernetes.io/managed-by': 'cdk8s',
    ...(workload.version ? { 'app.kubernetes.io/version': workload.version } : {}),
  };
}

/** Kubernetes labels each namespace with its name; policies select by it. */
export const namespaceNameLabel = 'kubernetes.io/metadata.name';

/** Given by the StatefulSet controller since Kubernetes 1.28. */
export const podIndexLabel = 'apps.kubernetes.io/pod-index';

/** Read from any workload that follows the recommended labels. */
export const recommendedNameLabel = 'app.kubernetes.io/name';

/** Told apart by it: no two workloads of ours in one namespace have the same. */
export const recommendedInstanceLabel = 'app.kubernetes.io/instance';
