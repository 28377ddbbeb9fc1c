import { Duration } from 'cdk8s';
import { type Check, type Checks, checkProps, duration, instance, list, number, oneOf, required, struct, text } from '../kubernetes/checks';
import type { Problem, Problems } from '../kubernetes/problems';
import { Countable } from '../telemetry/countable';
import { claimedTargetsCheck } from './claimed-targets';
import type { Component, ComponentKind } from './component';
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
  targets: claimedTargetsCheck,
  rows: list(
    struct<SourceRows>({ per: required(oneOf(Countable)), logRecords: number(0, 1e9), points: number(0, 1e9), metrics: list(text()) }),
  ),
  interval: duration(Duration.seconds(1), Duration.days(1)),
  warnings: list(text({ max: 2000 })),
};

const sinkBinding: Checks<SinkBinding> = { exporters: required(signalsOf('exporter', 'connector')) };

/**
 * What sources answer, with all that is wrong in it: whoever writes one may have no compiler in front of him. Where some claim targets, all are asked again,
 * so that each knows what the others claim, in whatever order they stand.
 */
export function bindSources(sources: readonly Source[], context: CollectorContext, problems: Problems): SourceBinding[] {
  const bind = (claims: readonly string[][]) =>
    sources.map((source, index) => {
      const others = claims.flatMap((claimed, owner) => (owner === index ? [] : claimed));
      const told = { ...context, claimedTargets: [...new Set([...context.claimedTargets, ...others])] };
      return answer(source, `sources[${index}]`, told, sourceBinding);
    });
  const first = bind([]);
  const claims = first.map(({ binding }) => binding?.targets ?? []);
  const answers = claims.flat().length > 0 ? bind(claims) : first;
  problems.add(...answers.flatMap(({ wrong }) => wrong));
  return answers.map(({ binding }) => binding ?? { receivers: {} });
}

/** What sinks answer, likewise. */
export function bindSinks(sinks: readonly Sink[], context: CollectorContext, problems: Problems): SinkBinding[] {
  const answers = sinks.map((sink, index) => answer(sink, `sinks[${index}]`, context, sinkBinding));
  problems.add(...answers.flatMap(({ wrong }) => wrong));
  return answers.map(({ binding }) => binding ?? { exporters: {} });
}

function answer<B extends object>(
  asked: { bind(context: CollectorContext): B },
  property: string,
  context: CollectorContext,
  checks: Checks<B>,
): { readonly binding?: B; readonly wrong: Problem[] } {
  const where = `${property}, ${asked.constructor.name}.bind()`;
  try {
    const binding = asked.bind(context);
    const wrong = checkProps(binding, checks, where);
    return wrong.length > 0 ? { wrong } : { binding, wrong };
  } catch (error) {
    return { wrong: [{ where, given: `an error: ${(error as Error).message}`, allowed: 'an answer', cause: error }] };
  }
}
