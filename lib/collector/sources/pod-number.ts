import { podIndexLabel } from '../../kubernetes/labels';
import { ConfigValue } from '../config-value';
import type { CollectorContext } from '../source';

/**
 * The number of a pod among those of its collector, from 0, by which receivers that know no leader election share what there is to do.
 * None where there is one pod only.
 * @param problem what would happen if pods had no numbers
 */
export function podNumber({ placement }: CollectorContext, problem: string): ConfigValue | undefined {
  if (placement._kind === 'StatefulSet') {
    // Not `SHARD`: in what a target allocator answers, the Prometheus receiver puts that variable in the place of `$(SHARD)`.
    return ConfigValue.podField('POD_INDEX', `metadata.labels['${podIndexLabel}']`);
  }
  return placement._kind === 'Deployment' && placement._replicas === 1
    ? undefined
    : ConfigValue._refused({
        where: 'placement',
        given: `${placement._kind === 'DaemonSet' ? 'a pod on every node' : 'pods without numbers'}: ${problem}`,
        allowed: 'Placement.statefulSet(n), or Placement.deployment(1)',
      });
}
