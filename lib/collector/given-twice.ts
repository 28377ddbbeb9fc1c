import type { Problem } from '../kubernetes/problems';
import type { BoundSink } from './binding-checks';
import type { Component } from './component';
import type { Needs } from './needs';
import type { SourceBinding } from './source';

/** A source or a sink, and what it brings. */
interface Holder {
  /** `sinks[0]` */
  readonly where: string;
  readonly components: readonly Component[];
}

/**
 * Names that several have, one problem for all names of the same sources or sinks: who forgot a name forgot it for each signal.
 * What else is there twice follows from it.
 */
export function givenTwice({ twice, clashes }: Needs, sources: readonly SourceBinding[], sinks: readonly BoundSink[]): Problem[] {
  const holders = [
    ...sources.map(({ receivers }, index) => ({ where: `sources[${index}]`, components: Object.values(receivers).flat() })),
    ...sinks.map(({ exporters }, index) => ({ where: `sinks[${index}]`, components: Object.values(exporters).flat() })),
  ];
  const found = new Map<string, { of: Holder[]; ids: Set<string> }>();
  for (const { _kind, id } of twice) {
    const of = holders.filter(({ components }) => components.some((component) => component._kind === _kind && component.id === id));
    const where = together(of.map((holder) => holder.where));
    found.set(where, { of, ids: new Set([...(found.get(where)?.ids ?? []), `'${id}'`]) });
  }
  const problems = [...found].map(([where, { of, ids }]) => ({
    where,
    given: `${of.length < 2 ? 'two components' : nounOf(of)} called ${together([...ids])}`,
    allowed: 'one of each name: give one of them another with `name`, or leave it out',
  }));
  return problems.length > 0 ? problems : clashes;
}

function nounOf(holders: readonly Holder[]): string {
  const lists = [...new Set(holders.map(({ where }) => where.split('[')[0]))];
  return `${holders.length === 2 ? 'two' : holders.length} ${lists.join(' and ')}`;
}

const together = (texts: readonly string[]) =>
  [texts.slice(0, -1).join(', '), ...texts.slice(-1)].filter((text) => text !== '').join(' and ');
