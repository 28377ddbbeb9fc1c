import { type Check, instance, list, struct } from '../kubernetes/checks';
import type { Component, ComponentKind } from './component';
import type { Signals } from './source';

/** Components by signal, each of one of the kinds. A connector is a receiver of one pipeline and an exporter of another. */
export function signalsOf(...kinds: ComponentKind[]): Check {
  const allowed = kinds.map((kind) => `Component.${kind}(…)`).join(' or ');
  const component: Check = (value, where) => {
    const problems = instance(allowed, 'id', '_kind')(value, where);
    const kind = (value as Component)?._kind;
    return problems.length > 0 || kinds.includes(kind) ? problems : [{ where, given: `a Component.${kind}(…)`, allowed }];
  };
  return struct<Signals>({ logs: list(component), metrics: list(component), traces: list(component) });
}
