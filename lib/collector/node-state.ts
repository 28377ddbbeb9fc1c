import { Size } from 'cdk8s';
import { Volume } from '../kubernetes/volume';
import { ConfigValue } from './config-value';
import { keepsNodeState } from './platform-facts';
import type { CollectorContext } from './source';

/**
 * A folder for what an agent has to remember of its node. It lies on the node: the pod may go, what it knew stays, and two installations on one node do not meet there.
 * Where the platform lets nobody write to a node, it goes with the pod.
 */
export function nodeState(agent: Pick<CollectorContext, 'namespace' | 'name' | 'platform'>, part: string, limit = Size.mebibytes(64)) {
  return keepsNodeState(agent.platform)
    ? ConfigValue.directory(
        Volume.node(`/var/lib/cdk8s-observability/${agent.namespace}/${agent.name}`, { mountPath: '/var/lib/otelcol', writable: true }),
        part,
      )
    : ConfigValue.directory(goesWithThePod(Volume.ephemeral(part, limit)));
}

const gone = new WeakSet<Volume>();

function goesWithThePod(volume: Volume): Volume {
  gone.add(volume);
  return volume;
}

/** Whether it holds what an agent has to remember, and only as long as its pod lives. */
export const isLostWithPod = (volume: Volume): boolean => gone.has(volume);
