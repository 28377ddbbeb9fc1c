import { ClickHouseUser, type IClickHouse } from '../clickhouse/clickhouse';
import { logs } from '../telemetry/tables/logs';
import { traces } from '../telemetry/tables/traces';
import { EnvironmentReference, literals } from './files/interpolation';
import { clickHousePlugin } from './plugin';
import type { SecretVariables } from './secret-variables';

/** What panels and rules call the data source. It never changes: one that once had another uid would keep Grafana from starting. */
export const dataSource = { type: clickHousePlugin.id, uid: 'obs-clickhouse' } as const;

/** Seconds. The server's limit for the reader lies above it, since the plugin asks for a little more than this. */
const queryTimeout = 60;

/**
 * The data source for the store: the reader's login, and the tables that logs and traces lie in, so that Explore and links from logs to traces find them.
 * @see https://grafana.com/docs/plugins/grafana-clickhouse-datasource/latest/configure/
 */
export function dataSourcesFile(clickhouse: IClickHouse, secrets: SecretVariables): object {
  const login = clickhouse.login(ClickHouseUser.READER);
  const { host, port, tls, caCertificate } = clickhouse.httpEndpoint;
  const database = clickhouse.database;
  const otel = { otelEnabled: true, otelVersion: '1.30.0', defaultDatabase: database };
  return {
    apiVersion: 1,
    // Data sources that an older version of this file named go with it.
    prune: true,
    datasources: [
      literals({
        ...dataSource,
        name: 'ClickHouse',
        access: 'proxy',
        isDefault: true,
        editable: false,
        jsonData: {
          host,
          port,
          // By HTTP, as the collector writes: a long-lived native connection would stay with one server of several.
          protocol: 'http',
          secure: tls ?? false,
          ...(caCertificate ? { tlsAuthWithCACert: true } : {}),
          username: login.username,
          defaultDatabase: database,
          dialTimeout: '10',
          queryTimeout: String(queryTimeout),
          // It would read every attribute key of the newest logs for each filter that is opened.
          enableMapKeysDiscovery: false,
          logs: {
            ...otel,
            defaultTable: logs.name,
            selectContextColumns: true,
            contextColumns: ['ServiceName', 'Namespace', 'Pod', 'Container'],
          },
          traces: { ...otel, defaultTable: traces.name, traceTimestampTableSuffix: '_trace_id_ts' },
        },
        secureJsonData: {
          password: new EnvironmentReference(secrets.variable(login.password)),
          ...(caCertificate ? { tlsCACert: new EnvironmentReference(secrets.variable(caCertificate)) } : {}),
        },
      }),
    ],
  };
}
