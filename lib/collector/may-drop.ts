import { Component } from './component';
import type { SignalName } from './signal';
import type { Signals } from './source';

/** The name of an exporter whose queue drops what does not fit, or the end of it. Rules know by it that nobody waits for its queue. */
export const mayDrop = 'may-drop';

/** Exporters, called so. One that takes several signals stays one; a connector has its name at its other end too. */
export function calledMayDrop(exporters: Signals): Signals {
  const renamed = new Map<Component, Component>();
  const rename = (component: Component): Component => {
    const known = renamed.get(component);
    if (known || component._kind !== 'exporter') {
      return known ?? component;
    }
    const [componentType, name] = component.id.split('/');
    const { _config: config, _access: access } = component;
    const made = Component.exporter({ componentType, name: name ? `${name}-${mayDrop}` : mayDrop, config, access, checkFields: false });
    renamed.set(component, made);
    return made;
  };
  const entries = Object.entries(exporters) as [SignalName, Component[] | undefined][];
  return Object.fromEntries(entries.map(([signal, components = []]) => [signal, components.map(rename)]));
}
