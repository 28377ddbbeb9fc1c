import { ruleSql } from '../../lib/grafana/alert-rule';
import { shippedRules } from '../../lib/grafana/alerts/shipped-rules';
import { expand } from './expansion';
import { collector, container, deployment, healthy, node, now, pod, Scenario } from './scenario';
import { Store } from './store';

let store: Store;
beforeAll(() => {
  store = Store.empty();
});
afterAll(() => store.close());

/** The alerts of a rule, as Grafana makes them: rows whose value lies above the threshold. Each text is a label, and there is exactly one number. */
function firing(name: string, scenario: Scenario, replace: (sql: string) => string = (sql) => sql): string[] {
  scenario.into(store);
  const { props } = shippedRules.find((rule) => rule.props.name === name)!;
  const { rows, columns } = store.query(replace(expand(ruleSql(props), { from: now - 600, to: now })));
  expect(columns.filter(({ type }) => !/^(LowCardinality\()?String\)?$/.test(type))).toEqual([{ name: 'value', type: 'Float64' }]);
  expect(columns.map((column) => column.name).filter((column) => column !== 'value')).toEqual(props.query._labels('alert' as never));
  return rows
    .filter(({ value }) => value > props.above)
    .map(({ value, ...labels }) => `${Object.values(labels).join(' ')}: ${Number(value.toFixed(3))}`)
    .sort();
}

test.each(shippedRules.map(({ props }) => props.name).filter((name) => name !== 'ClickHouseDiskSpaceLow'))(
  '%s is silent while nothing is wrong',
  (name) => {
    expect(firing(name, deployment(healthy(), 'shop', 'checkout', 3))).toEqual([]);
  },
);

test.each([
  'KubePodCrashLooping',
  'KubeWorkloadReplicasMismatch',
  'KubeNodeNotReady',
  'NodeFilesystemAlmostFull',
  'NodeMemoryHighUtilization',
  'OtelQueueNearFull',
  'OtelOptionalQueueNearFull',
])('%s fails on late data, and so keeps its alerts', (name) => {
  const late = new Scenario();
  late.gauge('k8s.node.condition_ready', node('node-1'), 0, { until: 4 });
  late.gauge('k8s.node.cpu.usage', node('node-1'), 1, { until: 4 });
  late.sum('otelcol_process_uptime', collector('collector', 'collector-0'), 1, { until: 4 });
  expect(() => firing(name, late)).toThrow(/metrics are late/);
  expect(() => firing(name, new Scenario())).toThrow(/metrics are late/);
});

describe('KubePodCrashLooping', () => {
  const waiting = (scenario: Scenario, index: number, reason: string, options: { since?: number; until?: number } = {}, owner?: string) =>
    scenario.sum('k8s.container.status.reason', container(pod('shop', 'checkout', index, 'node-1', 'prod', owner), 'app'), 1, {
      since: 5,
      ...options,
      attributes: { 'k8s.container.status.reason': reason },
    });

  test('counts the pods of a workload whose container waits in back-off', () => {
    const scenario = waiting(waiting(healthy(), 0, 'CrashLoopBackOff'), 1, 'CrashLoopBackOff', { until: 3 });
    expect(firing('KubePodCrashLooping', scenario)).toEqual(['prod shop Deployment checkout app: 2']);
  });

  test('says nothing of other reasons, of what is over, and of Jobs', () => {
    const scenario = waiting(waiting(healthy(), 0, 'ContainerCreating'), 1, 'CrashLoopBackOff', { since: 20, until: 6 });
    waiting(scenario, 2, 'CrashLoopBackOff', {}, 'k8s.job.name');
    expect(firing('KubePodCrashLooping', scenario)).toEqual([]);
  });
});

describe('KubeWorkloadReplicasMismatch', () => {
  const object = (kind: string, name: string) => ({ 'k8s.cluster.name': 'prod', 'k8s.namespace.name': 'shop', [`k8s.${kind}.name`]: name });

  test('a Deployment, a StatefulSet and a DaemonSet that lack pods', () => {
    const scenario = deployment(healthy(), 'shop', 'checkout', 3, 1)
      .gauge('k8s.statefulset.desired_pods', object('statefulset', 'db'), 2)
      .gauge('k8s.statefulset.ready_pods', object('statefulset', 'db'), 1)
      .gauge('k8s.daemonset.desired_scheduled_nodes', object('daemonset', 'agent'), 3)
      .gauge('k8s.daemonset.ready_nodes', object('daemonset', 'agent'), 2);
    expect(firing('KubeWorkloadReplicasMismatch', scenario)).toEqual([
      'prod shop DaemonSet agent: 1',
      'prod shop Deployment checkout: 2',
      'prod shop StatefulSet db: 1',
    ]);
  });

  test('a rollout that moves is none', () => {
    expect(
      firing(
        'KubeWorkloadReplicasMismatch',
        deployment(healthy(), 'shop', 'checkout', 3, (minute) => (minute < -4 ? 1 : 2)),
      ),
    ).toEqual([]);
  });

  test('what a dead node took along is told by KubeNodeNotReady', () => {
    const scenario = deployment(healthy(), 'shop', 'checkout', 3, 2).gauge('k8s.node.condition_ready', node('node-3'), (minute) =>
      minute < -12 ? 1 : -1,
    );
    expect(firing('KubeWorkloadReplicasMismatch', scenario)).toEqual([]);
    expect(
      firing(
        'KubeWorkloadReplicasMismatch',
        deployment(healthy(), 'shop', 'checkout', 3, 1).gauge('k8s.node.condition_ready', node('node-3'), -1),
      ),
    ).toEqual(['prod shop Deployment checkout: 1']);
  });

  test('what crashes is told by KubePodCrashLooping', () => {
    const scenario = deployment(healthy(), 'shop', 'checkout', 3, 2).sum(
      'k8s.container.status.reason',
      container(pod('shop', 'checkout', 0, 'node-1'), 'app'),
      1,
      {
        since: 14,
        until: 12,
        attributes: { 'k8s.container.status.reason': 'CrashLoopBackOff' },
      },
    );
    expect(firing('KubeWorkloadReplicasMismatch', scenario)).toEqual([]);
  });

  test('a workload that was deleted is none', () => {
    const gone = new Scenario()
      .gauge('k8s.node.condition_ready', node('node-1'), 1)
      .gauge('k8s.deployment.desired', object('deployment', 'old'), 2, { until: 6 })
      .gauge('k8s.deployment.available', object('deployment', 'old'), 1, { until: 6 });
    expect(firing('KubeWorkloadReplicasMismatch', gone)).toEqual([]);
  });
});

describe('KubeNodeNotReady', () => {
  test('a node that says so, and one that is not heard of', () => {
    const scenario = healthy()
      .gauge('k8s.node.condition_ready', node('node-4'), (minute) => (minute < -3 ? 1 : 0))
      .gauge('k8s.node.condition_ready', node('node-5', 'edge'), -1);
    expect(firing('KubeNodeNotReady', scenario)).toEqual(['edge node-5: 2', 'prod node-4: 1']);
  });

  test('a node that was removed is none, and one that is back neither', () => {
    const scenario = healthy()
      .gauge('k8s.node.condition_ready', node('node-4'), 0, { until: 6 })
      .gauge('k8s.node.condition_ready', node('node-5'), (minute) => (minute < -1 ? 0 : 1));
    expect(firing('KubeNodeNotReady', scenario)).toEqual([]);
  });
});

describe('NodeFilesystemAlmostFull', () => {
  const disk = (free: (minute: number) => number) =>
    healthy().gauge('k8s.node.filesystem.available', node('node-4'), free).gauge('k8s.node.filesystem.capacity', node('node-4'), 100);

  test('under 3 % for eight minutes', () => {
    expect(
      firing(
        'NodeFilesystemAlmostFull',
        disk((minute) => (minute < -9 ? 40 : 2)),
      ),
    ).toEqual(['prod node-4: 0.98']);
    expect(
      firing(
        'NodeFilesystemAlmostFull',
        disk((minute) => (minute < -3 ? 40 : 2)),
      ),
    ).toEqual([]);
  });

  test('under 10 % and full within four hours, at the pace of the last hour', () => {
    const falling = (free: number, anHour: number) => disk((minute) => free - (minute * anHour) / 60);
    // 8 % last for 1.6 hours at 5 % an hour, for 16 hours at 0.5 %.
    expect(firing('NodeFilesystemAlmostFull', falling(8, 5))).toEqual(['prod node-4: 0.92']);
    expect(firing('NodeFilesystemAlmostFull', falling(8, 0.5))).toEqual([]);
    // Seven minutes ago it was 10.5 %.
    expect(firing('NodeFilesystemAlmostFull', falling(9.9, 5))).toEqual([]);
  });
});

test('NodeMemoryHighUtilization: more than nine tenths, by the measure of the kubelet', () => {
  const memory = (used: number) =>
    healthy()
      .gauge('k8s.node.memory.working_set', node('node-4'), used)
      .gauge('k8s.node.memory.available', node('node-4'), 100 - used);
  expect(firing('NodeMemoryHighUtilization', memory(93))).toEqual(['prod node-4: 0.93']);
  expect(firing('NodeMemoryHighUtilization', memory(89))).toEqual([]);
});

describe('OtelQueueNearFull', () => {
  const queue = (size: (minute: number) => number | undefined, exporter = 'clickhouse') => {
    const attributes = { exporter, data_type: 'traces' };
    const resource = collector('collector', 'collector-0');
    return healthy()
      .gauge('otelcol_exporter_queue_size', resource, size, { attributes })
      .gauge('otelcol_exporter_queue_capacity', resource, 1000, { attributes });
  };

  test('full in every sample of five minutes; the fullest instance counts', () => {
    expect(
      firing(
        'OtelQueueNearFull',
        queue(() => 900),
      ),
    ).toEqual(['prod collector clickhouse traces: 0.9']);
  });

  test('a peak is none, nor is what two samples say', () => {
    expect(
      firing(
        'OtelQueueNearFull',
        queue((minute) => (minute === -2 ? 500 : 900)),
      ),
    ).toEqual([]);
    expect(
      firing(
        'OtelQueueNearFull',
        queue((minute) => (minute > -2 ? 900 : undefined)),
      ),
    ).toEqual([]);
  });

  test.each(['otlp_http/sink-traces-may-drop', 'prometheus_remote_write/may-drop'])('%s, which may drop, wakes nobody', (exporter) => {
    const full = queue(() => 1000, exporter);
    expect(firing('OtelQueueNearFull', full)).toEqual([]);
    expect(firing('OtelOptionalQueueNearFull', full)).toEqual([`prod collector ${exporter} traces: 1`]);
  });

  test('the other rule says nothing of the store', () => {
    expect(
      firing(
        'OtelOptionalQueueNearFull',
        queue(() => 1000),
      ),
    ).toEqual([]);
  });
});

describe('IngestionStopped', () => {
  const long = (sql: string) => sql.replace('uptime()', '3600');

  test('the cluster whose collectors have been silent for more than eight minutes', () => {
    const scenario = healthy().sum('otelcol_process_uptime', collector('collector', 'collector-0', 'edge'), 1, { until: 9 });
    expect(firing('IngestionStopped', scenario)).toEqual(['edge: 540']);
  });

  test('a store that nothing has ever arrived in, once it had time to', () => {
    expect(firing('IngestionStopped', new Scenario(), long)).toEqual(['any cluster: 86400']);
    expect(firing('IngestionStopped', new Scenario(), (sql) => sql.replace('uptime()', '100'))).toEqual([]);
  });
});

test('ClickHouseDiskSpaceLow: a local disk more than nine tenths full', () => {
  // The disk of this machine cannot be filled for a test: a table of the same columns stands in.
  store.run('CREATE OR REPLACE TABLE otel.disks (name String, free_space UInt64, total_space UInt64, is_remote UInt8) ENGINE = Memory');
  store.run("INSERT INTO otel.disks VALUES ('default', 8, 100, 0), ('second', 20, 100, 0), ('bucket', 0, 0, 1), ('empty', 0, 0, 0)");
  const alerts = firing('ClickHouseDiskSpaceLow', new Scenario(), (sql) => sql.replace('system.disks', 'otel.disks'));
  expect(alerts.map((alert) => alert.split(' ').slice(1).join(' '))).toEqual(['default: 0.92']);
  expect(() => firing('ClickHouseDiskSpaceLow', new Scenario())).not.toThrow();
});
