import { ConfigValue } from '../config-value';
import type { CollectorContext } from '../source';

/**
 * A value of a source that tells of the node that its pod is on; where there is not a pod on every node, a refusal.
 * @param source what the refusal calls it
 */
export const nodeOnly = <V>({ placement }: CollectorContext, source: string, value: V): V | ConfigValue =>
  placement._kind === 'DaemonSet'
    ? value
    : ConfigValue._refused(
        `${source} tells of its own node, and nodes without a pod of this collector would be left out: it needs Placement.daemonSet()`,
      );
