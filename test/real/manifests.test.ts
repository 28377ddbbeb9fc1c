import { readFileSync } from 'node:fs';
import { Duration } from 'cdk8s';
import { ContactPoint, Images, SecretKey } from '../../lib';
import { exampleNames, manifestsOf, runExample } from '../examples/examples';
import { dropped } from './dropped';
import type { Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { kedaIsServed } from './harness/keda';
import { part } from './harness/parts';
import { eventually } from './harness/program';
import { monitorsAreServed } from './monitored-targets';
import { quickstart } from './stack';

/** What goes to one cluster: a program's files, or each of them where two hold an object of one name. */
function clustersOf(name: string): [string, Manifest[]][] {
  const files = Object.entries(runExample(name)).map(([file, text]): [string, Manifest[]] => [
    `${name}/${file}`,
    manifestsOf({ [file]: text }),
  ]);
  const all = files.flatMap(([, objects]) => objects);
  const ids = new Set(all.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name].join('/')));
  return ids.size < all.length ? files : [[name, all]];
}

const examples: Record<string, Manifest[]> = Object.fromEntries(exampleNames.flatMap(clustersOf));

const namespacesFirst = (objects: Manifest[]) => {
  const named = new Set(objects.flatMap(({ kind, metadata }) => (kind === 'Namespace' ? [metadata.name] : [])));
  const others = [...new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))].filter((name) => !named.has(name));
  return [
    ...others.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...objects.filter(({ kind }) => kind === 'Namespace'),
  ];
};

/** What users bring themselves is written by cdk8s-plus, which spells quantities and defaults in its own way. */
const ours = (objects: Manifest[]) => objects.filter(({ metadata }) => metadata.namespace !== 'shop');

const workloads = (objects: Manifest[]) => objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind));

describe.each([
  ['1.36', undefined],
  ['1.33', '1.33'],
])('[manifests] a real API server, Kubernetes %s', (_version, emulatedVersion) => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await ControlPlane.start({ emulatedVersion, controllers: 'without-nodes' });
    await plane.apply(readFileSync(part('securitycontextconstraints.yaml'), 'utf8'));
    await eventually('constraints of OpenShift are served', async () => {
      await plane.kubectl(['get', 'securitycontextconstraints.security.openshift.io']);
      return true;
    });
    await monitorsAreServed(plane);
    await kedaIsServed(plane);
  }, 120_000);

  test.each(Object.keys(examples))('takes every object of examples/%s strictly, without a warning, and drops no field', async (name) => {
    const objects = examples[name];
    await plane.apply(namespacesFirst(objects));
    const came = await plane.apply(objects);
    const back = (sent: Manifest) =>
      came.find(
        ({ kind, metadata }) =>
          kind === sent.kind && metadata.name === sent.metadata.name && metadata.namespace === sent.metadata.namespace,
      );
    expect(ours(objects).flatMap((sent) => dropped(sent, back(sent), `${sent.kind}/${sent.metadata.name}`))).toEqual([]);
    await plane.dryRunPods(workloads(ours(objects)));
  });
});

test('[manifests] the controllers make all pods of the quickstart', async () => {
  const plane = await ControlPlane.start();
  const objects = examples.quickstart;
  await plane.apply(namespacesFirst(objects));
  await plane.apply(objects);
  const expected = ['clickhouse-0', 'cluster-agent-0', 'cluster-agent-1', 'collector-0', 'collector-1', 'prometheus-agent-0'];
  await eventually('pods of StatefulSets, Deployment and Job are there', async () => {
    const names = (await plane.get('pods', 'observability')).map(({ metadata }) => metadata.name);
    return (
      expected.every((name) => names.includes(name)) &&
      names.some((name) => name.startsWith('grafana-')) &&
      names.some((name) => name.startsWith('clickhouse-schema-'))
    );
  });
});

test('[manifests] a second version applies over the first, and nothing is refused', async () => {
  const plane = await ControlPlane.start({ controllers: 'none' });
  const first = quickstart();
  await plane.apply(namespacesFirst(first));
  await plane.apply(first);
  const second = quickstart({
    retention: { logs: Duration.days(7), traces: Duration.days(3), metrics: Duration.days(90) },
    images: Images.mirror('registry.acme.example'),
    gateway: { replicas: 3, outageBudget: Duration.minutes(20) },
    clusterAgent: { replicas: 1 },
    prometheusAgent: { shards: 2 },
    onCall: { contactPoints: [ContactPoint.pagerDuty({ name: 'platform', integrationKey: SecretKey.of('pagerduty', 'integration-key') })] },
  });
  const job = (objects: Manifest[]) => objects.find(({ kind }) => kind === 'Job').metadata.name;
  expect(job(second)).not.toBe(job(first));
  await plane.apply(second);
  await plane.apply(first);
});
