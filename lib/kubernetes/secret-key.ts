import type { ISecret } from 'cdk8s-plus-27';
import { type Check, checkProps, objectName, refuse, required, text } from './checks';

/** One key of a Kubernetes Secret in the namespace of the pod that reads it. The Secret itself is never part of the YAML. */
export class SecretKey {
  /**
   * A key of a Secret in the namespace of whoever reads it.
   * @throws if name or key cannot be those of a Secret
   * @param name name of the Secret
   * @param key the key within it
   * @throws if either is not what Kubernetes takes
   */
  static of(name: string, key: string): SecretKey {
    refuse('SecretKey.of', { name, key }, { name: required(objectName), key: required(secretKeyName) });
    return new SecretKey(name, key);
  }

  /** A key of a Secret that cdk8s-plus made or imported. */
  static fromSecret(secret: ISecret, key: string): SecretKey {
    return SecretKey.of(secret.name, key);
  }

  private constructor(
    /** Name of the Secret. */
    readonly name: string,
    /** The key within it. */
    readonly key: string,
  ) {}
}

const secretKeyName = text({ pattern: /^[-._a-zA-Z0-9]+$/, allowed: "1 to 253 letters, digits, '-', '_' and '.'" });

/** @internal */
export const secretKey: Check = (value, where) =>
  typeof value === 'object' && value !== null && 'name' in value && 'key' in value
    ? checkProps({ name: value.name, key: value.key }, { name: required(objectName), key: required(secretKeyName) }, where)
    : [
        {
          where,
          given: typeof value === 'string' ? 'a text (a secret is never text here)' : typeof value,
          allowed: "SecretKey.of('name-of-secret', 'key')",
        },
      ];

/** A Secret whose value nobody has to know. */
export interface RandomSecret {
  readonly name: string;
  readonly key: string;
  /** Where a Secret of that name has the same value, if not here alone. */
  readonly namespace?: string;
}

/**
 * On the workload that owns them: Secrets (`name/key`, or `name/key@namespace` for one that is the same there, a line each) whose values nobody has to know, so that the `credentials` program can make them.
 * Every other Secret that the YAML refers to holds something that only a person knows.
 */
export const randomSecretsAnnotation = 'cdk8s-observability/random-secrets';

export const randomSecrets = (keys: readonly RandomSecret[]): Record<string, string> => ({
  [randomSecretsAnnotation]: keys
    .map(({ name, key, namespace }) => `${name}/${key}${namespace ? `@${namespace}` : ''}`)
    .sort()
    .join('\n'),
});
