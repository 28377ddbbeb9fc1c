import { number, refuse, required } from '../../kubernetes/checks';
import { Component } from '../component';
import { KeptShare } from '../kept-share';
import { Processor } from '../processor';
import { allOf, nameOf, ottlText } from './ottl';
import { type LogSelection, logConditions, logSelection } from './record-selection';

/**
 * Keeps a share and drops the rest. Spans that are kept say how many they stand for (`th` in their `tracestate`), and the store counts so many; log records do not.
 *
 * @example
 * const processors = [Sample.traces(0.1), Sample.logs(0.01, { below: LogSeverity.WARN, services: ['chatty'] })];
 */
export class Sample {
  /**
   * Whole traces, told by their ids: every collector keeps the same ones, so that no trace is torn. Spans that say `sampling.priority` above 0 always stay.
   * Errors are kept no more often than others: `TailSampling` can keep them all.
   * @param ratio which share stays, from 0.0001 up to 1
   * @throws if the ratio is none
   * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/probabilisticsamplerprocessor
   */
  static traces(ratio: number): Processor {
    refuse('Sample.traces', { ratio }, { ratio: required(share) });
    // Told by the trace's id alone, so that traces of a smaller share are among those of a larger one, and spans say how many they stand for.
    const config = { mode: 'equalizing', sampling_percentage: Number((ratio * 100).toPrecision(6)) };
    const sampler = Component.processor({ componentType: 'probabilistic_sampler', name: nameOf('sample-traces', config), config });
    return Processor._of({ processors: { traces: [sampler] }, keeps: KeptShare.of({ traces: ratio }) });
  }

  /**
   * Log records, each by chance: none is kept for what is in it.
   * @param ratio which share stays, from 0.0001 up to 1
   * @param which of which records; all others stay
   * @throws if the ratio is none, or a property is wrong
   */
  static logs(ratio: number, which: LogSelection): Processor {
    refuse('Sample.logs', { ratio, which }, { ratio: required(share), which: required(logSelection) });
    // The first 32 bits of a random UUID are chance, and compare as text.
    const threshold = Math.round(ratio * 0xffffffff)
      .toString(16)
      .padStart(8, '0');
    const config = {
      error_mode: 'ignore',
      log_conditions: [allOf([...logConditions(which), `Substring(UUID(), 0, 8) >= ${ottlText(threshold)}`])],
    };
    return Processor._of({
      processors: { logs: [Component.processor({ componentType: 'filter', name: nameOf('sample-logs', config), config })] },
    });
  }

  private constructor() {}
}

const share = number(0.0001, 1);
