import { randomSecretsAnnotation } from '../kubernetes/secret-key';

/** One Secret that manifests refer to. */
export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
  /** Keys that are read; empty where the whole Secret is mounted. */
  readonly keys: string[];
  /** Keys that any value will do for, as long as it is secret. */
  readonly randomKeys: RandomKey[];
}

export interface RandomKey {
  readonly key: string;
  /** One value for all that have the same: Secrets of several namespaces may hold one. */
  readonly value: string;
}

interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly annotations?: Record<string, string> };
  readonly spec?: { readonly secretName?: string };
}

/** The Secrets that manifests refer to and do not hold, sorted by namespace and name. */
export function missingSecrets(manifests: readonly Manifest[]): SecretReference[] {
  const found = new Map<string, { keys: Set<string>; randomKeys: Map<string, string> }>();
  const entry = (id: string) => {
    const known = found.get(id) ?? { keys: new Set(), randomKeys: new Map() };
    found.set(id, known);
    return known;
  };
  for (const manifest of manifests) {
    const namespace = manifest.metadata?.namespace ?? 'default';
    for (const { name, key } of references(manifest)) {
      const { keys } = entry(`${namespace}/${name}`);
      if (key) {
        keys.add(key);
      }
    }
    for (const line of manifest.metadata?.annotations?.[randomSecretsAnnotation]?.split('\n') ?? []) {
      const [path, owner = namespace] = line.split('@');
      const [name, key] = path.split('/');
      entry(`${namespace}/${name}`).randomKeys.set(key, `${owner}/${path}`);
    }
  }
  const held = new Set(
    manifests
      .filter(({ kind = '' }) => ['Secret', 'ExternalSecret', 'Certificate'].includes(kind))
      .map(
        ({ kind, metadata, spec }) => `${metadata?.namespace ?? 'default'}/${kind === 'Certificate' ? spec?.secretName : metadata?.name}`,
      ),
  );
  const missing = [...found].filter(([id]) => !held.has(id));
  const owned = new Set(missing.flatMap(([id, { randomKeys }]) => [...randomKeys.keys()].map((key) => `${id}/${key}`)));
  return missing
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { keys, randomKeys }]) => ({
      namespace: id.split('/')[0],
      name: id.split('/')[1],
      keys: [...keys].sort(),
      // What is to be the same as a Secret that is not made here is for a person to copy.
      randomKeys: [...randomKeys]
        .filter(([, value]) => owned.has(value))
        .map(([key, value]) => ({ key, value }))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    }));
}

/** Wherever a pod can name a Secret: environment, volumes, projected volumes, image pulls. */
function references(node: unknown): { name: string; key?: string }[] {
  if (Array.isArray(node)) {
    return node.flatMap(references);
  }
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  return Object.entries(node).flatMap(([field, value]) => {
    switch (field) {
      case 'secretKeyRef':
        return value.optional ? [] : [{ name: value.name, key: value.key }];
      case 'secretRef':
        return value.optional ? [] : [{ name: value.name }];
      case 'secret':
        return typeof value === 'object' && !value.optional && (value.secretName ?? value.name)
          ? (value.items?.length ? value.items : [{}]).map((item: { key?: string }) => ({
              name: value.secretName ?? value.name,
              key: item.key,
            }))
          : references(value);
      case 'imagePullSecrets':
        return (value as { name: string }[]).map(({ name }) => ({ name }));
      default:
        return references(value);
    }
  });
}
