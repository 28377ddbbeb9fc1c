/** Views on manifests that several laws share. Manifests are plain data here: a law judges what is written, not how it came about. */
export type Manifest = any;

export interface Pod {
  readonly owner: string;
  readonly kind: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly spec: Manifest;
  readonly replicas: number;
  readonly annotations: Record<string, string>;
}

export const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;

export function podsOf(manifests: Manifest[]): Pod[] {
  return manifests.flatMap((manifest) => {
    const template = manifest.kind === 'CronJob' ? manifest.spec.jobTemplate.spec.template : manifest.spec?.template;
    if (!template?.spec) {
      return [];
    }
    return [
      {
        owner: nameOf(manifest),
        kind: manifest.kind,
        namespace: manifest.metadata.namespace,
        labels: template.metadata?.labels ?? {},
        annotations: template.metadata?.annotations ?? {},
        spec: template.spec,
        replicas: manifest.spec.replicas ?? 1,
      },
    ];
  });
}

export const containersOf = (pod: Pod): Manifest[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers];

export const ofKind = (manifests: Manifest[], ...kinds: string[]) => manifests.filter(({ kind }) => kinds.includes(kind));

/** `matchLabels` and `matchExpressions` as Kubernetes reads them; an empty selector selects all. */
export function selects(selector: Manifest, labels: Record<string, string>): boolean {
  const matches = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    matches &&
    (selector?.matchExpressions ?? []).every(({ key, operator, values }: Manifest) => {
      switch (operator) {
        case 'In':
          return values.includes(labels[key]);
        case 'NotIn':
          return !values.includes(labels[key]);
        case 'Exists':
          return key in labels;
        default:
          return !(key in labels);
      }
    })
  );
}
