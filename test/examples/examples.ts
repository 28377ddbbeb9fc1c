import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const examplesFolder = join(__dirname, '../../examples');

export const exampleNames = readdirSync(examplesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** Runs an example as `cdk8s synth` does, and gives the text of each file that it wrote. */
export function runExample(name: string): Record<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), 'example-'));
  const before = process.env.CDK8S_OUTDIR;
  process.env.CDK8S_OUTDIR = outdir;
  try {
    jest.isolateModules(() => require(join(examplesFolder, name, 'main')));
    return Object.fromEntries(
      readdirSync(outdir)
        .sort()
        .map((file) => [file, readFileSync(join(outdir, file), 'utf8')]),
    );
  } finally {
    process.env.CDK8S_OUTDIR = before;
    if (before === undefined) {
      delete process.env.CDK8S_OUTDIR;
    }
    rmSync(outdir, { recursive: true });
  }
}

export const manifestsOf = (files: Record<string, string>) =>
  Object.values(files).flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()));
