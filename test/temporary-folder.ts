import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string;

/** All that tests lay down for a while goes with them: cdk8s makes a folder for each app and leaves it. Workers get the environment of this process. */
export default function temporaryFolder(): void {
  folder = mkdtempSync(join(tmpdir(), 'cdk8s-observability-tests-'));
  process.env.TMPDIR = folder;
}

export function remove(): void {
  rmSync(folder, { recursive: true, force: true });
}
