import { ConfigValue } from '../config-value';
import type { CollectorContext } from '../source';

/**
 * A value of a source that tells of the node that its pod is on; where there is not a pod on every node, a refusal.
 * @param source what the refusal calls it
 */
export const nodeOnly = <V>({ placement }: CollectorContext, source: string, value: V): V | ConfigValue =>
  placement._kind === 'DaemonSet'
    ? value
    : ConfigValue._refused({
        where: 'placement',
        given: `a ${placement._kind} for ${source}, which tells of its own node: nodes without a pod of this collector would be left out`,
        allowed: 'Placement.daemonSet()',
      });
