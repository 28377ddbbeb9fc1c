import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { laws } from '../laws/laws';
import type { Manifest } from '../laws/manifests';
import { exampleNames, examplesFolder, manifestsOf, runExample } from './examples';

/** `UPDATE_EXAMPLES=1 npm test` writes the YAML anew; the difference is for a person to read. */
const update = process.env.UPDATE_EXAMPLES === '1';

describe.each(exampleNames)('examples/%s', (name) => {
  let files: Record<string, string>;
  let manifests: Manifest[];
  const printed: string[] = [];
  beforeAll(() => {
    const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    files = runExample(name);
    write.mockRestore();
    manifests = manifestsOf(files);
  });

  test('writes the YAML that stands beside it', () => {
    const folder = join(examplesFolder, name);
    if (update) {
      for (const [file, text] of Object.entries(files)) {
        writeFileSync(join(folder, file), text);
      }
    }
    expect(
      readdirSync(folder)
        .filter((file) => file.endsWith('.yaml'))
        .sort(),
    ).toEqual(Object.keys(files));
    for (const [file, text] of Object.entries(files)) {
      expect(existsSync(join(folder, file)) && readFileSync(join(folder, file), 'utf8')).toBe(text);
    }
  });

  test('writes the same bytes twice', () => {
    expect(runExample(name)).toEqual(files);
  });

  test('warns of nothing but what its reader has to decide', () => {
    const decisions = /: (nobody is told of alerts|the kubelet's certificate is not verified)/;
    expect(printed.filter((text) => !decisions.test(text))).toEqual([]);
  });

  test.each(Object.keys(laws))('keeps the law: %s', (law) => {
    expect(laws[law](ours(manifests))).toEqual([]);
  });
});

/** What users bring themselves is theirs to judge. */
const ours = (manifests: Manifest[]) => manifests.filter(({ metadata }) => metadata.namespace !== 'shop');
