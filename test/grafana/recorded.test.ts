import { ruleSql } from '../../lib/grafana/alert-rule';
import { shippedRules } from '../../lib/grafana/alerts/shipped-rules';
import { expand } from './expansion';
import { insertOfRecorded, recordedTables, recording } from './recording';
import { shippedQueries } from './shipped';
import { Store } from './store';

const all = { cluster: 'prod-eu', namespace: '*', service: '*', severity: '*', search: '' };

let store: Store;
beforeAll(() => {
  store = Store.empty();
  for (const table of recordedTables()) {
    store.run(insertOfRecorded(table));
  }
});
afterAll(() => store.close());

/** What was not to be seen on that node, and why. `panels.test.ts` judges these on rows written by hand. */
const nothing: Record<string, string> = {
  'Cluster overview / Not well': 'the Deployment that crashes was younger than eight minutes',
  'Services / Dependencies': 'the spans of clients name no server.address and no database',
  'Logs / Nodes without logs': 'its one node had logs',
};

/** On the recorded node one Deployment crashed again and again, and every tenth order failed. Nothing else was wrong. */
const firing: Record<string, string[]> = { KubePodCrashLooping: ['prod-eu shop Deployment broken main'] };

test.each(shippedQueries().map((query) => [query.name, query.sql] as const))('%s finds its rows', (name, sql) => {
  const { rows } = store.query(expand(sql, { from: recording.from, to: recording.to, interval: 60, variables: all }));
  expect(rows.length > 0).toBe(!(name in nothing));
});

test.each(shippedRules.map(({ props }) => props).filter(({ name }) => name !== 'ClickHouseDiskSpaceLow'))(
  '$name sees what was wrong, and nothing else',
  (props) => {
    const { rows } = store.query(expand(ruleSql(props), { from: recording.to - 600, to: recording.to }));
    const alerts = rows.filter(({ value }) => value > props.above).map(({ value: _value, ...labels }) => Object.values(labels).join(' '));
    expect(alerts).toEqual(firing[props.name] ?? []);
  },
);
