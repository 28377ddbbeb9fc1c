import { createHash } from 'node:crypto';

/** OTTL, the language of the collector's filter and transform processors: all that is written in it by this library is written here. */

/** A text literal. JSON's escapes are understood by OTTL, which reads literals as Go does. */
export const ottlText = (text: string): string => JSON.stringify(text);

export const attribute = (context: string, name: string): string => `${context}.attributes[${ottlText(name)}]`;

export const matches = (path: string, pattern: string): string => `IsMatch(${path}, ${ottlText(pattern)})`;

/** Whether it is one of the names; `*` in them stands for any characters, `?` for one. */
export function isOneOf(path: string, names: readonly string[]): string {
  return names.some((name) => /[*?]/.test(name))
    ? matches(path, `^(${names.map(patternOf).join('|')})$`)
    : anyOf(names.map((name) => `${path} == ${ottlText(name)}`));
}

export const allOf = (conditions: readonly string[]): string => conditions.join(' and ');

export const anyOf = (conditions: readonly string[]): string => (conditions.length === 1 ? conditions[0] : `(${conditions.join(' or ')})`);

/** A name as a regular expression of nothing else. */
export const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A name in which `*` stands for any characters and `?` for one, likewise. */
export const patternOf = (name: string): string => escaped(name).replaceAll('\\*', '.*').replaceAll('\\?', '.');

/** The same configuration has the same name, so that what is given twice is seen to be; a change of one changes no other. */
export const nameOf = (purpose: string, config: unknown): string =>
  `${purpose}-${createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 6)}`;
