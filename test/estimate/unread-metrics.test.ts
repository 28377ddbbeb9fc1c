import { Chart, Testing } from 'cdk8s';
import {
  ClickHouseCluster,
  Collector,
  CollectorGateway,
  Component,
  Drop,
  Estimates,
  GatewaySink,
  GrafanaStack,
  HostMetrics,
  Instrument,
  Metric,
  ObservabilityChart,
  Panel,
  Placement,
  Query,
  Severity,
  Source,
  type SourceBinding,
} from '../../lib';
import { ruleSql } from '../../lib/grafana/alert-rule';
import { shippedRules } from '../../lib/grafana/alerts/shipped-rules';
import { allPanels } from '../../lib/grafana/dashboard';
import { shippedDashboards } from '../../lib/grafana/dashboards/shipped-dashboards';
import { metricCatalogue } from '../../lib/telemetry/metric-catalogue';
import { shippedQueries } from '../grafana/shipped';

const depth = Metric.custom({ name: 'queue.depth', instrument: Instrument.GAUGE, unit: '{message}' });

class Queue extends Source {
  bind(): SourceBinding {
    return { receivers: { metrics: [Component.receiver({ componentType: 'rabbitmq' })] }, metrics: [depth] };
  }
}

/** One collector of two sources, and a Grafana whose own content reads none of what they give. */
function small() {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'ClickHouse');
  const gateway = new CollectorGateway(chart, 'Gateway', { clickhouse, clusterName: 'test' });
  const collector = new Collector(chart, 'Collector', {
    role: 'bridge',
    clusterName: 'test',
    sources: [new HostMetrics(), new Queue()],
    sinks: [new GatewaySink({ gateway })],
    placement: Placement.daemonSet(),
  });
  return { collector, grafana: new GrafanaStack(chart, 'Grafana', { clickhouse, producers: [collector] }) };
}

test('what is collected and read by nobody, with lines that switch it off; what a panel or a rule reads goes from the list', () => {
  const { collector, grafana } = small();
  grafana.addDashboard({
    uid: 'disks',
    title: 'Disks',
    panels: [
      Panel.timeSeries({ title: 'Traffic', description: 'Bytes a second', query: Query.rate(Metric.named('system.disk.io')) }),
      Panel.timeSeries({ title: 'Operations', description: 'A second', query: Query.rate(Metric.named('system.disk.operations')) }),
    ],
  });
  grafana.addAlertRule({
    name: 'LoadHigh',
    severity: Severity.WARNING,
    summary: 'Busy',
    runbook: 'https://runbooks.example/load',
    query: Query.latest(Metric.named('system.cpu.load_average.5m')),
    unless: Query.latest(Metric.named('system.uptime')),
    above: 8,
  });
  const { metrics, names, report } = Estimates.unread([collector], grafana);
  expect(report).toBe(`bridge / HostMetrics: 7 of 11 metrics are read by no panel and no rule
  'system.cpu.logical.count': { enabled: false },
  'system.cpu.time': { enabled: false },
  'system.disk.io_time': { enabled: false },
  'system.disk.operation_time': { enabled: false },
  'system.disk.weighted_io_time': { enabled: false },
  'system.memory.usage': { enabled: false },
  'system.paging.faults': { enabled: false },
bridge / Queue: 1 of 1 metrics are read by no panel and no rule
  queue.depth
`);
  expect(metrics).toHaveLength(8);
  expect(metrics[7]).toEqual({ metric: 'queue.depth', collector: 'bridge', source: 'Queue' });
  expect(names.slice(0, 2)).toEqual(['queue.depth', 'system.cpu.logical.count']);
});

test('what the gateway drops of it is neither unread nor counted any more, in the agents before it too', () => {
  const chart = (names: string[]) =>
    new ObservabilityChart(Testing.app(), 'observability', {
      clusterName: 'prod-eu',
      gateway: { processors: names.length > 0 ? [Drop.metrics({ names })] : undefined },
    });
  const before = chart([]);
  const after = chart(before.unreadMetrics.names);
  expect(before.unreadMetrics.names.length).toBeGreaterThan(20);
  expect(after.unreadMetrics.names).toEqual([]);
  const points = (of: ObservabilityChart) => of.estimate({ nodes: 3, podsPerNode: 30 }).metricPointsPerMinute;
  expect(points(after)).toBeLessThan(points(before) - 100);
});

test('of the whole stack, own telemetry stands once for all its collectors', () => {
  const { metrics, report } = new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu' }).unreadMetrics;
  expect(report).toMatch(/^collector, node-agent, cluster-agent, prometheus-agent \/ own telemetry: \d+ of \d+ metrics/m);
  expect(metrics).toContainEqual({ metric: 'system.paging.faults', collector: 'node-agent', source: 'HostMetrics' });
  expect(metrics.map(({ metric }) => metric)).not.toContain('k8s.pod.phase');
});

test('no shipped panel or rule reads a metric that it does not name: the list would call it unread', () => {
  const named = new Set(
    [
      ...shippedDashboards.flatMap(allPanels).flatMap(({ panel }) => panel.metrics),
      ...shippedRules.flatMap(({ props }) => [...props.query.metrics, ...(props.unless?.metrics ?? [])]),
    ].map(({ name }) => name),
  );
  const sql = [...shippedQueries().map((query) => query.sql), ...shippedRules.map(({ props }) => ruleSql(props))].join('\n');
  const inSql = Object.keys(metricCatalogue()).filter((name) => sql.includes(`'${name}'`));
  expect(inSql.length).toBeGreaterThan(20);
  expect(inSql.filter((name) => !named.has(name))).toEqual([]);
});

test('what is no Grafana and no collector is refused', () => {
  expect(() => Estimates.unread([{}] as never, {} as never)).toThrow(/^Estimates\.unread: 2 problems/);
});
