// The ClickHouse engine in this process (chdb): one folder of data, one request at a time.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The package's module entry has no Session.
const { Session } = createRequire(import.meta.url)('chdb');

export class EngineError extends Error {
  constructor(message) {
    const text = message.replace(/^Query failed: /, '');
    super(text);
    this.code = Number(/Code: (\d+)\./.exec(text)?.[1] ?? 1001);
  }
}

const quoted = (text) => `'${String(text).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export class Engine {
  #session;
  #turn = Promise.resolve();
  #bodies;

  static async open(folder, configFile) {
    const engine = new Engine();
    engine.#session = new Session(folder, configFile ? { connectionArgs: [`--config-file=${configFile}`] } : undefined);
    engine.#bodies = await mkdtemp(join(tmpdir(), 'insert-'));
    // What the embedded engine takes beyond a server's SQL: `bad` as `SELECT bad`.
    await engine.query('SET implicit_select = 0');
    return engine;
  }

  /**
   * The answer's bytes. `body` is what an INSERT brings; database and settings hold for this query alone.
   * A database, once used, stays the session's, so nothing else may run meanwhile.
   */
  query(sql, { format = 'TabSeparated', database = 'default', settings = {}, body } = {}) {
    const run = async () => {
      await this.#run(`USE ${database}`, format);
      const set = [];
      try {
        for (const [name, value] of Object.entries(settings)) {
          await this.#run(`SET ${name} = ${quoted(value)}`, format);
          // Parameters of a query are set the same way and have no default.
          if (!name.startsWith('param_')) set.push(name);
        }
        return body === undefined ? await this.#run(sql, format) : await this.#insert(sql, format, body);
      } finally {
        for (const name of set) await this.#run(`SET ${name} = DEFAULT`, format);
      }
    };
    const answer = this.#turn.then(run);
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async rows(sql) {
    return JSON.parse((await this.query(sql, { format: 'JSON' })).toString()).data;
  }

  async close() {
    await this.#turn;
    this.#session.close();
    await rm(this.#bodies, { recursive: true });
  }

  async #run(sql, format) {
    try {
      return Buffer.from((await this.#session.queryAsync(sql, { format })).bytes());
    } catch (error) {
      throw new EngineError(error.message);
    }
  }

  /** The engine reads what is inserted from a file, in every format, types being the table's. */
  async #insert(sql, format, body) {
    const parts = /^(?<into>\s*insert\s+into\s.*?)(?<settings>\ssettings\s.*?)?\sformat\s+(?<format>\w+)\s*;?\s*$/is.exec(sql)?.groups;
    if (!parts) throw new EngineError(`Code: 62. DB::Exception: The stand-in knows INSERT … FORMAT, not: ${sql.slice(0, 200)}`);
    const file = join(this.#bodies, 'body');
    await writeFile(file, body);
    return this.#run(`${parts.into} FROM INFILE ${quoted(file)} ${parts.settings ?? ''} FORMAT ${parts.format}`, format);
  }
}
