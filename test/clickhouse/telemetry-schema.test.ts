import { App, Chart, Duration, Size, Testing } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { ClickHouseUser, type IClickHouse } from '../../lib/clickhouse/clickhouse';
import { TelemetrySchema, type TelemetrySchemaProps } from '../../lib/clickhouse/schema/telemetry-schema';
import { Reach } from '../../lib/kubernetes/endpoint';
import { Images } from '../../lib/kubernetes/images';
import { SecretKey } from '../../lib/kubernetes/secret-key';
import { wrongProps } from '../collector/wrong-props';

/** A server that is there already, with names of its own. */
const elsewhere: IClickHouse = {
  nativeEndpoint: { host: 'ch.acme.example', port: 9440, tls: true, reach: Reach.anywhere() },
  httpEndpoint: { host: 'ch.acme.example', port: 8443, tls: true, reach: Reach.anywhere() },
  database: 'telemetry',
  login: (user) => ({ username: user === ClickHouseUser.ADMIN ? 'root' : user, password: SecretKey.of('acme', user) }),
};

function synth(props: Partial<TelemetrySchemaProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  new TelemetrySchema(chart, 'Schema', { clickhouse: elsewhere, ...props });
  const manifests = Testing.synth(chart);
  const find = (kind: string) => manifests.find((manifest) => manifest.kind === kind)!;
  return {
    manifests,
    job: find('Job'),
    container: find('Job').spec.template.spec.containers[0],
    sql: find('ConfigMap').data['schema.sql'] as string,
  };
}

test('the Job asks the store as its administrator, with the password from the environment', () => {
  const { container } = synth();
  expect(container.command).toEqual([
    '/usr/bin/clickhouse',
    'client',
    '--host',
    'ch.acme.example',
    '--port',
    '9440',
    '--secure',
    '--user',
    'root',
    '--queries-file',
    '/etc/clickhouse-schema/schema.sql',
  ]);
  expect(container.env).toEqual([{ name: 'CLICKHOUSE_PASSWORD', valueFrom: { secretKeyRef: { name: 'acme', key: 'admin' } } }]);
});

test("tables and views are the store's own: its database, its administrator", () => {
  const { sql } = synth();
  expect(sql).toContain('CREATE DATABASE IF NOT EXISTS telemetry;');
  expect(sql).not.toContain('otel.');
  expect(sql.match(/DEFINER = root SQL SECURITY DEFINER/g)?.length).toBe(5);
});

test('a Job that would do something else has another name, the same has the same', () => {
  const name = (props?: Partial<TelemetrySchemaProps>) => synth(props).job.metadata.name;
  const names = [
    name(),
    name({ retention: { logs: Duration.days(29) } }),
    name({ images: Images.mirror('registry.example') }),
    name({ resources: { cpu: Cpu.millis(200), memory: Size.gibibytes(1) } }),
    name({ clickhouse: { ...elsewhere, nativeEndpoint: { ...elsewhere.nativeEndpoint, host: 'other.acme.example' } } }),
  ];
  expect(new Set(names).size).toBe(names.length);
  expect(name()).toBe(names[0]);
  expect(names[0]).toMatch(/^clickhouse-schema-[0-9a-f]{10}$/);
});

test('it tries for days, and stays when it is done', () => {
  const { spec } = synth().job;
  expect(spec.template.spec.restartPolicy).toBe('OnFailure');
  expect(spec.backoffLimit).toBe(1000);
  expect(spec.ttlSecondsAfterFinished).toBeUndefined();
});

test('it reaches the store and nothing else', () => {
  const egress = synth()
    .manifests.filter(({ kind }) => kind === 'NetworkPolicy')
    .flatMap(({ spec }) => spec.egress ?? []);
  expect(egress.flatMap(({ ports }) => ports.map(({ port }: any) => port)).sort()).toEqual([53, 53, 5353, 5353, 9440]);
  expect(synth({ networkPolicies: false }).manifests.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ConfigMap', 'Job', 'CronJob']);
});

test('whatever is given, there is an error of this construct or a schema', () => {
  wrongProps(
    'TelemetrySchema',
    ['clickhouse', 'name', 'namespace', 'resources', 'images', 'networkPolicies', 'retention'],
    (props) => new TelemetrySchema(new Chart(new App(), 'test'), 'TelemetrySchema', { clickhouse: elsewhere, ...props }),
  );
});

test('a store is required', () => {
  expect(() => new TelemetrySchema(new Chart(new App(), 'test'), 'Schema', {} as any)).toThrow(
    'TelemetrySchema test/Schema: 1 problem\n  clickhouse: given nothing; allowed: a value: it is required',
  );
});

test('what was said last holds: a Job that has run does not run again when a change is taken back, so the same runs every hour', () => {
  const { manifests } = synth();
  const spec = (kind: string) => manifests.find((manifest) => manifest.kind === kind).spec;
  expect(spec('CronJob')).toMatchObject({ schedule: '17 * * * *', concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 600 });
  expect(spec('CronJob').jobTemplate.spec.template).toEqual(spec('Job').template);
});
