import { Testing } from 'cdk8s';
import { ObservabilityChart } from '../../lib';
import { ownPoints } from '../../lib/estimate/own-telemetry';
import { ownMetrics } from '../../lib/telemetry/metric-catalogue';
import { recordedTables } from '../grafana/recording';

/** What a minute brought on the node of the recording, beside what is estimated for it. */

/** As `kubectl` counted there, while it was recorded: one Pod had ended, one kept crashing. */
const recordedShape = {
  nodes: 1,
  podsPerNode: 13,
  containersPerPod: 1,
  // Of 13 containers 12 had a request of CPU, a request and a limit of memory, none a limit of CPU.
  shareOfRequestsAndLimits: 36 / 52,
  claims: 4,
  deployments: 3,
  daemonSets: 1,
  statefulSets: 4,
  jobs: 1,
  cronJobs: 0,
  autoscalers: 0,
  quotas: 0,
  namespaces: 7,
};

/** Whose a point is, by what it says of itself. */
const sources: Record<string, (row: Row) => boolean> = {
  'node-agent / KubeletMetrics': ({ ScopeName }) => ScopeName.endsWith('kubeletstatsreceiver'),
  'node-agent / HostMetrics': ({ ScopeName }) => /(cpu|disk|load|memory|paging|system)scraper$/.test(ScopeName),
  'cluster-agent / ClusterState': ({ ScopeName }) => ScopeName.endsWith('k8sclusterreceiver'),
  'cluster-agent / ApiServerMetrics': ({ ServiceName }) => ServiceName === 'kube-apiserver',
  ...Object.fromEntries(
    ['collector', 'node-agent', 'cluster-agent', 'prometheus-agent'].map((collector) => [
      `${collector} / own telemetry`,
      ({ MetricName, ServiceName }: Row) => MetricName.startsWith('otelcol') && ServiceName === collector,
    ]),
  ),
};

interface Row {
  readonly ScopeName: string;
  readonly ServiceName: string;
  readonly MetricName: string;
  readonly TimeUnix: string;
}

/** Points of the fullest minute: the first ones were not whole. */
function recordedPoints(isOf: (row: Row) => boolean): number {
  const minutes = new Map<string, number>();
  for (const { name, lines } of recordedTables().filter(({ name }) => name.startsWith('otel_metrics'))) {
    expect(name).toMatch(/^otel_metrics_/);
    for (const row of lines
      .split('\n')
      .map((line): Row => JSON.parse(line))
      .filter(isOf)) {
      const minute = row.TimeUnix.slice(0, 16);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
  }
  return Math.max(...minutes.values());
}

const observability = new ObservabilityChart(Testing.app(), 'observability', {
  clusterName: 'prod-eu',
  // As it was when that was recorded.
  gateway: { timeLimits: {} },
});
const estimate = observability.estimate(recordedShape);

test.each(Object.entries(sources))('%s: within 15 %% of what real collectors sent in a minute', (name, isOf) => {
  const estimated = estimate.sources
    .filter(({ collector, source, signal }) => `${collector} / ${source}` === name && signal === 'metrics')
    .reduce((sum, { rowsPerMinute }) => sum + rowsPerMinute, 0);
  const recorded = recordedPoints(isOf);
  expect(recorded).toBeGreaterThan(20);
  expect(Math.abs(estimated / recorded - 1)).toBeLessThanOrEqual(0.15);
});

test('what collectors sent of themselves is counted by its name, and declared: lists of what nobody reads have it', () => {
  const isOwn = ({ MetricName }: Row) => MetricName.startsWith('otelcol');
  const rows = recordedTables().flatMap(({ lines }) => lines.split('\n').map((line): Row => JSON.parse(line)));
  const recorded = new Set(
    rows
      .filter((row) => 'MetricName' in row)
      .filter(isOwn)
      .map(({ MetricName }) => MetricName),
  );
  const { gateway, nodeAgent, clusterAgent, prometheusAgent } = observability;
  const counted = new Set(
    [gateway, nodeAgent, clusterAgent, prometheusAgent].flatMap(({ _rendering }) =>
      ownPoints(_rendering.settings, 1, () => 1).map(({ metric }) => metric),
    ),
  );
  expect(recorded.size).toBeGreaterThan(30);
  expect([...recorded].filter((name) => !counted.has(name))).toEqual([]);
  expect([...counted].filter((name) => !ownMetrics.includes(name))).toEqual([]);
});

test('a connector is no receiver and no exporter: it says nothing of itself', () => {
  const points = ownPoints(
    {
      receivers: { otlp: {} },
      connectors: { span_metrics: {} },
      service: {
        pipelines: {
          traces: { receivers: ['otlp'], processors: [], exporters: ['span_metrics', 'otlp_http'] },
          metrics: { receivers: ['span_metrics'], processors: [], exporters: ['otlp_http'] },
        },
      },
    },
    1,
    () => 1,
  );
  const sumOf = (metric: string) => points.filter((one) => one.metric === metric).reduce((sum, { points: of }) => sum + of, 0);
  expect([sumOf('otelcol_receiver_accepted_spans'), sumOf('otelcol_receiver_accepted_metric_points')]).toEqual([1, 0]);
  expect(sumOf('otelcol_exporter_queue_size')).toBe(2);
});
