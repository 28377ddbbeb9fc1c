import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { partsFolder, partsPath } from './parts';
import { afterTheFile, eventually, Program, type ProgramOptions, run } from './program';

/** Namespaces of their own for a cluster, held open by a process whose end ends everything in them. */
export class Namespaces {
  static async open(folder: string): Promise<Namespaces> {
    mkdirSync(folder, { recursive: true });
    const group = `${groupPrefix}${process.pid}-${Date.now()}`;
    afterTheFile(() => controlGroupsGone(group));
    const holder = Program.start([join(partsFolder, 'cluster/namespaces.sh'), folder, group], { log: join(folder, 'namespaces.log') });
    await holder.until('the namespaces are there', async () => existsSync(join(folder, 'ready')));
    return new Namespaces(holder, group);
  }

  private constructor(
    private readonly holder: Program,
    private readonly group: string,
  ) {}

  /** The command that runs a command inside, in the cluster's control groups. */
  within(command: readonly string[]): string[] {
    const [first] = readFileSync(`/proc/${this.holder.pid}/task/${this.holder.pid}/children`, 'utf8').split(' ');
    if (!first) {
      throw new Error(`the cluster is not there any more\n${this.holder.output()}`);
    }
    const enter = [
      'nsenter',
      '--target',
      first,
      '--mount',
      '--net',
      '--pid',
      '--uts',
      '--ipc',
      '--cgroup',
      '--',
      'env',
      `PATH=${partsPath}`,
    ];
    return [
      'sh',
      '-c',
      'for hierarchy in /sys/fs/cgroup/*/; do echo $$ >"$hierarchy$0/cgroup.procs"; done; exec "$@"',
      this.group,
      ...enter,
      ...command,
    ];
  }

  start(command: readonly string[], options: ProgramOptions): Program {
    return Program.start(this.within(command), options);
  }

  /** Ends everything inside, at once. */
  async close(): Promise<void> {
    await this.holder.kill();
    await controlGroupsGone(this.group);
  }
}

const groupPrefix = 'cdk8s-observability-';

/** Removes the group as soon as all its processes have ended; and what a run that was killed left behind. */
async function controlGroupsGone(group: string): Promise<void> {
  await eventually('the control groups are empty', async () => {
    await run(['sh', '-c', `find /sys/fs/cgroup/*/${groupPrefix}* -depth -type d -exec rmdir {} \\; 2>/dev/null`]);
    return !readdirSync('/sys/fs/cgroup').some((hierarchy) => existsSync(join('/sys/fs/cgroup', hierarchy, group)));
  });
}
