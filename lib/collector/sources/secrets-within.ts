import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { Needs } from '../needs';

/** Whether a Secret is part of a configuration, in whatever depth: as a value, as a file, in an extension that comes along. */
export function holdsSecret(config: unknown): boolean {
  if (config instanceof ConfigValue) {
    return needsSecret(config);
  }
  if (config instanceof Component) {
    return holdsSecret(config._config);
  }
  return typeof config === 'object' && config !== null && Object.values(config).some(holdsSecret);
}

/** What a value needs comes out by rendering it. */
function needsSecret(value: ConfigValue): boolean {
  const needs = new Needs();
  value._render(needs);
  const references = [...needs.environment.values()].some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined);
  return references || needs.secretFiles.size > 0;
}
