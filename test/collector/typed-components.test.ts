import { Size } from 'cdk8s';
import { ConfigValue } from '../../lib/collector/config-value';
import { Reach } from '../../lib/kubernetes/endpoint';
import { SecretKey } from '../../lib/kubernetes/secret-key';
import { Volume } from '../../lib/kubernetes/volume';
import { connector, exporter, extension, type FileLogReceiver, processor, receiver } from '../../lib/otelcol';

// The compiler is the test: `tsc -p tsconfig.test.json` fails on a line below @ts-expect-error that has no error.

const directory = ConfigValue.directory(Volume.persistent('queue', Size.gibibytes(1)));

test('configurations of all kinds compile, with values that say what the pod needs', () => {
  const storage = extension('file_storage', {
    name: 'queue',
    config: { directory, create_directory: true, compaction: { on_start: true } },
  });
  const logs: FileLogReceiver = {
    include: [ConfigValue.concat(directory, '/*.log')],
    storage,
    start_at: 'beginning',
    max_log_size: '2MiB',
    operators: [{ type: 'json_parser', parse_to: 'body' }, { type: 'move', from: 'attributes.msg', to: 'body' }, { type: 'container' }],
  };
  expect(receiver('file_log', { name: 'audit', config: logs }).id).toBe('file_log/audit');
  const components = [
    receiver('otlp', { config: { protocols: { grpc: { endpoint: ConfigValue.listen('otlp-grpc', 4317) } } } }),
    receiver('kubelet_stats', { config: { auth_type: 'serviceAccount', metrics: { 'k8s.node.uptime': { enabled: true } } } }),
    receiver('host_metrics', { config: { collection_interval: '60s', scrapers: { cpu: {}, load: { cpu_average: true } } } }),
    receiver('prometheus', {
      config: {
        config: {
          scrape_configs: [
            {
              job_name: 'a',
              scrape_interval: '30s',
              kubernetes_sd_configs: [{ role: 'pod' }],
              relabel_configs: [{ action: 'keep', regex: 'a' }],
            },
          ],
        },
      },
    }),
    processor('memory_limiter', { config: { check_interval: '1s', limit_mib: 400 } }),
    processor('transform', { config: { error_mode: 'ignore', log_statements: ['set(log.body, "x") where log.body != nil'] } }),
    exporter('clickhouse', {
      config: {
        endpoint: ConfigValue.connect({ host: 'clickhouse', port: 9000, reach: Reach.anywhere() }, 'clickhouse'),
        password: ConfigValue.secret(SecretKey.of('clickhouse', 'password')),
        sending_queue: { storage, sizer: 'bytes', batch: { min_size: 1000, flush_timeout: '1s' } },
      },
    }),
    exporter('otlp_http', { config: { endpoint: 'https://otlp.example', headers: { authorization: 'x' } } }),
    connector('span_metrics', { config: { histogram: { unit: 's' } } }),
    exporter('debug'),
  ];
  expect(components.map(({ id }) => id)).toEqual(expect.arrayContaining(['clickhouse', 'debug', 'span_metrics', 'transform']));
});

test('what upstream does not have does not compile, and is refused when it runs all the same', () => {
  // @ts-expect-error: a misspelt field
  expect(() => receiver('file_log', { config: { include: ['/a'], poll_intervall: '1s' } })).toThrow('did you mean `poll_interval`?');
  // @ts-expect-error: a wrong type
  expect(() => receiver('kafka', { config: { brokers: 9092 } })).toThrow('kafka.brokers');
  // @ts-expect-error: no value of the field
  expect(() => exporter('debug', { config: { verbosity: 'loud' } })).toThrow('debug.verbosity');
  // @ts-expect-error: a field of another operator
  expect(() => receiver('file_log', { config: { include: ['/a'], operators: [{ type: 'move', regex: 'a' }] } })).toThrow(
    'file_log.operators[0].regex',
  );
  // @ts-expect-error: a metric that the receiver does not have
  expect(() => receiver('redis', { config: { metrics: { 'redis.upptime': { enabled: true } } } })).toThrow('redis.metrics.redis.upptime');
  // @ts-expect-error: a required field is missing
  expect(() => exporter('clickhouse', { config: {} })).toThrow('clickhouse.endpoint');
  // @ts-expect-error: the configuration is missing
  expect(() => exporter('clickhouse')).toThrow('clickhouse.endpoint');
  // @ts-expect-error: a type that upstream does not have
  expect(() => receiver('file_lag').id).not.toThrow();
});
