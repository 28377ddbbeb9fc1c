import type { EnvVar } from '../../imports/kubernetes';
import { secretVariable } from '../kubernetes/names';
import type { Problem } from '../kubernetes/problems';
import { SecretKey } from '../kubernetes/secret-key';
import { EnvironmentReference } from './files/interpolation';

/** The Secrets that provisioning files refer to, and the environment variables that carry them into the pod. */
export class SecretVariables {
  private readonly keys = new Map<string, SecretKey>();
  private readonly clashes: Problem[] = [];

  /** The variable of a Secret's value. The prefix keeps it from being read as a setting: Grafana takes every `GF_…` for one. */
  variable(key: SecretKey): string {
    const variable = `SECRET_${secretVariable(key.name, key.key)}`;
    const other = this.keys.get(variable);
    if (other && (other.name !== key.name || other.key !== key.key)) {
      this.clashes.push({
        where: 'onCall',
        given: `the Secrets ${other.name}/${other.key} and ${key.name}/${key.key}, which get the same environment variable ${variable}`,
        allowed: 'names that differ in letters or digits',
      });
    }
    this.keys.set(variable, key);
    return variable;
  }

  /** The same tree, with references in place of Secrets. */
  referring(value: unknown): unknown {
    if (value instanceof SecretKey) {
      return new EnvironmentReference(this.variable(value));
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return value;
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.referring(item)]));
  }

  get environment(): EnvVar[] {
    return [...this.keys]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { name: secret, key }]) => ({ name, valueFrom: { secretKeyRef: { name: secret, key } } }));
  }

  get problems(): Problem[] {
    return this.clashes;
  }
}
