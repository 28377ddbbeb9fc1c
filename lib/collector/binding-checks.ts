import { Duration } from 'cdk8s';
import { type Check, type Checks, checkProps, duration, instance, list, number, oneOf, required, struct, text } from '../kubernetes/checks';
import type { Problems } from '../kubernetes/problems';
import { Countable } from '../telemetry/countable';
import type { Component, ComponentKind } from './component';
import { PlatformRefusal } from './platform-refusal';
import type { CollectorContext, Signals, Sink, SinkBinding, Source, SourceBinding, SourceRows } from './source';

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

const sourceBinding: Checks<SourceBinding> = {
  receivers: required(signalsOf('receiver', 'connector')),
  processors: signalsOf('processor'),
  metrics: list(instance('a Metric', 'name', 'instrument')),
  targets: list(text()),
  rows: list(
    struct<SourceRows>({ per: required(oneOf(Countable)), logRecords: number(0, 1e9), points: number(0, 1e9), metrics: list(text()) }),
  ),
  interval: duration(Duration.seconds(1), Duration.days(1)),
  warnings: list(text({ max: 2000 })),
};

const sinkBinding: Checks<SinkBinding> = { exporters: required(signalsOf('exporter', 'connector')) };

/** What sources answer, with all that is wrong in it: whoever writes one may have no compiler in front of him. */
export function bindSources(sources: readonly Source[], context: CollectorContext, problems: Problems): SourceBinding[] {
  return sources.map((source, index) => answer(source, `sources[${index}]`, context, sourceBinding, problems) ?? { receivers: {} });
}

/** What sinks answer, likewise. */
export function bindSinks(sinks: readonly Sink[], context: CollectorContext, problems: Problems): SinkBinding[] {
  return sinks.map((sink, index) => answer(sink, `sinks[${index}]`, context, sinkBinding, problems) ?? { exporters: {} });
}

function answer<B extends object>(
  asked: { bind(context: CollectorContext): B },
  property: string,
  context: CollectorContext,
  checks: Checks<B>,
  problems: Problems,
): B | undefined {
  const where = `${property}, ${asked.constructor.name}.bind()`;
  try {
    const binding = asked.bind(context);
    const wrong = checkProps(binding, checks, where);
    problems.add(...wrong);
    return wrong.length > 0 ? undefined : binding;
  } catch (error) {
    if (error instanceof PlatformRefusal) {
      problems.add({ where: property, given: error.given, allowed: error.allowed });
      return undefined;
    }
    problems.add({ where, given: `an error: ${(error as Error).message}`, allowed: 'an answer', cause: error });
    return undefined;
  }
}
