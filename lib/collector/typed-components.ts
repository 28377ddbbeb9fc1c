import type { Connectors, Exporters, Extensions, Processors, Receivers } from '../../imports/otelcol-types';
import { Component, type ComponentProps } from './component';

/** Properties of a component whose configuration has a type. The configuration may be left out where nothing in it is required. */
export type TypedComponentProps<Config> = Pick<ComponentProps, 'name' | 'access'> &
  (object extends Config ? { readonly config?: Config } : { readonly config: Config });

type Given<Config> = object extends Config ? [props?: TypedComponentProps<Config>] : [props: TypedComponentProps<Config>];

/**
 * A receiver whose fields the compiler knows: one that upstream does not have does not compile.
 *
 * @example
 * const audit = receiver('file_log', { name: 'audit', config: { include: ['/var/log/audit/*.log'], start_at: 'beginning' } });
 * @throws what Component does
 */
export function receiver<Type extends keyof Receivers>(componentType: Type, ...[props]: Given<Receivers[Type]>): Component {
  return Component.receiver({ componentType, ...props });
}

/** A processor whose fields the compiler knows. @throws what Component does */
export function processor<Type extends keyof Processors>(componentType: Type, ...[props]: Given<Processors[Type]>): Component {
  return Component.processor({ componentType, ...props });
}

/** An exporter whose fields the compiler knows. @throws what Component does */
export function exporter<Type extends keyof Exporters>(componentType: Type, ...[props]: Given<Exporters[Type]>): Component {
  return Component.exporter({ componentType, ...props });
}

/** A connector whose fields the compiler knows. @throws what Component does */
export function connector<Type extends keyof Connectors>(componentType: Type, ...[props]: Given<Connectors[Type]>): Component {
  return Component.connector({ componentType, ...props });
}

/** An extension whose fields the compiler knows. @throws what Component does */
export function extension<Type extends keyof Extensions>(componentType: Type, ...[props]: Given<Extensions[Type]>): Component {
  return Component.extension({ componentType, ...props });
}
