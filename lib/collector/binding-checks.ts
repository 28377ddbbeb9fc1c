import { Duration } from 'cdk8s';
import { boolean, type Checks, checkProps, duration, instance, list, number, oneOf, required, struct, text } from '../kubernetes/checks';
import type { Problems } from '../kubernetes/problems';
import { Countable } from '../telemetry/countable';
import { re2Pattern } from './logs/pattern';
import { isHead, type Processor, type ProcessorBinding } from './processor';
import { type Signal, signals } from './rendering';
import { signalsOf } from './signals-check';
import type { CollectorContext, Sink, SinkBinding, Source, SourceBinding, SourceRows } from './source';

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

const removedMetrics = list(re2Pattern());

const processorBinding: Checks<ProcessorBinding> = { processors: required(signalsOf('processor')), removedMetrics };

const sinkBinding: Checks<SinkBinding> = {
  exporters: required(signalsOf('exporter', 'connector')),
  processors: signalsOf('processor'),
  dropsWhenFull: boolean,
  removedMetrics,
};

export const processorList = list(instance('a Processor: Drop.logs(…), Redact.attributes(…), Processor.components(…)', 'bind'));

/** What sources answer, with all that is wrong in it: whoever writes one may have no compiler in front of him. */
export function bindSources(sources: readonly Source[], context: CollectorContext, problems: Problems): SourceBinding[] {
  return sources.map((source, index) => answer(source, `sources[${index}]`, context, sourceBinding, problems) ?? { receivers: {} });
}

/** What processors answer, likewise, one after the other. */
export function bindProcessors(processors: readonly Processor[], context: CollectorContext, problems: Problems): ProcessorBinding {
  const answers = processors.flatMap((processor, index) => {
    return (
      answer(processor, `processors[${index - processors.slice(0, index).filter(isHead).length}]`, context, processorBinding, problems) ??
      []
    );
  });
  const inOrder = (signal: Signal) => answers.flatMap((binding) => binding.processors[signal] ?? []);
  return {
    processors: Object.fromEntries(signals.map((signal) => [signal, inOrder(signal)])),
    removedMetrics: answers.flatMap((binding) => binding.removedMetrics ?? []),
  };
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
    problems.add({ where, given: `an error: ${(error as Error).message}`, allowed: 'an answer', cause: error });
    return undefined;
  }
}
