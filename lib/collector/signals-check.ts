import { componentSignals } from '../../imports/otelcol';
import { type Check, instance, list, struct } from '../kubernetes/checks';
import type { Problem } from '../kubernetes/problems';
import type { Component, ComponentKind } from './component';
import type { SignalName } from './signal';
import type { Signals } from './source';

/** Components by signal, each of one of the kinds, and one that knows the signal. A connector is a receiver of one pipeline and an exporter of another. */
export function signalsOf(...kinds: ComponentKind[]): Check {
  const allowed = kinds.map((kind) => `Component.${kind}(…)`).join(' or ');
  const of =
    (signal: SignalName): Check =>
    (value, where) => {
      const problems = instance(allowed, 'id', '_kind')(value, where);
      if (problems.length > 0) {
        return problems;
      }
      const component = value as Component;
      return kinds.includes(component._kind)
        ? unknownSignal(component, signal, where)
        : [{ where, given: `a Component.${component._kind}(…)`, allowed }];
    };
  return struct<Signals>({ logs: list(of('logs')), metrics: list(of('metrics')), traces: list(of('traces')) });
}

/** The collector would not start. What the tables do not know is another distribution's. */
function unknownSignal({ _kind: kind, id, _fieldsChecked }: Component, signal: SignalName, where: string): Problem[] {
  const [type] = id.split('/');
  const known = componentSignals[kind];
  const signals = _fieldsChecked && known && Object.hasOwn(known, type) ? known[type].split(' ') : [signal];
  return signals.includes(signal)
    ? []
    : [
        {
          where,
          given: `'${id}', which is for ${signals.join(' and ')}`,
          allowed: `${kind === 'exporter' ? 'an' : 'a'} ${kind} for ${signal}; or this one under ${signals.map((name) => `\`${name}\``).join(', ')}`,
        },
      ];
}
