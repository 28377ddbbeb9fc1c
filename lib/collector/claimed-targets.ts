import { type Check, list, text } from '../kubernetes/checks';

const pair = '@?[A-Za-z0-9_./-]+=[A-Za-z0-9_.-]+';

/** Pods that somebody scrapes: a namespace or `*`, and labels, or annotations with `@` before them. */
const claim = new RegExp(`^(\\*|[a-z0-9-]+)/(${pair}(?:,${pair})*)$`);

export interface ClaimedTarget {
  /** Undefined: any. */
  readonly namespace?: string;
  readonly marks: readonly { readonly kind: 'label' | 'annotation'; readonly key: string; readonly value: string }[];
}

export function claimedTarget(target: string): ClaimedTarget {
  const [, namespace, marks] = claim.exec(target) as RegExpExecArray;
  return {
    namespace: namespace === '*' ? undefined : namespace,
    marks: marks.split(',').map((mark) => {
      const [key, value] = mark.split('=');
      return key.startsWith('@') ? { kind: 'annotation', key: key.slice(1), value } : { kind: 'label', key, value };
    }),
  };
}

export const claimedTargetsCheck: Check = list(
  text({
    max: 2000,
    pattern: claim,
    allowed:
      '`namespace/label=value`, or several labels with commas between them; `*` for any namespace, `@` before the key of an annotation',
  }),
);
