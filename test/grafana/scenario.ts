import { logs } from '../../lib/telemetry/tables/logs';
import { gauges, histograms, sums } from '../../lib/telemetry/tables/metrics';
import { traces } from '../../lib/telemetry/tables/traces';
import type { Store } from './store';

/** The moment that every test looks back from: a round one, so that intervals begin where one expects. */
export const now = Date.UTC(2026, 0, 10, 12, 0, 0) / 1000;

export type Attributes = Record<string, string>;

/** A value for each minute before `now`, or the same for all. */
type Values = number | ((minute: number) => number | undefined);

interface PointOptions {
  readonly attributes?: Attributes;
  /** Minutes before `now`, the first and the last. */
  readonly since?: number;
  readonly until?: number;
}

/** Rows as the collector's exporter writes them, by hand: what the tests expect of them is computed by hand too. */
export class Scenario {
  private readonly rows = {
    gauges: [] as object[],
    sums: [] as object[],
    histograms: [] as object[],
    logs: [] as object[],
    spans: [] as object[],
  };

  gauge(name: string, resource: Attributes, values: Values, options: PointOptions = {}): this {
    this.rows.gauges.push(...points(name, resource, values, options));
    return this;
  }

  /** Cumulative since `started`, unless it is said to be what came since the last point. */
  sum(
    name: string,
    resource: Attributes,
    values: Values,
    options: PointOptions & { readonly delta?: boolean; readonly started?: number } = {},
  ): this {
    const more = { AggregationTemporality: options.delta ? 1 : 2, IsMonotonic: true, StartTimeUnix: options.started ?? now - 86_400 };
    this.rows.sums.push(...points(name, resource, values, options).map((row) => ({ ...row, ...more })));
    return this;
  }

  histogram(name: string, resource: Attributes, bounds: number[], counts: (minute: number) => number[], options: PointOptions = {}): this {
    const rows = points(name, resource, 0, options).map(({ Value, ...row }, index) => {
      const bucketCounts = counts(index - (options.since ?? 70));
      return {
        ...row,
        AggregationTemporality: 2,
        ExplicitBounds: bounds,
        BucketCounts: bucketCounts,
        Count: bucketCounts.reduce((sum, count) => sum + count, 0),
      };
    });
    this.rows.histograms.push(...rows);
    return this;
  }

  log(
    minute: number,
    resource: Attributes,
    body: string,
    more: { readonly severity?: number; readonly attributes?: Attributes; readonly scope?: string } = {},
  ): this {
    const { severity = 9, attributes = {}, scope = '' } = more;
    this.rows.logs.push({
      ...at(minute, 'Timestamp'),
      ResourceAttributes: resource,
      ServiceName: resource['service.name'] ?? '',
      Body: body,
      SeverityNumber: severity,
      LogAttributes: attributes,
      ScopeName: scope,
    });
    return this;
  }

  span(
    minute: number,
    resource: Attributes,
    name: string,
    more: {
      readonly milliseconds?: number;
      readonly kind?: string;
      readonly error?: string;
      readonly attributes?: Attributes;
      readonly trace?: string;
      readonly traceState?: string;
    } = {},
  ): this {
    const { milliseconds = 10, kind = 'Server', error, attributes = {}, trace = '', traceState = '' } = more;
    this.rows.spans.push({
      ...at(minute, 'Timestamp'),
      ResourceAttributes: resource,
      ServiceName: resource['service.name'] ?? '',
      SpanName: name,
      SpanKind: kind,
      Duration: milliseconds * 1_000_000,
      StatusCode: error === undefined ? 'Unset' : 'Error',
      StatusMessage: error ?? '',
      SpanAttributes: attributes,
      TraceId: trace,
      TraceState: traceState,
    });
    return this;
  }

  /** In place of what was there before. */
  into(store: Store): void {
    store.clear();
    store.insert(gauges, this.rows.gauges);
    store.insert(sums, this.rows.sums);
    store.insert(histograms, this.rows.histograms);
    store.insert(logs, this.rows.logs);
    store.insert(traces, this.rows.spans);
  }
}

function points(name: string, resource: Attributes, values: Values, { attributes = {}, since = 70, until = 0 }: PointOptions) {
  const minutes = Array.from({ length: since - until + 1 }, (_, index) => index - since);
  return minutes.flatMap((minute) => {
    const value = typeof values === 'number' ? values : values(minute);
    const row = {
      MetricName: name,
      ResourceAttributes: resource,
      ServiceName: resource['service.name'] ?? '',
      Attributes: attributes,
      TimeUnix: now + minute * 60,
    };
    return value === undefined ? [] : [{ ...row, Value: value }];
  });
}

const at = (minute: number, column: string) => ({ [column]: (now + minute * 60).toFixed(9) });

export const node = (name: string, cluster = 'prod'): Attributes => ({ 'k8s.cluster.name': cluster, 'k8s.node.name': name });

/** A pod of a Deployment, with what the collectors add to its telemetry. */
export function pod(
  namespace: string,
  workload: string,
  index: number,
  onNode: string,
  cluster = 'prod',
  owner = 'k8s.deployment.name',
): Attributes {
  const name = `${workload}-6d5f8c9b7-${'abcdefgh'[index]}x2k4`;
  return {
    ...node(onNode, cluster),
    'k8s.namespace.name': namespace,
    [owner]: workload,
    'k8s.pod.name': name,
    'k8s.pod.uid': `uid-${cluster}-${namespace}-${workload}-${index}`,
  };
}

export const container = (of: Attributes, name: string): Attributes => ({ ...of, 'k8s.container.name': name });

export const service = (name: string, namespace = 'shop', more: Attributes = {}): Attributes => ({
  ...pod(namespace, name, 0, 'node-1'),
  'service.name': name,
  ...more,
});

export const collector = (role: string, instance: string, cluster = 'prod'): Attributes => ({
  'k8s.cluster.name': cluster,
  'service.name': role,
  'service.instance.id': instance,
});

/** A cluster in which nothing is wrong. */
export function healthy(): Scenario {
  const scenario = new Scenario();
  for (const name of ['node-1', 'node-2', 'node-3']) {
    scenario
      .gauge('k8s.node.condition_ready', node(name), 1)
      .gauge('k8s.node.cpu.usage', node(name), 1)
      .gauge('k8s.node.allocatable_cpu', node(name), 4)
      .gauge('k8s.node.memory.working_set', node(name), 6e9)
      .gauge('k8s.node.memory.available', node(name), 10e9)
      .gauge('k8s.node.allocatable_memory', node(name), 16e9)
      .gauge('k8s.node.filesystem.available', node(name), 60e9)
      .gauge('k8s.node.filesystem.capacity', node(name), 100e9);
  }
  for (const instance of ['collector-0', 'collector-1']) {
    const resource = collector('collector', instance);
    scenario.sum('otelcol_process_uptime', resource, (minute) => 86_400 + minute * 60);
    scenario.gauge('otelcol_exporter_queue_size', resource, 10, { attributes: { exporter: 'clickhouse', data_type: 'logs' } });
    scenario.gauge('otelcol_exporter_queue_capacity', resource, 1000, { attributes: { exporter: 'clickhouse', data_type: 'logs' } });
  }
  return scenario;
}

/** A Deployment of so many pods, all of them there, on one node after the other. */
export function deployment(scenario: Scenario, namespace: string, name: string, wanted: number, available: Values = wanted): Scenario {
  const resource = {
    'k8s.cluster.name': 'prod',
    'k8s.namespace.name': namespace,
    'k8s.deployment.name': name,
    'k8s.deployment.uid': `uid-${name}`,
  };
  scenario.gauge('k8s.deployment.desired', resource, wanted).gauge('k8s.deployment.available', resource, available);
  for (let index = 0; index < wanted; index += 1) {
    const own = pod(namespace, name, index, `node-${(index % 3) + 1}`);
    scenario.gauge('k8s.pod.phase', own, 2).gauge('k8s.container.ready', container(own, 'app'), 1);
  }
  return scenario;
}
