import { clusterRules } from './cluster-rules';
import { nodeRules } from './node-rules';
import { pipelineRules } from './pipeline-rules';
import type { ShippedRule } from './shipped-rule';

/** Every rule of the library but the Watchdog. */
export const shippedRules: readonly ShippedRule[] = [...clusterRules, ...nodeRules, ...pipelineRules];
