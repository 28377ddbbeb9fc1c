import { stringify } from 'yaml';
import { type Access, mergeAccess } from '../kubernetes/access';
import { Component } from './component';
import { ConfigValue, isSecret, renderText } from './config-value';
import { Needs } from './needs';
import { type Pipeline, type PipelinesInput, pipelinesOf } from './pipelines';
import { signals } from './signal';

export interface RenderingInput extends PipelinesInput {
  readonly extensions: readonly Component[];
  /** `service.telemetry`. */
  readonly telemetry: unknown;
}

/** The parts of a configuration that are read again: what runs, and who is joined to whom. */
export interface CollectorSettings {
  readonly receivers?: Readonly<Record<string, unknown>>;
  readonly connectors?: Readonly<Record<string, unknown>>;
  readonly service: { readonly pipelines: Readonly<Record<string, Pipeline>> };
}

export interface Rendering {
  /** What the ConfigMap holds. */
  readonly text: string;
  /** Further `--config` values: settings whose value is a Secret's. They hold a reference to the environment, never the value. */
  readonly secretSettings: string[];
  /** Gates that its components need. */
  readonly featureGates: string[];
  /** Its settings before they are written down. */
  readonly settings: CollectorSettings;
  readonly needs: Needs;
  readonly access: Required<Access>;
  /** All that stand in the text. */
  readonly components: readonly Component[];
}

/** Computes the pipelines and writes the configuration; what it needs comes out with it. */
export function render(input: RenderingInput): Rendering {
  const needs = new Needs();
  const secretSettings: string[] = [];
  const accesses: Access[] = [];
  const sections = new Map<string, Map<string, { component: Component; config: unknown }>>();

  const value = (given: unknown, path: string[]): unknown => {
    if (given instanceof Component) {
      return extension(given);
    }
    if (given instanceof ConfigValue || typeof given === 'string') {
      return renderText(given, needs);
    }
    if (Array.isArray(given)) {
      // A list cannot be completed from the command line: a secret in one stays a reference in the text.
      return given.map((item, index) => value(item, [...path, String(index)]));
    }
    if (typeof given !== 'object' || given === null) {
      return given;
    }
    return Object.fromEntries(
      Object.entries(given).flatMap(([key, item]) => {
        if (item === undefined) {
          return [];
        }
        if (isSecret(item) && !path.some((part) => /^\d+$/.test(part))) {
          secretSettings.push(`yaml:${[...path, key].join('::')}: ${JSON.stringify(renderText(item, needs))}`);
          return [];
        }
        return [[key, value(item, [...path, key])]];
      }),
    );
  };

  const add = (component: Component): string => {
    const section = sections.get(`${component._kind}s`) ?? new Map();
    sections.set(`${component._kind}s`, section);
    const known = section.get(component.id);
    if (known?.component !== component) {
      accesses.push(component._access);
      const before = secretSettings.length;
      const outer = needs.component;
      needs.component = component.id;
      const config = value(component._config, [`${component._kind}s`, component.id]);
      needs.component = outer;
      if (known && JSON.stringify(known.config) !== JSON.stringify(config)) {
        clash(component);
      }
      if (known) {
        secretSettings.length = before;
      }
      section.set(component.id, { component, config });
    }
    return component.id;
  };

  const clash = (component: Component) => {
    if (component._kind === 'processor' || component._kind === 'extension') {
      needs.clash(`the ${component._kind} '${component.id}' twice`, 'one of each name: give one of them another with `name`');
    } else {
      needs.twice.push(component);
    }
  };

  const extension = (component: Component): string => {
    if (component._kind !== 'extension') {
      needs.refuse({
        where: 'sources, processors, sinks',
        given: `the ${component._kind} '${component.id}' as a value in a configuration`,
        allowed: 'an extension: only these can stand there',
      });
    }
    needs.extensions.set(component.id, component);
    return add(component);
  };

  for (const component of input.extensions) {
    extension(component);
  }
  const pipelines: Record<string, Pipeline> = Object.assign({}, ...signals.map((signal) => pipelinesOf(signal, input, add, needs)));
  const telemetry = value(input.telemetry, ['service', 'telemetry']);
  const section = (name: string) => {
    const entries = [...(sections.get(name) ?? [])].map(([id, { config }]) => [id, config] as const);
    return entries.length > 0 ? { [name]: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) } : {};
  };
  const configuration = {
    ...section('extensions'),
    ...section('receivers'),
    ...section('processors'),
    ...section('exporters'),
    ...section('connectors'),
    service: { extensions: [...needs.extensions.keys()].sort(), telemetry, pipelines },
  };
  const components = [...sections.values()].flatMap((entries) => [...entries.values()].map(({ component }) => component));
  return {
    // The collector reads YAML 1.1, where `2024-01-01` is a date and `1_000` a number unless they are quoted.
    text: stringify(configuration, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
    secretSettings: secretSettings.sort(),
    featureGates: [...new Set(components.flatMap(({ _featureGates }) => _featureGates))].sort(),
    settings: configuration,
    needs,
    access: mergeAccess(accesses),
    components,
  };
}
