import { Chart, Testing } from 'cdk8s';
import {
  ClickHouseCluster,
  CollectorGateway,
  type CollectorGatewayProps,
  Drop,
  type IGateway,
  LogSeverity,
  ObservabilityChart,
  Reach,
  SecretKey,
  ServerTls,
  SmokeTest,
  type SmokeTestProps,
} from '../../lib';
import { wrongProps } from '../collector/wrong-props';
import type { Manifest } from '../laws/manifests';

const gatewayAt = (host: string, more: object = {}): IGateway => {
  const endpoint = { host, port: 4318, reach: Reach.anywhere(), ...more };
  return { clusterName: 'test', otlpGrpc: endpoint, otlpHttp: endpoint };
};

function synth(props: Partial<SmokeTestProps> = {}, gatewayProps: CollectorGatewayProps = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'ClickHouse');
  const gateway = new CollectorGateway(chart, 'Gateway', { clickhouse, clusterName: 'test', ...gatewayProps });
  new SmokeTest(chart, 'SmokeTest', { clickhouse, gateway, ...props });
  const objects: Manifest[] = Testing.synth(chart);
  const own = objects.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === (props.name ?? 'smoke-test'));
  const find = (kind: string) => own.find((object) => object.kind === kind);
  return { objects, own, find, job: find('Job'), pod: find('Job').spec.template.spec, files: find('ConfigMap').data };
}

test('a Job that runs nothing but the engine of the store, under the account of nobody', () => {
  const { pod, job } = synth();
  expect(job.metadata.name).toMatch(/^smoke-test-[0-9a-f]{10}$/);
  expect(pod).toMatchObject({ restartPolicy: 'OnFailure', automountServiceAccountToken: false, securityContext: { runAsUser: 101 } });
  expect(pod.containers).toHaveLength(1);
  expect(pod.containers[0].command).toEqual(['/usr/bin/clickhouse', 'local', '--queries-file', '/etc/smoke-test/smoke-test.sql']);
  expect(pod.containers[0].image).toBe('docker.io/clickhouse/clickhouse-server:26.8');
  expect(job.spec.ttlSecondsAfterFinished).toBeUndefined();
});

test('the password is a file of the reader: no variable, no argument and no statement holds it', () => {
  const { pod } = synth();
  expect(pod.volumes.find(({ name }: Manifest) => name === 'secrets').projected.sources).toEqual([
    { secret: { name: 'clickhouse-reader', items: [{ key: 'password', path: 'password' }] } },
  ]);
  expect(pod.containers[0].env).toBeUndefined();
});

test('it runs again, as another Job, when the gateway is configured differently, and not when nothing changed', () => {
  const name = (gateway: CollectorGatewayProps = {}) => synth({}, gateway).job.metadata.name;
  expect(name()).toBe(name());
  expect(name({ expectedTraffic: { spansPerSecond: 700 } })).not.toBe(name());
});

test('the network lets it out to gateway and store, and in at both', () => {
  const names = synth()
    .objects.filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ metadata }) => metadata.name);
  expect(names).toEqual(
    expect.arrayContaining([
      'smoke-test',
      'smoke-test-to-collector',
      'smoke-test-to-clickhouse',
      'collector-from-observability-smoke-test',
      'clickhouse-from-observability-smoke-test',
    ]),
  );
  expect(
    synth({ networkPolicies: false })
      .own.filter(({ kind }) => kind === 'NetworkPolicy')
      .map(({ metadata }) => metadata.name),
  ).toEqual([]);
});

test('a gateway with TLS and a token: https, the authority, and the token as a file', () => {
  const gateway = {
    ...gatewayAt('otlp.acme.example', { tls: true, caCertificate: SecretKey.of('otlp-ca', 'ca.pem') }),
    token: SecretKey.of('otlp', 'edge'),
  };
  const { pod, files } = synth({ gateway });
  expect(files['smoke-test.sql']).toContain("url('https://otlp.acme.example:4318/v1/logs'");
  expect(files['smoke-test.sql']).toContain(
    "'Authorization' = concat('Bearer ', (SELECT raw_blob FROM file('/run/smoke-test/token', 'RawBLOB')))",
  );
  expect(files['config.xml']).toContain('<caConfig>/run/smoke-test/ca.crt</caConfig>');
  expect(pod.containers[0].command.slice(-2)).toEqual(['--config-file', '/etc/smoke-test/config.xml']);
  expect(pod.volumes[1].projected.sources.slice(1)).toEqual([
    { secret: { name: 'otlp', items: [{ key: 'edge', path: 'token' }] } },
    { secret: { name: 'otlp-ca', items: [{ key: 'ca.pem', path: 'ca.crt' }] } },
  ]);
});

test.each<[string, object, string]>([
  ['no store', { clickhouse: undefined }, 'clickhouse: given nothing; allowed: a value: it is required'],
  ['a text for a gateway', { gateway: 'collector:4318' }, 'gateway: given "collector:4318"; allowed: a CollectorGateway'],
  ['a misspelt property', { gatway: 1 }, 'gatway: given a property that does not exist; did you mean `gateway`?'],
])('%s', (_name, props, message) => {
  expect(() => synth(props as Partial<SmokeTestProps>)).toThrow(message);
});

test('a certificate for another name could not be checked: an error, and none by default in a chart', () => {
  const tls = ServerTls.secret('otlp-tls', { serverName: 'otlp.acme.example' });
  expect(() => synth({}, { tls })).toThrow(
    'gateway: given a certificate for otlp.acme.example; allowed: one for collector.observability.svc. Or no smoke test: `smokeTest: false` of the chart',
  );
  const chart = (smokeTest?: boolean) =>
    new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'test', gateway: { tls }, smokeTest });
  expect(chart().smokeTest).toBeUndefined();
  expect(() => chart(true)).toThrow('given a certificate for otlp.acme.example');
});

test('its span is kept by a sampler; of what processors may drop the chart warns, unless it was said that they do not', () => {
  expect(synth().files['smoke-test.sql']).toContain('"attributes":[{"key":"sampling.priority","value":{"intValue":"1"}}]');
  const warnings = (smokeTest?: boolean, processors = [Drop.logs({ below: LogSeverity.WARN })]) =>
    new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'test', gateway: { processors }, smokeTest }).warnings.filter(
      (warning) => warning.includes('smoke'),
    );
  expect(warnings()).toEqual([
    'observability/SmokeTest: its log record has the severity INFO, its metric is called smoke_test: where `gateway.processors` drop one of them, or its span, the Job does not end. Say `smokeTest: true` if they do not, `smokeTest: false` if they do',
  ]);
  expect([warnings(true), warnings(false), warnings(undefined, [])]).toEqual([[], [], []]);
});

test('two authorities are one too many, and it is said what to do', () => {
  const chart = new Chart(Testing.app(), 'test');
  const own = new ClickHouseCluster(chart, 'ClickHouse');
  const clickhouse = {
    nativeEndpoint: own.nativeEndpoint,
    httpEndpoint: { ...own.httpEndpoint, tls: true, caCertificate: SecretKey.of('store-ca', 'ca.crt') },
    database: 'otel',
    login: own.login.bind(own),
  };
  const gateway = gatewayAt('otlp.acme.example', { tls: true, caCertificate: SecretKey.of('otlp-ca', 'ca.crt') });
  expect(() => new SmokeTest(chart, 'SmokeTest', { clickhouse, gateway })).toThrow(
    'gateway, clickhouse: given two certificate authorities, otlp-ca/ca.crt and store-ca/ca.crt; allowed: one: a Secret with the certificates of both',
  );
});

test('whatever stands in the properties: a Job, or one error with everything', () => {
  wrongProps('SmokeTest', ['gateway', 'clickhouse', 'name', 'namespace', 'resources', 'images', 'networkPolicies'], (props) => {
    new SmokeTest(new Chart(Testing.app(), 'test'), 'SmokeTest', props as SmokeTestProps);
  });
});
