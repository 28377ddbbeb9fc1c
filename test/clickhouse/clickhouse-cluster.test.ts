import { ApiObject, App, Chart, Duration, JsonPatch, Size, Testing } from 'cdk8s';
import { Cpu, Deployment, NetworkPolicy } from 'cdk8s-plus-27';
import { missingSecrets } from '../../lib/cli/secret-references';
import { ClickHouseUser } from '../../lib/clickhouse/clickhouse';
import { ClickHouseCluster, type ClickHouseClusterProps } from '../../lib/clickhouse/clickhouse-cluster';
import { Images } from '../../lib/kubernetes/images';
import { wrongProps } from '../collector/wrong-props';
import { laws } from '../laws/laws';

const chartOf = (namespace?: string) => new Chart(Testing.app(), 'test', { namespace });

function synth(props?: ClickHouseClusterProps, namespace?: string) {
  const chart = chartOf(namespace);
  const clickhouse = new ClickHouseCluster(chart, 'ClickHouse', props);
  const manifests = Testing.synth(chart);
  const find = (kind: string, name = 'clickhouse') =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  const pod = () => find('StatefulSet', clickhouse.workload.name)?.spec.template.spec;
  return { clickhouse, manifests, find, pod, server: () => pod().containers[0] };
}

test('one store is these objects', () => {
  expect(
    synth().manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name.replace(/-[0-9a-f]{10}$/, '-HASH')}`),
  ).toEqual([
    'ServiceAccount observability/clickhouse',
    'ConfigMap observability/clickhouse',
    'Service observability/clickhouse',
    'Service observability/clickhouse-headless',
    'StatefulSet observability/clickhouse',
    'NetworkPolicy observability/clickhouse',
    'ServiceAccount observability/clickhouse-schema',
    'ConfigMap observability/clickhouse-schema',
    'Job observability/clickhouse-schema-HASH',
    'CronJob observability/clickhouse-schema',
    'NetworkPolicy observability/clickhouse-schema',
    'NetworkPolicy observability/clickhouse-schema-to-clickhouse',
    'NetworkPolicy observability/clickhouse-from-observability-clickhouse-schema',
  ]);
});

test.each(Object.entries(laws))('%s', (_law, law) => {
  expect(
    law([
      ...synth().manifests,
      { kind: 'Namespace', metadata: { name: 'observability', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
    ]),
  ).toEqual([]);
});

test('addresses are those of the Service, and only the server answers there', () => {
  const { clickhouse, find } = synth();
  expect(
    [clickhouse.httpEndpoint, clickhouse.nativeEndpoint, clickhouse.metricsEndpoint!].map(({ host, port }) => `${host}:${port}`),
  ).toEqual(['clickhouse.observability.svc:8123', 'clickhouse.observability.svc:9000', 'clickhouse.observability.svc:9363']);
  expect(find('Service')?.spec.ports.map(({ name, port }: any) => `${name} ${port}`)).toEqual(['http 8123', 'native 9000']);
  expect(find('Service', 'clickhouse-headless')?.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  expect(find('NetworkPolicy')?.spec.ingress).toBeUndefined();
});

test('the disk outlives everything, and its class is the one that was asked for', () => {
  const { find } = synth({ storage: { size: Size.tebibytes(2), storageClass: 'gp3' } });
  const { spec } = find('StatefulSet')!;
  expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' });
  expect(spec.volumeClaimTemplates).toEqual([
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'gp3', resources: { requests: { storage: '2Ti' } } },
    },
  ]);
});

test('passwords come from three Secrets that the credentials program can make, and the server sees hashes only', () => {
  const { clickhouse, manifests, pod } = synth();
  expect(clickhouse.login(ClickHouseUser.WRITER)).toEqual({ username: 'writer', password: { name: 'clickhouse-writer', key: 'password' } });
  expect(missingSecrets(manifests as any).map(({ name, keys, randomKeys }) => [name, keys, randomKeys.map(({ key }) => key)])).toEqual(
    ['admin', 'reader', 'writer'].map((user) => [`clickhouse-${user}`, ['password'], ['password']]),
  );
  const { containers, initContainers } = pod();
  const mounts = (container: any) => container.volumeMounts.map(({ name, readOnly }: any) => (readOnly ? `${name} (read)` : name));
  expect(mounts(initContainers[0])).toEqual(['passwords (read)', 'hashes', 'tmp']);
  expect(mounts(containers[0])).toEqual(['config (read)', 'hashes (read)', 'data', 'tmp']);
  expect(pod().volumes.find(({ name }: any) => name === 'hashes').emptyDir.medium).toBe('Memory');
});

test('configuration is read from where it is mounted, and changing it rolls the pod', () => {
  const { find, server } = synth();
  expect(server().command).toEqual(['/usr/bin/clickhouse', 'server', '--config-file=/etc/clickhouse-server/config.xml']);
  expect(Object.keys(find('ConfigMap')!.data)).toEqual(['config.xml', 'users.xml']);
  expect(find('ConfigMap')!.data['config.xml']).toContain('<users_config>/etc/clickhouse-server/users.xml</users_config>');
  expect(find('ConfigMap')!.data['users.xml']).toContain('<include_from>/run/clickhouse/hashes/hashes.xml</include_from>');
  const annotations = (memory: Size) =>
    synth({ resources: { cpu: Cpu.units(1), memory } }).find('StatefulSet')!.spec.template.metadata.annotations;
  expect(annotations(Size.gibibytes(4))).toEqual(annotations(Size.gibibytes(4)));
  expect(annotations(Size.gibibytes(4))).not.toEqual(annotations(Size.gibibytes(8)));
});

test('one size decides over container, caches and limits', () => {
  const { find, server } = synth({ resources: { cpu: Cpu.units(4), memory: Size.gibibytes(16) } });
  expect(server().resources).toEqual({
    requests: { cpu: '4', memory: '16Gi', 'ephemeral-storage': '64Mi' },
    limits: { memory: '16Gi', 'ephemeral-storage': '1Gi' },
  });
  expect(find('ConfigMap')!.data['config.xml']).toContain('<mark_cache_size>1073741824</mark_cache_size>');
  expect(find('ConfigMap')!.data['users.xml']).toContain('<max_threads>8</max_threads>');
});

test('it is alive while it takes connections, ready when it answers, and goes without losing what runs', () => {
  const { server, pod } = synth();
  expect(server().livenessProbe.tcpSocket).toEqual({ port: 'native' });
  expect(server().readinessProbe.httpGet).toEqual({ path: '/ping', port: 'http' });
  expect(server().startupProbe.periodSeconds * server().startupProbe.failureThreshold).toBeGreaterThanOrEqual(600);
  expect(server().lifecycle.preStop.sleep.seconds + 30).toBeLessThan(pod().terminationGracePeriodSeconds);
});

test('names, namespace, images and policies are passed on to the schema', () => {
  const { manifests, clickhouse } = synth({
    name: 'store',
    namespace: 'team',
    database: 'telemetry',
    images: Images.mirror('registry.example'),
    networkPolicies: false,
  });
  expect(manifests.every(({ metadata }) => metadata.namespace === 'team' && metadata.name.startsWith('store'))).toBe(true);
  expect(manifests.some(({ kind }) => kind === 'NetworkPolicy')).toBe(false);
  expect(JSON.stringify(manifests)).not.toContain('docker.io');
  expect(JSON.stringify(manifests)).not.toContain('otel.');
  expect(clickhouse.login(ClickHouseUser.ADMIN).password.name).toBe('store-admin');
});

test("the namespace is the chart's, where it has one", () => {
  expect(synth({}, 'team').clickhouse.httpEndpoint.host).toBe('clickhouse.team.svc');
});

test('cdk8s-plus can let others in, and anything can be patched', () => {
  const { clickhouse } = synth();
  clickhouse.workload.addJsonPatch(JsonPatch.add('/spec/template/spec/hostUsers', false));
  const chart = Chart.of(clickhouse);
  const client = new Deployment(chart, 'Client', { containers: [{ image: 'registry.example/client:1' }] });
  new NetworkPolicy(chart, 'Policy', { selector: client, egress: { rules: [{ peer: clickhouse }] } });
  const rendered = JSON.stringify(
    Testing.synth(chart).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name.startsWith('test-policy')),
  );
  expect(rendered).toContain('"app.kubernetes.io/instance":"clickhouse"');
  expect(
    (chart.node.findAll().find((node) => ApiObject.isApiObject(node) && node.kind === 'StatefulSet') as ApiObject).toJson().spec.template
      .spec.hostUsers,
  ).toBe(false);
});

describe('bad input', () => {
  const problems = (props: object) => {
    try {
      new ClickHouseCluster(new Chart(new App(), 'test'), 'ClickHouseCluster', props);
      return [];
    } catch (error) {
      return (error as Error).message.split('\n');
    }
  };

  test('all of it is said at once, with where, what and what is allowed', () => {
    const wrong = {
      retention: { logs: Duration.minutes(59), traces: Duration.days(3651), metric: Duration.days(1) },
      storage: { size: Size.mebibytes(1), class: 'x' },
      resources: { cpu: Cpu.units(1), memory: Size.gibibytes(1) },
      database: 'Otel',
      storag: 1,
    };
    expect(problems(wrong)).toEqual([
      'ClickHouseCluster test/ClickHouseCluster: 8 problems',
      '  storag: given a property that does not exist; did you mean `storage`?',
      '  resources.memory: given 1Gi; allowed: a Size from 2Gi to 4Ti',
      '  retention.metric: given a property that does not exist; did you mean `metrics`?',
      '  retention.logs: given 59 minutes; allowed: a Duration from 60 minutes to 3650 days',
      '  retention.traces: given 3651 days; allowed: a Duration from 60 minutes to 3650 days',
      '  storage.class: given a property that does not exist; allowed: `size`, `storageClass`',
      '  storage.size: given 1Mi; allowed: a Size from 1Gi to 64Ti',
      '  database: given "Otel"; allowed: 1 to 63 lower-case letters, digits and \'_\', a letter first; not `system`, `default`, `information_schema` or `table`',
    ]);
  });

  test.each(['system', 'default', 'table', '1a', 'a-b', 'a.b', '', 'a'.repeat(64), "a'; DROP DATABASE x", '${a}'])(
    'no database is called %p',
    (database) => {
      expect(problems({ database })[0]).toBe('ClickHouseCluster test/ClickHouseCluster: 1 problem');
    },
  );

  test('whatever is given, there is an error of this construct or a store', () => {
    wrongProps(
      'ClickHouseCluster',
      ['name', 'namespace', 'resources', 'images', 'networkPolicies', 'retention', 'storage', 'database'],
      (props) => new ClickHouseCluster(new Chart(new App(), 'test'), 'ClickHouseCluster', props),
    );
  });
});

test('a repaired template is tried although the pod of the broken one never got ready', () => {
  expect(synth().manifests.find(({ kind }) => kind === 'StatefulSet').spec.podManagementPolicy).toBe('Parallel');
});
