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

/** Each metric as it came, with all attributes that any of its points had. Texts of Prometheus tell no unit: there the declared one stands. */
export function seen(points: readonly Point[], metrics: readonly Metric[] = []): string[] {
  const units = new Map(metrics.map(({ name, unit }) => [name, unit]));
  const lines = [...new Set(points.map(({ metric }) => metric).filter((name) => !isOwn(name)))].map((name) => {
    const all = points.filter(({ metric }) => metric === name);
    const kinds = new Set(all.map(({ kind }) => kind));
    return line(
      name,
      [...kinds].join(' and '),
      all[0].unit || (units.get(name) ?? ''),
      new Set(all.flatMap(({ attributes }) => Object.keys(attributes))),
    );
  });
  return lines.sort();
}
