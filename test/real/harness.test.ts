import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { containerOfConfiguration, RealCollector } from './harness/collector';
import { ControlPlane } from './harness/control-plane';
import { Engine } from './harness/engine';
import { sendOtlpGrpc, sendOtlpHttp } from './harness/otlp';
import { part } from './harness/parts';
import { eventually, run, scratchFolder } from './harness/program';

describe('the ClickHouse engine', () => {
  test('takes statements, gives rows, and has them after a kill and a restart', async () => {
    const engine = await Engine.start();
    await engine.execute('CREATE DATABASE otel; CREATE TABLE otel.t (a UInt8, s String) ENGINE = MergeTree ORDER BY a;');
    await engine.execute("INSERT INTO otel.t VALUES (1, 'one; two')");
    await engine.kill();
    await expect(engine.query('SELECT 1')).rejects.toThrow();
    await engine.restart();
    expect(await engine.query('SELECT * FROM otel.t')).toEqual([{ a: 1, s: 'one; two' }]);
  });

  test('says what is wrong', async () => {
    const engine = await Engine.start();
    await expect(engine.query('SELECT nothing')).rejects.toThrow('Unknown expression identifier `nothing`');
    await expect(engine.execute('SELECT 1; SELECT * FROM nowhere')).rejects.toThrow('UNKNOWN_TABLE');
  });
});

describe('the ClickHouse engine with a rendered configuration', () => {
  const admin = { username: 'admin', password: 'of admin' };
  const writer = { username: 'writer', password: 'of writer' };

  test('asks for passwords, and refuses what was not granted', async () => {
    const root = scratchFolder('configuration');
    const hash = ({ password }: { password: string }) => createHash('sha256').update(password).digest('hex');
    const user = ({ username }: { username: string }, grants = '') =>
      `<${username}><password_sha256_hex incl="${username}"/><networks><ip>::/0</ip></networks><profile>default</profile><grants>${grants}</grants></${username}>`;
    mkdirSync(`${root}/etc/clickhouse-server`, { recursive: true });
    writeFileSync(
      `${root}/etc/clickhouse-server/config.xml`,
      '<clickhouse><path>/var/lib/clickhouse/</path><users_config>/etc/clickhouse-server/users.xml</users_config></clickhouse>',
    );
    writeFileSync(`${root}/hashes.xml`, `<clickhouse><admin>${hash(admin)}</admin><writer>${hash(writer)}</writer></clickhouse>`);
    writeFileSync(
      `${root}/etc/clickhouse-server/users.xml`,
      `<clickhouse><include_from>/hashes.xml</include_from><users>${user(admin, '<query>GRANT ALL ON *.*</query>')}${user(writer, '<query>GRANT INSERT ON d.t</query><query>GRANT SELECT ON d.versions</query>')}</users></clickhouse>`,
    );
    const engine = await Engine.start({ configuration: { root, configFile: '/etc/clickhouse-server/config.xml' } });
    await engine.execute(
      'CREATE DATABASE d; CREATE TABLE d.t (a Int8) ENGINE = MergeTree ORDER BY a; CREATE TABLE d.versions AS d.t',
      admin,
    );
    await engine.execute('INSERT INTO d.t VALUES (1)', writer);
    expect(await engine.query('SELECT count() AS rows FROM d.versions', writer)).toEqual([{ rows: 0 }]);
    await expect(engine.query('SELECT * FROM d.t', writer)).rejects.toThrow('Not enough privileges');
    await expect(engine.execute('DROP TABLE d.t', writer)).rejects.toThrow('Not enough privileges');
    await expect(engine.query('SELECT 1', { ...writer, password: 'another' })).rejects.toThrow('Authentication failed');
    await expect(engine.query('SELECT 1')).rejects.toThrow('Authentication failed');
    const another = await Engine.start({ configuration: { root, configFile: '/etc/clickhouse-server/config.xml' } });
    expect(await another.query("SELECT name FROM system.databases WHERE name = 'd'", admin)).toEqual([]);
  });
});

describe('the real collector', () => {
  /** As a gateway's exporter is, but with the exporter's own schema. */
  const configuration = `
receivers: { otlp: { protocols: { grpc: { endpoint: ":4317" }, http: { endpoint: ":4318" } } } }
exporters:
  clickhouse:
    { endpoint: "http://clickhouse.observability.svc:8123", compress: gzip, create_schema: true, database: otel, async_insert: false, timeout: 10s, sending_queue: { storage: file_storage }, retry_on_failure: { max_elapsed_time: 0s } }
extensions: { health_check: { endpoint: ":13133" }, file_storage: { directory: /var/lib/otelcol } }
service:
  extensions: [health_check, file_storage]
  telemetry: { metrics: { level: none } }
  pipelines:
    logs: { receivers: [otlp], exporters: [clickhouse] }
    traces: { receivers: [otlp], exporters: [clickhouse] }
    metrics: { receivers: [otlp], exporters: [clickhouse] }
`;
  const kinds = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'];

  test('writes what it gets by OTLP over gRPC and HTTP into ClickHouse', async () => {
    const engine = await Engine.start();
    const collector = await RealCollector.start({
      container: containerOfConfiguration(configuration, {}, ['/var/lib/otelcol']),
      addresses: { 'clickhouse.observability.svc:8123': engine.address },
    });
    await sendOtlpGrpc(collector.address(4317), { logs: 2500, spans: 300, points: 40, resource: { 'service.name': 'over-grpc' } });
    await sendOtlpHttp(collector.address(4318), { logs: 70, spans: 8, points: 9, resource: { 'service.name': 'over-http' } });
    const counts = async (service: string) =>
      Promise.all(
        ['logs', 'traces', ...kinds.map((kind) => `metrics_${kind}`)].map((table) =>
          engine.count(`otel.otel_${table}`, `ServiceName = '${service}'`),
        ),
      );
    await eventually(
      'all rows are there',
      async () => (await counts('over-grpc'))[6] === 0 && (await counts('over-http'))[6] === 9 && (await counts('over-grpc'))[0] === 2500,
    );
    await collector.stop();
    expect(await counts('over-grpc')).toEqual([2500, 300, 40, 40, 40, 40, 0]);
    expect(await counts('over-http')).toEqual([70, 8, 9, 9, 9, 9, 9]);
    expect(
      await engine.query(
        "SELECT sum(toUInt32(LogAttributes['sequence'])) AS sum, uniqExact(Body) AS bodies FROM otel.otel_logs WHERE ServiceName = 'over-grpc'",
      ),
    ).toEqual([{ sum: (2499 * 2500) / 2, bodies: 2500 }]);
  });

  test('says what is wrong with a configuration', async () => {
    await expect(
      RealCollector.start({
        container: containerOfConfiguration(configuration.replace('compress:', 'compres:')),
        addresses: { 'clickhouse.observability.svc:8123': '127.0.0.1:1' },
      }),
    ).rejects.toThrow('invalid keys: compres');
    await expect(RealCollector.start({ container: containerOfConfiguration(configuration) })).rejects.toThrow(
      'connects to clickhouse.observability.svc:8123',
    );
  });
});

describe('the control plane', () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { key: 'value' } };
  const deployment = (pod: object, container: object = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'd' } },
      template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'i:1', ...container }], ...pod } },
    },
  });

  test('takes what is right, makes pods of it, and refuses what is wrong', async () => {
    const plane = await ControlPlane.start();
    expect(await plane.apply([configMap])).toMatchObject([{ data: { key: 'value' }, metadata: { uid: expect.anything() } }]);
    await expect(plane.apply([deployment({}, { imagePullPolice: 'Never' })])).rejects.toThrow(
      '.spec.template.spec.containers[name="c"].imagePullPolice: field not declared in schema',
    );
    await expect(plane.apply([deployment({ terminationGracePeriodSeconds: -1 })], { dryRun: true })).rejects.toThrow('must be >= 0');
    await plane.apply([deployment({})], { dryRun: true });
    expect(await plane.get('deployments', 'default')).toEqual([]);
    await plane.apply([deployment({})]);
    await eventually('its pod is there', async () => (await plane.get('pods', 'default')).length === 1);
    await expect(plane.dryRunPods([deployment({ serviceAccountName: 'nobody' })])).rejects.toThrow('serviceaccount "nobody" not found');
  });

  test('an account does what it may; what it may not is in the audit log', async () => {
    const plane = await ControlPlane.start({ controllers: 'none' });
    const pod = await plane.inCluster('default', 'default');
    const asPod = ['--kubeconfig=/dev/null', `--server=https://127.0.0.1:${pod.env.KUBERNETES_SERVICE_PORT}`, '--insecure-skip-tls-verify'];
    const token = pod.files['/var/run/secrets/kubernetes.io/serviceaccount/token'];
    expect((await run([part('kubectl'), ...asPod, `--token=${token}`, 'get', 'secrets', '-A'])).stderr).toContain(
      'cannot list resource "secrets"',
    );
    expect(plane.auditOf('default', 'default')).toContainEqual(
      expect.objectContaining({ verb: 'list', group: '', resource: 'secrets', code: 403 }),
    );
  });

  test('an older API drops what came later', async () => {
    const plane = await ControlPlane.start({ emulatedVersion: '1.33', controllers: 'none' });
    expect(JSON.parse(await plane.kubectl(['get', '--raw', '/version']))).toMatchObject({ emulationMajor: '1', emulationMinor: '33' });
    const [made] = await plane.apply([deployment({ hostnameOverride: 'h' })], { dryRun: true });
    expect(made.spec.template.spec.hostnameOverride).toBeUndefined();
  });
});
