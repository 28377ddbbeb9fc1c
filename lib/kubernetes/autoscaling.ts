import type { Construct } from 'constructs';
import { type Check, integer, required, struct } from './checks';
import { labels, type WorkloadIdentity } from './labels';
import { object } from './object';

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
}

const fewest = ({ minReplicas = 2 }: Autoscaling) => minReplicas;

/** @internal */
export const autoscaling: Check = (value, where) => {
  const problems = struct<Autoscaling>({
    minReplicas: integer(1, 64),
    maxReplicas: required(integer(2, 64)),
    cpuUtilization: integer(10, 100),
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
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: given.cpuUtilization ?? 70 } } },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
    },
  });
}
