import { type FieldTable, fieldTables } from '../../imports/otelcol';

/** A place in a configuration where a value can be put, with all that is required around it. */
export interface Place {
  /** The field, as a path: `tls.ca_file`. */
  readonly path: string;
  /** What the tables say of it. */
  readonly word: string;
  /** A value that it may hold; undefined for objects, whose fields are places of their own. */
  readonly value: unknown;
  /** The configuration with another value there. */
  put(value: unknown): Record<string, unknown>;
}

/** Values that have to be more than any of their type, by the path of the field. */
export type Examples = readonly (readonly [path: RegExp, value: unknown])[];

/** Walks the tables of components: every field of each table once, wherever the table is met first; later one of its fields. */
export class Samples {
  private readonly seen = new Set<string>();

  constructor(private readonly examples: Examples) {}

  of(table: string): Place[] {
    return this.ofTable(table, '', [], (value) => value as Record<string, unknown>);
  }

  private ofWord(word: string, path: string, above: readonly string[], put: Place['put']): Place[] {
    const here = { path, word, put };
    const example = this.examples.find(([pattern]) => pattern.test(path));
    if (example && (typeof example[1] === 'object' || !/^\[\]|^\{\}| or /.test(word))) {
      return [{ ...here, value: example[1] }];
    }
    if (word.includes(' or ')) {
      return word
        .split(' or ')
        .flatMap((one) => this.ofWord(one, path, above, put).map((place) => (place.path === path ? { ...place, word } : place)));
    }
    if (word.startsWith('[]')) {
      return [{ ...here, value: [] }, ...this.ofWord(word.slice(2), path, above, (value) => put([value]))];
    }
    if (word.startsWith('{}')) {
      return [{ ...here, value: {} }, ...this.ofWord(word.slice(2), path, above, (value) => put({ name: value }))];
    }
    if (word.startsWith('#')) {
      return [...this.ofTable(word.slice(1), path, above, put), { ...here, value: undefined }];
    }
    return word.startsWith('=')
      ? word
          .slice(1)
          .split('|')
          .map((value) => ({ ...here, value }))
      : [{ ...here, value: values[word] }];
  }

  private ofTable(name: string, path: string, above: readonly string[], put: Place['put']): Place[] {
    const table = fieldTables[name];
    if (table.$by) {
      const { $by: _, ...tables } = table as Record<string, string>;
      return Object.values(tables).flatMap((word) => this.ofWord(word, path, above, put));
    }
    const fields = Object.entries(fieldsOf(table));
    if (above.includes(name)) {
      return [];
    }
    const known = this.seen.has(name);
    this.seen.add(name);
    const one = (field: string, word: string, around: Record<string, unknown>) =>
      this.ofWord(word.replace(/!$/, ''), path ? `${path}.${field}` : field, [...above, name], (value) =>
        put({ ...around, [field]: value }),
      );
    const around = Object.fromEntries(
      fields
        .filter(([, word]) => word.endsWith('!'))
        .map(([field, word]) => [field, this.example(word, path ? `${path}.${field}` : field)]),
    );
    const nowhere: Place[] = table.$open
      ? []
      : [{ path, word: unknown, value: undefined, put: (value) => put({ ...around, no_such_field: value }) }];
    return [...fields.slice(0, known ? 1 : undefined).flatMap(([field, word]) => one(field, word, around)), ...nowhere];
  }

  /** A value for a required field. */
  private example(word: string, path: string): unknown {
    const place = new Samples(this.examples)
      .ofWord(word.replace(/!$/, ''), path, [], (value) => ({ value }))
      .find(({ value }) => value !== undefined && !(Array.isArray(value) && value.length === 0));
    if (!place) {
      throw new Error(`no value for ${path}`);
    }
    return place.put(place.value).value;
  }
}

/** The word of places that no table has. */
const unknown = 'unknown';

const values: Record<string, unknown> = {
  text: 'x',
  boolean: true,
  integer: 1,
  number: 0.5,
  duration: '1m30s',
  prometheusDuration: '10s',
  any: 'x',
};

/** What a place may not hold. */
export function wrongValue(word: string): unknown {
  if (word === unknown) {
    return 'x';
  }
  if (word.includes(' or ')) {
    return true;
  }
  if (word.startsWith('=')) {
    return 'surely-not';
  }
  return (
    { text: { a: 1 }, boolean: 'x', integer: 'x', number: 'x', duration: '30', prometheusDuration: 'x' }[word] ??
    (word.startsWith('[]') ? { a: 1 } : 'x')
  );
}

export function fieldsOf(table: FieldTable): Record<string, string> {
  const { $all, $open, ...fields } = table;
  return $all ? Object.fromEntries($all[1].split(' ').map((name) => [name, $all[0]])) : (fields as Record<string, string>);
}
