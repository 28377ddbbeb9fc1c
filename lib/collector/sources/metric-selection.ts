import { receiverMetrics } from '../../../imports/metrics';
import { Metric } from '../../telemetry/metric';

type Receiver = keyof typeof receiverMetrics;

export interface MetricSelection {
  /** The `metrics` of the receiver's configuration: only what differs from its own choice. */
  readonly config: Record<string, { readonly enabled: boolean }>;
  /** Exactly what it then gives. */
  readonly metrics: Metric[];
}

/** Makes a receiver give the metrics that are named, and no other: each further one is paid for on every node, every minute. */
export function selectMetrics<R extends Receiver>(
  receiver: R,
  names: readonly (keyof (typeof receiverMetrics)[R] & string)[],
): MetricSelection {
  const wanted = new Set<string>(names);
  const differs = Object.entries(receiverMetrics[receiver]).filter(([name, { enabled }]) => enabled !== wanted.has(name));
  return {
    config: Object.fromEntries(differs.map(([name]) => [name, { enabled: wanted.has(name) }])),
    metrics: names.map((name) => Metric.named(name)),
  };
}
