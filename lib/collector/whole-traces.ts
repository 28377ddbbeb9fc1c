import type { Problem } from '../kubernetes/problems';
import type { Component } from './component';
import type { Placement } from './placement';
import type { SourceBinding } from './source';

/** What decides on whole traces, or tells from pairs of their spans: each pod of a collector would see a part. */
const deciding = ['tail_sampling', 'group_by_trace', 'service_graph'];

export function tornTraces(sources: readonly SourceBinding[], placement: Placement, components: readonly Component[]): Problem[] {
  const torn = sources.some(({ receivers, wholeTraces }) => (receivers.traces ?? []).length > 0 && !wholeTraces);
  const one = placement._kind !== 'DaemonSet' && placement._replicas === 1;
  return one || !torn
    ? []
    : components
        .filter(({ id }) => deciding.includes(id.split('/')[0]))
        .map(({ id }) => ({
          where: 'processors, sinks',
          given: `'${id}' in ${placement._replicas ?? 'as many'} pods, each of which sees a part of every trace`,
          allowed: 'TailSampling behind a TailSamplingSink, which sends all spans of a trace to one pod; or one pod',
        }));
}
