import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { missingSecrets, type SecretReference } from './secret-references';

export interface Credentials {
  /** Secrets as YAML, for `kubectl apply -f -`. Empty where none is to be made. */
  readonly manifests: string;
  /** For people: what they have to bring themselves. */
  readonly notes: string;
}

/** Reads all manifests of a folder and makes the Secrets that they refer to and do not hold. Writes nothing. */
export function credentials(directory: string): Credentials {
  const missing = missingSecrets(readManifests(directory));
  const made = missing.filter(({ randomKeys }) => randomKeys.length > 0);
  const unknown = missing
    .map((secret) => ({ ...secret, keys: secret.keys.filter((key) => !secret.randomKeys.some((random) => random.key === key)) }))
    .filter(({ keys, randomKeys }) => keys.length > 0 || randomKeys.length === 0);
  const values = new Map(made.flatMap(({ randomKeys }) => randomKeys.map(({ value }) => [value, randomPassword()])));
  return { manifests: made.map((secret) => secretManifest(secret, values)).join('---\n'), notes: notes(made, unknown) };
}

function readManifests(directory: string): object[] {
  const documents = yamlFiles(directory).flatMap((file) =>
    parseAllDocuments(readFileSync(join(directory, file), 'utf8')).map((document) => {
      if (document.errors.length > 0) {
        throw new Error(`${file}: ${document.errors[0].message}`);
      }
      return document.toJS();
    }),
  );
  const manifests = documents.filter((document) => document?.apiVersion && document.kind);
  if (manifests.length === 0) {
    throw notSynthesized(directory, documents.length > 0 ? 'holds YAML and no Kubernetes objects' : 'holds no YAML');
  }
  return manifests;
}

function yamlFiles(directory: string): string[] {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (!found?.isDirectory()) {
    throw notSynthesized(directory, found ? 'is no folder' : 'is not there');
  }
  return readdirSync(directory)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort();
}

const notSynthesized = (directory: string, why: string) =>
  new Error(`${directory} ${why}: run \`cdk8s synth\` first, and give the folder that it writes, by default \`dist\``);

/** Immutable, so that a second run cannot change a password under running programs: to change one, delete the Secret first. */
function secretManifest({ namespace, name, randomKeys }: SecretReference, values: ReadonlyMap<string, string>): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    immutable: true,
    stringData: Object.fromEntries(randomKeys.map(({ key, value }) => [key, values.get(value)])),
  });
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 40 letters and digits: 238 bits, and no character that a URL, a shell or YAML treats in its own way. */
function randomPassword(): string {
  return Array.from({ length: 40 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function notes(made: readonly SecretReference[], unknown: readonly SecretReference[]): string {
  const lines = [
    `${made.length} ${made.length === 1 ? 'Secret' : 'Secrets'} made: ${made.map(({ namespace, name }) => `${namespace}/${name}`).join(', ') || 'none was missing'}`,
  ];
  lines.push(...ofOneValue(made));
  if (unknown.length > 0) {
    lines.push('Only you know what belongs into these; the pods that read them wait until they are there:');
    for (const { namespace, name, keys } of unknown) {
      lines.push(`  kubectl create secret generic ${name} -n ${namespace}${(keys.length > 0 ? keys : ['KEY']).map(given).join('')}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Certificates and their keys are files. */
const given = (key: string) => ` --from-${/\.(crt|key|pem)$/.test(key) ? 'file' : 'literal'}=${key}=…`;

/** One of them alone cannot be made again: the other would have another value, and whoever sends it be refused. */
function ofOneValue(made: readonly SecretReference[]): string[] {
  const holders = new Map<string, string[]>();
  for (const { namespace, name, randomKeys } of made) {
    for (const { value } of randomKeys) {
      holders.set(value, [...(holders.get(value) ?? []), `${namespace}/${name}`]);
    }
  }
  return [...holders.values()]
    .filter((secrets) => secrets.length > 1)
    .map((secrets) => `${secrets.join(' and ')} hold one value: if one is refused because it is there already, delete all of them first`);
}
