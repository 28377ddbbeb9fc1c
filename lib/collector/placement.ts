import { type Autoscaling, autoscaling } from '../kubernetes/autoscaling';
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
   * Interchangeable pods without disks, as many as their work needs. The cluster has to have a metrics server.
   * @throws if a property is wrong
   */
  static autoscaledDeployment(scaling: Autoscaling): Placement {
    refuse('Placement.autoscaledDeployment', { scaling }, { scaling: required(autoscaling) });
    return new Placement('Deployment', scaling.maxReplicas, scaling);
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
    /** @internal How many there are, or may be. */
    readonly _replicas: number | undefined,
    /** @internal */
    readonly _autoscaling?: Autoscaling,
  ) {}
}
