import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Secret as the kubelet lays it out: files are links through `..data`, and a new version comes by one renaming. */
export class SecretMount {
  private version = 0;

  constructor(private readonly folder: string) {}

  write(data: Record<string, string>): void {
    const version = `..version_${++this.version}`;
    mkdirSync(join(this.folder, version), { recursive: true });
    for (const [key, text] of Object.entries(data)) {
      writeFileSync(join(this.folder, version, key), text);
    }
    symlinkSync(version, join(this.folder, '..data_tmp'));
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'));
    if (this.version === 1) {
      for (const key of Object.keys(data)) {
        rmSync(join(this.folder, key), { force: true });
        symlinkSync(join('..data', key), join(this.folder, key));
      }
    }
  }
}
