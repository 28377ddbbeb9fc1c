import type { Metric } from '../../lib';
import type { Point } from './received';

/** What a metric is, in one line: it reads well in a difference. */
const line = (name: string, kind: string, unit: string, attributes: Iterable<string>) =>
  `${name} ${kind} '${unit}' [${[...attributes].sort().join(', ')}]`;

/** What collectors say about themselves is another test's. */
const isOwn = (name: string) => name.startsWith('otelcol');

/** Each metric as its source declares it. */
export const declared = (metrics: readonly Metric[]): string[] =>
  metrics
    .filter(({ name }) => !isOwn(name))
    .map(({ name, instrument, unit, attributes }) => line(name, instrument, unit, attributes))
    .sort();

/** Each metric as it came, with all attributes that any of its points had. */
export function seen(points: readonly Point[]): string[] {
  const names = new Set(points.map(({ metric }) => metric).filter((name) => !isOwn(name)));
  return [...names]
    .map((name) => {
      const all = points.filter(({ metric }) => metric === name);
      const kinds = new Set(all.map(({ kind }) => kind));
      return line(name, [...kinds].join(' and '), all[0].unit, new Set(all.flatMap(({ attributes }) => Object.keys(attributes))));
    })
    .sort();
}
