import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Size, Testing } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc from 'fast-check';
import { ClickHouseUser } from '../../lib/clickhouse/clickhouse';
import { hashesQuery } from '../../lib/clickhouse/configuration/password-hashes';
import { serverConfiguration } from '../../lib/clickhouse/configuration/server-configuration';
import { sizing } from '../../lib/clickhouse/configuration/sizing';
import { usersConfiguration } from '../../lib/clickhouse/configuration/users-configuration';
import { xml } from '../../lib/clickhouse/configuration/xml';
import { schemaStatements } from '../../lib/clickhouse/schema/schema';
import { ObservabilityChart } from '../../lib/observability-chart';
import { Engine, EngineFolder } from '../engine/engine';

const filesFor = (cpu: Cpu, memory: Size, database = 'otel') => {
  const sizes = sizing({ cpu, memory });
  return { server: serverConfiguration(sizes), users: usersConfiguration(database, sizes) };
};
const files = filesFor(Cpu.units(1), Size.gibibytes(4));
const gibibyte = 1024 ** 3;
const mebibyte = 1024 ** 2;

let folder: EngineFolder;
let engine: Engine | undefined;

const open = (as?: ClickHouseUser, given = files) => {
  engine?.close();
  engine = Engine.configured(folder, given, as);
  return engine;
};

beforeEach(() => {
  folder = new EngineFolder();
});
afterEach(() => {
  engine?.close();
  engine = undefined;
  folder.remove();
});

describe('what the engine takes from the files', () => {
  const settings = (names: string[]) =>
    Object.fromEntries(
      engine!
        .rows<{ name: string; value: string }>(`SELECT name, value FROM system.server_settings WHERE name IN ('${names.join("', '")}')`)
        .map(({ name, value }) => [name, Number(value)]),
    );

  test('memory and caches fit into a container of 4 GiB', () => {
    open();
    const caches = settings([
      'mark_cache_size',
      'primary_index_cache_size',
      'index_mark_cache_size',
      'text_index_tokens_cache_size',
      'text_index_header_cache_size',
      'text_index_postings_cache_size',
      'query_condition_cache_size',
      'compiled_expression_cache_size',
    ]);
    expect(caches).toEqual({
      mark_cache_size: 256 * mebibyte,
      primary_index_cache_size: 256 * mebibyte,
      index_mark_cache_size: 128 * mebibyte,
      text_index_tokens_cache_size: 64 * mebibyte,
      text_index_header_cache_size: 64 * mebibyte,
      text_index_postings_cache_size: 128 * mebibyte,
      query_condition_cache_size: 64 * mebibyte,
      compiled_expression_cache_size: 64 * mebibyte,
    });
    expect(settings(['max_server_memory_usage', 'background_pool_size', 'max_connections', 'shutdown_wait_unfinished'])).toEqual({
      max_server_memory_usage: Math.floor(0.85 * 4 * gibibyte),
      background_pool_size: 4,
      max_connections: 1024,
      shutdown_wait_unfinished: 30,
    });
    expect(engine!.value("SELECT value FROM system.merge_tree_settings WHERE name = 'max_bytes_to_merge_at_max_space_in_pool'")).toBe(
      String(10 * gibibyte),
    );
  });

  test.each([
    ['smallest', Cpu.millis(10), Size.gibibytes(2)],
    ['large', Cpu.units(64), Size.gibibytes(512)],
  ])('the %s size starts, and tables can be made', (_size, cpu, memory) => {
    const started = open(undefined, filesFor(cpu, memory));
    started.run('CREATE TABLE default.t (a Int8) ENGINE = MergeTree ORDER BY a');
    expect(settings(['mark_cache_size']).mark_cache_size).toBe(Math.min(memory.toMebibytes() / 16, 5120) * mebibyte);
  });

  test('any size leaves room: for the container, for what is not cached, for inserts beside queries', () => {
    const sizes = fc.record({ millis: fc.integer({ min: 10, max: 256_000 }), mebibytes: fc.integer({ min: 2048, max: 4 * 1024 ** 2 }) });
    fc.assert(
      fc.property(sizes, ({ millis, mebibytes }) => {
        const of = sizing({ cpu: Cpu.millis(millis), memory: Size.mebibytes(mebibytes) });
        const cached = [
          of.markCache,
          of.primaryIndexCache,
          of.indexMarkCache,
          of.textIndexTokensCache,
          of.textIndexHeaderCache,
          of.textIndexPostingsCache,
          of.queryConditionCache,
          of.compiledExpressionCache,
        ];
        expect(cached.reduce((sum, cache) => sum + cache, 0)).toBeLessThanOrEqual(of.serverMemory / 3);
        expect(of.serverMemory).toBeLessThan(0.9 * mebibytes * mebibyte);
        expect(of.readerQueryMemory).toBeLessThanOrEqual(of.readerMemory);
        expect(of.readerMemory).toBeLessThanOrEqual(of.serverMemory / 2);
        expect(of.concurrentQueries).toBeGreaterThanOrEqual(40);
        expect(Object.values(of).every((value) => Number.isInteger(value) && value > 0)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(sizes, ({ millis, mebibytes }) => {
        open(undefined, filesFor(Cpu.millis(millis), Size.mebibytes(mebibytes))).run(
          'CREATE OR REPLACE TABLE default.t (a Int8) ENGINE = MergeTree ORDER BY a',
        );
      }),
      { numRuns: 10 },
    );
  });

  /** Sections that the engine lists nowhere, and settings of the server that the embedded engine does not have. */
  const sections = [
    ...['listen_host', 'users_config', 'default_profile', 'timezone', 'http_port', 'tcp_port', 'merge_tree', 'query_log', 'part_log'],
    ...[
      'allow_plaintext_password',
      'allow_no_password',
      'allow_implicit_no_password',
      'access_control_improvements',
      'send_crash_reports',
      'prometheus',
      'logger',
    ],
  ];

  test('no key of the server is misspelt: an unknown one would be passed over without a word', () => {
    const known = open()
      .rows<{ name: string }>('SELECT name FROM system.server_settings')
      .map(({ name }) => name);
    const given = [...files.server.matchAll(/^ {2}<(\w+)>/gm)].map(([, key]) => key);
    expect(given.filter((key) => !known.includes(key) && !sections.includes(key))).toEqual([]);
    expect(given.length).toBeGreaterThan(30);
  });

  test('each log table is made with an end, and no other log is named', () => {
    open();
    const logs = [...files.server.matchAll(/<table>(\w+)<\/table>\s*<engine>(.*?)<\/engine>/g)];
    expect(logs.map(([, name]) => name)).toEqual(['query_log', 'part_log']);
    for (const [, name, definition] of logs) {
      engine!.run(`CREATE TABLE default.${name} (event_date Date, event_time DateTime) ${definition}`);
      expect(engine!.value(`SELECT create_table_query FROM system.tables WHERE name = '${name}'`)).toMatch(
        /TTL event_date \+ toIntervalDay\([37]\)/,
      );
    }
    expect([...files.server.matchAll(/<(\w+_log)>/g)].map(([, name]) => name)).toEqual(['query_log', 'part_log']);
  });

  test('text that the server would take for a reference is refused', () => {
    expect(() => xml({ macros: { a: 'x${b}' } })).toThrow('${');
  });

  test('any other text comes back as it was given', () => {
    const printable = fc
      .string({ unit: fc.constantFrom(...'aZ9 <>&"\'/]!-_=$%{}ä€漢'), minLength: 1 })
      .filter((value) => !value.includes('${'))
      .map((value) => `[${value}]`);
    fc.assert(
      fc.property(fc.array(printable, { minLength: 1, maxLength: 50 }), (texts) => {
        const macros = Object.fromEntries(texts.map((value, index) => [`m${index}`, value]));
        writeFileSync(join(folder.path, 'config.d', 'macros.xml'), xml({ macros }));
        const read = open().rows<{ macro: string; substitution: string }>('SELECT macro, substitution FROM system.macros');
        expect(Object.fromEntries(read.map(({ macro, substitution }) => [macro, substitution]))).toEqual(macros);
      }),
      { numRuns: 20 },
    );
  });
});

describe('who may do what', () => {
  const insert = "INSERT INTO otel.otel_traces (Timestamp, TraceId, SpanKind) VALUES ('2040-01-02 10:00:00', 'a', 'Server')";

  beforeEach(() => {
    const admin = open();
    for (const statement of schemaStatements({ database: 'otel', owner: ClickHouseUser.ADMIN })) {
      admin.run(statement);
    }
  });

  test('the writer inserts, also what views carry on, asks for columns and version, and nothing else', () => {
    const writer = open(ClickHouseUser.WRITER);
    writer.run(insert);
    expect(writer.rows('DESCRIBE TABLE otel.otel_traces').length).toBeGreaterThan(20);
    expect(writer.value('SELECT max(version) FROM otel.schema_migrations')).toBe(1);
    for (const refused of [
      'SELECT TraceId FROM otel.otel_traces',
      'INSERT INTO otel.red_1m (Calls) VALUES (1)',
      'INSERT INTO otel.schema_migrations (version) VALUES (99)',
      'CREATE TABLE otel.other (a Int8) ENGINE = Memory',
      'ALTER TABLE otel.otel_traces DELETE WHERE 1',
      'DROP TABLE otel.otel_traces',
      'TRUNCATE TABLE otel.otel_traces',
      "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a Int8')",
    ]) {
      expect(() => writer.run(refused)).toThrow('Not enough privileges');
    }
    expect(
      writer
        .rows("SELECT name, value FROM system.settings WHERE name IN ('async_insert', 'throw_on_max_partitions_per_insert_block')")
        .map(({ value }) => value),
    ).toEqual(['0', '0']);
    expect(open(ClickHouseUser.READER).value('SELECT sum(Calls) FROM otel.red_1m')).toBe(1);
  });

  test('one record with a wrong clock does not hold up the batch that it is in', () => {
    const writer = open(ClickHouseUser.WRITER);
    writer.run(
      "INSERT INTO otel.otel_logs (Timestamp, Body) SELECT toDateTime64('2040-01-01', 9) + INTERVAL number DAY, 'x' FROM numbers(150)",
    );
    expect(open().value('SELECT count() FROM otel.otel_logs')).toBe(150);
  });

  test('the reader reads tables of telemetry, and changes, writes and reaches nothing', () => {
    const reader = open(ClickHouseUser.READER);
    expect(reader.value('SELECT count() FROM otel.otel_traces')).toBe(0);
    expect(reader.value("SELECT count() FROM system.columns WHERE database = 'otel' AND table = 'otel_logs'")).toBeGreaterThan(20);
    for (const refused of [
      insert,
      'CREATE TEMPORARY TABLE t (a Int8)',
      'DROP TABLE otel.otel_logs',
      "SELECT * FROM file('/etc/passwd', 'LineAsString')",
      "SELECT * FROM remote('127.0.0.1', system.one)",
    ]) {
      expect(() => reader.run(refused)).toThrow('Not enough privileges');
    }
    expect(() => reader.run('SET max_memory_usage = 0')).toThrow('readonly');
    expect(() => reader.run('SELECT 1 SETTINGS max_threads = 64')).toThrow('readonly');
  });

  test('the reader may read each table of the server that a panel or rule asks for, and no other', () => {
    const chart = new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'test' });
    const asked = [...JSON.stringify(Testing.synth(chart)).matchAll(/FROM (system\.\w+)/g)].map(([, table]) => table);
    const granted = open().rows(
      "SELECT concat(database, '.', `table`) AS name FROM system.grants WHERE user_name = 'reader' AND database = 'system'",
    );
    expect(granted.map(({ name }) => name)).toEqual([...new Set(asked)]);
  });

  test('queries of readers end by time and memory, and Grafana may ask for at most 90 seconds', () => {
    const limits = open().rows(
      "SELECT setting_name AS name, value, min, max FROM system.settings_profile_elements WHERE profile_name = 'reader' AND setting_name != ''",
    );
    expect(limits).toEqual([
      { name: 'readonly', value: '1', min: null, max: null },
      { name: 'max_execution_time', value: '60', min: '1', max: '90' },
      { name: 'max_memory_usage', value: String(Math.floor(Math.floor(0.85 * 4 * gibibyte) / 4)), min: null, max: null },
      { name: 'max_memory_usage_for_user', value: String(Math.floor(Math.floor(0.85 * 4 * gibibyte) / 2)), min: null, max: null },
    ]);
    // The embedded engine knows no settings that are changeable in readonly mode: this part is rendered, not run.
    expect([...files.users.matchAll(/<(\w+)>\s*<changeable_in_readonly\/>/g)].map(([, setting]) => setting)).toEqual([
      'max_execution_time',
      'additional_table_filters',
      'limit',
    ]);
  });

  test('a query of a reader that takes too much is ended, and the server goes on', () => {
    const reader = open(ClickHouseUser.READER, filesFor(Cpu.units(1), Size.gibibytes(2)));
    expect(() => reader.run('SELECT length(groupArray(number)) FROM numbers(200000000)')).toThrow(/memory limit exceeded.*maximum: 384/i);
    expect(reader.value('SELECT count() FROM otel.otel_logs')).toBe(0);
  });

  test('there are these users and no other, each with a password', () => {
    const users = [
      ...files.users.slice(files.users.indexOf('<users>')).matchAll(/^ {4}<(\w+)>\s*<password_sha256_hex incl="(\w+)"\/>/gm),
    ].map(([, name, hash]) => [name, hash]);
    expect(users).toEqual([
      ['admin', 'admin'],
      ['writer', 'writer'],
      ['reader', 'reader'],
    ]);
    const known = open().rows<{ name: string }>(
      "SELECT name FROM system.users WHERE name != 'default' AND has(auth_type, 'sha256_password')",
    );
    expect(known.map(({ name }) => name).sort()).toEqual(['admin', 'reader', 'writer']);
  });
});

describe('hashes of passwords', () => {
  let run: string;
  const hash = (password: string) => createHash('sha256').update(password).digest('hex');

  /** Mounted as Kubernetes mounts a volume of Secrets: links to links. */
  const mount = (passwords: Record<string, string>) => {
    for (const [user, password] of Object.entries(passwords)) {
      writeFileSync(join(run, 'passwords', '..2026_11_25', user), password);
    }
  };
  const query = () => open().run(hashesQuery.replaceAll('/run/clickhouse', run));
  const written = () => readFileSync(join(run, 'hashes', 'hashes.xml'), 'utf8');

  beforeEach(() => {
    run = mkdtempSync(join(tmpdir(), 'passwords-'));
    mkdirSync(join(run, 'passwords', '..2026_11_25'), { recursive: true });
    mkdirSync(join(run, 'hashes'));
    symlinkSync('..2026_11_25', join(run, 'passwords', '..data'));
    for (const user of ['admin', 'reader', 'writer']) {
      symlinkSync(`..data/${user}`, join(run, 'passwords', user));
    }
  });
  afterEach(() => rmSync(run, { recursive: true }));

  test('are those that clients are checked against, whatever stands in a password, and again after a restart', () => {
    mount({ admin: 'a<&"\'\\ ', writer: 'w', reader: 'ä€\t' });
    query();
    expect(written()).toBe(
      `<clickhouse><admin>${hash('a<&"\'\\ ')}</admin><reader>${hash('ä€\t')}</reader><writer>${hash('w')}</writer></clickhouse>`,
    );
    mount({ writer: 'other' });
    query();
    expect(written()).toContain(`<writer>${hash('other')}</writer>`);
  });

  test.each([
    ['admin', 'secret\n', 'the password of admin ends with a line break: make its Secret without it'],
    ['writer', '', 'one of the passwords of admin, reader, writer is empty'],
  ])('of %s stop the pod with a reason, where nobody could log in with it', (user, password, reason) => {
    mount({ admin: 'a', writer: 'w', reader: 'r', [user]: password });
    expect(query).toThrow(reason);
  });
});
