import { list, refuse, required, struct, text } from '../../kubernetes/checks';
import { Component } from '../component';
import { KeptShare } from '../kept-share';
import { re2Pattern } from '../logs/pattern';
import { Processor } from '../processor';
import type { Signals } from '../source';
import { allOf, isOneOf, matches, nameOf, patternOf } from './ottl';
import {
  type LogSelection,
  logConditions,
  logSelection,
  meaningSomething,
  type SpanSelection,
  spanConditions,
  spanSelection,
} from './record-selection';
import { type TimeLimits, timeLimits, withinLimits } from './time-limits';

/** Which metrics are meant: those that have one of the names, and those that match. */
export interface MetricSelection {
  /**
   * Their names; `*` stands for any characters and `?` for one.
   * @default - none
   */
  readonly names?: string[];
  /**
   * A regular expression of RE2 that the name matches somewhere.
   * @default - none
   */
  readonly matching?: string;
}

/**
 * Leaves out what nobody needs. What is dropped is counted by the collector (`otelcol_processor_filter_logs.filtered` and its like), and gone.
 *
 * @example
 * const processors = [Drop.logs({ below: LogSeverity.INFO, namespaces: ['kube-system'] }), Drop.spans({ names: ['GET /healthz'] })];
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/filterprocessor
 */
export class Drop {
  /**
   * Log records to which all applies that is given. For another choice give another `Drop`.
   * @throws if a property is wrong, or none is given
   */
  static logs(which: LogSelection): Processor {
    refuse('Drop.logs', { which }, { which: required(logSelection) });
    return Processor._of({ processors: { logs: [filter('logs', { log_conditions: [allOf(logConditions(which))] })] } });
  }

  /**
   * Spans to which all applies that is given. Other spans of their traces stay: their children have no parent then.
   * @throws if a property is wrong, or none is given
   */
  static spans(which: SpanSelection): Processor {
    refuse('Drop.spans', { which }, { which: required(spanSelection) });
    return Processor._of({ processors: { traces: [filter('spans', { trace_conditions: [allOf(spanConditions(which))] })] } });
  }

  /**
   * Metrics that are named or match. Panels and rules that read one of this library's own are refused then, or left out of the shipped ones.
   * @throws if a property is wrong, or none is given
   */
  static metrics(which: MetricSelection): Processor {
    refuse('Drop.metrics', { which }, { which: required(metricSelection) });
    const { names = [], matching } = which;
    const conditions = [...names.map((name) => isOneOf('metric.name', [name])), ...(matching ? [matches('metric.name', matching)] : [])];
    return Processor._of({
      processors: { metrics: [filter('metrics', { metric_conditions: conditions })] },
      removedMetrics: [...names.map((name) => `^${patternOf(name)}$`), ...(matching ? [matching] : [])],
      // What is known by name falls by name.
      keeps: KeptShare.everything(),
    });
  }

  /**
   * What is dated too far from now: a store would delete it at once, or keep it for as long as it is ahead.
   * @throws if a limit is wrong, or none is given
   */
  static outOfTime(limits: TimeLimits): Processor {
    refuse('Drop.outOfTime', { limits }, { limits: required(meaningSomething(timeLimits)) });
    // With clocks that are right, and nobody who waited that long.
    return Processor._of({ processors: withinLimits(limits), keeps: KeptShare.everything() });
  }

  private constructor() {}
}

type Conditions = { readonly [context: string]: string[] };

/** What a condition cannot be asked of stays. */
function filter(what: keyof Signals | 'spans', conditions: Conditions): Component {
  const config = { error_mode: 'ignore', ...conditions };
  return Component.processor({ componentType: 'filter', name: nameOf(`drop-${what}`, config), config });
}

const metricSelection = meaningSomething(struct<MetricSelection>({ names: list(text({ max: 255 }), { min: 1 }), matching: re2Pattern() }));
