import { schemaStatements } from '../../lib/clickhouse/schema/schema';
import { rowBytes } from '../../lib/estimate/row-bytes';
import { Engine } from '../engine/engine';
import { insertOfRecorded, recordedTables } from '../grafana/recording';

/**
 * Twelve hours of what was recorded in eight minutes on a real node, with ids, values and times of their own. Lines of logs would be the same ones again and again, and so compress as none do:
 * their figure is measured by hand.
 */
const copies = 90;
const later = 'toIntervalMinute(8 * (number + 1))';
const hashed = (column: string, length: number) => `lower(left(hex(MD5(concat(${column}, toString(number)))), ${length}))`;

let engine: Engine;

beforeAll(() => {
  engine = Engine.bare();
  for (const statement of schemaStatements({ database: 'otel', owner: 'default' })) {
    engine.run(statement);
  }
  for (const table of recordedTables()) {
    engine.run(insertOfRecorded(table));
  }
  // Gauges move by some per cent, counts rise, what is still stays.
  copy(
    'otel_metrics_gauge',
    'TimeUnix',
    'if(Value = floor(Value) AND Value < 1000, Value, Value * (1 + rand(number) % 1000 / 20000)) AS Value',
  );
  copy('otel_metrics_sum', 'TimeUnix', 'if(Value = 0, 0, Value + floor(Value * number / 100 + rand(number) % 100)) AS Value');
  copy('otel_metrics_histogram', 'TimeUnix', 'Sum * (1 + number / 100) AS Sum');
  const parent = `if(ParentSpanId = '', '', ${hashed('ParentSpanId', 16)})`;
  const ids = `${hashed('TraceId', 32)} AS TraceId, ${hashed('SpanId', 16)} AS SpanId, ${parent} AS ParentSpanId`;
  copy('otel_traces', 'Timestamp', `${ids}, toUInt64(Duration * (0.5 + rand(number) % 1000 / 1000)) AS Duration`);
}, 60_000);

afterAll(() => engine.close());

function copy(table: string, time: string, changed: string): void {
  const columns = `* EXCEPT (number) REPLACE (${time} + ${later} AS ${time}, ${changed})`;
  engine.run(`INSERT INTO otel.${table} SELECT ${columns} FROM (SELECT * FROM otel.${table}) AS recorded, numbers(${copies}) AS copies`);
}

/** Bytes on disk, merged, of a row of the first tables, with what views make of it in the others. */
function bytesOfRow(tables: string[], views: string[] = []): number {
  for (const table of [...tables, ...views]) {
    engine.run(`OPTIMIZE TABLE otel.${table} FINAL`);
  }
  const sum = (column: string, of: string[]) =>
    Number(
      engine.value(
        `SELECT sum(${column}) FROM system.parts WHERE database = 'otel' AND active AND table IN (${of.map((name) => `'${name}'`).join(', ')})`,
      ),
    );
  return sum('bytes_on_disk', [...tables, ...views]) / sum('rows', tables);
}

test('a span takes as much as is estimated, within 15 %', () => {
  const bytes = bytesOfRow(['otel_traces'], ['otel_traces_trace_id_ts', 'red_1m']);
  expect(Math.abs(bytes / rowBytes.traces - 1)).toBeLessThan(0.15);
});

test('a point takes no more than is estimated, and more than half of it: a small cluster has fewer different series', () => {
  const bytes = bytesOfRow(['otel_metrics_gauge', 'otel_metrics_sum', 'otel_metrics_histogram']);
  expect(bytes).toBeLessThan(rowBytes.metrics);
  expect(bytes).toBeGreaterThan(rowBytes.metrics / 2);
});
