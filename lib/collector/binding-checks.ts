import { Duration } from 'cdk8s';
import { boolean, type Checks, checkProps, duration, instance, list, number, oneOf, required, struct, text } from '../kubernetes/checks';
import type { Problems } from '../kubernetes/problems';
import { Countable } from '../telemetry/countable';
import { claimedTargetsCheck } from './claimed-targets';
import { KeptShare } from './kept-share';
import { re2Pattern } from './logs/pattern';
import { calledMayDrop } from './may-drop';
import { PlatformRefusal } from './platform-refusal';
import { isHead, type Processor, type ProcessorBinding } from './processor';
import { type SignalName, signals } from './signal';
import { signalsOf } from './signals-check';
import type { Sink, SinkBinding } from './sink';
import type { CollectorContext, Signals, Source, SourceBinding, SourceRows } from './source';

const sourceBinding: Checks<SourceBinding> = {
  receivers: required(signalsOf('receiver', 'connector')),
  processors: signalsOf('processor'),
  metrics: list(instance('a Metric', 'name', 'instrument')),
  targets: claimedTargetsCheck,
  rows: list(
    struct<SourceRows>({ per: required(oneOf(Countable)), logRecords: number(0, 1e9), points: number(0, 1e9), metrics: list(text()) }),
  ),
  notCounted: list(text({ max: 2000 })),
  interval: duration(Duration.seconds(1), Duration.days(1)),
  wholeTraces: boolean,
  warnings: list(text({ max: 2000 })),
};

const removedMetrics = list(re2Pattern());

const keeps = instance('KeptShare.everything() or .of({ … })', '_shares', '_unknown');

const processor = instance('a Processor: Drop.logs(…), Redact.attributes(…), Processor.components(…)', 'bind');

export const processorList = list(processor);

const processorBinding: Checks<ProcessorBinding> = { processors: required(signalsOf('processor')), removedMetrics, keeps };

const sinkBinding: Checks<SinkBinding> = {
  exporters: required(signalsOf('exporter', 'connector')),
  processors: list(processor),
  dropsWhenFull: boolean,
  removedMetrics,
  keeps,
};

/**
 * What sources answer, with all that is wrong in it: whoever writes one may have no compiler in front of him. All are asked twice: what one claims, the others are told
 * the second time, in whatever order they stand.
 */
export function bindSources(sources: readonly Source[], context: CollectorContext, problems: Problems): SourceBinding[] {
  const bind = (claims: readonly string[][], found: Found) =>
    sources.map((source, index) => {
      const others = claims.flatMap((claimed, owner) => (owner === index ? [] : claimed));
      const told = { ...context, claimedTargets: [...new Set([...context.claimedTargets, ...others])] };
      return answer(source, `sources[${index}]`, told, sourceBinding, found) ?? { receivers: {} };
    });
  const claims = bind([], { add: () => undefined }).map(({ targets = [] }) => targets);
  return bind(claims, problems);
}

/** Where problems are told. */
type Found = Pick<Problems, 'add'>;

/** What processors answer, likewise, one after the other. */
export function bindProcessors(
  processors: readonly Processor[],
  context: CollectorContext,
  problems: Problems,
  at = 'processors',
): Required<ProcessorBinding> {
  const answers = processors.flatMap((asked, index) => {
    const position = index - processors.slice(0, index).filter(isHead).length;
    const binding = answer(asked, `${at}[${position}]`, context, processorBinding, problems);
    return binding ? { ...binding, keeps: isHead(asked) ? KeptShare.everything() : keptBy(binding) } : [];
  });
  const inOrder = (signal: SignalName) => answers.flatMap((binding) => binding.processors[signal] ?? []);
  return {
    processors: Object.fromEntries(signals.map((signal) => [signal, inOrder(signal)])),
    removedMetrics: answers.flatMap((binding) => binding.removedMetrics ?? []),
    keeps: KeptShare._inTurn(...answers.map((binding) => binding.keeps))._in(context.name),
  };
}

/** One that does not say it is named by its components. */
function keptBy({ processors, keeps }: ProcessorBinding): KeptShare {
  const idsOf = (signal: SignalName) => (processors[signal] ?? []).map(({ id }) => id);
  return signals
    .filter((signal) => keeps === undefined && idsOf(signal).length > 0)
    .reduce(
      (kept, signal) => kept._but(`${idsOf(signal).join(', ')}: what it leaves out of ${signal}, or adds`, [signal]),
      keeps ?? KeptShare.everything(),
    );
}

/** A sink as it is joined to the pipelines. */
export interface BoundSink extends Pick<SinkBinding, 'exporters' | 'dropsWhenFull'> {
  /** Of its class. */
  readonly name: string;
  readonly processors: Signals;
  readonly removedMetrics: string[];
  /** How much is stored, of a sink that stores or sends to what does. */
  readonly keeps?: KeptShare;
}

/** What sinks answer, likewise. */
export function bindSinks(sinks: readonly Sink[], context: CollectorContext, problems: Problems): BoundSink[] {
  return sinks.map((sink, index) => {
    const {
      processors = [],
      removedMetrics = [],
      keeps: stored,
      ...binding
    } = answer(sink, `sinks[${index}]`, context, sinkBinding, problems) ?? { exporters: {} };
    const own = bindProcessors(processors, context, problems, `sinks[${index}].processors`);
    const exporters = binding.dropsWhenFull ? calledMayDrop(binding.exporters) : binding.exporters;
    return {
      ...binding,
      name: sink.constructor.name,
      exporters,
      processors: own.processors,
      removedMetrics: [...removedMetrics, ...own.removedMetrics],
      keeps: stored && KeptShare._inTurn(own.keeps, stored),
    };
  });
}

function answer<B extends object>(
  asked: { bind(context: CollectorContext): B },
  property: string,
  context: CollectorContext,
  checks: Checks<B>,
  problems: Found,
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
