import { Duration } from 'cdk8s';
import { schemaStatements } from '../../lib/clickhouse/schema/schema';
import type { Table } from '../../lib/telemetry/table';
import { tables } from '../../lib/telemetry/tables';
import { Engine } from '../engine/engine';

/** The rows of an answer, and what its columns are. */
export interface Answer {
  readonly rows: Record<string, any>[];
  readonly columns: { readonly name: string; readonly type: string }[];
}

/** The rows of tests are of a fixed day, and are not to grow too old. */
const kept = Duration.days(3650);

/** The tables of the release on the engine, for queries that name no database. */
export class Store {
  /**
   * @param engine that is closed with the store
   * @param granularity rows of a block, instead of 8,192: with small blocks few rows show what a query leaves out
   */
  static empty(engine = Engine.bare(), granularity?: number): Store {
    for (const statement of schemaStatements({ database: 'otel', owner: 'default' }, { logs: kept, traces: kept, metrics: kept })) {
      engine.run(granularity === undefined ? statement : statement.replace('SETTINGS ', `SETTINGS index_granularity = ${granularity}, `));
    }
    return new Store(engine);
  }

  constructor(private readonly engine: Engine) {
    engine.run('USE otel');
  }

  run(sql: string): void {
    this.engine.run(sql);
  }

  query(sql: string): Answer {
    return { rows: this.engine.rows(sql), columns: this.engine.rows(`DESCRIBE (${sql})`).map(({ name, type }) => ({ name, type })) };
  }

  /** Which indexes a query uses and what they leave, as text. */
  explain(sql: string): string {
    return this.engine
      .rows<{ explain: string }>(`EXPLAIN indexes = 1 ${sql}`)
      .map(({ explain }) => explain.trim())
      .join('\n');
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
    this.engine.close();
  }
}
