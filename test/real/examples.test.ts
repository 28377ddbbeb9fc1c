import { createServer } from 'node:http';
import { exampleNames, manifestsOf, runExample } from '../examples/examples';
import { node } from './cluster-contents';
import { RealCollector } from './harness/collector';
import { type Container, containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { afterTheFile } from './harness/program';
import { accountsOf } from './stack';

// Every collector of every example, as its YAML has it: the real program takes its configuration and starts all of its components. What it then does is the matter
// of other tests; there is no store and no gateway here, so what it sends waits.

/** Nobody listens there. */
const nowhere = '127.0.0.1:9';
const allocatorAddress = '127.0.0.22';

interface Started {
  readonly workload: Manifest;
  readonly objects: Manifest[];
  /** What to call it here. */
  readonly name: string;
}

let plane: ControlPlane;
/** Examples have most of their collectors in common: what equals another is started once. */
const ready = new Set<string>();

beforeAll(async () => {
  plane = await ControlPlane.start({ controllers: 'none' });
  // An agent that asks a target allocator waits for it before it is ready.
  const allocator = createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  afterTheFile(async () => void allocator.close());
  await new Promise<void>((listening) => allocator.listen(8080, allocatorAddress, listening));
}, 120_000);

const templateOf = ({ spec }: Manifest) => (spec?.jobTemplate?.spec ?? spec)?.template?.spec;
const isCollector = ({ args = [] }: Manifest) => args.some((argument: string) => argument.startsWith('--config='));

/** The collectors of an example; each of its files is a cluster's, or of another namespace. */
const collectorsOf = (example: string): Started[] =>
  Object.entries(runExample(example)).flatMap(([file, text]) => {
    const objects = manifestsOf({ [file]: text });
    return objects
      .filter((object) => templateOf(object)?.containers.some(isCollector))
      .map((workload) => ({ workload, objects, name: `${example}/${file}: ${workload.metadata.name}` }));
  });

/** A value for everything that is asked for in a Secret. */
function secretsOf(template: Manifest, certificate: string): Record<string, Record<string, string>> {
  const secrets: Record<string, Record<string, string>> = {};
  const give = (name: string, key: string) => {
    secrets[name] = { ...secrets[name], [key]: key.endsWith('.crt') ? certificate : `${key} of ${name}` };
  };
  for (const { env = [] } of template.containers) {
    for (const { valueFrom } of env.filter((variable: Manifest) => variable.valueFrom?.secretKeyRef)) {
      give(valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key);
    }
  }
  for (const volume of template.volumes ?? []) {
    for (const { secret } of [volume, ...(volume.projected?.sources ?? [])].filter((source: Manifest) => source.secret)) {
      for (const { key } of secret.items ?? []) {
        give(secret.secretName ?? secret.name, key);
      }
    }
  }
  return secrets;
}

/** All that a configuration connects to within its cluster. */
const addressesOf = ({ files }: Container): Record<string, string> =>
  Object.fromEntries([...JSON.stringify(files).matchAll(/[\w-]+(?:\.[\w-]+)*\.svc:\d+/g)].map(([address]) => [address, nowhere]));

async function becomesReady({ workload, objects, name }: Started): Promise<void> {
  const { namespace } = workload.metadata;
  const template = templateOf(workload);
  const accounts = accountsOf(objects);
  const namespaces = new Set([namespace, ...accounts.flatMap(({ metadata }) => metadata.namespace ?? [])]);
  await plane.apply([...namespaces].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
  await plane.apply(accounts);
  const { env, files } = await plane.inCluster(template.serviceAccountName, namespace);
  const certificate = Object.entries(files).find(([path]) => path.endsWith('/ca.crt'))?.[1] ?? '';
  const container = containerOf(objects, workload.metadata.name, template.containers.find(isCollector).name, {
    nodeName: node,
    secrets: secretsOf(template, certificate),
  });
  const same = JSON.stringify([workload.metadata.name, namespace, container]);
  if (ready.has(same)) {
    return;
  }
  const hosts = ['127.0.0.1 localhost', `${allocatorAddress} prometheus-agent-target-allocator.${namespace}.svc`];
  const collector = await RealCollector.prepare({
    container,
    addresses: addressesOf(container),
    inCluster: { env, files: { ...files, '/etc/hosts': `${hosts.join('\n')}\n` } },
  });
  await collector.start().catch((error: Error) => {
    throw new Error(`${name}: ${error.message}`);
  });
  await collector.stop();
  ready.add(same);
}

test.each(exampleNames)(
  '[examples] every collector of examples/%s starts all of its components',
  async (example) => {
    const collectors = collectorsOf(example);
    expect(collectors.length).toBeGreaterThan(0);
    for (const collector of collectors) {
      await becomesReady(collector);
    }
  },
  120_000,
);
