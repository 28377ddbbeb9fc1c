import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './source-files';

/** For each rule of .dependency-cruiser.cjs files that break it: their path, and what they import. */
const bad: Record<string, Record<string, string>> = {
  'kubernetes-imports-downwards': { 'lib/kubernetes/up.ts': '../telemetry/floor' },
  'telemetry-imports-downwards': { 'lib/telemetry/up.ts': '../collector/floor' },
  'collector-imports-downwards': { 'lib/collector/up.ts': '../gateway/floor', 'lib/collector/sources/up.ts': '../../clickhouse/floor' },
  'clickhouse-imports-downwards': { 'lib/clickhouse/up.ts': '../grafana/floor' },
  'gateway-imports-downwards': { 'lib/gateway/up.ts': '../node-agent/floor' },
  'node-agent-imports-downwards': { 'lib/node-agent/up.ts': '../clickhouse/floor' },
  'cluster-agent-imports-downwards': { 'lib/cluster-agent/up.ts': '../gateway/floor' },
  'prometheus-agent-imports-downwards': { 'lib/prometheus-agent/up.ts': '../grafana/floor' },
  'grafana-imports-downwards': { 'lib/grafana/up.ts': '../gateway/floor' },
  'estimate-imports-downwards': { 'lib/estimate/up.ts': '../gateway/floor' },
  'tail-sampling-imports-downwards': { 'lib/tail-sampling/up.ts': '../grafana/floor' },
  'smoke-test-imports-downwards': { 'lib/smoke-test/up.ts': '../grafana/floor' },
  'cli-imports-downwards': { 'lib/cli/up.ts': '../gateway/floor' },
  'every-folder-has-its-place': { 'lib/new-folder/a.ts': '../kubernetes/floor' },
  'no-circles': { 'lib/kubernetes/one.ts': './other' },
  'the-surface-is-for-users': { 'lib/surface.ts': './index' },
  'nobody-needs-the-command-line': { 'lib/reads-cli.ts': './cli/floor' },
  'lib-stands-alone': { 'lib/reads-tests.ts': '../test/floor' },
  'examples-use-the-package': { 'examples/inside/main.ts': '../../lib/kubernetes/floor' },
  'generated-types-stay-inside': { 'lib/grafana/typed.ts': '../../imports/kubernetes' },
  'synthesis-is-pure': { 'lib/kubernetes/reads-files.ts': 'node:fs', 'lib/kubernetes/reads-machine.ts': 'os' },
  'one-yaml-serializer-a-format': { 'lib/clickhouse/writes-yaml.ts': 'yaml' },
  'one-xml-serializer': { 'lib/clickhouse/writes-xml.ts': 'fast-xml-builder' },
  'only-declared-dependencies': { 'lib/kubernetes/needs-tests.ts': 'fast-check' },
  resolvable: { 'lib/kubernetes/nowhere.ts': './nowhere-at-all' },
};

/** What is as it should be, next to the bad. */
const good: Record<string, string> = {
  ...Object.fromEntries(
    [
      'kubernetes',
      'telemetry',
      'collector',
      'clickhouse',
      'gateway',
      'node-agent',
      'cluster-agent',
      'prometheus-agent',
      'grafana',
      'cli',
    ].map((folder) => [`lib/${folder}/floor.ts`, 'constructs']),
  ),
  'lib/index.ts': './gateway/floor',
  'lib/grafana/down.ts': '../clickhouse/floor',
  'lib/kubernetes/object.ts': '../../imports/kubernetes',
  'lib/cli/credentials.ts': 'yaml',
  'lib/cli/files.ts': 'node:fs',
  'lib/clickhouse/configuration/xml.ts': 'fast-xml-builder',
  'lib/kubernetes/hash.ts': 'node:crypto',
  'lib/kubernetes/other.ts': './one',
  'examples/outside/main.ts': 'cdk8s-observability',
  'imports/kubernetes.ts': 'cdk8s',
  'test/floor.ts': 'fast-check',
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imports-'));
  for (const file of ['package.json', 'tsconfig.json', 'tsconfig.test.json', '.dependency-cruiser.cjs']) {
    copyFileSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, imported] of Object.entries(Object.assign({}, good, ...Object.values(bad)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `import type * as imported from '${imported}';\nexport type Imported = typeof imported;\n`);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('each import that breaks a rule is found, and no other', () => {
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/depcruise'), ['lib', 'imports', 'examples', 'test', '--output-type', 'json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const found: Record<string, string[]> = {};
  for (const { rule, from } of JSON.parse(stdout).summary.violations) {
    found[rule.name] = [...(found[rule.name] ?? []), from].sort();
  }
  expect(found).toEqual(Object.fromEntries(Object.entries(bad).map(([rule, files]) => [rule, Object.keys(files).sort()])));
});

test('each rule has bad fixtures', () => {
  const { forbidden } = require(join(root, '.dependency-cruiser.cjs'));
  expect(forbidden.map(({ name }: { name: string }) => name).sort()).toEqual(Object.keys(bad).sort());
});
