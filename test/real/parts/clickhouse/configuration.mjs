// A server's rendered configuration as the embedded engine takes it: copied, with the one user that the engine runs as beside the rendered ones.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false });

/**
 * The engine's own user: without a password, which the rendered configuration rightly forbids; so it has the hash of none.
 * Rights are asked of views (access.mjs), whose columns may be of any type that a query gives.
 */
const engineUser = `<clickhouse><users><default>
  <password_sha256_hex>e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</password_sha256_hex>
  <networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota><access_management>1</access_management>
</default></users><profiles><default><allow_suspicious_low_cardinality_types>1</allow_suspicious_low_cardinality_types></default></profiles><quotas><default/></quotas></clickhouse>`;

/** Where the data are, whatever the configuration says of its own file system. */
const enginePaths = (data) =>
  `<path>${data}/</path><tmp_path>${data}/tmp/</tmp_path><user_files_path>${data}/user_files/</user_files_path><format_schema_path>${data}/format_schemas/</format_schema_path>`;

/**
 * Copies the configuration into `folder`.
 * @param root what comes before the absolute paths inside the files: where the pod's file system is laid out. Empty in a container.
 * @param data the folder of the engine's data
 * @returns the copy's main file, and the hash of each user's password
 */
export async function engineConfiguration(configFile, root, data, folder) {
  await mkdir(folder, { recursive: true });
  const server = await copied(configFile, root, join(folder, 'config.xml'));
  const usersFile = server.map((document) => document.users_config).findLast(Boolean) ?? 'users.xml';
  const users = await copied(
    isAbsolute(usersFile) ? root + usersFile : join(dirname(configFile), usersFile),
    root,
    join(folder, 'users.xml'),
  );
  await writeFile(
    join(folder, 'config.d', 'zz-engine.xml'),
    `<clickhouse><users_config>${folder}/users.xml</users_config>${enginePaths(data)}</clickhouse>`,
  );
  await writeFile(join(folder, 'users.d', 'zz-engine.xml'), engineUser);
  return { file: join(folder, 'config.xml'), hashes: await passwordHashes(users) };
}

/** The same for `clickhouse local`, which knows no users: the engine wants to be told of one. */
export async function localConfiguration(configFile, folder) {
  await writeFile(join(folder, 'users.xml'), engineUser);
  const file = join(folder, 'config.xml');
  const own = await readFile(configFile, 'utf8');
  await writeFile(file, own.replace('<clickhouse>', `<clickhouse><users_config>${folder}/users.xml</users_config>${enginePaths(folder)}`));
  return file;
}

/** Copies a file and the folder of its overrides (`config.d` for `config.xml`); returns their documents in the order in which they are merged. */
async function copied(file, root, target) {
  const overrides = (of) => join(dirname(of), `${basename(of, '.xml')}.d`);
  await mkdir(overrides(target), { recursive: true });
  await cp(overrides(file), overrides(target), { recursive: true, dereference: true }).catch(ignoreMissing);
  await writeFile(target, await readFile(file));
  const names = (await readdir(overrides(target))).filter((name) => name.endsWith('.xml')).sort();
  const documents = [];
  for (const copy of [target, ...names.map((name) => join(overrides(target), name))]) {
    const text = (await readFile(copy, 'utf8'))
      .replaceAll('<include_from>/', `<include_from>${root}/`)
      // The embedded engine does not read `access_control_improvements`, without which a profile with this is refused.
      .replaceAll(/<changeable_in_readonly\s*\/>/g, '');
    await writeFile(copy, text);
    documents.push(parser.parse(text).clickhouse ?? {});
  }
  return documents;
}

async function passwordHashes(documents) {
  const includeFile = documents.map((document) => document.include_from).findLast(Boolean);
  const included = includeFile ? parser.parse(await readFile(includeFile, 'utf8')).clickhouse : {};
  const hashes = new Map();
  for (const [name, user] of documents.flatMap((document) => Object.entries(document.users ?? {}))) {
    if (user['@remove']) hashes.delete(name);
    const hash = user.password_sha256_hex;
    if (hash !== undefined)
      hashes.set(name, hash['@incl'] ? included[hash['@incl']] : hash['@from_env'] ? process.env[hash['@from_env']] : hash);
  }
  return hashes;
}

function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}
