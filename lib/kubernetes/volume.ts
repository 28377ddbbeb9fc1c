import { createHash } from 'node:crypto';
import { Size } from 'cdk8s';
import { boolean, kubernetesName, objectName, refuse, required, size, struct, text } from './checks';

/** Options of a folder of the node. */
export interface NodePathOptions {
  /**
   * Where the container sees it.
   * @default - the same path as on the node
   */
  readonly mountPath?: string;
  /**
   * Whether the container may write there. The folder is made if it does not exist.
   * @default false
   */
  readonly writable?: boolean;
}

/** Room for files. A configuration names it by `ConfigValue.directory`, and the mount follows. */
export class Volume {
  /**
   * A claim of its own for each pod, kept when the pod goes. Only a StatefulSet has such.
   * @throws if a value is none that Kubernetes takes
   */
  static persistent(name: string, size: Size, storageClass?: string): Volume {
    refuse(
      'Volume.persistent',
      { name, size, storageClass },
      { name: required(claimName), size: required(anySize), storageClass: objectName },
    );
    return new Volume('persistent', name, `/var/lib/otelcol/${name}`, true, size, undefined, storageClass);
  }

  /**
   * A folder of the node.
   * @throws if a path is not absolute
   */
  static node(path: string, options: NodePathOptions = {}): Volume {
    refuse(
      'Volume.node',
      { path, options },
      { path: required(absolutePath), options: struct<NodePathOptions>({ mountPath: absolutePath, writable: boolean }) },
    );
    const mountPath = options.mountPath ?? path;
    return new Volume('node', nodeVolumeName(path, mountPath), mountPath, options.writable ?? false, undefined, path);
  }

  /**
   * On the disk of the node, wherever Kubernetes keeps such: there again when the container restarts, gone with the pod.
   * What is written counts against the container's limit of ephemeral storage, which grows by `limit`; whoever writes more loses the pod.
   * @throws if a value is none that Kubernetes takes
   */
  static ephemeral(name: string, limit: Size): Volume {
    refuse('Volume.ephemeral', { name, limit }, { name: required(volumeName), limit: required(anySize) });
    return new Volume('ephemeral', `ephemeral-${name}`, `/var/lib/otelcol/${name}`, true, limit);
  }

  /**
   * Memory, counted against the container's limit and gone with the pod.
   * @throws if a value is none that Kubernetes takes
   */
  static memory(name: string, limit: Size): Volume {
    refuse('Volume.memory', { name, limit }, { name: required(volumeName), limit: required(anySize) });
    return new Volume('memory', `memory-${name}`, `/run/otelcol/${name}`, true, limit);
  }

  private constructor(
    /** @internal */
    readonly _kind: 'persistent' | 'node' | 'ephemeral' | 'memory',
    /** @internal */
    readonly _name: string,
    /** @internal */
    readonly _mountPath: string,
    /** @internal */
    readonly _writable: boolean,
    /** @internal Of volumes that are not the node's. */
    readonly _size: Size = Size.kibibytes(0),
    /** @internal Of folders of the node. */
    readonly _nodePath = '',
    /** @internal */
    readonly _storageClass?: string,
  ) {}
}

const volumeName = kubernetesName(40);

/** The claim's name is the volume's too, so it stays off the names of a pod's other volumes. */
const claimName = text({
  max: 40,
  pattern: /^(?!config$|(?:secret|node|ephemeral|memory)-)[a-z]([-a-z0-9]*[a-z0-9])?$/,
  allowed:
    "1 to 40 lower-case letters, digits and '-', a letter first, no '-' last; not `config`, and not `secret-`, `node-`, `ephemeral-` or `memory-` in front",
});
const anySize = size(Size.kibibytes(1), Size.tebibytes(1024));
const absolutePath = text({ max: 1024, pattern: /^\/[^\0:]*$/, allowed: 'an absolute path without `:`, e.g. /var/log/audit' });

/** Readable, and of its own for each path and each place that it is mounted at: `/a/b` and `/a-b` are two. */
function nodeVolumeName(path: string, mountPath: string): string {
  const readable = path
    .replace(/[^a-z0-9]+/gi, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(-40)
    .replace(/^-+/, '');
  return `node-${readable}-${createHash('sha256')
    .update(path === mountPath ? path : `${path}:${mountPath}`)
    .digest('hex')
    .slice(0, 4)}`;
}
