/** How the pods of a collector are placed. */
export class Placement {
  /** Interchangeable pods without disks. */
  static deployment(replicas: number): Placement {
    return new Placement('Deployment', replicas);
  }

  /** Pods with a name and a disk each. */
  static statefulSet(replicas: number): Placement {
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
