import { refuse, required } from '../../kubernetes/checks';
import { type ContainerSelection, conditionOf, containerSelection } from './container-selection';
import { re2Pattern } from './pattern';

/** Lines that belong together, as those of a stack trace, become one record. */
export class Multiline {
  /**
   * A record begins with a line that matches, and goes on until the next one that does; for at most 1,000 lines, `maxLogSize`, and two seconds after its first line was read.
   * Until one has matched, each line is a record.
   * @param pattern of RE2: without lookaround and backreferences, e.g. `^\d{4}-\d{2}-\d{2} `
   * @param of whose lines; by default everybody's
   * @throws if the pattern is not one of RE2
   * @see https://github.com/google/re2/wiki/Syntax
   */
  static startsWith(pattern: string, of: ContainerSelection = {}): Multiline {
    refuse('Multiline.startsWith', { pattern, of }, { pattern: required(re2Pattern()), of: containerSelection });
    return new Multiline(pattern, of);
  }

  private constructor(
    /** @internal */
    readonly _pattern: string,
    /** @internal */
    readonly _of: ContainerSelection,
  ) {}
}

const streamId = 'attributes["log.stream.id"]';

/**
 * Puts lines together by file and stream, as a program's stderr falls between the lines of its stdout. Each line is looked at by the first only whose selection it is in:
 * what one has put together would be no first line to the next.
 */
export function recombining(multilines: readonly Multiline[], maxLogBytes: number): Record<string, unknown>[] {
  if (multilines.length === 0) {
    return [];
  }
  const conditions = multilines.map(({ _of }) => conditionOf(_of));
  const recombines = multilines.map(({ _pattern }, index) => {
    const others = conditions.slice(0, index).map((condition) => `!(${condition ?? 'true'})`);
    const all = [...(conditions[index] ? [conditions[index]] : []), ...others];
    return {
      type: 'recombine',
      id: `multiline-${index + 1}`,
      if: all.length > 0 ? all.join(' && ') : undefined,
      is_first_entry: `body matches ${JSON.stringify(_pattern)}`,
      combine_field: 'body',
      combine_with: '\n',
      source_identifier: streamId,
      overwrite_with: 'oldest',
      max_batch_size: 1000,
      max_unmatched_batch_size: 1,
      max_log_size: maxLogBytes,
      // A full table breaks all records that are not complete.
      max_sources: 20_000,
      force_flush_period: '2s',
      on_error: 'send_quiet',
    };
  });
  return [
    {
      type: 'add',
      field: streamId,
      value: 'EXPR(attributes["log.file.path"] + (attributes["log.iostream"] ?? ""))',
      on_error: 'send_quiet',
    },
    ...recombines,
    { type: 'remove', field: streamId, if: `${streamId} != nil` },
  ];
}
