import { list, refuse, required, struct, text } from '../../kubernetes/checks';
import { Component } from '../component';
import { KeptShare } from '../kept-share';
import { Processor } from '../processor';
import { nameOf } from './ottl';
import { meaningSomething } from './record-selection';

/** Statements of OTTL by signal, with the context in each path: `log.body`, `resource.attributes["a"]`. */
export interface OttlStatements {
  /**
   * Of log records.
   * @default - none
   */
  readonly logs?: string[];
  /**
   * Of metrics and their points.
   * @default - none
   */
  readonly metrics?: string[];
  /**
   * Of spans and their events.
   * @default - none
   */
  readonly traces?: string[];
}

/**
 * Anything that the collector's language for it can say. Statements are judged by the collector at its start, not at synth.
 *
 * @example
 * const processors = [Transform.ottl({ logs: ['set(log.attributes["tier"], "gold") where resource.attributes["service.name"] == "checkout"'] })];
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/transformprocessor
 */
export class Transform {
  /**
   * Statements, carried out in their order. One that fails for a record leaves it, with a line in the collector's log.
   * @throws if there is none
   */
  static ottl(statements: OttlStatements): Processor {
    refuse('Transform.ottl', { statements }, { statements: required(meaningSomething(ottlStatements)) });
    const { logs, metrics, traces } = statements;
    return Processor._of({
      processors: {
        logs: logs && [transform({ log_statements: logs })],
        metrics: metrics && [transform({ metric_statements: metrics })],
        traces: traces && [transform({ trace_statements: traces })],
      },
      keeps: KeptShare.everything(),
    });
  }

  private constructor() {}
}

function transform(statements: Record<string, string[]>): Component {
  const config = { error_mode: 'ignore', ...statements };
  return Component.processor({ componentType: 'transform', name: nameOf('ottl', config), config });
}

const some = list(text({ max: 16_384 }), { min: 1 });
const ottlStatements = struct<OttlStatements>({ logs: some, metrics: some, traces: some });
