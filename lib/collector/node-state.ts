import { Volume } from '../kubernetes/volume';
import { ConfigValue } from './config-value';
import type { CollectorContext } from './source';

/** The folder of the node that an agent keeps its state in: its pod may go, the node's state stays. Two installations on one node do not meet there. */
export const nodeStateVolume = (context: Pick<CollectorContext, 'namespace' | 'name'>): Volume =>
  Volume.node(`/var/lib/cdk8s-observability/${context.namespace}/${context.name}`, { mountPath: '/var/lib/otelcol', writable: true });

export const nodeState = (context: Pick<CollectorContext, 'namespace' | 'name'>, subPath: string): ConfigValue =>
  ConfigValue.directory(nodeStateVolume(context), subPath);
