import { refuse, required, text } from '../../kubernetes/checks';
import { Component } from '../component';
import { KeptShare } from '../kept-share';
import { Processor } from '../processor';
import type { Signals } from '../source';
import { attribute, escaped, nameOf, ottlText } from './ottl';

/**
 * Gives another name to what comes with one that nobody else uses.
 *
 * @example
 * const processors = [Rename.attribute('http.status', 'http.response.status_code'), Rename.metric('reqs', 'http.server.requests')];
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/transformprocessor
 */
export class Rename {
  /**
   * An attribute of resources, log records, spans, their events and metric points. What stood under the new name is replaced.
   * @throws if one is no name, or both are one
   */
  static attribute(from: string, to: string): Processor {
    check('Rename.attribute', from, to);
    const statements = (...contexts: string[]) =>
      ['resource', ...contexts].flatMap((context) => [
        `set(${attribute(context, to)}, ${attribute(context, from)}) where ${attribute(context, from)} != nil`,
        `delete_key(${context}.attributes, ${ottlText(from)})`,
      ]);
    return renaming({
      logs: { log_statements: statements('log') },
      metrics: { metric_statements: statements('datapoint') },
      traces: { trace_statements: statements('span', 'spanevent') },
    });
  }

  /**
   * A metric. Panels and rules that read one of this library's own by its old name are refused then, or left out of the shipped ones.
   * @throws if one is no name, or both are one
   */
  static metric(from: string, to: string): Processor {
    check('Rename.metric', from, to);
    const statement = `set(metric.name, ${ottlText(to)}) where metric.name == ${ottlText(from)}`;
    return renaming({ metrics: { metric_statements: [statement] } }, [`^${escaped(from)}$`]);
  }

  private constructor() {}
}

function renaming(statements: { readonly [signal in keyof Signals]: object }, removedMetrics?: string[]): Processor {
  const components = Object.entries(statements).map(([signal, of]) => {
    const config = { error_mode: 'ignore', ...of };
    return [signal, [Component.processor({ componentType: 'transform', name: nameOf('rename', config), config })]] as const;
  });
  // What has a new name is there all the same, and nothing is known of the name.
  const keeps = removedMetrics ? undefined : KeptShare.everything();
  return Processor._of({ processors: Object.fromEntries(components), removedMetrics, keeps });
}

function check(subject: string, from: string, to: string): void {
  const name = required(text({ max: 255 }));
  const other = (value: unknown, where: string) =>
    value === from ? [{ where, given: 'the name that it has', allowed: 'another name' }] : name(value, where);
  refuse(subject, { from, to }, { from: name, to: Object.assign(other, { isRequired: true }) });
}
