import { componentTables, type FieldTable, fieldTables, formerIds } from '../../imports/otelcol';
import { nearest } from '../kubernetes/checks';
import { type Problem, shown } from '../kubernetes/problems';

/**
 * What is wrong with the configuration of a component, field by field: unknown names, wrong types, durations that are none, what is missing.
 * A type that the tables do not know is another distribution's, and is left to its collector.
 */
export function componentProblems(kind: string, type: string, config: object): Problem[] {
  const now = own(formerIds[kind], type);
  if (now) {
    return [{ where: 'componentType', given: `\`${type}\``, allowed: `\`${now}\`, as it is called now` }];
  }
  const table = own(componentTables[kind], type);
  return table ? fieldProblems(fieldTables[table], config, type) : [];
}

function fieldProblems(table: FieldTable, config: object, where: string): Problem[] {
  if (table.$by) {
    return tableByField(table, config, where);
  }
  const fields = fieldsOf(table);
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const unknown = given
    .filter(([name]) => !Object.hasOwn(fields, name) && !table.$open)
    .map(([name]) => ({ where: `${where}.${name}`, given: 'a field that does not exist', allowed: nearest(name, Object.keys(fields)) }));
  const wrong = given.flatMap(([name, value]) => {
    const word = own(fields, name);
    return word ? valueProblems(optional(word), value, `${where}.${name}`) : [];
  });
  const missing = Object.entries(fields)
    .filter(([name, word]) => word.endsWith('!') && !given.some(([known]) => known === name))
    .map(([name]) => ({ where: `${where}.${name}`, given: 'nothing', allowed: 'a value: it is required' }));
  return [...unknown, ...wrong, ...missing];
}

/** An object whose table is said by one of its fields: `type: json_parser`. */
function tableByField(table: FieldTable, config: object, where: string): Problem[] {
  const { $by: field, ...tables } = table as Record<string, string>;
  const value = (config as Record<string, unknown>)[field];
  const word = typeof value === 'string' ? own(tables, value) : undefined;
  if (word) {
    return valueProblems(word, config, where);
  }
  const allowed = typeof value === 'string' ? nearest(value, Object.keys(tables)) : 'a text: it says which fields there are';
  return [{ where: `${where}.${field}`, given: value === undefined ? 'nothing' : shown(value), allowed }];
}

function valueProblems(word: string, value: unknown, where: string): Problem[] {
  // What is not given, and what is given as nothing, leaves the default.
  if (value === undefined || value === null || word === 'any') {
    return [];
  }
  if (word.includes(' or ')) {
    return eitherProblems(word.split(' or '), value, where);
  }
  if (word.startsWith('[]')) {
    return listProblems(word.slice(2), value, where);
  }
  if (word.startsWith('{}')) {
    return isObject(value)
      ? Object.entries(value).flatMap(([name, item]) => valueProblems(word.slice(2), item, `${where}.${name}`))
      : [{ where, given: shown(value), allowed: 'an object of names and values' }];
  }
  if (word.startsWith('#')) {
    const table = fieldTables[word.slice(1)];
    return isObject(value) ? fieldProblems(table, value, where) : [{ where, given: shown(value), allowed: objectWith(table) }];
  }
  return scalarProblems(word, value, where);
}

function listProblems(word: string, value: unknown, where: string): Problem[] {
  // A collector takes a single text for a list of them.
  if (!Array.isArray(value)) {
    const single = word === 'text' && scalarProblems(word, value, where).length === 0;
    return single ? [] : [{ where, given: shown(value), allowed: 'a list' }];
  }
  return value.flatMap((item, index) => valueProblems(word, item, `${where}[${index}]`));
}

function scalarProblems(word: string, value: unknown, where: string): Problem[] {
  // What a ConfigValue renders as is known to its reader: it may be a reference to a number.
  if (isConfigValue(value)) {
    return [];
  }
  if (word.startsWith('=')) {
    const values = word.slice(1).split('|');
    return values.includes(value as string) ? [] : [{ where, given: shown(value), allowed: values.map((one) => `'${one}'`).join(', ') }];
  }
  const { allowed, holds } = scalars[word];
  return holds(value) ? [] : [{ where, given: shown(value), allowed }];
}

/** The problems of the alternative that was meant: an object is none of a text. */
function eitherProblems(words: string[], value: unknown, where: string): Problem[] {
  const problems = words.map((word) => valueProblems(word, value, where));
  if (problems.some((found) => found.length === 0)) {
    return [];
  }
  const meant = problems.find((found) => found.some((problem) => problem.where !== where));
  return meant ?? [{ where, given: shown(value), allowed: problems.flatMap((found) => found.map(({ allowed }) => allowed)).join(', or ') }];
}

const isText = (value: unknown): value is string => typeof value === 'string';

const scalars: Record<string, { readonly allowed: string; readonly holds: (value: unknown) => boolean }> = {
  text: { allowed: 'a text', holds: (value) => isText(value) || isComponent(value) },
  boolean: { allowed: 'true or false', holds: (value) => typeof value === 'boolean' },
  integer: { allowed: 'a whole number', holds: (value) => Number.isSafeInteger(value) },
  number: { allowed: 'a number', holds: (value) => Number.isFinite(value) },
  duration: {
    allowed: "a number with its unit, as in '30s' or '1m30s': ns, us, ms, s, m, h",
    // A bare number would be nanoseconds.
    holds: (value) => value === 0 || (isText(value) && /^[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(value)),
  },
  prometheusDuration: {
    allowed: "a number with its unit, as in '30s' or '1h30m': ms, s, m, h, d, w, y",
    holds: (value) => isText(value) && /^(0|(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$/.test(value),
  },
};

/** The fields of a table, `$all` written out. */
function fieldsOf(table: FieldTable): Record<string, string> {
  const { $all, $open, ...fields } = table;
  return $all ? Object.fromEntries($all[1].split(' ').map((name) => [name, $all[0]])) : (fields as Record<string, string>);
}

const optional = (word: string) => word.replace(/!$/, '');

function objectWith(table: FieldTable): string {
  return table.$by ? `an object with \`${table.$by}\`` : `an object with ${nearest('', Object.keys(fieldsOf(table)))}`;
}

function own(of: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return of && Object.hasOwn(of, name) ? of[name] : undefined;
}

/** They are known by their members: two copies of a package in one program have two classes. */
const isComponent = (value: unknown) => typeof value === 'object' && value !== null && '_kind' in value;
const isConfigValue = (value: unknown) => typeof value === 'object' && value !== null && '_render' in value;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isConfigValue(value) && !isComponent(value);
}
