import { Chart, Duration, Size, Testing } from 'cdk8s';
import { parse } from 'yaml';
import {
  ClickHouseCluster,
  ClickHouseSink,
  CollectorGateway,
  type CollectorGatewayProps,
  KafkaSink,
  type KafkaSinkProps,
  ObjectStorageSink,
  type ObjectStorageSinkProps,
  OtlpProtocol,
  OtlpSink,
  type OtlpSinkProps,
  PrometheusRemoteWriteSink,
  Reach,
  SecretKey,
  ServiceGraph,
  Signal,
  type Sink,
  SpanMetrics,
} from '../../../lib';

function gateway(further: Sink[], props: Partial<CollectorGatewayProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'Store');
  const sinks = [...CollectorGateway.defaultSinks(clickhouse), ...further];
  const made = new CollectorGateway(chart, 'Gateway', { clusterName: 'test', sinks, storage: { size: Size.gibibytes(60) }, ...props });
  const objects: any[] = Testing.synth(chart);
  const pod = objects.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'collector').spec.template.spec;
  return { config: parse(made.configText), objects, container: pod.containers[0], chart };
}

test.each(['http://minio.minio.svc:9000', 'https://minio.acme.example'])('%s may begin like a bucket', (endpoint) => {
  expect(() => new ObjectStorageSink({ ...bucket, bucket: 'minio', endpoint })).not.toThrow();
});

test('a key of a vendor stands in no ConfigMap, and the network is opened to it', () => {
  const vendor = new OtlpSink({
    endpoint: 'https://vendor.example/otlp/',
    headers: { 'api-key': SecretKey.of('vendor', 'key') },
    reach: Reach.cidrs('192.0.2.0/24'),
    signals: [Signal.TRACES],
  });
  const { config, objects, container } = gateway([vendor]);
  expect(config.exporters['otlp_http/sink-traces-may-drop']).toMatchObject({
    endpoint: 'https://vendor.example:443/otlp',
    compression: 'gzip',
    headers: {},
  });
  expect(config.exporters['otlp_http/sink-logs-may-drop']).toBeUndefined();
  expect(container.args).toContain('--config=yaml:exporters::otlp_http/sink-traces-may-drop::headers::api-key: "${env:VENDOR_KEY}"');
  const rules = objects.filter(({ kind }) => kind === 'NetworkPolicy').flatMap(({ spec }) => spec.egress ?? []);
  expect(rules).toContainEqual({ ports: [{ port: 443, protocol: 'TCP' }], to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] });
});

test('a queue on disk counts for each sink that is waited for: a disk that holds one outage of the store does not hold those of two', () => {
  const vendor = new OtlpSink({ endpoint: 'https://vendor.example', dropsWhenFull: false });
  const size = (gibibytes: number) => ({ storage: { size: Size.gibibytes(gibibytes) }, outageBudget: Duration.hours(1) });
  expect(() => gateway([], size(20))).not.toThrow();
  expect(() => gateway([vendor], size(20))).toThrow('outageBudget: given 60 minutes; allowed: at most 49 minutes');
  expect(() => gateway([vendor], size(25))).not.toThrow();
  expect(() => gateway([vendor], { storage: undefined })).toThrow(
    'outageBudget: given the default, 60 minutes; allowed: at most 49 minutes',
  );
});

test('one that may drop has a tenth of it, 64 MiB at least, and fits on the default disk', () => {
  const queues = (budget?: Duration) => {
    const sinks = [new OtlpSink({ endpoint: 'https://vendor.example' }), new ObjectStorageSink(bucket)];
    const { exporters } = gateway(sinks, { storage: undefined, outageBudget: budget }).config;
    return ['clickhouse/logs', 'otlp_http/sink-logs-may-drop', 'awss3/metrics-may-drop'].map((id) =>
      Math.round(exporters[id].sending_queue.queue_size / (1024 * 1024)),
    );
  };
  expect(queues()).toEqual([3434, 343, 103]);
  expect(queues(Duration.minutes(5))).toEqual([287, 64, 64]);
  expect(queues(Duration.minutes(1))).toEqual([58, 58, 18]);
});

test('sinks beside the store: by name, or as further ones', () => {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'Store');
  const vendor = new OtlpSink({ endpoint: 'https://vendor.example', signals: [Signal.TRACES] });
  const exporters = (id: string, props: object) =>
    Object.keys(
      parse(new CollectorGateway(chart, id, { name: id.toLowerCase(), clusterName: 'test', clickhouse, ...props }).configText).exporters,
    );
  const both = ['clickhouse/logs', 'clickhouse/metrics', 'clickhouse/traces', 'nop', 'otlp_http/sink-traces-may-drop'];
  expect(exporters('Further', { furtherSinks: [vendor] })).toEqual(both);
  expect(exporters('Named', { sinks: [...CollectorGateway.defaultSinks(clickhouse), vendor] })).toEqual(both);
  expect(() => exporters('Without', { sinks: [vendor] })).toThrow(
    'sinks: given sinks of which none is that of `clickhouse`; allowed: [...CollectorGateway',
  );
});

test('two stores: each has exporters of its own name', () => {
  const chart = new Chart(Testing.app(), 'test');
  const audit = new ClickHouseCluster(chart, 'Audit', { name: 'audit' });
  expect(() => gateway([new ClickHouseSink({ clickhouse: audit })])).toThrow(
    "1 problem\n  sinks[0] and sinks[1]: given two sinks called 'clickhouse/logs', 'clickhouse/metrics' and 'clickhouse/traces'; allowed: one of each name: give one of them another with `name`, or leave it out",
  );
  const { config } = gateway([new ClickHouseSink({ clickhouse: audit, name: 'audit', signals: [Signal.LOGS], namespaces: ['vault'] })]);
  expect(config.service.pipelines['logs/to-clickhouse-audit-logs'].exporters).toEqual(['clickhouse/audit-logs']);
  expect(config.service.pipelines.logs.exporters).toEqual(['clickhouse/logs', 'forward/logs-to-clickhouse-audit-logs']);
  expect(Object.keys(config.exporters)).not.toContain('clickhouse/audit-traces');
});

test('metrics of spans: one connector ends the pipeline of traces and begins that of metrics', () => {
  const chart = new Chart(Testing.app(), 'test');
  const spanMetrics = new SpanMetrics({ dimensions: ['http.route'] });
  const made = new CollectorGateway(chart, 'Gateway', {
    clusterName: 'test',
    clickhouse: new ClickHouseCluster(chart, 'Store'),
    sources: [...CollectorGateway.defaultSources(), spanMetrics.source],
    furtherSinks: [spanMetrics.sink],
  });
  const { service, connectors } = parse(made.configText);
  expect(service.pipelines.traces.exporters).toEqual(['clickhouse/traces', 'span_metrics']);
  expect(service.pipelines.metrics.receivers).toEqual(['otlp', 'span_metrics']);
  expect(connectors.span_metrics).toMatchObject({
    dimensions: [{ name: 'http.route' }],
    aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA',
  });
  expect(made.metrics.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['traces.span.metrics.calls', 'traces.span.metrics.duration']),
  );
});

test('a service graph needs both spans of a call in one pod', () => {
  const gateway = (replicas: number) => {
    const chart = new Chart(Testing.app(), 'test');
    const serviceGraph = new ServiceGraph({ wait: Duration.seconds(3), waitingSpans: 500 });
    const clickhouse = new ClickHouseCluster(chart, 'Store');
    const sources = [...CollectorGateway.defaultSources(), serviceGraph.source];
    return new CollectorGateway(chart, 'Gateway', {
      clusterName: 'test',
      clickhouse,
      replicas,
      sources,
      furtherSinks: [serviceGraph.sink],
    });
  };
  expect(() => gateway(2)).toThrow("processors, sinks: given 'service_graph' in 2 pods, each of which sees a part of every trace");
  const { connectors, service } = parse(gateway(1).configText);
  expect(connectors.service_graph).toMatchObject({ store: { ttl: '3000ms', max_items: 500 } });
  expect(service.pipelines.metrics.receivers).toEqual(['otlp', 'service_graph']);
});

test('Kafka: topics, partitions, login and brokers', () => {
  const login = { username: SecretKey.of('kafka', 'user'), password: SecretKey.of('kafka', 'password') };
  const { config, container } = gateway([
    new KafkaSink({ brokers: ['a.kafka.svc:9093', 'b.kafka.svc:9093'], login, topics: { traces: 'spans' } }),
  ]);
  const exporter = (signal: string) => config.exporters[`kafka/${signal}-may-drop`];
  expect(exporter('logs')).toMatchObject({
    brokers: ['a.kafka.svc:9093', 'b.kafka.svc:9093'],
    logs: { topic: 'otlp_logs', encoding: 'otlp_proto' },
  });
  expect(exporter('traces')).toMatchObject({ traces: { topic: 'spans' }, partition_traces_by_id: true, tls: { insecure: false } });
  expect(exporter('metrics')).toMatchObject({ metrics: { topic: 'otlp_metrics' }, producer: { required_acks: -1 } });
  expect(JSON.stringify(config)).not.toContain('KAFKA_PASSWORD');
  expect(container.env.map(({ name }: { name: string }) => name)).toContain('KAFKA_PASSWORD');
  expect(gateway([new KafkaSink({ brokers: ['a:9092'], tls: false })]).config.exporters['kafka/logs-may-drop'].tls).toBeUndefined();
});

const target = { endpoint: 'https://vendor.example' };
const bucket = { bucket: 'acme', region: 'eu-central-1' };

test.each<[string, () => Sink, string]>([
  [
    'no URL',
    () => new OtlpSink({ endpoint: 'vendor.example:4317' }),
    'endpoint: given "vendor.example:4317"; allowed: a URL: https://otlp.acme.example',
  ],
  [
    'a key in plain text',
    () => new OtlpSink({ endpoint: 'http://vendor.example', headers: { k: SecretKey.of('v', 'k') } }),
    'endpoint: given secret headers for an address in plain text; allowed: https://vendor.example',
  ],
  [
    'a key as text',
    () => new OtlpSink({ ...target, headers: { k: 'secret' as never } }),
    'headers.k: given a text (a secret is never text here)',
  ],
  [
    'a header that is none',
    () => new OtlpSink({ ...target, headers: { 'a b': SecretKey.of('v', 'k') } }),
    'headers: given "a b"; allowed: names of headers',
  ],
  [
    'a path for gRPC',
    () => new OtlpSink({ endpoint: 'https://v.example/otlp', protocol: OtlpProtocol.GRPC }),
    'endpoint: given a path, /otlp, for gRPC',
  ],
  [
    'the path of a signal',
    () => new OtlpSink({ endpoint: 'https://v.example/otlp/v1/traces/' }),
    '1 problem\n  endpoint: given the path of one signal, /v1/traces; allowed: the base, https://v.example/otlp: the path of each signal is put behind it',
  ],
  [
    'the port of gRPC for HTTP',
    () => new OtlpSink({ endpoint: 'https://vendor.example:4317' }),
    'endpoint: given port 4317, that of OTLP over gRPC, for OTLP over HTTP; allowed: protocol: OtlpProtocol.GRPC; or port 4318',
  ],
  [
    'a signal that is none',
    () => new OtlpSink({ ...target, signals: ['spans' as Signal] }),
    "signals[0]: given \"spans\"; allowed: 'logs', 'metrics', 'traces'",
  ],
  ['no signal', () => new OtlpSink({ ...target, signals: [] }), 'signals: given a list of 0'],
  ['a misspelt property', () => new OtlpSink({ ...target, namespace: ['a'] } as OtlpSinkProps), 'did you mean `namespaces`?'],
  ['no processor', () => new OtlpSink({ ...target, processors: [1 as never] }), 'processors[0]: given 1; allowed: a Processor'],
  [
    'signals of remote write',
    () => new PrometheusRemoteWriteSink({ ...target, signals: [] } as never),
    'signals: given a property that does not exist',
  ],
  [
    'remote write in plain text with a key',
    () => new PrometheusRemoteWriteSink({ endpoint: 'http://m.example/push', headers: { k: SecretKey.of('v', 'k') } }),
    'secret headers for an address in plain text',
  ],
  [
    'remote write to the root',
    () => new PrometheusRemoteWriteSink({ endpoint: 'https://mimir.example/' }),
    '1 problem\n  endpoint: given "https://mimir.example/", without a path; allowed: the whole URL: https://mimir.example/api/v1/write (Prometheus',
  ],
  ['a URL of a broker', () => new KafkaSink({ brokers: ['kafka://a:9092'] }), 'given "kafka://a:9092"; allowed: a host with its port'],
  ['brokers in one text', () => new KafkaSink({ brokers: ['a:9092,b:9092'] }), 'given "a:9092,b:9092"; allowed: a host with its port'],
  ['no broker', () => new KafkaSink({ brokers: [] }), 'brokers: given a list of 0'],
  [
    'a broker without a port',
    () => new KafkaSink({ brokers: ['kafka'] }),
    'brokers[0]: given "kafka"; allowed: a host with its port (1 to 65535): kafka',
  ],
  [
    'a port that is none',
    () => new OtlpSink({ endpoint: 'https://vendor.example:99999' }),
    'endpoint: given "https://vendor.example:99999"; allowed: a URL: https://otlp.acme.example, with a port (1 to 65535)',
  ],
  [
    "a broker's port that is none",
    () => new KafkaSink({ brokers: ['a:65535', 'a:65536'] }),
    '1 problem\n  brokers[1]: given "a:65536"; allowed: a host with its port (1 to 65535): kafka',
  ],
  [
    'an authority for plain text',
    () => new KafkaSink({ brokers: ['a:9092'], tls: false, caCertificate: SecretKey.of('ca', 'ca.crt') }),
    'caCertificate: given an authority, and `tls: false`; allowed: one of the two',
  ],
  [
    'a topic of a signal that does not go there',
    () => new KafkaSink({ brokers: ['a:9092'], signals: [Signal.LOGS], topics: { logs: 'l', traces: 't' } }),
    '1 problem\n  topics.traces: given "t", and `signals` without it; allowed: topics of logs',
  ],
  [
    'one topic for two signals',
    () => new KafkaSink({ brokers: ['a:9092'], topics: { logs: 'otel', traces: 'otel' } }),
    '1 problem\n  topics.traces: given "otel", which is that of logs too; allowed: a topic for each signal: what a message holds is not said in it',
  ],
  [
    'the topic that another signal has by default',
    () => new KafkaSink({ brokers: ['a:9092'], topics: { traces: 'otlp_logs' } }),
    '1 problem\n  topics.traces: given "otlp_logs", which is that of logs too',
  ],
  [
    'brokers as a text',
    () => new KafkaSink({ brokers: 'a:9092' as never }),
    'given "a:9092"; allowed: a list of at least one host with its port',
  ],
  [
    'a folder without a name',
    () => new ObjectStorageSink({ ...bucket, prefix: '/otlp' }),
    "prefix: given \"/otlp\"; allowed: letters, digits, '.', '_', '=', '-', and '/' between them",
  ],
  [
    'a namespace that is none',
    () => new OtlpSink({ ...target, namespaces: ['shop-*', 'Shop Prod!'] }),
    '1 problem\n  namespaces[1]: given "Shop Prod!"; allowed: a name as Kubernetes has it',
  ],
  [
    'half a login',
    () => new KafkaSink({ brokers: ['a:9092'], login: { username: SecretKey.of('k', 'u') } } as KafkaSinkProps),
    'login.password: given nothing',
  ],
  ['a topic that is none', () => new KafkaSink({ brokers: ['a:9092'], topics: { logs: 'a b' } }), 'topics.logs: given "a b"'],
  [
    'a bucket that is none',
    () => new ObjectStorageSink({ ...bucket, bucket: 'Acme' }),
    'bucket: given "Acme"; allowed: 3 to 63 lower-case letters',
  ],
  [
    'the URL of a bucket',
    () => new ObjectStorageSink({ ...bucket, bucket: 's3://acme' }),
    "bucket: given \"s3://acme\"; allowed: 3 to 63 lower-case letters, digits, '-' and '.', as names of buckets are: no `s3://`",
  ],
  [
    'the bucket in the host as well',
    () => new ObjectStorageSink({ ...bucket, endpoint: 'https://acme.s3.eu-central-1.amazonaws.com' }),
    'endpoint: given "https://acme.s3.eu-central-1.amazonaws.com", with the bucket in the host; allowed: the address without it: https://s3.eu-central-1.amazonaws.com',
  ],
  [
    'a zone as region',
    () => new ObjectStorageSink({ ...bucket, region: 'eu-central-1a' }),
    '1 problem\n  region: given the zone eu-central-1a; allowed: its region, eu-central-1',
  ],
  [
    'a path behind the storage',
    () => new ObjectStorageSink({ ...bucket, endpoint: 'https://s3.example/a' }),
    'endpoint: given "https://s3.example/a"; allowed: a URL without a path',
  ],
  ['no region', () => new ObjectStorageSink({ bucket: 'acme' } as ObjectStorageSinkProps), 'region: given nothing'],
  ['two things at once', () => new ObjectStorageSink({ bucket: 'A', region: 'B' }), '2 problems'],
  ['no store', () => new ClickHouseSink({} as never), 'clickhouse: given nothing'],
  ['no span that waits', () => new ServiceGraph({ waitingSpans: 0 }).sink, 'waitingSpans: given 0'],
  ['no dimension', () => new SpanMetrics({ dimensions: [] }).sink, 'dimensions: given a list of 0'],
  ['seconds as a number', () => new SpanMetrics({ interval: 60 as never }).sink, 'interval: given 60; allowed: a Duration'],
])('%s is refused', (_name, make, message) => {
  expect(make).toThrow(message);
});
