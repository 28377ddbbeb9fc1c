import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-files';

type Packages = Record<string, { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>;

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Packages };

/** What a package needs and the lock file does not hold. `npm ci` refuses such a file, on every platform, even for packages that only another platform installs. */
function missing(locked: Packages): string[] {
  return Object.entries(locked).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isFound(locked, path, name))
      .map((name) => `${path || 'package.json'} needs ${name}`),
  );
}

/** As Node looks for packages: beside the package itself, then in every folder above. */
function isFound(locked: Packages, from: string, name: string): boolean {
  const above = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1));
  return `${from && `${from}/`}node_modules/${name}` in locked || (from !== '' && isFound(locked, above, name));
}

test('npm ci finds every package in the lock file, those of other platforms too', () => {
  expect(missing(packages)).toEqual([]);
  expect(missing({ '': { dependencies: { a: '1' } }, 'node_modules/a': { optionalDependencies: { 'a-darwin': '1' } } })).toEqual([
    'node_modules/a needs a-darwin',
  ]);
});

test('the lock file names no registry', () => {
  expect(JSON.stringify(packages)).not.toMatch(/"resolved":/);
});
