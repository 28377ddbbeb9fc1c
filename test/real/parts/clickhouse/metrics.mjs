// What a server says on its Prometheus port, of the tables that the engine has.
// @see https://clickhouse.com/docs/operations/server-configuration-parameters/settings#prometheus
import { createServer } from 'node:http';

const sources = [
  { type: 'counter', prefix: 'ClickHouseProfileEvents_', sql: 'SELECT event AS name, value, description FROM system.events' },
  { type: 'gauge', prefix: 'ClickHouseMetrics_', sql: 'SELECT metric AS name, value, description FROM system.metrics' },
];

export function metricsEndpoint(engine) {
  return createServer(async (request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end();
    const lines = [];
    for (const { type, prefix, sql } of sources) {
      for (const { name, value, description } of await engine.rows(sql)) {
        lines.push(
          `# HELP ${prefix}${name} ${description.replaceAll('\n', ' ')}`,
          `# TYPE ${prefix}${name} ${type}`,
          `${prefix}${name} ${value}`,
        );
      }
    }
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=UTF-8' }).end(`${lines.join('\n')}\n`);
  });
}
