import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { componentSignals, componentTables, fieldTables, formerIds } from '../../imports/otelcol';
import { componentProblems } from '../../lib/collector/component-fields';
import { type Examples, fieldsOf, Samples, wrongValue } from './component-samples';
import { part } from './harness/parts';
import { scratchFolder } from './harness/program';

/** Where any text is none: the collector reads these further. */
const examples: Examples = [
  [/operators\.(.*\.)?(parse_from|parse_to|body|field|fields|from|to|source_identifier|combine_field)$/, 'attributes.x'],
  [/(fingerprint_size|initial_buffer_size|max_log_size|body_size_limit|retention\.size)$/, '1MiB'],
  [/tls_config\.(min|max)_version$/, 'TLS12'],
  [/(min|max)_version$/, '1.2'],
  [/scrape_protocols$/, ['PrometheusProto']],
  [/^receivers\.rule$/, 'type == "pod"'],
  [/^timezone$/, 'UTC'],
  [/^(default_)?pipelines$|^table\.pipelines$|^priority_levels$/, 'logs'],
  [/translation_strategy$/, 'NoTranslation'],
  [/\.kubernetes_sd_configs$/, [{ role: 'pod' }]],
  [/\.file_sd_configs$/, [{ files: ['targets.json'] }]],
  [/\.http_sd_configs$/, [{ url: 'http://localhost' }]],
  [/\.http_headers$/, { name: { values: ['x'] } }],
];

/** What a field may mean only together with others, or in an image with more discoveries. It says nothing against the field or its type. */
const meanings =
  /_sd_configs not found in type|requires 'target_label'|requires non-zero modulus|must be set|must (also )?be configured|scrape interval|cannot be configured unless|unsupported endpoint type|validate: /;

/** Fields of the image that the older modules of the tested collector do not have. */
const later = [
  'receiver k8s_events storage',
  'receiver k8s_events dedup_interval',
  'receiver tls_check targets.file_format',
  'receiver tls_check targets.password',
];

interface Case {
  readonly kind: string;
  readonly type: string;
  readonly config: unknown;
}

/** What the components of the real collector say of each configuration; nothing where they take it. */
function verdicts(cases: readonly Case[]): string[] {
  const input = stringify(
    cases.map(({ kind, type, config }) => ({ kind, type, config })),
    { version: '1.1', aliasDuplicateObjects: false },
  );
  return JSON.parse(execFileSync(part('judge'), { input, encoding: 'utf8', maxBuffer: 100_000_000 }));
}

/** What the whole collector says of a configuration with this component in its pipelines; nothing where it takes it. */
function validate(kind: string, type: string, config: unknown): string {
  const ids: Record<string, string> = { receiver: 'otlp', processor: 'memory_limiter', exporter: 'debug', [kind]: type };
  const signal = type === 'kubelet_stats' ? 'metrics' : 'logs';
  const file = join(scratchFolder('validate'), 'config.yaml');
  const configurations: Record<string, unknown> = {
    otlp: { protocols: { grpc: null } },
    memory_limiter: { check_interval: '1s', limit_mib: 100 },
    debug: null,
    [type]: config,
  };
  writeFileSync(
    file,
    stringify({
      receivers: { [ids.receiver]: configurations[ids.receiver] },
      processors: { [ids.processor]: configurations[ids.processor] },
      exporters: { [ids.exporter]: configurations[ids.exporter] },
      service: { pipelines: { [signal]: { receivers: [ids.receiver], processors: [ids.processor], exporters: [ids.exporter] } } },
    }),
  );
  const { stderr, status } = spawnSync(part('otelcol'), ['validate', `--config=file:${file}`], { encoding: 'utf8' });
  return status === 0 ? '' : stderr;
}

const all = Object.entries(componentTables).flatMap(([kind, ids]) => Object.entries(ids).map(([type, table]) => ({ kind, type, table })));
const samples = new Samples(examples);
const places = all.flatMap(({ kind, type, table }) =>
  samples.of(table).map((place) => ({ ...place, kind, type, name: `${kind} ${type} ${place.path}` })),
);

test('[components] a real collector takes every field of every component, with a value of its type', () => {
  const cases = places
    .filter(({ value, name }) => value !== undefined && !later.includes(name))
    .map((place) => ({ ...place, config: place.put(place.value) }));
  expect(cases.length).toBeGreaterThan(2000);
  const said = verdicts(cases);
  expect(cases.filter(({ kind, type, config }) => componentProblems(kind, type, config).length > 0).map(({ name }) => name)).toEqual([]);
  expect(
    cases.flatMap(({ name, config }, index) =>
      said[index] && !meanings.test(said[index]) ? [`${name}: ${said[index]} ${JSON.stringify(config)}`] : [],
    ),
  ).toEqual([]);
});

/** What the collector itself reads over in silence, or sees only when it makes or starts the component: by the place, and the word of the tables. */
const readOver: readonly (readonly [place: RegExp, reason: string])[] = [
  [
    /^receiver (nginx|http_check|zipkin|jaeger protocols\.thrift_http|otlp protocols\.http|prometheus (target_allocator|api_server))/,
    'settings of HTTP are squashed into it, and the whole is read leniently',
  ],
  [/^(processor resource_detection|exporter (otlp_http|prometheus_remote_write)|extension health_check) /, 'the same'],
  [/^receiver \w+ (header\.metadata_)?operators/, 'operators are read leniently, and made when the receiver is'],
  [/^receiver receiver_creator /, 'it reads its own configuration by hand'],
  [/^connector count /, 'it reads its own configuration by hand'],
  [
    / =(strict\|regexp|beginning\|end|http\|https|service\|traceID.*|rfc3164.*|NUL\|LF|drop\|.*|insert\|.*|container.*)$/,
    'values that are checked when the component is made',
  ],
];

test('[components] what is refused at synth is refused by a real collector, or read over in silence: unknown fields, wrong types, unknown values', () => {
  const cases = places.filter(({ word }) => word !== 'any').map((place) => ({ ...place, config: place.put(wrongValue(place.word)) }));
  const said = verdicts(cases);
  expect(cases.filter(({ kind, type, config }) => componentProblems(kind, type, config).length === 0).map(({ name }) => name)).toEqual([]);
  const silent = cases.filter((_, index) => !said[index]).map(({ name, word }) => `${name} ${word}`);
  expect(silent.filter((one) => !readOver.some(([place]) => place.test(one)))).toEqual([]);
  expect(readOver.filter(([place]) => !silent.some((one) => place.test(one)))).toEqual([]);
  expect(cases.length - silent.length).toBeGreaterThan(2000);
});

test('[components] required fields are those that a real collector wants', () => {
  const cases = all.flatMap(({ kind, type, table }) =>
    Object.entries(fieldsOf(fieldTables[table]))
      .filter(([, word]) => word.endsWith('!'))
      .map(([field]) => {
        const place = new Samples(examples).of(table).find(({ path, value }) => path !== field && value !== undefined);
        const { [field]: _, ...config } = place ? place.put(place.value) : {};
        return { kind, type, config, name: `${kind} ${type} ${field}` };
      }),
  );
  const said = verdicts(cases);
  const missedLater = ['receiver file_log include', 'receiver syslog protocol', 'exporter load_balancing resolver'];
  expect(cases.filter((_, index) => !said[index]).map(({ name }) => name)).toEqual(missedLater);
  expect(cases.length).toBeGreaterThan(15);
});

test.each([
  ['receiver', 'file_log', {}],
  ['receiver', 'file_log', { include: ['x'], start_at: 'surely-not' }],
  ['receiver', 'file_log', { include: ['x'], operators: [{ type: 'move', from: 'body', to: 'attributes.x', on_error: 'surely-not' }] }],
  ['receiver', 'syslog', { udp: { listen_address: 'localhost:0' } }],
  ['receiver', 'syslog', { protocol: 'surely-not', udp: { listen_address: 'localhost:0' } }],
  ['receiver', 'kubelet_stats', { metric_groups: ['surely-not'] }],
  ['processor', 'attributes', { actions: [{ key: 'x', action: 'surely-not' }] }],
  ['exporter', 'load_balancing', { protocol: { otlp: {} } }],
  ['exporter', 'load_balancing', { protocol: { otlp: {} }, resolver: { static: { hostnames: ['x'] } }, routing_key: 'surely-not' }],
])('[components] what only making a component shows is refused at synth: %s %s %j', (kind, type, config) => {
  expect(componentProblems(kind, type, config)).toHaveLength(1);
  expect(validate(kind, type, config)).not.toBe('');
});

test.each([
  ['receiver', 'file_log', { include: ['x'], operators: [{ type: 'move', from: 'body', to: 'attributes.x', on_error: 'drop' }] }],
  ['processor', 'attributes', { actions: [{ key: 'x', action: 'delete' }] }],
  ['exporter', 'load_balancing', { protocol: { otlp: {} }, resolver: { static: { hostnames: ['x'] } }, routing_key: 'traceID' }],
  ['receiver', 'syslog', { protocol: 'none', tcp: { listen_address: 'localhost:0', max_log_size: '1MiB' } }],
  ['processor', 'batch', { timeout: '1s', send_batch_size: 1000 }],
])('[components] and a right one is made: %s %s %j', (kind, type, config) => {
  expect(componentProblems(kind, type, config)).toEqual([]);
  expect(validate(kind, type, config)).toBe('');
});

test('[components] no field of the collector is missing in the tables', () => {
  interface Field {
    readonly holds: string;
    readonly of?: Field;
    readonly fields?: Record<string, Field>;
  }
  const collector: Record<string, Record<string, Field>> = JSON.parse(
    execFileSync(part('judge'), ['fields'], { encoding: 'utf8', maxBuffer: 100_000_000 }),
  );
  const missing: string[] = [];
  const compare = (word: string, field: Field, at: string): void => {
    if (/^(\[\]|\{\})/.test(word) && field.of) {
      compare(word.slice(2), field.of, at);
    }
    const table = word.startsWith('#') ? fieldTables[word.slice(1).replace('!', '')] : undefined;
    if (table && !table.$by && field.fields) {
      const known = fieldsOf(table);
      for (const [name, inner] of Object.entries(field.fields)) {
        if (known[name]) {
          compare(known[name], inner, `${at}.${name}`);
        } else {
          missing.push(`${at}.${name}`);
        }
      }
    }
  };
  for (const { kind, type, table } of all) {
    compare(`#${table}`, collector[kind][type], `${kind} ${type}`);
  }
  expect(missing).toEqual([]);
});

test('[components] the names that components had before are taken by a real collector as what they are now', () => {
  const pairs = Object.entries(formerIds).flatMap(([kind, ids]) => Object.entries(ids).map(([former, type]) => ({ kind, former, type })));
  expect(pairs.map(({ former }) => former)).toEqual(
    expect.arrayContaining(['filelog', 'hostmetrics', 'k8sattributes', 'otlp', 'otlphttp', 'loadbalancing']),
  );
  for (const { kind, former, type } of pairs) {
    expect(componentProblems(kind, former, {})).toEqual([
      { where: 'componentType', given: `\`${former}\``, allowed: `\`${type}\`, as it is called now` },
    ]);
  }
  const said = verdicts(pairs.map(({ kind, former }) => ({ kind, type: former, config: { no_such_field: 1 } })));
  // Built from copies that have the new name only.
  const renamed = ['tcpcheck', 'tlscheck', 'logdedup'];
  expect(pairs.filter((_, index) => said[index] === 'unknown type').map(({ former }) => former)).toEqual(renamed);
});

describe('[components] a real collector names the signals of each component as the tables do', () => {
  const listed = parse(execFileSync(part('otelcol'), ['components'], { encoding: 'utf8' }));

  test.each(Object.keys(componentSignals))('%s', (kind) => {
    const signals = (id: string) => {
      const names = [id, ...Object.entries(formerIds[kind]).flatMap(([former, now]) => (now === id ? former : []))];
      const { stability } = listed[`${kind}s`].find(({ name }: { name: string }) => names.includes(name));
      return Object.keys(stability)
        .filter((signal) => ['logs', 'metrics', 'traces'].includes(signal) && stability[signal] !== 'Undefined')
        .join(' ');
    };
    const ids = Object.keys(componentSignals[kind]);
    expect(ids.length).toBeGreaterThan(9);
    expect(Object.fromEntries(ids.map((id) => [id, signals(id)]))).toEqual(componentSignals[kind]);
  });

  test('and does not start with a signal that one does not have', () => {
    const said = (type: string) => validate('receiver', type, {});
    expect(said('redis')).toContain('telemetry type is not supported');
  });
});
