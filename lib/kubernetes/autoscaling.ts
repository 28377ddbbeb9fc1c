import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { type Check, integer, kubernetesName, required, size, struct } from './checks';
import { labels, type WorkloadIdentity } from './labels';
import { object } from './object';

/** Pods by what waits in their sending queues too. KEDA 2.20 or newer has to be in the cluster: it asks the pods themselves, whatever the store is doing. */
export interface QueueScaling {
  /**
   * So much of one signal may wait in a pod, what is being sent among it, on the average of all pods: above it pods are added. An insert of ten thousand rows is about half a mebibyte.
   * @default Size.mebibytes(4)
   */
  readonly sizePerPod?: Size;
  /**
   * The namespace of KEDA's operator, which is let in to ask.
   * @default 'keda'
   */
  readonly kedaNamespace?: string;
}

/** How many pods there are, by how busy they are. */
export interface Autoscaling {
  /**
   * So many there are always.
   * @default 2
   */
  readonly minReplicas?: number;
  /** There are never more. */
  readonly maxReplicas: number;
  /**
   * Percent of the CPU that a pod's `resources` ask for, on the average of all pods: above it pods are added, below it taken away.
   * @default 70
   */
  readonly cpuUtilization?: number;
  /**
   * By what waits to be sent too: the store may be slow while the pods' CPU is idle. `{}` takes the defaults.
   * @default - by CPU alone, with nothing but a metrics server
   */
  readonly queue?: QueueScaling;
}

/** A number that each pod serves in Prometheus' words, and how much of it one pod is meant to have. */
export interface WaitingWork {
  readonly url: string;
  readonly series: string;
  readonly perPod: number;
}

const fewest = ({ minReplicas = 2 }: Autoscaling) => minReplicas;

/** @internal */
export const autoscaling: Check = (value, where) => {
  const problems = struct<Autoscaling>({
    minReplicas: integer(1, 64),
    maxReplicas: required(integer(2, 64)),
    cpuUtilization: integer(10, 100),
    queue: struct<QueueScaling>({ sizePerPod: size(Size.kibibytes(64), Size.gibibytes(16)), kedaNamespace: kubernetesName() }),
  })(value, where);
  const given = value as Autoscaling;
  return problems.length > 0 || fewest(given) <= given.maxReplicas
    ? problems
    : [
        {
          where: `${where}.maxReplicas`,
          given: String(given.maxReplicas),
          allowed: `${fewest(given)} or more, as minReplicas is ${fewest(given)}`,
        },
      ];
};

const busyAt = ({ cpuUtilization = 70 }: Autoscaling) => cpuUtilization;

/** Quick to add pods, and slow to take them away. */
const behavior = { scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } };

/**
 * Scales a Deployment. By CPU and not by memory, which a program with a memory limit of its own fills whatever it does. It is quick to add pods, and takes them away when ten
 * minutes were quiet.
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 */
export function autoscaler(scope: Construct, workload: WorkloadIdentity, given: Autoscaling): void {
  object(scope, 'Autoscaler', 'autoscaling/v2/HorizontalPodAutoscaler', {
    metadata: { name: workload.name, namespace: workload.namespace, labels: labels(workload) },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: workload.name },
      minReplicas: fewest(given),
      maxReplicas: given.maxReplicas,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: busyAt(given) } } }],
      behavior,
    },
  });
}

/**
 * The same by KEDA, and by waiting work. Pods that do not answer count as none; while none answers, nothing is taken away.
 * @see https://keda.sh/docs/latest/scalers/metrics-api/
 */
export function scaledObject(scope: Construct, workload: WorkloadIdentity, given: Autoscaling, waiting: readonly WaitingWork[]): void {
  object(scope, 'Autoscaler', 'keda.sh/v1alpha1/ScaledObject', {
    metadata: {
      name: workload.name,
      namespace: workload.namespace,
      labels: labels(workload),
      // An autoscaler of this name, from before there was a queue to look at, is taken over: two of one Deployment would pull at it.
      annotations: { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' },
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: workload.name },
      pollingInterval: 30,
      minReplicaCount: fewest(given),
      maxReplicaCount: given.maxReplicas,
      advanced: { horizontalPodAutoscalerConfig: { name: workload.name, behavior } },
      triggers: [
        { type: 'cpu', metricType: 'Utilization', metadata: { value: String(busyAt(given)) } },
        ...waiting.map(({ url, series, perPod }) => ({
          type: 'metrics-api',
          metricType: 'AverageValue',
          metadata: {
            url,
            format: 'prometheus',
            valueLocation: series,
            aggregateFromKubeServiceEndpoints: 'true',
            aggregationType: 'sum',
            targetValue: String(perPod),
          },
        })),
      ],
    },
  });
}
