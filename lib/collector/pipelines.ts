import type { BoundSink } from './binding-checks';
import { Component } from './component';
import type { Needs } from './needs';
import type { SignalName } from './signal';
import type { Signals, SourceBinding } from './source';

export interface PipelinesInput {
  readonly sources: readonly SourceBinding[];
  /** First in every pipeline, those of single sources too. */
  readonly limiter: Component;
  /** Behind the limiter, in the order given. */
  readonly processors: Signals;
  readonly sinks: readonly BoundSink[];
}

export interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

type Add = (component: Component) => string;

/**
 * The pipeline of a signal. Before it stands one for each source that has processors of its own; behind it one for each sink that has,
 * or that drops what does not fit into its queue.
 */
export function pipelinesOf(signal: SignalName, input: PipelinesInput, add: Add, needs: Needs): Record<string, Pipeline> {
  const sources = input.sources.filter((source) => (source.receivers[signal] ?? []).length > 0);
  const sinks = input.sinks.filter((sink) => (sink.exporters[signal] ?? []).length > 0);
  if (sources.length === 0) {
    return {};
  }
  if (sinks.length === 0) {
    const receivers = sources.flatMap((source) => source.receivers[signal] ?? []).map(({ id }) => `'${id}'`);
    needs.refuse({
      where: 'sinks',
      given: `none that takes the ${signal} of ${receivers.join(', ')}`,
      allowed: `a sink that takes ${signal}`,
    });
    return {};
  }
  const heads = sources.map((source) => head(signal, source, input.limiter, add));
  const tails = sinks.map((sink) => tail(signal, sink, add));
  const chain = [input.limiter, ...(input.processors[signal] ?? [])];
  const processors = chain.map(add);
  needs.twice.push(...repeated(sources.flatMap((source) => source.receivers[signal] ?? [])));
  needs.twice.push(...repeated(sinks.flatMap((sink) => sink.exporters[signal] ?? [])));
  for (const { id } of repeated(chain)) {
    needs.clash(`the processor '${id}' twice`, 'each once: it would do the same again');
  }
  return Object.assign({}, ...heads.map(({ pipelines }) => pipelines), ...tails.map(({ pipelines }) => pipelines), {
    [signal]: {
      receivers: [...new Set(heads.flatMap(({ joined }) => joined))],
      processors,
      exporters: [...new Set(tails.flatMap(({ joined }) => joined))],
    },
  });
}

/** What the pipeline of a signal is joined to, and the pipelines between that and the source or sink. */
interface End {
  readonly joined: string[];
  readonly pipelines: Record<string, Pipeline>;
}

function head(signal: SignalName, source: SourceBinding, limiter: Component, add: Add): End {
  const receivers = source.receivers[signal] ?? [];
  const processors = source.processors?.[signal] ?? [];
  if (processors.length === 0) {
    return { joined: receivers.map(add), pipelines: {} };
  }
  const own = receivers[0].id.replaceAll('/', '-');
  const forward = add(joint('forward', `${signal}-${own}`));
  const pipeline = { receivers: receivers.map(add), processors: [limiter, ...processors].map(add), exporters: [forward] };
  return { joined: [forward], pipelines: { [`${signal}/${own}`]: pipeline } };
}

function tail(signal: SignalName, sink: BoundSink, add: Add): End {
  const exporters = (sink.exporters[signal] ?? []).map(add);
  const processors = (sink.processors[signal] ?? []).map(add);
  if (processors.length === 0 && !sink.dropsWhenFull) {
    return { joined: exporters, pipelines: {} };
  }
  const own = `to-${exporters[0].replaceAll('/', '-')}`;
  const [pipeline, full] = [`${signal}/${own}`, `${signal}/${own}-full`];
  if (!sink.dropsWhenFull) {
    const forward = add(joint('forward', `${signal}-${own}`));
    return { joined: [forward], pipelines: { [pipeline]: { receivers: [forward], processors, exporters } } };
  }
  // A queue that refuses would make the sender send again, to all sinks; here the answer is heard by nobody but this connector.
  const failover = add(joint('failover', `${signal}-${own}`, { priority_levels: [[pipeline], [full]], retry_interval: '1s' }));
  return {
    joined: [failover],
    pipelines: {
      [pipeline]: { receivers: [failover], processors, exporters },
      [full]: { receivers: [failover], processors: [], exporters: [add(nowhere)] },
    },
  };
}

const joint = (componentType: string, name: string, config?: Record<string, unknown>) =>
  Component.connector({ componentType, name: name.replaceAll('_', '-'), config });

const nowhere = Component.exporter({ componentType: 'nop' });

const repeated = (components: readonly Component[]) =>
  components.filter(({ id }, index) => components.findIndex((other) => other.id === id) !== index);
