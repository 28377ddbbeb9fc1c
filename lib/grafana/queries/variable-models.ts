import { gauges } from '../../telemetry/tables/metrics';
import { values } from '../../telemetry/tables/values';
import { dataSource } from '../data-source';
import { all, between } from './sql';
import { allValues, filtered, severities, type VariableName } from './variables';

/** The drop-downs of a dashboard as Grafana reads them. Their values come from the names of each day: no look at logs or spans themselves. */
export function variableModels(names: readonly VariableName[]): Record<string, unknown>[] {
  return names.map((name) => ({ name, label: `${name[0].toUpperCase()}${name.slice(1)}`, hide: 0, ...models[name](names) }));
}

const several = { multi: true, includeAll: true, allValue: allValues, current: { text: ['All'], value: ['$__all'] } };

/** Read again when the time range changes, as the names are those of its days. */
const query = (sql: string) => ({ type: 'query', datasource: dataSource, query: sql, refresh: 2, sort: 1, options: [] });

const models: Record<VariableName, (shown: readonly VariableName[]) => Record<string, unknown>> = {
  // A cluster that sends neither logs nor spans still has nodes.
  cluster: () => ({
    ...query(`${distinct('Cluster')}
UNION DISTINCT
SELECT DISTINCT Cluster FROM ${gauges.name}
WHERE ${all("MetricName = 'k8s.node.condition_ready'", between(gauges, '$__toTime - INTERVAL 300 SECOND', '$__toTime'), "Cluster != ''")}`),
    multi: false,
    includeAll: false,
  }),
  namespace: () => ({ ...query(distinct('Namespace', filtered('cluster'))), ...several }),
  service: (shown) => ({
    ...query(distinct('ServiceName', filtered('cluster', ...shown.filter((name) => name === 'namespace')))),
    ...several,
  }),
  severity: () => ({ type: 'custom', query: severities.join(','), options: [], ...several }),
  search: () => ({ type: 'textbox', query: '', current: { text: '', value: '' }, options: [] }),
};

function distinct(column: 'Cluster' | 'Namespace' | 'ServiceName', where?: string): string {
  return `SELECT DISTINCT ${column} FROM ${values.name}
WHERE ${all('Day >= toDate($__fromTime)', 'Day <= toDate($__toTime)', `${column} != ''`, where)}`;
}
