import { boolean, list, oneOf, text } from '../../kubernetes/checks';
import { processorList } from '../binding-checks';
import { Component } from '../component';
import { containerNames } from '../logs/container-selection';
import { Processor } from '../processor';
import { attribute, isOneOf, nameOf } from '../processors/ottl';
import { Signal, type SignalName, signals } from '../signal';
import type { SinkBinding } from '../sink';

/** What of everything goes to a sink. */
export interface SinkRouting {
  /**
   * Of which namespaces; `*` stands for any characters and `?` for one. What has no namespace does not go there.
   * @default - all, and what has none
   */
  readonly namespaces?: string[];
  /**
   * What is done with telemetry for this sink only, in this order, behind the processors of the collector.
   * @default - nothing
   */
  readonly processors?: Processor[];
}

/** What of everything goes to a sink that takes all signals. */
export interface SinkOptions extends SinkRouting {
  /**
   * Which signals.
   * @default - all
   */
  readonly signals?: Signal[];
}

/** A sink that stands beside the store. */
export interface FurtherSinkOptions extends SinkOptions {
  /**
   * Tells it from others of its kind; part of the names of its exporters.
   * @default - none: it is the only one of its kind
   */
  readonly name?: string;
  /**
   * Whether what no longer fits into its queue is dropped for it, so that senders and other sinks need not wait for it; the queue is a tenth of the store's then, 64 MiB a signal at least. The collector counts it (`otelcol_exporter_enqueue_failed_spans` and its like).
   * @default true
   */
  readonly dropsWhenFull?: boolean;
}

export const routingChecks = { namespaces: containerNames.namespaces, processors: processorList };
export const sinkOptionChecks = { ...routingChecks, signals: list(oneOf(Signal), { min: 1 }) };
export const exporterName = text({
  max: 40,
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  allowed: "1 to 40 lower-case letters, digits and '-', a letter or digit first and last",
});
export const furtherSinkChecks = { ...sinkOptionChecks, name: exporterName, dropsWhenFull: boolean };

/** The binding of a sink with one exporter a signal, of what is routed to it. */
export function routed(
  { signals: wanted = Object.values(Signal), namespaces, processors = [] }: SinkOptions,
  exporter: (signal: SignalName) => Component,
): SinkBinding {
  const taken = signals.filter((signal) => wanted.includes(signal as Signal));
  return {
    exporters: Object.fromEntries(taken.map((signal) => [signal, [exporter(signal)]])),
    processors: [...(namespaces ? [onlyOf(namespaces)] : []), ...processors],
  };
}

function onlyOf(namespaces: readonly string[]): Processor {
  const others = [`not ${isOneOf(attribute('resource', 'k8s.namespace.name'), namespaces)}`];
  const filter = (conditions: string) => {
    const config = { error_mode: 'ignore', [conditions]: others };
    return [Component.processor({ componentType: 'filter', name: nameOf('only-namespaces', config), config })];
  };
  return Processor.components({ logs: filter('log_conditions'), metrics: filter('metric_conditions'), traces: filter('trace_conditions') });
}
