import type { Problem } from '../kubernetes/problems';
import type { CollectorSettings } from './rendering';
import type { SourceBinding } from './source';

/** A receiver of files, as it was rendered. */
interface Reader {
  /** `sources[0]` */
  readonly where: string;
  readonly id: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Files that two receivers read: each keeps its own place in them, and every line would be there twice. Patterns that only overlap may be meant, and are left. */
export function filesReadTwice(sources: readonly SourceBinding[], { receivers = {} }: CollectorSettings): Problem[] {
  const readers = sources.flatMap((source, index) =>
    [...new Set((source.receivers.logs ?? []).map(({ id }) => id))]
      .filter((id) => id.split('/')[0] === 'file_log')
      .map((id) => readerOf(`sources[${index}]`, id, (receivers[id] ?? {}) as Patterns)),
  );
  return readers.flatMap((one, index) =>
    readers.slice(index + 1).flatMap((other) => {
      const paths = [...new Set([...one.include, ...other.include])].filter((path) => reads(one, path) && reads(other, path));
      return paths.length > 0
        ? [
            {
              where: [...new Set([one.where, other.where])].join(' and '),
              given: `${paths.map((path) => `'${path}'`).join(', ')} in '${one.id}' and in '${other.id}'`,
              allowed: 'each file in one of them, `exclude` for the other: its lines would be there twice',
            },
          ]
        : [];
    }),
  );
}

/** A collector takes a single text for a list of them. */
type Patterns = Partial<Record<'include' | 'exclude', string | string[]>>;

const readerOf = (where: string, id: string, { include = [], exclude = [] }: Patterns): Reader => ({
  where,
  id,
  include: [include].flat(),
  exclude: [exclude].flat(),
});

/** Whether it plainly reads all of a path, or of a pattern that it has itself. */
function reads({ include, exclude }: Reader, path: string): boolean {
  const isPattern = /[*?[{]/.test(path);
  const has = (patterns: readonly string[]) => patterns.some((pattern) => pattern === path || (!isPattern && matches(pattern, path)));
  // Of a pattern, just that may be excluded which is read elsewhere.
  return has(include) && (isPattern ? exclude.length === 0 : !has(exclude));
}

const wildcards: Record<string, string> = { '**/': '(.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };

/** `*`, `**`, `?` and `{a,b}`; patterns with classes, escapes and braces within braces are not plain. */
function matches(pattern: string, path: string): boolean {
  const isPlain = /^([^[\]\\{}]|\{[^[\]\\{}]*\})*$/.test(pattern);
  return isPlain && new RegExp(`^${expressionOf(pattern)}$`).test(path);
}

const expressionOf = (pattern: string): string =>
  pattern.replace(/\{[^}]*\}|\*\*\/?|[*?.^$+|()]/g, (found) => wildcards[found] ?? (found.startsWith('{') ? oneOf(found) : `\\${found}`));

const oneOf = (choices: string): string => `(${choices.slice(1, -1).split(',').map(expressionOf).join('|')})`;
