import type { Metric } from '../../lib';
import type { Point } from './received';

/** What a metric is, in one line: it reads well in a difference. */
const line = (name: string, kind: string, unit: string, attributes: Iterable<string>) =>
  `${name} ${kind} '${unit}' [${[...attributes].sort().join(', ')}]`;

/** What collectors say about themselves: `ownUndeclared` has it. */
export const isOwn = (name: string) => name.startsWith('otelcol');

/** Each metric as its source declares it. */
export const declared = (metrics: readonly Metric[]): string[] =>
  metrics
    .filter(({ name }) => !isOwn(name))
    .map(({ name, instrument, unit, attributes }) => line(name, instrument, unit, attributes))
    .sort();

/** Each metric as it came, with all attributes that any of its points had. */
export const seen = (points: readonly Point[]): string[] => came(points.filter(({ metric }) => !isOwn(metric)));

/**
 * What collectors said of themselves and does not stand in `metrics` so, and how: a count comes with its first event, and a part of a collector
 * names itself in fewer attributes than another one.
 */
export function ownUndeclared(points: readonly Point[], metrics: readonly Metric[]): string[] {
  const own = points.filter(({ metric }) => isOwn(metric));
  const wrong = own.filter(({ metric, kind, unit, attributes }) => {
    const known = metrics.find(({ name }) => name === metric);
    return known?.instrument !== kind || known.unit !== unit || Object.keys(attributes).some((name) => !known.attributes.includes(name));
  });
  return came(wrong);
}

function came(points: readonly Point[]): string[] {
  const names = new Set(points.map(({ metric }) => metric));
  return [...names]
    .map((name) => {
      const all = points.filter(({ metric }) => metric === name);
      const kinds = new Set(all.map(({ kind }) => kind));
      return line(name, [...kinds].join(' and '), all[0].unit, new Set(all.flatMap(({ attributes }) => Object.keys(attributes))));
    })
    .sort();
}
