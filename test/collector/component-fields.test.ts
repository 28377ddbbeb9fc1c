import fc from 'fast-check';
import { componentTables } from '../../imports/otelcol';
import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';

const receiver = (componentType: string, config: object) => () => Component.receiver({ componentType, config });

test('all that is wrong with a component comes in one error', () => {
  expect(
    receiver('file_log', {
      includes: ['/var/log/*.log'],
      poll_intervall: '1s',
      poll_interval: 5,
      start_at: 'end of file',
      operators: [{ type: 'jsonparser' }, { type: 'move', form: 'body' }],
      multiline: { line_start_pattern: ['^a'] },
    }),
  ).toThrow(
    new Error(
      [
        'Component.receiver: 8 problems',
        '  file_log.includes: given a field that does not exist; did you mean `include`?',
        '  file_log.poll_intervall: given a field that does not exist; did you mean `poll_interval`?',
        "  file_log.poll_interval: given 5; allowed: a number with its unit, as in '30s' or '1m30s': ns, us, ms, s, m, h",
        "  file_log.start_at: given \"end of file\"; allowed: 'beginning', 'end'",
        '  file_log.operators[0].type: given "jsonparser"; did you mean `json_parser`?',
        '  file_log.operators[1].form: given a field that does not exist; did you mean `from`?',
        '  file_log.multiline.line_start_pattern: given a list of 1; allowed: a text',
        '  file_log.include: given nothing; allowed: a value: it is required',
      ].join('\n'),
    ),
  );
});

test.each<[string, object, string]>([
  [
    'k8s_cluster',
    { metrics: { 'k8s.pod.fase': { enabled: true } } },
    'k8s_cluster.metrics.k8s.pod.fase: given a field that does not exist; did you mean `k8s.pod.phase`?',
  ],
  [
    'kubelet_stats',
    { metrics: { 'k8s.node.uptime': { enabled: 'yes' } } },
    'kubelet_stats.metrics.k8s.node.uptime.enabled: given "yes"; allowed: true or false',
  ],
  [
    'kubelet_stats',
    { metric_groups: ['nodes'] },
    "kubelet_stats.metric_groups[0]: given \"nodes\"; allowed: 'container', 'pod', 'node', 'volume'",
  ],
  ['otlp', { protocols: { grpc: { endpoint: 4317 } } }, 'otlp.protocols.grpc.endpoint: given 4317; allowed: a text'],
  [
    'prometheus',
    { config: { scrape_configs: [{ scrape_interval: '30' }] } },
    "prometheus.config.scrape_configs[0].scrape_interval: given \"30\"; allowed: a number with its unit, as in '30s' or '1h30m': ms, s, m, h, d, w, y",
  ],
  ['syslog', { protocoll: 'rfc5424' }, 'syslog.protocoll: given a field that does not exist; did you mean `protocol`?'],
  ['syslog', {}, 'syslog.protocol: given nothing; allowed: a value: it is required'],
  ['zipkin', { endpont: ':9411' }, 'zipkin.endpont: given a field that does not exist; did you mean `endpoint`?'],
  ['host_metrics', { scrapers: { cpus: {} } }, 'host_metrics.scrapers.cpus: given a field that does not exist; did you mean `cpu`?'],
  ['redis', { tls: ConfigValue.podField('A', 'spec.nodeName') }, 'redis.tls: given a ConfigValue; allowed: an object with'],
  ['filelog', {}, 'componentType: given `filelog`; allowed: `file_log`, as it is called now'],
])('%s %j is refused: what it is, what it may be', (componentType, config, problem) => {
  expect(receiver(componentType, config)).toThrow(problem);
});

test('values that say what the pod needs, and extensions, stand for texts; nothing leaves the default', () => {
  const storage = Component.extension({ componentType: 'file_storage', config: { directory: '/data' } });
  const node = ConfigValue.podField('K8S_NODE_NAME', 'spec.nodeName');
  expect(
    receiver('file_log', {
      include: [node, '/a'],
      storage,
      poll_interval: node,
      max_concurrent_files: node,
      encoding: null,
      id: undefined,
    }),
  ).not.toThrow();
  expect(receiver('file_log', { include: '/a' })).not.toThrow();
});

test('what the tables do not know is left to the collector: types of other distributions, and fields where the user says so', () => {
  expect(receiver('acme_probe', { anything: [1, 'a'] })).not.toThrow();
  expect(() => Component.exporter({ componentType: 'debug', config: { colour: 'green' }, checkFields: false })).not.toThrow();
  expect(() => Component.exporter({ componentType: 'debug', config: { colour: 'green' } })).toThrow('debug.colour');
});

test('what configurations that were written elsewhere have by default is known by its fields', () => {
  const defaults: Record<string, string[]> = {
    receiver: [
      ...['otlp', 'jaeger', 'zipkin', 'prometheus', 'syslog', 'file_log', 'journald', 'host_metrics', 'kubelet_stats'],
      ...['k8s_cluster', 'k8s_events', 'k8s_objects', 'receiver_creator'],
    ],
    processor: ['batch', 'memory_limiter', 'k8s_attributes', 'resource', 'resource_detection', 'attributes', 'filter', 'transform'],
    exporter: ['debug', 'otlp_grpc', 'otlp_http', 'load_balancing', 'prometheus_remote_write'],
    connector: ['span_metrics', 'count', 'routing'],
    extension: ['health_check', 'file_storage', 'k8s_leader_elector', 'k8s_observer', 'pprof'],
  };
  const unknown = Object.entries(defaults).flatMap(([kind, ids]) => ids.filter((id) => !componentTables[kind][id]));
  expect(unknown).toEqual([]);
});

test('a configuration of any values is taken, or refused in one error with a line for each problem', () => {
  const names = fc.constantFrom(
    'include',
    'operators',
    'storage',
    'retry_on_failure',
    'header',
    'max_log_size',
    '$all',
    '$by',
    '__proto__',
    'constructor',
  );
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(names, fc.string()), fc.anything()), (config) => {
      try {
        receiver('file_log', config)();
      } catch (error) {
        const [first, ...lines] = (error as Error).message.split('\n');
        expect(first).toMatch(/^Component\.receiver: \d+ problems?$/);
        expect(lines.every((line) => /^ {2}\S.*: given .+; (allowed: |did you mean ).+/.test(line))).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
