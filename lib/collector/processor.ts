import { refuse, required } from '../kubernetes/checks';
import type { Component } from './component';
import type { KeptShare } from './kept-share';
import { signalsOf } from './signals-check';
import type { CollectorContext, Signals } from './source';

/** What a processor is made of. */
export interface ProcessorBinding {
  /** What is done with each signal, in this order. */
  readonly processors: Signals;
  /**
   * Regular expressions of the names of metrics that do not come out again, wherever they came from: panels and rules that read them are left out, or refused.
   * @default - all come out
   */
  readonly removedMetrics?: string[];
  /**
   * How much of each signal comes out again, for estimates.
   * @default - not known: estimates name it
   */
  readonly keeps?: KeptShare;
}

/**
 * What is done with telemetry on its way. Ready ones: Drop, Redact, Rename, Sample, Transform. Subclass it for one of your own, in any language.
 */
export abstract class Processor {
  /**
   * Any processors of the collector, as upstream documents them.
   * @throws if one is none
   */
  static components(processors: Signals): Processor {
    refuse('Processor.components', { processors }, { processors: required(signalsOf('processor')) });
    return new Components({ processors });
  }

  /** @internal */
  static _of(binding: ProcessorBinding): Processor {
    return new Components(binding);
  }

  /** @internal One that a role puts in front of its user's: it does not count among those. */
  static _head(processors: Signals): Processor {
    return new Components({ processors }, true);
  }

  /** What it is made of, in the collector that asks. */
  abstract bind(context: CollectorContext): ProcessorBinding;
}

class Components extends Processor {
  constructor(
    private readonly binding: ProcessorBinding,
    readonly head = false,
  ) {
    super();
  }

  bind(): ProcessorBinding {
    return this.binding;
  }
}

export const isHead = (processor: Processor): boolean => processor instanceof Components && processor.head;

/** One after the other, in the pipelines of all signals. */
export const everySignal = (...components: Component[]): Signals => ({ logs: components, metrics: components, traces: components });
