import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { ClickHouseUser } from '../../lib/clickhouse/clickhouse';

/** The two files that the server reads, as they are in the ConfigMap. */
export interface ServerFiles {
  readonly server: string;
  readonly users: string;
}

/**
 * The ClickHouse engine in this process. One at a time: close it before the next is opened.
 * It has one user, `default`, without a password: to act as another, it gets that one's rights and limits.
 */
export class Engine {
  /** An empty one, with the server's own defaults. */
  static bare(): Engine {
    return new Engine(new Session());
  }

  private constructor(private readonly session: Session) {}

  /** Opens a data folder with a rendered configuration, as one of its users, or as `default` with all rights. */
  static configured(folder: EngineFolder, files: ServerFiles, as?: ClickHouseUser): Engine {
    return new Engine(new Session(join(folder.path, 'data'), { connectionArgs: [`--config-file=${folder.lay(files, as)}`] }));
  }

  /** @throws with the engine's own message */
  run(statement: string): void {
    this.session.query(statement, 'Null');
  }

  /** Rows by column name. Numbers above 2^53 lose digits: ask for them as text. */
  rows<Row = Record<string, any>>(query: string): Row[] {
    return JSON.parse(String(this.session.query(query, 'JSON'))).data;
  }

  /** The only value of the only row. */
  value(query: string): any {
    return Object.values(this.rows(query)[0])[0];
  }

  close(): void {
    this.session.cleanup();
  }
}

/** A data folder that outlives the engine that is open on it, with configuration beside it. */
export class EngineFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'engine-'));

  constructor() {
    for (const folder of ['data', 'config.d', 'users.d']) {
      mkdirSync(join(this.path, folder));
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  /** Writes the files as they are, and beside them what makes up for another place and for what the embedded engine has not. */
  lay(files: ServerFiles, as?: ClickHouseUser): string {
    const write = (name: string, text: string) => {
      writeFileSync(join(this.path, name), text);
      return join(this.path, name);
    };
    write('users.xml', files.users.replaceAll('<changeable_in_readonly/>', ''));
    write(
      'hashes.xml',
      `<clickhouse>${Object.values(ClickHouseUser)
        .map((user) => `<${user}>${emptyHash}</${user}>`)
        .join('')}</clickhouse>`,
    );
    write(
      'users.d/here.xml',
      `<clickhouse><include_from replace="replace">${this.path}/hashes.xml</include_from><users><default>${userElement(files.users, as)}</default></users></clickhouse>`,
    );
    write(
      'config.d/here.xml',
      `<clickhouse><users_config replace="replace">${this.path}/users.xml</users_config>${elsewhere(this.path)}<logger><level>fatal</level><console>false</console></logger></clickhouse>`,
    );
    return write('config.xml', files.server);
  }
}

/** SHA-256 of nothing. */
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function userElement(users: string, as?: ClickHouseUser): string {
  if (!as) {
    return `<password_sha256_hex>${emptyHash}</password_sha256_hex><networks><ip>::/0</ip></networks><profile>default</profile><access_management>1</access_management>`;
  }
  const element = new RegExp(`<${as}>(.*?)</${as}>`, 's').exec(users.slice(users.indexOf('<users>')));
  return element![1].replace(/<password_sha256_hex incl="\w+"\/>/, `<password_sha256_hex>${emptyHash}</password_sha256_hex>`);
}

const elsewhere = (path: string) =>
  Object.entries({ path: '', tmp_path: 'tmp/', user_files_path: 'user_files/', format_schema_path: 'format_schemas/' })
    .map(([setting, folder]) => `<${setting} replace="replace">${path}/data/${folder}</${setting}>`)
    .join('');
