import { Chart, Testing } from 'cdk8s';
import { ExternalGateway, NodeAgent, ObservabilityChart } from '../../lib';
import { warningsOf } from '../../lib/kubernetes/warnings';

const existingGateway = new ExternalGateway({ endpoint: 'https://otlp.acme.example' });
const namesakes = (chart: Chart) => warningsOf(chart.node.root).filter((warning) => warning.includes('is that of the chart'));

test('two charts of one clusterName: one warning, at the later one', () => {
  const app = Testing.app();
  new ObservabilityChart(app, 'eu', { clusterName: 'prod' });
  const us = new ObservabilityChart(app, 'us', { clusterName: 'prod' });
  const edge = new ObservabilityChart(app, 'edge', { clusterName: 'edge', existingGateway });
  expect(namesakes(edge)).toEqual([
    "us: clusterName 'prod' is that of the chart 'eu' too, which has collectors of the same names: nobody can tell the telemetry and alerts of the two clusters apart. Give each a name of its own",
  ]);
  expect(us.warnings).toEqual(expect.arrayContaining(namesakes(us)));
  const strict = new ObservabilityChart(app, 'ap', { clusterName: 'prod', strict: true });
  expect(strict.node.validate()).toContainEqual(
    expect.stringMatching(/^ap: clusterName 'prod' is that of the chart 'eu' too.*strict is true/),
  );
});

test('roles composed by hand: two agents of one clusterName in two charts', () => {
  const app = Testing.app();
  const agent = (id: string, namespace: string, clusterName = 'prod') => {
    const chart = new Chart(app, id, { namespace });
    new NodeAgent(chart, 'NodeAgent', { gateway: existingGateway, clusterName });
    return chart;
  };
  agent('eu', 'observability');
  agent('us', 'observability', 'prod-us');
  expect(namesakes(agent('second-stack-of-eu', 'telemetry'))).toEqual([]);
  expect(namesakes(agent('ap', 'observability'))).toEqual([expect.stringMatching(/^ap: clusterName 'prod' is that of the chart 'eu' too/)]);
});

test('what stands in one chart is in one cluster', () => {
  const chart = new Chart(Testing.app(), 'prod', { namespace: 'observability' });
  new NodeAgent(chart, 'Linux', { gateway: existingGateway, clusterName: 'prod', name: 'linux' });
  new NodeAgent(chart, 'Gpu', { gateway: existingGateway, clusterName: 'prod', name: 'gpu' });
  expect(namesakes(chart)).toEqual([]);
});
