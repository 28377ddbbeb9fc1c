import { Duration, Size } from 'cdk8s';
import { receiverMetrics } from '../../../imports/metrics';
import { Placement } from '../../../lib/collector/placement';
import { ClusterEvents } from '../../../lib/collector/sources/cluster-events';
import { ClusterState, type ClusterStateProps } from '../../../lib/collector/sources/cluster-state';
import { ObjectInventory, type ObjectInventoryProps } from '../../../lib/collector/sources/object-inventory';
import { shippedRules } from '../../../lib/grafana/alerts/shipped-rules';
import { allPanels } from '../../../lib/grafana/dashboard';
import { shippedDashboards } from '../../../lib/grafana/dashboards/shipped-dashboards';
import { Volume } from '../../../lib/kubernetes/volume';
import { withSources } from '../synthesized';

const names = (metrics: { name: string }[]) => metrics.map(({ name }) => name).sort();

describe('ClusterState and ClusterEvents', () => {
  const cluster = () =>
    withSources([new ClusterState(), new ClusterEvents()], {
      name: 'cluster-agent',
      namespace: 'observability',
      placement: Placement.deployment(2),
    });

  test('of several pods one works: both wait for one lease', () => {
    const { config, one } = cluster();
    expect(config.extensions.k8s_leader_elector).toMatchObject({ lease_name: 'cluster-agent', lease_namespace: 'observability' });
    expect([config.receivers.k8s_cluster, config.receivers.k8s_events].map((receiver) => receiver.k8s_leader_elector)).toEqual([
      'k8s_leader_elector',
      'k8s_leader_elector',
    ]);
    expect(config.service.extensions).toContain('k8s_leader_elector');
    expect(one('Role').rules).toEqual([{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] }]);
    expect(one('Role').metadata.namespace).toBe('observability');
  });

  test('reads what it watches, and writes nothing', () => {
    expect(cluster().one('ClusterRole').rules).toEqual([
      {
        apiGroups: [''],
        resources: ['events', 'namespaces', 'nodes', 'pods', 'replicationcontrollers', 'resourcequotas', 'services'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['apps'], resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'], verbs: ['list', 'watch'] },
      { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['list', 'watch'] },
      { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: ['list', 'watch'] },
    ]);
  });

  test('a restart does not begin a new series, and says why the last run ended', () => {
    expect(cluster().config.receivers.k8s_cluster.resource_attributes).toEqual({
      'container.id': { enabled: false },
      'k8s.container.status.last_terminated_reason': { enabled: true },
    });
  });

  test('conditions and allocatable resources are declared under the names that the receiver makes of them', () => {
    const { config, collector } = cluster();
    const snake = (word: string) =>
      word
        .replace(/([a-z])([A-Z])/g, '$1_$2')
        .replace(/^PIDP/, 'pid_P')
        .toLowerCase();
    const { node_conditions_to_report, allocatable_types_to_report } = config.receivers.k8s_cluster;
    expect(names(collector.metrics)).toEqual(
      expect.arrayContaining([
        ...node_conditions_to_report.map((name: string) => `k8s.node.condition_${snake(name)}`),
        ...allocatable_types_to_report.map((name: string) => `k8s.node.allocatable_${name}`),
      ]),
    );
  });
});

describe('ClusterState', () => {
  const cluster = (props?: ClusterStateProps) => withSources([new ClusterState(props)]);

  test('of what upstream leaves off, exactly that is on which shipped panels and rules read', () => {
    const read = [
      ...shippedDashboards.flatMap(allPanels).flatMap(({ panel }) => panel.metrics),
      ...shippedRules.flatMap(({ props }) => [...props.query.metrics, ...(props.unless?.metrics ?? [])]),
    ];
    const off = Object.entries(receiverMetrics.k8s_cluster).flatMap(([name, { enabled }]) => (enabled ? [] : [name]));
    const given = names(cluster().collector.metrics);
    expect(given.filter((name) => off.includes(name))).toEqual([...new Set(names(read))].filter((name) => off.includes(name)));
    expect(given).toContain('k8s.container.status.reason');
  });

  test('further metrics bring the rights to look at what they are of, and their states come without those that do not hold', () => {
    const { config, one, collector } = cluster({
      furtherMetrics: ['k8s.persistentvolumeclaim.status.phase', 'k8s.service.endpoint.count', 'k8s.pod.phase'],
    });
    expect(config.receivers.k8s_cluster.metrics).toMatchObject({
      'k8s.persistentvolumeclaim.status.phase': { enabled: true },
      'k8s.service.endpoint.count': { enabled: true },
    });
    expect(names(collector.metrics).filter((name) => name === 'k8s.pod.phase')).toHaveLength(1);
    expect(one('ClusterRole').rules).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ apiGroups: [''], resources: expect.arrayContaining(['persistentvolumeclaims']) }),
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ]),
    );
    expect(JSON.stringify(one('ClusterRole').rules)).not.toContain('persistentvolumes');
    expect(config.processors['filter/reasons-that-hold'].metric_conditions).toEqual([
      'metric.name == "k8s.container.status.reason" and datapoint.value_int == 0',
      'metric.name == "k8s.persistentvolumeclaim.status.phase" and datapoint.value_int == 0',
      'metric.name == "k8s.service.endpoint.count" and datapoint.attributes["k8s.service.endpoint.condition"] != "ready"',
    ]);
  });

  test.each<[object, string]>([
    [
      { furtherMetrics: ['k8s.pod.phases'] },
      'furtherMetrics[0]: given "k8s.pod.phases"; allowed: a metric of k8s_cluster: did you mean `k8s.pod.phase`',
    ],
    [{ furtherMetrics: ['openshift.clusterquota.used'] }, 'furtherMetrics[0]: given "openshift.clusterquota.used"'],
    [{ furtherMetrics: 'k8s.pod.phase' }, 'furtherMetrics: given "k8s.pod.phase"; allowed: a list'],
    [{ metrics: [] }, 'metrics: given a property that does not exist'],
  ])('bad input %#: one clear error', (props, message) => {
    expect(() => new ClusterState(props as ClusterStateProps)).toThrow(`ClusterState: 1 problem\n  ${message}`);
  });
});

describe('ClusterEvents', () => {
  const events = (replicas: number, position?: Volume) =>
    withSources([new ClusterEvents({ position })], { placement: Placement.statefulSet(replicas) });
  const claim = Volume.persistent('events', Size.gibibytes(1));

  test('what goes on is told once a minute', () => {
    expect(events(2).config.receivers.k8s_events).toEqual({
      auth_type: 'serviceAccount',
      k8s_leader_elector: 'k8s_leader_elector',
      dedup_interval: '60s',
    });
  });

  test('with a position it goes on where it was, on a disk of its own', () => {
    const { config, workload } = events(1, claim);
    expect(config.receivers.k8s_events.storage).toBe('file_storage/events');
    expect(config.extensions['file_storage/events']).toEqual({ directory: '/var/lib/otelcol/events', create_directory: true });
    expect(workload.spec.volumeClaimTemplates[0].metadata.name).toBe('events');
  });

  test('several replicas have no position in common', () => {
    expect(() => events(2, claim)).toThrow(
      'placement: given several replicas, and ClusterEvents with a `position`, of which each would have its own; allowed: one replica',
    );
  });

  test('bad input is one clear error', () => {
    expect(() => new ClusterEvents({ position: '/var/lib' as never })).toThrow(
      'ClusterEvents: 1 problem\n  position: given "/var/lib"; allowed: Volume.persistent(…), .node(…), .ephemeral(…) or .memory(…)',
    );
  });
});

describe('ObjectInventory', () => {
  const inventory = (props: ObjectInventoryProps) =>
    withSources([new ObjectInventory(props)], { name: 'agent', namespace: 'observability' });

  test('lists kinds by the leader, each as often as it says', () => {
    const { config } = inventory({
      objects: [
        { resource: 'nodes' },
        {
          resource: 'deployments',
          apiGroup: 'apps',
          namespaces: ['shop', 'web'],
          labelSelector: 'tier=front',
          interval: Duration.minutes(5),
        },
      ],
    });
    expect(config.receivers.k8s_objects).toEqual({
      auth_type: 'serviceAccount',
      k8s_leader_elector: 'k8s_leader_elector',
      error_mode: 'ignore',
      objects: [
        { name: 'nodes', mode: 'pull', interval: '3600s' },
        { name: 'deployments', group: 'apps', mode: 'pull', namespaces: ['shop', 'web'], label_selector: 'tier=front', interval: '300s' },
      ],
    });
    expect(config.service.pipelines['logs/k8s_objects'].processors).toEqual(['memory_limiter', 'transform/inventory']);
  });

  test('may list each kind, in the namespaces that were named and nowhere else', () => {
    const { objects, one } = inventory({
      objects: [{ resource: 'nodes' }, { resource: 'deployments', apiGroup: 'apps', namespaces: ['shop'] }],
    });
    expect(one('ClusterRole').rules).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }]);
    const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'shop');
    expect(roles.map(({ rules }) => rules)).toEqual([[{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] }]]);
  });

  test.each(['tier=front,!canary', 'a', 'acme.example/tier in (front, back)', 'a notin (b),c!=d,e==f', 'a=', 'a >5'])(
    'a selector as kubectl takes it: %s',
    (labelSelector) => {
      expect(() => new ObjectInventory({ objects: [{ resource: 'pods', labelSelector }] })).not.toThrow();
    },
  );

  test.each<[object, string]>([
    [{ labelSelector: 'a in (((' }, 'labelSelector: given "a in ((("; allowed: selectors of labels as kubectl takes them'],
    [{ labelSelector: 'a,,b' }, 'labelSelector: given "a,,b"'],
    [{ labelSelector: 'a=b c' }, 'labelSelector: given "a=b c"'],
    [{ labelSelector: '-a=b' }, 'labelSelector: given "-a=b"'],
    [{ apiGroup: 'apps.v1' }, 'apiGroup: given "apps.v1"; allowed: a group of the API without the version'],
    [{ apiGroup: 'v1' }, 'apiGroup: given "v1"'],
    [{ apiGroup: 'autoscaling.v2beta2' }, 'apiGroup: given "autoscaling.v2beta2"'],
  ])('bad input %#: one clear error', (props, message) => {
    expect(() => new ObjectInventory({ objects: [{ resource: 'pods', ...props }] })).toThrow(
      `ObjectInventory: 1 problem\n  objects[0].${message}`,
    );
  });

  test('all that is wrong stands in one error', () => {
    const objects = [
      { resource: 'secrets' },
      { resource: 'Deployment' },
      { resource: 'pods', interval: Duration.seconds(1), namespace: 'a' },
    ];
    expect(() => new ObjectInventory({ objects } as ObjectInventoryProps)).toThrow(
      /^ObjectInventory: 4 problems\n {2}objects\[0\]\.resource: given "secrets"; allowed: any kind but Secrets.*\n {2}objects\[1\]\.resource: .*\n {2}objects\[2\]\.namespace: given a property that does not exist; did you mean `namespaces`\?\n {2}objects\[2\]\.interval: /,
    );
    const twice = { objects: [{ resource: 'pods' }, { resource: 'pods', namespaces: ['a'] }] };
    expect(() => new ObjectInventory(twice)).toThrow('objects: given `pods` twice; allowed: each kind once');
    expect(() => new ObjectInventory({ objects: [] })).toThrow('objects: given a list of 0');
  });
});
