import type { Manifest } from './container';

/**
 * Where the tested collector has an older module than the image that ships: fields that the module does not know yet, each on a line of its own. A configuration
 * that runs here is without them; what they do is rendered, not run.
 */
const laterFields: Readonly<Record<string, readonly string[]>> = { k8s_events: ['dedup_interval', 'storage'] };

/** A configuration as the tested collector can read it. */
export const forOlderComponents = (configuration: string): string =>
  Object.entries(laterFields).reduce((text, [id, fields]) => {
    const component = new RegExp(`^  ${id}(/\\S+)?:\\n(    .*\\n)+`, 'gm');
    return text.replace(component, (lines) => lines.replace(new RegExp(`^    (${fields.join('|')}): .*\\n`, 'gm'), ''));
  }, configuration);

/** The same for every ConfigMap among objects. */
export const objectsForOlderComponents = (objects: readonly Manifest[]): Manifest[] =>
  objects.map((object) =>
    object.kind === 'ConfigMap' && object.data?.['config.yaml']
      ? { ...object, data: { ...object.data, 'config.yaml': forOlderComponents(object.data['config.yaml']) } }
      : object,
  );
