import type { Table } from '../../telemetry/table';
import { quoted } from './sql';

/** A label of a series: what it is called, and what it is read from. */
export interface Label {
  readonly name: string;
  readonly expression: string;
}

/** Attributes that are columns of their own in the exporter's tables. */
const plainColumns: Record<string, string> = {
  'service.name': 'ServiceName',
  'span.name': 'SpanName',
  'span.kind': 'SpanKind',
  'metric.name': 'MetricName',
};

/**
 * The labels for attributes. A label is called like the last word of the attribute, without a final `name`: `pod` for `k8s.pod.name`, `route` for `http.route`.
 * Where two would be called the same, all words are taken: `db_system`.
 */
export function labelsOf(table: Table, attributes: readonly string[], map: 'Attributes' | 'SpanAttributes' | 'LogAttributes'): Label[] {
  const names = attributes.map(lastWord);
  return attributes.map((attribute, index) => ({
    name:
      names.filter((name) => name === names[index]).length > 1 || reserved.includes(names[index])
        ? attribute.replace(/\W+/g, '_')
        : names[index],
    expression:
      columnOf(table, attribute) ??
      `if(${map}[${quoted(attribute)}] != '', ${map}[${quoted(attribute)}], ResourceAttributes[${quoted(attribute)}])`,
  }));
}

/** The column that holds an attribute: it prunes, where the map of all attributes would be read in full. */
export function columnOf(table: Table, attribute: string): string | undefined {
  const plain = plainColumns[attribute];
  if (plain !== undefined && plain in table.columns) {
    return plain;
  }
  const copies = ['ResourceAttributes', 'SpanAttributes'].map((map) => `${map}['${attribute}']`);
  return Object.entries(table.columns).find(([, { materialized }]) => materialized !== undefined && copies.includes(materialized))?.[0];
}

function lastWord(attribute: string): string {
  const words = attribute.split(/\W+/).filter((word) => word !== '');
  return words.length > 1 && words[words.length - 1] === 'name' ? words[words.length - 2] : (words[words.length - 1] ?? '');
}

/** Names that the queries themselves give. */
const reserved = ['time', 'value', 'at', 'series', 'delta', 'elapsed', 'bounds', 'counts'];

export const names = (labels: readonly Label[]): string[] => labels.map(({ name }) => name);

/** `expression AS name`, for a SELECT. */
export const selected = (labels: readonly Label[]): string[] => labels.map(({ name, expression }) => `toString(${expression}) AS ${name}`);

/** A list for SELECT or GROUP BY. */
export const listed = (...parts: readonly (string | readonly string[])[]): string => parts.flat().join(', ');
