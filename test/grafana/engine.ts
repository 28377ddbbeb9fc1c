import { Duration } from 'cdk8s';
import { Session } from 'chdb';
import { schemaStatements } from '../../lib/clickhouse/schema/schema';
import type { Table } from '../../lib/telemetry/table';
import { tables } from '../../lib/telemetry/tables';

/** The rows of an answer, and what its columns are. */
export interface Answer {
  readonly rows: Record<string, any>[];
  readonly columns: { readonly name: string; readonly type: string }[];
}

/** The rows of tests are of a fixed day, and are not to grow too old. */
const kept = Duration.days(3650);

/** ClickHouse in this process, with the tables of the release. One at a time in a process: close it. */
export class Engine {
  private readonly session = new Session();

  /** @param granularity rows of a block, instead of 8,192: with small blocks few rows show what a query leaves out */
  constructor(granularity?: number) {
    for (const statement of schemaStatements({ database: 'otel', owner: 'default' }, { logs: kept, traces: kept, metrics: kept })) {
      this.run(granularity === undefined ? statement : statement.replace('SETTINGS ', `SETTINGS index_granularity = ${granularity}, `));
    }
    this.run('USE otel');
  }

  run(sql: string): void {
    this.session.query(sql, 'Null');
  }

  query(sql: string): Answer {
    const { data, meta } = JSON.parse(this.session.query(sql, 'JSON') as unknown as string);
    return { rows: data, columns: meta };
  }

  /** The same without the query's cost: `EXPLAIN indexes = 1`, as lines. */
  explain(sql: string): string[] {
    return (this.session.query(`EXPLAIN indexes = 1 ${sql}`, 'TSVRaw') as unknown as string).split('\n').map((line) => line.trim());
  }

  insert(table: Table, rows: readonly object[]): void {
    if (rows.length > 0) {
      this.run(`INSERT INTO otel.${table.name} FORMAT JSONEachRow\n${rows.map((row) => JSON.stringify(row)).join('\n')}`);
    }
  }

  clear(): void {
    for (const { name } of tables) {
      this.run(`TRUNCATE TABLE otel.${name}`);
    }
  }

  close(): void {
    this.session.cleanup();
  }
}
