import { Duration } from 'cdk8s';
import { schemaStatements } from '../../lib/clickhouse/schema/schema';
import { ruleSql } from '../../lib/grafana/alert-rule';
import { shippedRules } from '../../lib/grafana/alerts/shipped-rules';
import { expand } from '../grafana/expansion';
import { insertOfRecorded, recordedTables, recording } from '../grafana/recording';
import { shippedQueries } from '../grafana/shipped';
import { part } from './harness/parts';
import { succeed } from './harness/program';

const kept = Duration.days(3650);
const schema = schemaStatements({ database: 'otel', owner: 'default' }, { logs: kept, traces: kept, metrics: kept });
const variables = { cluster: 'prod-eu', namespace: '*', service: '*', severity: '*', search: '' };
const panels = shippedQueries().map(
  ({ name, sql }) => [name, expand(sql, { from: recording.from, to: recording.to, interval: 60, variables })] as const,
);
// The engine's own list of disks has other columns from version to version; the rule that reads it is judged on a stand-in table elsewhere.
const rules = shippedRules
  .filter(({ props }) => props.name !== 'ClickHouseDiskSpaceLow')
  .map(({ props }) => [props.name, expand(ruleSql(props), { from: recording.to - 600, to: recording.to })] as const);

/** What ships, 26.8, lies between the engine of all other tests, 26.7, and this one. */
test('[store] schema, inserts, and every panel and rule run on a later engine, 26.9, as they stand', async () => {
  const statements = [
    ...schema,
    ...schema,
    'USE otel',
    ...recordedTables().map(insertOfRecorded),
    ...[...panels, ...rules].map(([, sql]) => sql),
  ];
  const { version, answers } = JSON.parse(await succeed([part('engine')], { input: JSON.stringify(statements), seconds: 120 }));
  expect(version).toMatch(/^26\.9\./);
  const wrong = answers.flatMap((answer: unknown, index: number) =>
    typeof answer === 'string' ? [`${statements[index].slice(0, 200)}: ${answer.slice(0, 300)}`] : [],
  );
  expect(wrong).toEqual([]);
  const found = answers.slice(-(panels.length + rules.length)).filter((rows: unknown[]) => rows.length > 0).length;
  expect(found).toBeGreaterThan(panels.length / 2);
}, 180_000);
