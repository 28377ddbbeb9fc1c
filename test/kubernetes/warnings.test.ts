import { type App, Chart, Testing } from 'cdk8s';
import { warn, warningsOf } from '../../lib/kubernetes/warnings';

test('a warning is printed once to stderr, with the path of its construct, and stands in no YAML', () => {
  const printed: string[] = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  const app: App = Testing.app();
  const chart = new Chart(app, 'stack');
  const part = new Chart(chart, 'Part');
  warn(part, 'two clusters of one name');
  warn(chart, 'nobody is told');
  expect(warningsOf(app)).toEqual(['stack: nobody is told', 'stack/Part: two clusters of one name']);
  expect(printed).toEqual([]);
  app.synth();
  app.synth();
  expect(printed).toEqual(['warning: stack: nobody is told\n', 'warning: stack/Part: two clusters of one name\n']);
  expect(app.synthYaml()).not.toContain('nobody is told');
});

test('a warning that later constructs decide on is asked for when it is read', () => {
  const chart = new Chart(Testing.app(), 'stack');
  warn(chart, () => (chart.node.tryFindChild('Later') ? undefined : 'nothing later'));
  expect(warningsOf(chart)).toEqual(['stack: nothing later']);
  new Chart(chart, 'Later');
  expect(warningsOf(chart)).toEqual([]);
});
