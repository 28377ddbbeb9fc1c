import { type Check, list, text } from '../kubernetes/checks';

const pair = '[A-Za-z0-9_./-]+=[A-Za-z0-9_.-]+';

/** Pods that somebody scrapes: a namespace or `*`, and labels. */
const claim = new RegExp(`^(\\*|[a-z0-9-]+)/(${pair}(?:,${pair})*)$`);

export interface ClaimedTarget {
  /** Undefined: any. */
  readonly namespace?: string;
  readonly labels: readonly (readonly [label: string, value: string])[];
}

export function claimedTarget(target: string): ClaimedTarget {
  const [, namespace, labels] = claim.exec(target) as RegExpExecArray;
  return {
    namespace: namespace === '*' ? undefined : namespace,
    labels: labels.split(',').map((one) => one.split('=') as [string, string]),
  };
}

export const claimedTargetsCheck: Check = list(
  text({
    max: 2000,
    pattern: claim,
    allowed: '`namespace/label=value`, or several labels with commas between them; `*` for any namespace',
  }),
);
