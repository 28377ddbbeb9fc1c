import type { NodeTaintQuery } from 'cdk8s-plus-27';
import { type Checks, instance, integer, labelKey, labelValueOrNone, list, record, refuse, required } from '../kubernetes/checks';

/** Nodes that belong together: those of a pool, of an architecture, with a GPU. */
export interface NodePool {
  /**
   * Labels that a node has to have, e.g. `{ pool: 'gpu' }`.
   * @default - none: any node
   */
  readonly nodeSelector?: { [label: string]: string };
  /**
   * Taints of nodes that pods run on all the same, e.g. `NodeTaintQuery.is('dedicated', 'gpu')`.
   * @default - all taints
   */
  readonly tolerations?: NodeTaintQuery[];
}

export const nodePoolChecks: Checks<NodePool> = {
  nodeSelector: record(labelValueOrNone, labelKey),
  tolerations: list(instance("NodeTaintQuery.is('key', 'value'), .exists('key') or .any()", '_toKube')),
};

/** How the pods of a collector are placed. */
export class Placement {
  /**
   * Interchangeable pods without disks.
   * @param replicas from 1 to 64
   * @throws if there are fewer or more
   */
  static deployment(replicas: number): Placement {
    refuse('Placement.deployment', { replicas }, { replicas: required(integer(1, 64)) });
    return new Placement('Deployment', replicas);
  }

  /**
   * Pods with a name and a disk each.
   * @param replicas from 1 to 64
   * @throws if there are fewer or more
   */
  static statefulSet(replicas: number): Placement {
    refuse('Placement.statefulSet', { replicas }, { replicas: required(integer(1, 64)) });
    return new Placement('StatefulSet', replicas);
  }

  /**
   * A pod on every node, or on each node of a pool.
   * @throws if a label or a toleration is none
   */
  static daemonSet(pool: NodePool = {}): Placement {
    refuse('Placement.daemonSet', pool, nodePoolChecks);
    return new Placement('DaemonSet', undefined, pool);
  }

  private constructor(
    /** @internal */
    readonly _kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
    /** @internal */
    readonly _replicas: number | undefined,
    /** @internal Of a DaemonSet: which nodes. */
    readonly _pool?: NodePool,
  ) {}
}
