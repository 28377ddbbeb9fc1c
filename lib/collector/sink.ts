import type { KeptShare } from './kept-share';
import type { Processor } from './processor';
import type { CollectorContext, Signals } from './source';

/** What a sink is made of. */
export interface SinkBinding {
  /** Where each signal goes. */
  readonly exporters: Signals;
  /**
   * For this sink only, in this order, behind those of the collector: it gets a pipeline of its own, joined to the rest by a `forward` connector.
   * @default - none
   */
  readonly processors?: Processor[];
  /**
   * Whether what its queue refuses is dropped for this sink, so that senders and other sinks need not wait. Its exporters must not wait themselves (`block_on_overflow`).
   * Their names get `-may-drop` at the end: the alert on full queues leaves them out, as nobody waits for them, and another one tells of them.
   * @default false
   */
  readonly dropsWhenFull?: boolean;
  /**
   * Regular expressions of the names of metrics that the other side drops.
   * @default - none that are known
   */
  readonly removedMetrics?: string[];
  /**
   * Of a sink that stores, or sends to what stores: how much of what it takes is stored, for estimates.
   * @default - it sends elsewhere: estimates name it, as what leaves through it is not counted
   */
  readonly keeps?: KeptShare;
}

/** Where telemetry goes. */
export abstract class Sink {
  /** What it is made of, in the collector that asks. */
  abstract bind(context: CollectorContext): SinkBinding;
}
