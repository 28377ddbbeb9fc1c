import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { programsOf } from '../house/programs';
import { root } from '../house/source-files';

const bin = (name: string) => join(root, 'node_modules/.bin', name);
const programs = programsOf('README.md', readFileSync(join(root, 'README.md'), 'utf8'));

let folder: string;
let packed: { filename: string; size: number; files: { path: string }[] };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  run('npm', 'run', '--silent', 'build');
  [packed] = JSON.parse(run('npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  // Peers are the user's own: here the ones of this checkout. Nothing else is installed than what the tarball brings, so that what is missing in it is missed.
  run('npm', 'install', '--prefix', folder, '--offline', '--legacy-peer-deps', '--no-package-lock', join(folder, packed.filename));
  for (const peer of ['cdk8s', 'cdk8s-plus-27', 'constructs']) {
    symlinkSync(join(root, 'node_modules', peer), join(folder, 'node_modules', peer));
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('holds what runs, its types, its assembly and its papers, and nothing else', () => {
  const paths = packed.files.map(({ path }) => path).filter((path) => !path.startsWith('node_modules/'));
  expect(paths).toEqual(
    expect.arrayContaining([
      '.jsii',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'build/lib/cli/main.js',
      'build/lib/index.d.ts',
      'build/lib/index.js',
      'build/lib/otelcol.d.ts',
      'build/lib/otelcol.js',
      'docs/api.md',
    ]),
  );
  expect(
    paths.filter(
      (path) =>
        !/^(build\/lib\/.+\.(js|d\.ts)|build\/imports\/(\w+\.js|otelcol-types\.d\.ts)|docs\/(guides\/)?[\w-]+\.md|\.jsii|package\.json|[A-Z]+(\.md)?)$/.test(
          path,
        ),
    ),
  ).toEqual([]);
});

test('is smaller than 1.1 MB', () => {
  expect(packed.size).toBeLessThan(1_100_000);
});

test('the programs of the README compile against its types', () => {
  for (const [index, { text }] of programs.entries()) {
    writeFileSync(join(folder, `program-${index}.ts`), text);
  }
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  const files = programs.map((_, index) => `program-${index}.ts`);
  const options = ['--strict', '--module', 'node16', '--target', 'ES2022', '--types', 'node,jest'];
  expect(output(bin('tsc'), [...options, ...files])).toBe('');
});

describe('cdk8s-observability/otelcol', () => {
  const program = (field: string) => `
    import { ConfigValue, SecretKey } from 'cdk8s-observability';
    import { exporter, receiver, type FileLogReceiver } from 'cdk8s-observability/otelcol';
    const config: FileLogReceiver = { include: ['/var/log/audit/*.log'], ${field}: '1s' };
    const vendor = exporter('otlp_http', { config: { endpoint: 'https://otlp.example', headers: { key: ConfigValue.secret(SecretKey.of('vendor', 'key')) } } });
    console.log(receiver('file_log', { name: 'audit', config }).id, vendor.id);`;
  const compiled = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.ts`), text);
    return output(bin('tsc'), ['--strict', '--module', 'node16', '--target', 'ES2022', '--types', 'node', `${name}.ts`]);
  };

  test('compiles with its types, and runs', () => {
    expect(compiled('typed', program('poll_interval'))).toBe('');
    expect(output(process.execPath, ['typed.js'])).toBe('file_log/audit otlp_http\n');
  });

  test('refuses a misspelt field when it is compiled, and when it runs', () => {
    expect(compiled('misspelt', program('poll_intervall'))).toContain("'poll_intervall' does not exist in type 'FileLogReceiver'");
    expect(output(process.execPath, ['misspelt.js'])).toContain(
      'file_log.poll_intervall: given a field that does not exist; did you mean `poll_interval`?',
    );
  });
});

describe('the first program of the README', () => {
  const dist = () => join(folder, 'dist');

  test('writes the stack', () => {
    expect(output(process.execPath, ['program-0.js'])).toBe('');
    const manifests = parseAllDocuments(readFileSync(join(dist(), 'observability.k8s.yaml'), 'utf8')).map((document) => document.toJS());
    expect(manifests.filter(({ kind }) => kind === 'StatefulSet').map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(['clickhouse', 'collector']),
    );
  });

  test('gets its Secrets from the program that the package installs', () => {
    const manifests = parseAllDocuments(output(join(folder, 'node_modules/.bin/cdk8s-observability'), ['credentials', dist()])).map(
      (document) => document.toJS(),
    );
    expect(new Set(manifests.map(({ kind }) => kind))).toEqual(new Set(['Secret']));
  });
});

/** What a program prints, in the folder of the user; its errors too where it fails. */
function output(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, CDK8S_OUTDIR: join(folder, 'dist') },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `Error: ${stdout}${stderr}`;
  }
}
