import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilerErrors, examplesOf, programsOf, run } from './programs';
import { root, sourceFiles } from './source-files';

const readme = programsOf('README.md', readFileSync(join(root, 'README.md'), 'utf8'));

const surface = readFileSync(join(root, 'lib/index.ts'), 'utf8');
const publicNames = [...surface.matchAll(/^export \{([^}]+)\}/gms)].flatMap(([, names]) => names.match(/\w+/g) ?? []);

test('every program of the README compiles', () => {
  expect(readme.length).toBeGreaterThan(0);
  expect(compilerErrors(readme)).toEqual([]);
});

const guideFolder = join(root, 'docs/guides');
const guides = readdirSync(guideFolder).flatMap((file) => programsOf(`docs/guides/${file}`, readFileSync(join(guideFolder, file), 'utf8')));

test('every program of the guides compiles', () => {
  expect(guides.length).toBeGreaterThan(0);
  expect(compilerErrors(guides)).toEqual([]);
});

describe('every program of README and guides runs as it is printed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  const outside = ['log', 'warn'] as const;
  beforeAll(() => outside.forEach((name) => void jest.spyOn(console, name).mockImplementation(() => {})));
  afterAll(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });
  // What holds a test is one for jest itself.
  const programs = [...readme, ...guides].filter(({ text }) => !/^test\(/m.test(text));

  test.each(programs.map((program) => [program.where, program] as const))('%s', (_where, program) => {
    run(program, folder);
  });

  test('one that fails is named by its line', () => {
    expect(() =>
      run({ where: 'bad.md:3', text: "import { SecretKey } from 'cdk8s-observability';\nSecretKey.of('a b', 'c');" }, folder),
    ).toThrow('bad.md:3: SecretKey.of: 1 problem');
  });
});

test("the README's first program has 15 lines at most", () => {
  expect(readme[0].text.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});

test('every example in a docstring compiles', () => {
  const examples = sourceFiles('lib').flatMap((file) => examplesOf(file, publicNames));
  expect(examples.length).toBeGreaterThan(0);
  expect(compilerErrors(examples)).toEqual([]);
});

test('a program that does not compile is named by its line', () => {
  const markdown = '# Bad\n\n```ts\nimport { SecretKey } from "cdk8s-observability";\nSecretKey.of("name");\n```\n\n```sh\nls\n```\n';
  const source =
    '/**\n * What it is.\n *\n * @example\n * SecretKey.of("name", "key");\n * SecretKey.of("name");\n */\nexport class Bad {}\n';
  const programs = [
    ...programsOf('bad.md', markdown),
    ...examplesOf({ path: 'lib/bad.ts', text: source }, ['SecretKey', 'ClickHouseCluster', 'CollectorGateway']),
  ];
  expect(programs).toHaveLength(2);
  expect(compilerErrors(programs).filter((error) => /arguments/.test(error))).toEqual([
    'bad.md:5: Expected 2 arguments, but got 1.',
    'lib/bad.ts:6: Expected 2 arguments, but got 1.',
  ]);
});
