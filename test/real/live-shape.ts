import type { ClusterShape } from '../../lib';
import type { Manifest } from './harness/container';
import { eventually } from './harness/program';

/** The shape of a cluster as `kubectl` counts it: what its owner would give to `estimate`. */
export async function liveShape(kubectl: (args: string[]) => Promise<string>): Promise<ClusterShape> {
  const list = async (kind: string): Promise<Manifest[]> => JSON.parse(await kubectl(['get', kind, '-A', '-o', 'json'])).items;
  const count = async (kind: string) => (await list(kind)).length;
  const nodes = await count('nodes');
  const pods = await list('pods');
  const containers: Manifest[] = pods.flatMap(({ spec }) => spec.containers);
  const set = containers.flatMap(({ resources = {} }) =>
    [resources.requests, resources.limits].flatMap((of) => ['cpu', 'memory'].filter((name) => of?.[name])),
  );
  return {
    nodes,
    podsPerNode: pods.length / nodes,
    containersPerPod: containers.length / pods.length,
    shareOfRequestsAndLimits: set.length / (4 * containers.length),
    claims: await count('persistentvolumeclaims'),
    deployments: await count('deployments'),
    daemonSets: await count('daemonsets'),
    statefulSets: await count('statefulsets'),
    jobs: await count('jobs'),
    cronJobs: await count('cronjobs'),
    autoscalers: await count('horizontalpodautoscalers'),
    quotas: await count('resourcequotas'),
    namespaces: await count('namespaces'),
  };
}

/** Whose a point is, by what it says of itself, as `collector / source`. Not counted: the store's, whose stand-in has others than a server, and what applications send. */
const sourceOf = `multiIf(
  startsWith(MetricName, 'otelcol'), concat(ServiceName, ' / own telemetry'), ServiceName = 'kube-apiserver', 'cluster-agent / ApiServerMetrics',
  endsWith(ScopeName, 'kubeletstatsreceiver'), 'node-agent / KubeletMetrics', endsWith(ScopeName, 'k8sclusterreceiver'), 'cluster-agent / ClusterState',
  endsWith(ScopeName, 'scraper'), 'node-agent / HostMetrics',
  endsWith(ScopeName, 'prometheusreceiver') AND ResourceAttributes['k8s.namespace.name'] = 'shop', 'prometheus-agent / AnnotatedTargets', '')`;

/** Points of the youngest minute that is whole, by source, once there are five: first minutes are not whole. */
export async function pointsAMinute(query: (sql: string) => Promise<Record<string, string>[]>): Promise<Record<string, number>> {
  const all = ['gauge', 'sum', 'histogram'].map(
    (kind) => `SELECT TimeUnix, ScopeName, ServiceName, MetricName, ResourceAttributes FROM otel.otel_metrics_${kind}`,
  );
  const minute = 'toStartOfMinute(TimeUnix)';
  const counts = `SELECT ${sourceOf} AS source, ${minute} AS minute, count() AS points FROM (${all.join(' UNION ALL ')}) WHERE source != '' GROUP BY ALL`;
  return eventually(
    'five minutes',
    async () => {
      const rows = await query(
        `SELECT source, toString(minute) AS at, toString(points) AS points FROM (${counts}) WHERE minute < toStartOfMinute(now() - 30) ORDER BY minute`,
      );
      const minutes = [...new Set(rows.map(({ at }) => at))];
      const last = rows.filter(({ at }) => at === minutes.at(-1));
      return minutes.length >= 5 ? Object.fromEntries(last.map(({ source, points }) => [source, Number(points)])) : undefined;
    },
    240,
  );
}
