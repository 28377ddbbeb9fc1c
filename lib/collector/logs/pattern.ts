import type { Check } from '../../kubernetes/checks';
import { type Problem, shown } from '../../kubernetes/problems';
import { judgeRe2 } from '../re2';

const maxLength = 4096;

/** A regular expression that the collector takes. */
export function re2Pattern(options: { readonly namedGroups?: boolean } = {}): Check {
  return (value, where) => {
    if (typeof value !== 'string' || value === '' || value.length > maxLength) {
      return [{ where, given: shown(value), allowed: `a regular expression of 1 to ${maxLength} characters` }];
    }
    const { problem, groups } = judgeRe2(value);
    if (problem) {
      return [{ where, given: `${shown(value)}, which has ${problem}`, allowed: 'a regular expression of RE2, as the collector has it' }];
    }
    return options.namedGroups ? ofGroups(value, where, groups) : [];
  };
}

function ofGroups(pattern: string, where: string, groups: readonly string[]): Problem[] {
  const allowed = 'one or more groups `(?P<name>…)`, each of another name: what they match is kept';
  if (groups.length === 0) {
    return [{ where, given: `${shown(pattern)}, which names no group`, allowed }];
  }
  const twice = groups.find((name, index) => groups.indexOf(name) !== index);
  return twice ? [{ where, given: `${shown(pattern)}, which has two groups named \`${twice}\``, allowed }] : [];
}
