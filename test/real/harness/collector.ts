import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Confinement, Container } from './container';
import { freePort } from './free-port';
import { forOlderComponents } from './older-components';
import { type Json, overlays } from './overlays';
import { part } from './parts';
import { Program, scratchFolder } from './program';

export interface CollectorOptions {
  readonly container: Container;
  /** Hosts and ports that the configuration connects to, and where they are: `'clickhouse.observability.svc:8123': engine.address`. */
  readonly addresses?: Record<string, string>;
  /** How it reaches the API server, as a pod does: see ControlPlane.inCluster. */
  readonly inCluster?: InCluster;
  /**
   * Its host's name: of a pod, the pod's. When targets are asked depends on it.
   * @default - the machine's
   */
  readonly hostname?: string;
  /** Whether it gets no more than a container runtime would give it: user, capabilities, no way to gain any, folders that it only reads. */
  readonly confined?: boolean;
  /**
   * The program.
   * @default - the tested collector
   */
  readonly program?: string;
}

/** What a pod finds of its cluster: environment, and files by their path. */
export interface InCluster {
  readonly env: Record<string, string>;
  readonly files: Record<string, string>;
}

/**
 * The real collector with the arguments, environment and files of a synthesized container, in a root folder that holds nothing else, as the official image does.
 * What is changed of the configuration: overlays.ts, older-components.ts.
 */
export class RealCollector {
  static async start(options: CollectorOptions): Promise<RealCollector> {
    const collector = await RealCollector.prepare(options);
    await collector.start();
    return collector;
  }

  /** Lays everything out; what it reads can be put there before it starts. */
  static async prepare(options: CollectorOptions): Promise<RealCollector> {
    const { container, inCluster } = options;
    const ports = new Map<number, number>();
    for (const port of container.ports) {
      ports.set(port, await freePort());
    }
    const scratch = scratchFolder('collector');
    const collector = new RealCollector(options, join(scratch, 'root'), join(scratch, 'collector.log'), ports);
    for (const folder of ['/tmp', '/proc', '/dev', '/etc', ...Object.keys(container.folders)]) {
      mkdirSync(collector.path(folder), { recursive: true });
      chmodSync(collector.path(folder), 0o777);
    }
    for (const [path, text] of Object.entries({ ...container.files, ...inCluster?.files, ...collector.overlayFiles(), [program]: '' })) {
      mkdirSync(dirname(collector.path(path)), { recursive: true });
      writeFileSync(collector.path(path), forOlderComponents(text));
    }
    if (options.confined) {
      copyProgram(setpriv, collector.path('/'));
    }
    return collector;
  }

  private program?: Program;

  private constructor(
    private readonly options: CollectorOptions,
    private readonly root: string,
    private readonly log: string,
    private readonly ports: ReadonlyMap<number, number>,
  ) {}

  /** Where a path of the container is on this machine. */
  path(inContainer: string): string {
    return join(this.root, inContainer);
  }

  /** Host and port that stand for a port of the container. */
  address(port: number): string {
    const here = this.ports.get(port);
    if (here === undefined) {
      throw new Error(`the container has no port ${port}: ${[...this.ports.keys()].join(', ')}`);
    }
    return `127.0.0.1:${here}`;
  }

  /** Starts it, for the first time or again with what it left on its disk; returns when all its components run. */
  async start(): Promise<void> {
    const { container, inCluster } = this.options;
    const before = this.output().length;
    const overlayArguments = Object.keys(this.overlayFiles()).map((path) => `--config=file:${path}`);
    this.program = Program.start(
      [
        'unshare',
        '--mount',
        '--uts',
        '--propagation',
        'private',
        'sh',
        '-ec',
        enterRoot(this.confinement()),
        this.root,
        this.options.hostname ?? hostname(),
        this.options.program ?? part('otelcol'),
        ...container.args,
        ...overlayArguments,
      ],
      {
        log: this.log,
        env: { PATH: process.env.PATH ?? '', ...inCluster?.env, ...container.env },
      },
    );
    await this.program.until('everything is ready', async () =>
      this.output().slice(before).includes('Everything is ready. Begin running and processing data.'),
    );
  }

  /** All that it wrote to stderr, over all its starts. */
  output(): string {
    return this.program?.output() ?? '';
  }

  /** Its log as objects, where the configuration asks for JSON. */
  logs(): { level: string; msg: string; [field: string]: unknown }[] {
    return this.output()
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  }

  /** SIGTERM, as the kubelet does it. */
  async stop(): Promise<void> {
    await this.program?.stop();
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.program?.kill();
  }

  get pid(): number | undefined {
    return this.program?.pid;
  }

  get running(): boolean {
    return this.program?.running ?? false;
  }

  private confinement(): Confinement | undefined {
    const { confined, container } = this.options;
    if (confined && !container.confinement) {
      throw new Error('what the container may do is not known');
    }
    return confined ? container.confinement : undefined;
  }

  private overlayFiles(): Record<string, string> {
    const config: Json = parse(configurationText(this.options.container));
    const input = { config, ports: this.ports, addresses: new Map(Object.entries(this.options.addresses ?? {})) };
    return Object.fromEntries(
      overlays.flatMap(({ name, of }) => {
        const overlay = of(input);
        return overlay === undefined ? [] : [[`/overlays/${name}.yaml`, stringify(overlay)]];
      }),
    );
  }
}

/** The program's path in the official image. */
const program = '/otelcol-contrib';

/** $0: the root folder, $1: the name of its host, $2: the collector. Its process id stays, so signals reach it. */
const enterRoot = (confinement?: Confinement) => `
hostname "$1"
binary=$2; shift 2
mount --bind "$binary" "$0${program}"
mount --rbind /proc "$0/proc"
mount --rbind /dev "$0/dev"
${(confinement?.readOnly ?? []).map((path) => `mount --bind "$0${path}" "$0${path}"; mount -o remount,bind,ro "$0${path}"`).join('\n')}
exec chroot "$0" ${confinement ? confined(confinement).join(' ') : ''} ${program} "$@"`;

const setpriv = '/usr/bin/setpriv';

/** What a runtime leaves to a process: it cannot get back what is not among its capabilities, not by starting another program either. */
const confined = ({ user, capabilities }: Confinement): string[] => [
  setpriv,
  '--no-new-privs',
  ...[`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--inh-caps=-all'],
  `--bounding-set=${['-all', ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(',')}`,
];

/** A program of this machine with the libraries that it needs, in another root. */
export function copyProgram(path: string, root: string): void {
  const libraries = execFileSync('ldd', [path], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const file of [path, ...libraries]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
}

function configurationText({ args, files }: Container): string {
  const paths = args.flatMap((argument) => /^--config=(?:file:)?(\/.*)$/.exec(argument)?.[1] ?? []);
  if (paths.length !== 1 || files[paths[0]] === undefined) {
    throw new Error(`expected one configuration file among ${JSON.stringify(args)}, and its text among ${Object.keys(files).join(', ')}`);
  }
  return files[paths[0]];
}

/** A container that runs a configuration of the test's own. Its ports are those that the configuration's endpoints listen on. */
export function containerOfConfiguration(text: string, env: Record<string, string> = {}, folders: string[] = []): Container {
  const { receivers = {}, extensions = {} } = parse(text);
  const ports = [...JSON.stringify({ receivers, extensions }).matchAll(/"endpoint":"[^":]*:(\d+)"/g)].map(([, port]) => Number(port));
  const path = '/etc/otelcol/config.yaml';
  return {
    image: '',
    command: [],
    args: [`--config=${path}`],
    env,
    ports,
    files: { [path]: text },
    folders: Object.fromEntries(folders.map((folder) => [folder, undefined])),
  };
}
