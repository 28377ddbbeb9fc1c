import type { Manifest } from './harness/container';

/** Fields that were sent and did not come back: an API server drops what it does not know without a word. */
export function dropped(sent: Manifest, came: Manifest, path: string): string[] {
  if (typeof sent !== 'object' || sent === null) {
    return sent === came || String(sent) === String(came) ? [] : [`${path}: sent ${JSON.stringify(sent)}, came ${JSON.stringify(came)}`];
  }
  return Object.entries(sent).flatMap(([key, value]) =>
    value === '' && came?.[key] === undefined ? [] : dropped(value, came?.[key], `${path}.${key}`),
  );
}
