import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { part, partsFolder } from './parts';
import { succeed } from './program';

/** An image in a file, in the format of `docker save`, under a name that says what is in it. */
export interface PackedImage {
  readonly name: string;
  readonly file: string;
}

interface Recipe {
  readonly name: string;
  /** Files and folders of the machine by their path in the image. Programs bring the shared libraries that they need. */
  readonly files: Record<string, string>;
  readonly texts?: Record<string, string>;
  readonly links?: Record<string, string>;
  /** The image's configuration: User, Entrypoint, Cmd, Env. */
  readonly config: Record<string, unknown>;
}

/** Beside the programs that parts/build.sh builds. */
const folder = resolve(part('otelcol'), '../../images');
const modules = resolve(__dirname, '../../../node_modules');

/** The collector, as its official image: nothing else in it, user 10001. */
export const collectorImage = () =>
  pack({
    name: 'collector',
    files: { '/otelcol-contrib': part('otelcol'), '/etc/ssl/certs/ca-certificates.crt': '/etc/ssl/certs/ca-certificates.crt' },
    config: { User: '10001:10001', Entrypoint: ['/otelcol-contrib'], Cmd: ['--config', '/etc/otelcol-contrib/config.yaml'] },
  });

/** What stands in for ClickHouse: the engine behind an HTTP interface, and the program `clickhouse` with `server`, `local` and `client`. No shell. */
export const clickHouseImage = () =>
  pack({
    name: 'clickhouse',
    files: {
      '/bin/node': process.execPath,
      '/app/parts': join(partsFolder, 'clickhouse'),
      ...nodePackages(['chdb', '@chdb/lib-linux-x64-gnu', 'fast-xml-parser']),
    },
    texts: { '/usr/bin/clickhouse': "#!/bin/node\nimport('/app/parts/clickhouse.mjs');\n" },
    config: { User: '101:101', Entrypoint: ['/usr/bin/clickhouse', 'server'] },
  });

/** What stands in for Grafana. */
export const grafanaImage = () =>
  pack({
    name: 'grafana',
    files: { '/bin/node': process.execPath, '/app/grafana.mjs': join(partsFolder, 'grafana/grafana.mjs'), ...nodePackages(['yaml']) },
    config: { User: '472:0', Entrypoint: ['/bin/node', '/app/grafana.mjs'] },
  });

/** A shell with the usual commands, for applications of tests. */
export const busyboxImage = () =>
  pack({
    name: 'busybox',
    files: { '/bin/busybox': '/usr/bin/busybox' },
    texts: { '/etc/passwd': 'root:x:0:0:root:/:/bin/sh\n', '/etc/group': 'root:x:0:\n' },
    links: Object.fromEntries(applets().map((name) => [`/bin/${name}`, 'busybox'])),
    config: { Cmd: ['sh'], Env: ['PATH=/bin'] },
  });

const applets = () =>
  execFileSync('busybox', ['--list'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .filter((name) => name !== 'busybox');

export const pauseImage = () =>
  pack({
    name: 'pause',
    files: { '/bin/busybox': '/usr/bin/busybox' },
    links: { '/bin/sleep': 'busybox' },
    config: { Entrypoint: ['/bin/sleep', 'infinity'] },
  });

export const corednsImage = () =>
  pack({ name: 'coredns', files: { '/coredns': part('coredns') }, config: { User: '65532:65532', Entrypoint: ['/coredns'] } });

/** Packs an image unless one of the same recipe is there. */
async function pack(recipe: Recipe): Promise<PackedImage> {
  const key = createHash('sha256')
    .update(JSON.stringify(recipe))
    .update(Object.values(recipe.files).map(stamp).join())
    .digest('hex')
    .slice(0, 16);
  const image = { name: `harness.test/${recipe.name}:${key}`, file: join(folder, `${recipe.name}-${key}.tar`) };
  if (!existsSync(image.file)) {
    mkdirSync(folder, { recursive: true });
    const work = mkdtempSync(join(folder, '.packing-'));
    try {
      await fill(join(work, 'root'), recipe);
      renameSync(await archive(work, image.name, recipe.config), image.file);
    } finally {
      rmSync(work, { recursive: true });
    }
  }
  return image;
}

/** Changes when what it names does: contents of small things, size and time of large ones. */
function stamp(path: string): string {
  const { size, mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) {
    return size > 1024 * 1024 ? `${path} ${size} ${mtimeMs}` : readFileSync(path, 'utf8');
  }
  const description = join(path, 'package.json');
  return existsSync(description)
    ? readFileSync(description, 'utf8')
    : readdirSync(path)
        .sort()
        .map((name) => stamp(join(path, name)))
        .join();
}

async function fill(root: string, { files, texts = {}, links = {} }: Recipe): Promise<void> {
  const at = (path: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  mkdirSync(join(root, 'tmp'), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const [path, from] of Object.entries(files)) {
    cpSync(from, at(path), { recursive: true, dereference: true });
  }
  for (const [path, text] of Object.entries(texts)) {
    writeFileSync(at(path), text, { mode: path.startsWith('/usr/bin') ? 0o755 : 0o644 });
  }
  for (const [path, target] of Object.entries(links)) {
    symlinkSync(target, at(path));
  }
  for (const library of await libraries(root)) {
    if (!existsSync(join(root, library))) {
      cpSync(library, at(library), { dereference: true });
    }
  }
}

/** The machine's shared libraries that programs below `root` need. */
async function libraries(root: string): Promise<string[]> {
  const found = await succeed([
    'sh',
    '-c',
    `find "$0" -type f \\( -perm -u+x -o -name '*.so*' -o -name '*.node' \\) -exec ldd {} \\; 2>/dev/null || true`,
    root,
  ]);
  const paths = found.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return [...new Set(paths)].filter((path) => !path.startsWith(root));
}

/** One layer, and the same bytes every time. */
async function archive(work: string, name: string, config: Record<string, unknown>): Promise<string> {
  const tar = ['tar', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await succeed([...tar, '-C', join(work, 'root'), '-cf', join(work, 'layer.tar'), '.']);
  const [digest] = (await succeed(['sha256sum', join(work, 'layer.tar')])).split(' ');
  writeFileSync(
    join(work, 'config.json'),
    JSON.stringify({ architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] } }),
  );
  writeFileSync(join(work, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]));
  await succeed([...tar, '-C', work, '-cf', join(work, 'image.tar'), 'manifest.json', 'config.json', 'layer.tar']);
  return join(work, 'image.tar');
}

/** Packages of node_modules and what they depend on, where a program in /app finds them. */
function nodePackages(names: string[]): Record<string, string> {
  const found = new Map<string, string>();
  const add = (name: string) => {
    if (!found.has(name)) {
      found.set(name, join(modules, name));
      Object.keys(JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).dependencies ?? {}).forEach(add);
    }
  };
  names.forEach(add);
  return Object.fromEntries([...found].map(([name, from]) => [`/app/node_modules/${name}`, from]));
}
