import { RE2JS } from 're2js';
import type { Metric } from '../telemetry/metric';
import type { BoundSink } from './binding-checks';
import { KeptShare } from './kept-share';
import type { ProcessorBinding } from './processor';
import { type SignalName, signals } from './signal';

/** What becomes of telemetry on its way through a collector and further on, as far as that is known. */
export interface Passage {
  /** Regular expressions of the names of metrics that do not get through. */
  readonly removedMetrics: readonly string[];
  /** How much of each signal is stored in the end. */
  readonly keeps: KeptShare;
}

/** Of what goes through the processors, then through the sinks. */
export const passageOf = ({ removedMetrics, keeps }: Required<ProcessorBinding>, behind: Passage): Passage => ({
  removedMetrics: [...removedMetrics, ...behind.removedMetrics],
  keeps: KeptShare._inTurn(keeps, behind.keeps),
});

/** Of what the sinks are given. */
export const passageOfSinks = (sinks: readonly BoundSink[]): Passage => ({
  removedMetrics: removedBy(sinks),
  keeps: KeptShare._inTurn(...signals.flatMap((signal) => storesOf(sinks, signal)[0]?.keeps?._of(signal) ?? [])),
});

/** What goes elsewhere too: a store is counted once. */
export function furtherCosts(sinks: readonly BoundSink[]): string[] {
  const first = new Set(signals.flatMap((signal) => storesOf(sinks, signal)[0] ?? []));
  return sinks
    .filter((sink) => !first.has(sink) && signals.some((signal) => takes(sink, signal)))
    .map((sink) => {
      const ids = signals.flatMap((signal) => sink.exporters[signal] ?? []).map(({ id }) => id);
      return `${sink.name} (${[...new Set(ids)].join(', ')}): ${sink.keeps ? 'what it stores besides' : 'what leaves through it'}`;
    });
}

/** Without those that do not get through. */
export const remaining = (metrics: readonly Metric[], passage: Passage): Metric[] => metrics.filter(({ name }) => passes(name, passage));

/** Whether a metric of a name gets through. */
export const passes = (name: string, { removedMetrics }: Passage): boolean =>
  !removedMetrics.some((expression) => RE2JS.compile(expression).matcher(name).find());

/** What no panel can read: what the store's sink drops, if there is one, else what the only sink drops. What one of several drops may get through another. */
function removedBy(sinks: readonly BoundSink[]): string[] {
  const takers = sinks.filter(({ exporters }) => (exporters.metrics ?? []).length > 0);
  const stores = takers.filter(({ exporters }) => exporters.metrics?.some(({ id }) => id.startsWith('clickhouse')));
  const read = stores.length > 0 ? stores : takers;
  return read.length === 1 ? read[0].removedMetrics : [];
}

const storesOf = (sinks: readonly BoundSink[], signal: SignalName) => sinks.filter((sink) => sink.keeps && takes(sink, signal));

/** A connector takes nothing away: what it gives comes from a source. */
const takes = ({ exporters }: BoundSink, signal: SignalName) => (exporters[signal] ?? []).some(({ _kind }) => _kind === 'exporter');
