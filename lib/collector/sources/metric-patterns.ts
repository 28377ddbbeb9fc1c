import type { Problem } from '../../kubernetes/problems';
import { judgeRe2 } from '../re2';
import type { RelabelRule } from './scraping';

/** Which metrics of a target are kept, by patterns of whole names. Of a histogram or summary all parts go with its name. */
export interface MetricPatterns {
  readonly metricAllow?: string[];
  readonly metricDrop?: string[];
}

const anyOf = (patterns: readonly string[]) => `(?:${patterns.map((pattern) => `(?:${pattern})`).join('|')})(?:_bucket|_sum|_count)?`;

export function patternRules({ metricAllow, metricDrop }: MetricPatterns): RelabelRule[] {
  const rule = (action: 'keep' | 'drop', patterns: readonly string[] = []): RelabelRule[] =>
    patterns.length > 0 ? [{ source_labels: ['__name__'], regex: anyOf(patterns), action }] : [];
  return [...rule('keep', metricAllow), ...rule('drop', metricDrop)];
}

/** Patterns that are right alone can be wrong together: two groups of one name. */
export function patternProblems(patterns: MetricPatterns): Problem[] {
  return (['metricAllow', 'metricDrop'] as const).flatMap((where) => {
    const { problem } = judgeRe2(anyOf(patterns[where] ?? []));
    return problem ? [{ where, given: `patterns that do not go together, ${problem}`, allowed: 'groups without names: `(?:…)`' }] : [];
  });
}
