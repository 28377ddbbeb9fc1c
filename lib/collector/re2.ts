import { RE2JS, RE2JSSyntaxException } from 're2js';

export interface Re2Verdict {
  /** What is wrong, if anything is, in the words of the collector. */
  readonly problem?: string;
  /** The names of groups, in order. */
  readonly groups: string[];
}

/**
 * The collector's regular expressions are RE2's. What JavaScript takes and RE2 refuses (lookaround, backreferences) stops a collector at its start,
 * so it is found here.
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function judgeRe2(pattern: string): Re2Verdict {
  try {
    const groups = Object.entries(RE2JS.compile(pattern).namedGroups());
    return { groups: groups.sort(([, a], [, b]) => a - b).map(([name]) => name) };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) {
      return { problem: error.message.replace(/^error parsing regexp: /, ''), groups: [] };
    }
    throw error;
  }
}
