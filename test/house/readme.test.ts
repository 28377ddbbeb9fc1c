import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilerErrors, programsOf } from './programs';
import { root } from './source-files';

const readme = programsOf('README.md', readFileSync(join(root, 'README.md'), 'utf8'));

test('every program of the README compiles', () => {
  expect(readme.length).toBeGreaterThan(0);
  expect(compilerErrors(readme)).toEqual([]);
});

test('its first program has 15 lines at most', () => {
  expect(readme[0].text.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});

test('a program that does not compile is named by its line', () => {
  const markdown = [
    '# Bad',
    '',
    '```ts',
    "import { SecretKey } from 'cdk8s-observability';",
    "SecretKey.of('name');",
    '```',
    '',
    '```sh',
    'ls',
    '```',
    '',
  ].join('\n');
  const programs = programsOf('bad.md', markdown);
  expect(programs).toHaveLength(1);
  expect(compilerErrors(programs)).toEqual(['bad.md:5: Expected 2 arguments, but got 1.']);
});
