import { Chart, Size, Testing } from 'cdk8s';
import { parse } from 'yaml';
import { ClickHouseCluster } from '../../lib/clickhouse/clickhouse-cluster';
import { ClickHouseSink } from '../../lib/clickhouse/clickhouse-sink';
import { Collector, type CollectorProps } from '../../lib/collector/collector';
import { ConfigValue } from '../../lib/collector/config-value';
import { Placement } from '../../lib/collector/placement';
import { queueStorage } from '../../lib/collector/queue-storage';
import { OtlpReceiver } from '../../lib/collector/sources/otlp-receiver';
import { Images } from '../../lib/kubernetes/images';
import { Volume } from '../../lib/kubernetes/volume';

function synth(props: Partial<CollectorProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'ClickHouse');
  const collector = new Collector(chart, 'Collector', {
    role: 'bridge',
    clusterName: 'test',
    sources: [new OtlpReceiver()],
    sinks: [new ClickHouseSink({ clickhouse })],
    placement: Placement.statefulSet(1),
    ...props,
  });
  const manifests = Testing.synth(chart);
  const find = (kind: string, name: string) => manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)!;
  return { exporters: parse(collector.configText).exporters, pod: find('StatefulSet', 'bridge').spec.template.spec, find };
}

test('each signal goes to its tables, over HTTP, and is never given up', () => {
  const { exporters } = synth();
  expect(Object.keys(exporters)).toEqual(['clickhouse/logs', 'clickhouse/metrics', 'clickhouse/traces']);
  expect(exporters['clickhouse/logs']).toMatchObject({
    endpoint: 'http://clickhouse.observability.svc:8123',
    username: 'writer',
    database: 'otel',
    logs_table_name: 'otel_logs',
    create_schema: false,
    async_insert: false,
    compress: 'gzip',
    retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
    sending_queue: { block_on_overflow: true, batch: { sizer: 'items', min_size: 10_000, max_size: 20_000, flush_timeout: '5s' } },
  });
  expect(exporters['clickhouse/traces'].traces_table_name).toBe('otel_traces');
  expect(exporters['clickhouse/metrics'].metrics_tables).toEqual({
    gauge: { name: 'otel_metrics_gauge' },
    sum: { name: 'otel_metrics_sum' },
    histogram: { name: 'otel_metrics_histogram' },
    exponential_histogram: { name: 'otel_metrics_exponential_histogram' },
    summary: { name: 'otel_metrics_summary' },
  });
});

test('the password stands in no configuration, only a reference to it among the arguments', () => {
  const { exporters, pod } = synth();
  expect(JSON.stringify(exporters)).not.toContain('PASSWORD');
  expect(pod.containers[0].args.filter((argument: string) => argument.includes('password'))).toEqual(
    ['logs', 'metrics', 'traces'].map(
      (signal) => `--config=yaml:exporters::clickhouse/${signal}::password: "\${env:CLICKHOUSE_WRITER_PASSWORD}"`,
    ),
  );
  expect(pod.containers[0].env).toContainEqual({
    name: 'CLICKHOUSE_WRITER_PASSWORD',
    valueFrom: { secretKeyRef: { name: 'clickhouse-writer', key: 'password' } },
  });
});

test('the collector starts when the schema is there, and asks for it as the writer', () => {
  const { pod } = synth({ images: Images.mirror('registry.example') });
  expect(pod.initContainers).toHaveLength(1);
  expect(pod.initContainers[0]).toMatchObject({
    name: 'await-schema',
    image: 'registry.example/clickhouse/clickhouse-server:26.8',
    command: [
      '/usr/bin/clickhouse',
      'client',
      '--host',
      'clickhouse.observability.svc',
      '--port',
      '9000',
      '--user',
      'writer',
      '--query',
      expect.stringMatching(/^SELECT throwIf\(max\(version\) < \d+, .*\) FROM otel\.schema_migrations$/),
    ],
    env: [{ name: 'CLICKHOUSE_PASSWORD', valueFrom: { secretKeyRef: { name: 'clickhouse-writer', key: 'password' } } }],
  });
});

test('the network is open to both interfaces, on both sides', () => {
  const { find } = synth();
  const ports = [
    { port: 8123, protocol: 'TCP' },
    { port: 9000, protocol: 'TCP' },
  ];
  expect(find('NetworkPolicy', 'bridge-to-clickhouse').spec.egress[0].ports).toEqual(ports);
  expect(find('NetworkPolicy', 'clickhouse-from-observability-bridge').spec.ingress[0].ports).toEqual(ports);
});

test('queues have the sizes and the disk that the collector gives them', () => {
  const storage = queueStorage(ConfigValue.directory(Volume.persistent('queue', Size.gibibytes(1))));
  const { exporters } = synth({ queue: { storage, logs: Size.mebibytes(300), metrics: Size.mebibytes(200), traces: Size.mebibytes(100) } });
  expect(exporters['clickhouse/logs'].sending_queue).toMatchObject({
    sizer: 'bytes',
    queue_size: 300 * 1024 ** 2,
    storage: 'file_storage/queue',
  });
  expect(exporters['clickhouse/traces'].sending_queue.queue_size).toBe(100 * 1024 ** 2);
});

test('a store is required', () => {
  expect(() => new ClickHouseSink({} as any)).toThrow(
    'ClickHouseSink: 1 problem\n  clickhouse: given nothing; allowed: a value: it is required',
  );
  expect(() => new ClickHouseSink({ clickhouse: 'http://clickhouse:8123' } as any)).toThrow(
    'allowed: a ClickHouseCluster, or another IClickHouse',
  );
});
