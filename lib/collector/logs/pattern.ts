import type { Check } from '../../kubernetes/checks';
import { shown } from '../../kubernetes/problems';
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
      const allowed = 'a regular expression of RE2, as the collector has it: no lookaround, no backreferences';
      return [{ where, given: `${shown(value)}, ${problem}`, allowed }];
    }
    return options.namedGroups && groups.length === 0
      ? [{ where, given: `${shown(value)}, which names no group`, allowed: 'one or more groups `(?P<name>…)`: what they match is kept' }]
      : [];
  };
}
