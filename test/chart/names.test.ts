import { Chart, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import { ClickHouseCluster, CollectorGateway, NodeAgent, ObservabilityChart } from '../../lib';
import type { Manifest } from '../laws/manifests';

/**
 * Names are a contract: claims, addresses, silences and people's habits hang on them. A change here is a major version and needs a written path.
 * By kind and namespace; the schema Job carries a hash of what it does and stands here without it.
 */
const names: Record<string, string> = {
  'Namespace ': 'observability observability-agents',
  'ServiceAccount observability': 'clickhouse clickhouse-schema cluster-agent collector grafana prometheus-agent smoke-test',
  'ConfigMap observability':
    'clickhouse clickhouse-schema cluster-agent collector grafana-dashboard-obs-cluster grafana-dashboard-obs-logs grafana-dashboard-obs-services grafana-provisioning prometheus-agent smoke-test',
  'Service observability':
    'clickhouse clickhouse-headless cluster-agent-headless collector collector-headless grafana prometheus-agent-headless',
  'StatefulSet observability': 'clickhouse cluster-agent collector prometheus-agent',
  'Deployment observability': 'grafana',
  'Job observability': 'clickhouse-schema smoke-test',
  'CronJob observability': 'clickhouse-schema',
  'PersistentVolumeClaim observability': 'grafana',
  'PodDisruptionBudget observability': 'cluster-agent collector',
  'ServiceAccount observability-agents': 'node-agent',
  'ConfigMap observability-agents': 'node-agent',
  'Service observability-agents': 'node-agent',
  'DaemonSet observability-agents': 'node-agent',
  'ClusterRole ': 'observability-agents-node-agent observability-cluster-agent observability-collector observability-prometheus-agent',
};

function byKind(objects: Manifest[]): Record<string, string> {
  const found: Record<string, string[]> = {};
  for (const { kind, metadata } of objects) {
    found[`${kind} ${metadata.namespace ?? ''}`] ??= [];
    found[`${kind} ${metadata.namespace ?? ''}`].push(kind === 'Job' ? metadata.name.replace(/-[0-9a-f]{10}$/, '') : metadata.name);
  }
  return Object.fromEntries(Object.entries(found).map(([key, all]) => [key, all.sort().join(' ')]));
}

test('names of the quickstart', () => {
  expect(byKind(Testing.synth(new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu' })))).toMatchObject(names);
});

test('names of a target allocator', () => {
  const props = { clusterName: 'prod-eu', prometheusAgent: { targetAllocator: {} } };
  const found = byKind(Testing.synth(new ObservabilityChart(Testing.app(), 'observability', props)));
  const kinds = Object.keys(found).filter((key) => found[key].includes('prometheus-agent-target-allocator'));
  expect(kinds.sort()).toEqual([
    'ClusterRole ',
    'ClusterRoleBinding ',
    'ConfigMap observability',
    'Deployment observability',
    'NetworkPolicy observability',
    'PodDisruptionBudget observability',
    'Service observability',
    'ServiceAccount observability',
  ]);
});

test('claims that hold data', () => {
  const objects = Testing.synth(new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'prod-eu' }));
  const claims = objects.flatMap(({ kind, metadata, spec }: Manifest) =>
    kind === 'StatefulSet' ? (spec.volumeClaimTemplates ?? []).map((claim: Manifest) => `${claim.metadata.name}-${metadata.name}-0`) : [],
  );
  expect(claims.sort()).toEqual(['data-clickhouse-0', 'queue-collector-0']);
});

test('they do not depend on where in the tree a construct stands, nor on the chart', () => {
  const flat = (scope: Construct) => {
    const clickhouse = new ClickHouseCluster(scope, 'A');
    const gateway = new CollectorGateway(scope, 'B', { clickhouse, clusterName: 'test' });
    new NodeAgent(scope, 'C', { gateway });
  };
  const one = new Chart(Testing.app(), 'one');
  flat(one);
  const other = new Chart(Testing.app(), 'another-name');
  flat(new Construct(new Construct(other, 'Deep'), 'Deeper'));
  expect(byKind(Testing.synth(other))).toEqual(byKind(Testing.synth(one)));
});
