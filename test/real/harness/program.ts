import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What has to be ended or removed after a test file, the latest first, whether its tests passed or not. */
const leftovers: (() => Promise<void>)[] = [];

/** For afterAll of every test file: see end-of-file.ts. */
export async function cleanUp(): Promise<void> {
  for (const end of leftovers.splice(0).reverse()) {
    await end();
  }
}

export const afterTheFile = (end: () => Promise<void>): void => void leftovers.push(end);

/** A folder that is removed after the test file. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `cdk8s-observability-${name}-`));
  afterTheFile(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface ProgramOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** The file that takes stdout and stderr. */
  readonly log: string;
}

/** A process that a test started. It ends with the test file at the latest: with the process of the tests, however that ends. */
export class Program {
  static start(command: readonly string[], options: ProgramOptions): Program {
    const log = openSync(options.log, 'a');
    // The kernel ends it when the tests' process ends.
    const child = spawn('setpriv', ['--pdeathsig', 'SIGKILL', '--', ...command], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const program = new Program(basename(command[0]), child, options.log);
    afterTheFile(() => program.kill());
    return program;
  }

  /** Resolves with the exit status, or the signal's name. */
  readonly ended: Promise<number | string>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    private readonly logFile: string,
  ) {
    this.ended = new Promise((ended) => {
      child.once('exit', (status, signal) => ended(status ?? signal ?? 'unknown'));
      child.once('error', (error) => ended(error.message));
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) {
      throw new Error(`${this.name} did not start`);
    }
    return this.child.pid;
  }

  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it has written so far, to stdout and stderr. */
  output(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** Waits for something that this program brings about. Fails when the program ends, or the time. */
  async until<T>(what: string, probe: () => Promise<T | undefined | false>, seconds = 60): Promise<T> {
    return eventually(`${this.name}: ${what}`, probe, seconds, () => {
      if (!this.running) {
        throw new Error(`${this.name} ended (${this.child.exitCode ?? this.child.signalCode}) before: ${what}\n${this.tail()}`);
      }
    }).catch((error: Error) => {
      throw error.message.includes('\n') ? error : new Error(`${error.message}\n${this.tail()}`);
    });
  }

  /** SIGTERM; and SIGKILL when that takes too long, which is an error. */
  async stop(seconds = 30): Promise<void> {
    if (!this.running) {
      return;
    }
    this.child.kill('SIGTERM');
    const inTime = await Promise.race([this.ended.then(() => true), sleep(seconds * 1000, false, { ref: false })]);
    await this.kill();
    if (!inTime) {
      throw new Error(`${this.name} did not end within ${seconds} s of SIGTERM\n${this.tail()}`);
    }
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.running) {
      this.child.kill('SIGKILL');
      await this.ended;
    }
  }

  private tail(): string {
    return this.output().split('\n').slice(-30).join('\n').slice(-6000);
  }
}

/** Asks until the answer is something; an error counts as no answer, and the last one is told when time is over. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  seconds = 60,
  alive: () => void = () => {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < deadline) {
    alive();
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) {
        return answer;
      }
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`after ${seconds} s not yet: ${what}${last instanceof Error ? `: ${last.message}` : ''}`);
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly input?: string;
  readonly seconds?: number;
}

/** Runs a command to its end, whatever its status. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((done, failed) => {
    const child = execFile(
      command[0],
      command.slice(1),
      {
        env: options.env ?? process.env,
        cwd: options.cwd,
        timeout: (options.seconds ?? 120) * 1000,
        killSignal: 'SIGKILL',
        maxBuffer: 256 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error && (typeof error.code !== 'number' || error.killed)) {
          failed(
            new Error(`${command.join(' ')}: ${error.killed ? `not done after ${options.seconds ?? 120} s` : error.message}\n${stderr}`),
          );
        } else {
          done({ status: error ? Number(error.code) : 0, stdout, stderr });
        }
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** Runs a command that has to succeed; returns its stdout. */
export async function succeed(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await run(command, options);
  if (status !== 0) {
    throw new Error(`${command.join(' ')}: status ${status}\n${stderr}${stdout}`);
  }
  return stdout;
}
