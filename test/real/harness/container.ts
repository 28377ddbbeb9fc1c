/** Any Kubernetes object or part of one, as synthesized. */
export type Manifest = any;

/** What a cluster would give to a pod. */
export interface PodValues {
  /** @default WORKLOAD-0 */
  readonly podName?: string;
  /** @default a fixed uid */
  readonly podUid?: string;
  /** @default 127.0.0.1 */
  readonly podIp?: string;
  /** @default node-a */
  readonly nodeName?: string;
  /** Contents by name and key. */
  readonly secrets?: Record<string, Record<string, string>>;
}

/** Its user's number, the capabilities that are left to it, and the folders that it only reads. */
export interface Confinement {
  readonly user: number;
  readonly capabilities: string[];
  readonly readOnly: string[];
}

/** A container of a synthesized workload, ready to run without a kubelet: all references resolved. */
export interface Container {
  readonly image: string;
  readonly command: string[];
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly ports: number[];
  /** Contents of ConfigMaps and Secrets by their path in the container. */
  readonly files: Record<string, string>;
  /** Volumes that hold something else, by mount path; where they are on the node, if they are the node's. */
  readonly folders: Record<string, string | undefined>;
  /** What a container runtime would let it do. */
  readonly confinement?: Confinement;
}

/** Finds a workload's container in synthesized objects. Without a name it is the first one. What it does not know is an error. */
export function containerOf(objects: readonly Manifest[], workload: string, container?: string, values: PodValues = {}): Container {
  const owner = objects.find(
    ({ kind, metadata }) => ['StatefulSet', 'Deployment', 'DaemonSet', 'Job', 'CronJob'].includes(kind) && metadata.name === workload,
  );
  if (!owner) {
    throw new Error(`no workload is named ${workload}`);
  }
  const template = (owner.spec.jobTemplate?.spec ?? owner.spec).template;
  const all: Manifest[] = [...(template.spec.containers ?? []), ...(template.spec.initContainers ?? [])];
  const spec = container ? all.find(({ name }) => name === container) : all[0];
  if (!spec) {
    throw new Error(`${workload} has no container ${container}: ${all.map(({ name }) => name).join(', ')}`);
  }
  const env = environment(spec, owner, template, values);
  const { files, folders } = mounts(objects, spec, owner, template, values);
  const expand = (texts: string[] = []) => texts.map((text) => expanded(text, env));
  const ports = (spec.ports ?? []).map(({ containerPort }: { containerPort: number }) => containerPort);
  const confinement = confinementOf(spec, template);
  return { image: spec.image, command: expand(spec.command), args: expand(spec.args), env, ports, files, folders, confinement };
}

function confinementOf({ securityContext = {}, volumeMounts = [] }: Manifest, { spec }: Manifest): Confinement | undefined {
  const { allowPrivilegeEscalation, capabilities } = securityContext;
  // What is left to a container that may gain privileges, or keeps those of the runtime, is not known here.
  if (allowPrivilegeEscalation !== false || String(capabilities?.drop) !== 'ALL') {
    return undefined;
  }
  const readOnly = volumeMounts.filter((mount: Manifest) => mount.readOnly).map(({ mountPath }: Manifest) => mountPath);
  return { user: securityContext.runAsUser ?? spec.securityContext?.runAsUser, capabilities: capabilities.add ?? [], readOnly };
}

function environment(spec: Manifest, owner: Manifest, template: Manifest, values: PodValues): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of spec.env ?? []) {
    if (valueFrom?.secretKeyRef) {
      env[name] = secretValue(values, valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key);
    } else if (valueFrom?.fieldRef) {
      env[name] = field(valueFrom.fieldRef.fieldPath, owner, template, values);
    } else if (valueFrom) {
      throw new Error(`the environment variable ${name} comes from ${Object.keys(valueFrom)}: not known here`);
    } else {
      env[name] = expanded(value ?? '', env);
    }
  }
  return env;
}

const expanded = (text: string, env: Record<string, string>) => text.replace(/\$\((\w+)\)/g, (whole, name) => env[name] ?? whole);

function secretValue(values: PodValues, name: string, key: string): string {
  const value = values.secrets?.[name]?.[key];
  if (value === undefined) {
    throw new Error(`the Secret ${name} with the key ${key} is asked for: give it in 'secrets'`);
  }
  return value;
}

function field(path: string, owner: Manifest, template: Manifest, values: PodValues): string {
  const label = /^metadata\.labels\['(.*)'\]$/.exec(path)?.[1];
  const name = values.podName ?? `${owner.metadata.name}-0`;
  const fields: Record<string, string> = {
    'metadata.name': name,
    'metadata.namespace': owner.metadata.namespace,
    'metadata.uid': values.podUid ?? '6f8d9c1e-0000-4000-8000-000000000001',
    'spec.nodeName': values.nodeName ?? 'node-a',
    'spec.serviceAccountName': template.spec.serviceAccountName ?? 'default',
    'status.podIP': values.podIp ?? '127.0.0.1',
    'status.hostIP': '127.0.0.1',
  };
  const labels: Record<string, string> = { ...template.metadata?.labels, 'apps.kubernetes.io/pod-index': /-(\d+)$/.exec(name)?.[1] ?? '' };
  const value = label ? labels[label] : fields[path];
  if (value === undefined) {
    throw new Error(`the field ${path} of a pod is not known here`);
  }
  return value;
}

function mounts(objects: readonly Manifest[], spec: Manifest, owner: Manifest, template: Manifest, values: PodValues) {
  const files: Record<string, string> = {};
  const folders: Record<string, string | undefined> = {};
  const claims: string[] = (owner.spec.volumeClaimTemplates ?? []).map(({ metadata }: Manifest) => metadata.name);
  for (const { name, mountPath, subPath } of spec.volumeMounts ?? []) {
    const volume = (template.spec.volumes ?? []).find((candidate: Manifest) => candidate.name === name);
    const sources: Manifest[] | undefined = volume?.projected?.sources ?? (volume?.configMap || volume?.secret ? [volume] : undefined);
    if (sources) {
      for (const [path, text] of sources.flatMap((source) => contents(objects, source, owner, values))) {
        if (!subPath || subPath === path) {
          files[subPath ? mountPath : `${mountPath}/${path}`] = text;
        }
      }
    } else if (claims.includes(name) || volume?.emptyDir || volume?.persistentVolumeClaim || volume?.hostPath) {
      folders[mountPath] = volume?.hostPath?.path;
    } else {
      throw new Error(`the volume ${name} is of a kind that is not known here: ${JSON.stringify(volume)}`);
    }
  }
  return { files, folders };
}

/** Paths and contents that a ConfigMap or Secret brings. Tokens and what lies beside them are not among them: see ControlPlane.inCluster. */
function contents(
  objects: readonly Manifest[],
  { configMap, secret, serviceAccountToken, downwardAPI }: Manifest,
  owner: Manifest,
  values: PodValues,
): [string, string][] {
  if (serviceAccountToken || downwardAPI) {
    return [];
  }
  const from = configMap ?? secret;
  const keys: { key: string; path: string }[] | undefined = from.items;
  if (secret) {
    const name = secret.secretName ?? secret.name;
    return (keys ?? Object.keys(values.secrets?.[name] ?? {}).map((key) => ({ key, path: key }))).map(({ key, path }) => [
      path,
      secretValue(values, name, key),
    ]);
  }
  const data = configMapData(objects, from.name, owner);
  return (keys ?? Object.keys(data).map((key) => ({ key, path: key }))).map(({ key, path }) => [path, data[key]]);
}

function configMapData(objects: readonly Manifest[], name: string, owner: Manifest): Record<string, string> {
  const found = objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name && metadata.namespace === owner.metadata.namespace,
  );
  if (!found) {
    throw new Error(`there is no ConfigMap ${name}, which ${owner.metadata.name} mounts`);
  }
  return found.data;
}
