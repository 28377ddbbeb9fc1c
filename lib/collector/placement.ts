import { integer, refuse, required } from '../kubernetes/checks';

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

  /** A pod on every node, whatever its taints. */
  static daemonSet(): Placement {
    return new Placement('DaemonSet', undefined);
  }

  private constructor(
    /** @internal */
    readonly _kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
    /** @internal */
    readonly _replicas: number | undefined,
  ) {}
}
