import { Size } from 'cdk8s';

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
  /** A claim of its own for each pod, kept when the pod goes. Only a StatefulSet has such. */
  static persistent(name: string, size: Size, storageClass?: string): Volume {
    return new Volume('persistent', name, `/var/lib/otelcol/${name}`, true, size, undefined, storageClass);
  }

  /** A folder of the node. */
  static node(path: string, options: NodePathOptions = {}): Volume {
    const name = path
      .replace(/[^a-z0-9]+/gi, '-')
      .replace(/^-+|-+$/g, '')
      .toLowerCase();
    return new Volume('node', name.slice(-63).replace(/^-+/, ''), options.mountPath ?? path, options.writable ?? false, undefined, path);
  }

  /** Memory, counted against the container's limit and gone with the pod. */
  static memory(name: string, limit: Size): Volume {
    return new Volume('memory', name, `/run/otelcol/${name}`, true, limit);
  }

  private constructor(
    /** @internal */
    readonly _kind: 'persistent' | 'node' | 'memory',
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
