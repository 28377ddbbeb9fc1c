// Who may log in and do what. The engine runs everything as one user, so passwords are checked here, against the rendered hashes,
// and rights are asked of the engine, which has read the rendered grants.
import { createHash } from 'node:crypto';
import { EngineError } from './engine.mjs';

/** Without a configuration there is one user, and no password. */
export const openAccess = { authenticate: () => undefined, authorize: async () => {} };

/** `hashes`: SHA-256 of each user's password, in hexadecimal digits. */
export class Access {
  #engine;
  #hashes;
  #views = 0;

  constructor(engine, hashes) {
    this.#engine = engine;
    this.#hashes = hashes;
  }

  authenticate(headers, parameters) {
    const { user, password } = credentials(headers, parameters);
    if (this.#hashes.get(user) === createHash('sha256').update(password).digest('hex')) return user;
    throw new EngineError(
      `Code: 516. DB::Exception: ${user}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`,
    );
  }

  /** A user without rendered grants may do everything. */
  async authorize(user, sql, database) {
    const grants = await this.#engine.rows(`SELECT access_type FROM system.grants WHERE user_name = '${user}'`);
    const granted = new Set(grants.map(({ access_type }) => access_type));
    if (granted.has('CREATE') || granted.has('CREATE TABLE') || granted.has('ALL')) return;
    const kind = /^\s*(?:--[^\n]*\n\s*)*(\w+)/.exec(sql)?.[1].toUpperCase() ?? '';
    if (['DESC', 'DESCRIBE', 'SHOW', 'EXISTS'].includes(kind)) return;
    if (kind === 'INSERT' && granted.has('INSERT')) return;
    if (['SELECT', 'WITH'].includes(kind)) return this.#authorizeRead(user, sql, database);
    throw new EngineError(`Code: 497. DB::Exception: ${user}: Not enough privileges for ${kind}. (ACCESS_DENIED)`);
  }

  /** A view reads with its definer's rights: the engine itself judges by table and column whether the query may be made. */
  async #authorizeRead(user, sql, database) {
    const query = sql.replace(/\sformat\s+\w+\s*;?\s*$/i, '');
    // Requests come side by side.
    const view = `default.rights_of_${user}_${this.#views++}`;
    await this.#engine.query(`CREATE OR REPLACE VIEW ${view} DEFINER = ${user} SQL SECURITY DEFINER AS ${query}`, { database });
    try {
      await this.#engine.query(`EXPLAIN SELECT * FROM ${view}`, { database });
    } finally {
      await this.#engine.query(`DROP VIEW ${view}`);
    }
  }
}

function credentials(headers, parameters) {
  const basic = /^Basic (.*)$/.exec(headers.authorization ?? '')?.[1];
  if (basic) {
    const [user, ...password] = Buffer.from(basic, 'base64').toString().split(':');
    return { user, password: password.join(':') };
  }
  return {
    user: headers['x-clickhouse-user'] ?? parameters.get('user') ?? 'default',
    password: headers['x-clickhouse-key'] ?? parameters.get('password') ?? '',
  };
}
