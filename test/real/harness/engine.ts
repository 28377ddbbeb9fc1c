import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { partsFolder } from './parts';
import { Program, scratchFolder } from './program';

const program = join(partsFolder, 'clickhouse/clickhouse.mjs');

export interface EngineOptions {
  /** Where the data are. */
  readonly data?: string;
  /** A rendered configuration: `root` is where the pod's file system is laid out, `configFile` the path of the main file in it. Without it there are no passwords. */
  readonly configuration?: { readonly root: string; readonly configFile: string; readonly env?: Record<string, string> };
}

export interface EngineLogin {
  readonly username: string;
  readonly password: string;
}

/** The one user where no configuration names others. */
const engineUser: EngineLogin = { username: 'default', password: '' };

/** The ClickHouse engine behind an HTTP interface on the loopback. */
export class Engine {
  static async start(options: EngineOptions = {}): Promise<Engine> {
    const scratch = scratchFolder('engine');
    const data = options.data ?? join(scratch, 'data');
    mkdirSync(data, { recursive: true });
    const engine = new Engine(data, join(scratch, 'engine.log'), options);
    await engine.launch(0);
    return engine;
  }

  private program!: Program;
  private port = 0;

  private constructor(
    private readonly data: string,
    private readonly log: string,
    private readonly options: EngineOptions,
  ) {}

  /** Host and port. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Rows of a query as objects. */
  async query<Row = Record<string, unknown>>(sql: string, login: EngineLogin = engineUser): Promise<Row[]> {
    const client = createClient({ url: `http://${this.address}`, ...login, log: { level: ClickHouseLogLevel.OFF } });
    try {
      return await (await client.query({ query: sql, format: 'JSONEachRow' })).json<Row>();
    } finally {
      await client.close();
    }
  }

  /** Runs statements, separated by semicolons, as `clickhouse client --queries-file` does. */
  async execute(sql: string, login: EngineLogin = engineUser): Promise<void> {
    const headers = { 'X-ClickHouse-User': login.username, 'X-ClickHouse-Key': login.password };
    const response = await fetch(`http://${this.address}/?multiquery=1`, { method: 'POST', body: sql, headers });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(text);
    }
  }

  async count(table: string, condition = '1'): Promise<number> {
    const [{ rows }] = await this.query<{ rows: number }>(`SELECT count() AS rows FROM ${table} WHERE ${condition}`);
    return rows;
  }

  output(): string {
    return this.program.output();
  }

  /** SIGTERM, as the kubelet does it. */
  stop(): Promise<void> {
    return this.program.stop();
  }

  /** SIGKILL. */
  kill(): Promise<void> {
    return this.program.kill();
  }

  /** Starts again at the same address, with the data that are there. */
  async restart(): Promise<void> {
    await this.program.stop();
    await this.launch(this.port);
  }

  private async launch(port: number): Promise<void> {
    const { configuration } = this.options;
    const rendered = configuration ? ['--config-file', configuration.configFile, '--root', configuration.root] : [];
    const before = this.program?.output().length ?? 0;
    this.program = Program.start(
      [process.execPath, program, 'server', '--path', this.data, '--host', '127.0.0.1', '--port', String(port), ...rendered],
      {
        log: this.log,
        env: { ...(process.env as Record<string, string>), ...configuration?.env },
      },
    );
    this.port = await this.program.until('listens', async () => {
      const line = /^\{"port":(\d+)\}$/m.exec(this.program.output().slice(before));
      return line ? Number(line[1]) : undefined;
    });
  }
}
