import type { Manifest } from './container';

/**
 * Where the tested collector has an older module than the image that ships: ids and fields that the module does not know yet. A configuration that runs here is
 * without these fields, and has the former ids; what the fields do is rendered, not run.
 */
interface OlderComponent {
  readonly id: string;
  /** What the module calls itself. */
  readonly formerId?: string;
  /** Fields of one line that came later. */
  readonly without?: readonly string[];
}

const olderComponents: readonly OlderComponent[] = [
  { id: 'k8s_events', without: ['dedup_interval', 'storage'] },
  { id: 'tcp_check', formerId: 'tcpcheck' },
  { id: 'tls_check', formerId: 'tlscheck' },
];

/** A configuration as the tested collector can read it. */
export function forOlderComponents(configuration: string): string {
  return olderComponents.reduce((text, { id, formerId, without = [] }) => {
    const section = new RegExp(`^  ${id}(/\\S+)?:\\n(    .*\\n)+`, 'gm');
    const shorter = text.replace(section, (lines) => lines.replace(new RegExp(`^    (${without.join('|') || '-'}): .*\\n`, 'gm'), ''));
    return formerId ? shorter.replace(new RegExp(`(?<![\\w/])${id}(?=[/:\\n])`, 'g'), formerId) : shorter;
  }, configuration);
}

/** The same for every ConfigMap among objects. */
export const objectsForOlderComponents = (objects: readonly Manifest[]): Manifest[] =>
  objects.map((object) =>
    object.kind === 'ConfigMap' && object.data?.['config.yaml']
      ? { ...object, data: { ...object.data, 'config.yaml': forOlderComponents(object.data['config.yaml']) } }
      : object,
  );
