import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { ClickHouseUser } from '../../lib/clickhouse/clickhouse';
import { serverConfiguration } from '../../lib/clickhouse/configuration/server-configuration';
import { sizing } from '../../lib/clickhouse/configuration/sizing';
import { usersConfiguration } from '../../lib/clickhouse/configuration/users-configuration';
import { ruleSql } from '../../lib/grafana/alert-rule';
import { shippedRules } from '../../lib/grafana/alerts/shipped-rules';
import { Engine, EngineFolder } from '../engine/engine';
import { expand } from './expansion';
import { healthy, now } from './scenario';
import { shippedQueries } from './shipped';
import { Store } from './store';

/** Grafana logs in as the reader: with its rights, its limits, and settings that it cannot change. */
const sizes = sizing({ cpu: Cpu.units(1), memory: Size.gibibytes(4) });
const files = { server: serverConfiguration(sizes), users: usersConfiguration('otel', sizes) };

const folder = new EngineFolder();
let store: Store;
beforeAll(() => {
  const owner = Store.empty(Engine.configured(folder, files));
  healthy().into(owner);
  owner.close();
  store = new Store(Engine.configured(folder, files, ClickHouseUser.READER));
});
afterAll(() => {
  store.close();
  folder.remove();
});

const variables = { cluster: 'prod', namespace: '*', service: '*', severity: '*', search: '' };
const run = (sql: string) => store.query(expand(sql, { from: now - 3600, to: now, interval: 120, variables }));

test.each(shippedQueries().map(({ name, sql }) => [name, sql]))('the reader may ask: %s', (_, sql) => {
  expect(() => run(sql)).not.toThrow();
});

test.each(shippedRules.map(({ props }) => [props.name, ruleSql(props)]))('the reader may ask: %s', (_, sql) => {
  expect(() => run(sql)).not.toThrow();
});

test('and does so as the reader, who cannot write', () => {
  expect(() => store.run('TRUNCATE TABLE otel.otel_logs')).toThrow(/Not enough privileges|readonly/);
});
