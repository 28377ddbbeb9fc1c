import { Chart, Testing } from 'cdk8s';
import { parse } from 'yaml';
import { ClickHouseCluster, ClusterAgent, type Collector, CollectorGateway, GrafanaStack, NodeAgent, PrometheusAgent } from '../../lib';
import type { Manifest } from '../laws/manifests';

/** One short picture a construct: which objects it makes, and what its containers run. What is in them is said by tests of their own. */
const chart = () => new Chart(Testing.app(), 'test');
const gatewayIn = (scope: Chart) =>
  new CollectorGateway(scope, 'Gateway', {
    clusterName: 'test',
    clickhouse: new ClickHouseCluster(new Chart(Testing.app(), 'store'), 'Store'),
  });

function picture(objects: Manifest[]): string[] {
  const containers = objects.flatMap(({ kind, spec }) => {
    const pod = spec?.template?.spec;
    return pod
      ? [...(pod.initContainers ?? []), ...pod.containers].map((container) => `${kind} runs ${container.name}: ${container.image}`)
      : [];
  });
  return [...objects.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-f]{10}$/, '-HASH')}`), ...containers];
}

const pipelines = (collector: Collector) =>
  Object.entries<{ receivers: string[]; processors: string[]; exporters: string[] }>(parse(collector.configText).service.pipelines).map(
    ([name, { receivers, processors, exporters }]) =>
      `${name}: ${receivers.join(' + ')} > ${processors.join(' > ')} > ${exporters.join(' + ')}`,
  );

test('ClickHouseCluster', () => {
  const scope = chart();
  new ClickHouseCluster(scope, 'ClickHouse');
  expect(picture(Testing.synth(scope))).toMatchSnapshot();
});

test('GrafanaStack', () => {
  const scope = chart();
  new GrafanaStack(scope, 'Grafana', { clickhouse: new ClickHouseCluster(new Chart(Testing.app(), 'store'), 'Store') });
  expect(picture(Testing.synth(scope))).toMatchSnapshot();
});

test.each<[string, (scope: Chart) => Collector]>([
  ['CollectorGateway', gatewayIn],
  ['NodeAgent', (scope) => new NodeAgent(scope, 'Agent', { gateway: gatewayIn(chart()) })],
  ['ClusterAgent', (scope) => new ClusterAgent(scope, 'Agent', { gateway: gatewayIn(chart()) })],
  ['PrometheusAgent', (scope) => new PrometheusAgent(scope, 'Agent', { gateway: gatewayIn(chart()) })],
])('%s', (_name, make) => {
  const scope = chart();
  const collector = make(scope);
  expect([...picture(Testing.synth(scope)), ...pipelines(collector)]).toMatchSnapshot();
});
