import { ApiObject, Chart, JsonPatch, Testing } from 'cdk8s';
import { object } from '../../lib/kubernetes/object';

const configMap = (namespace?: string) => ({ metadata: { name: 'settings', namespace }, data: { a: '1' } });

test("cluster-scoped objects carry no namespace, others the chart's", () => {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'team' });
  object(chart, 'Role', 'rbac.authorization.k8s.io/v1/ClusterRole', { metadata: { name: 'reader' }, rules: [] });
  object(chart, 'Settings', 'v1/ConfigMap', configMap());
  expect(Testing.synth(chart).map(({ metadata }) => metadata)).toEqual([{ name: 'reader' }, { name: 'settings', namespace: 'team' }]);
});

test('a second object of one kind, namespace and name is an error that names both constructs', () => {
  const chart = new Chart(Testing.app(), 'test');
  object(chart, 'First', 'v1/ConfigMap', configMap('a'));
  object(chart, 'Elsewhere', 'v1/ConfigMap', configMap('b'));
  expect(() => object(chart, 'Second', 'v1/ConfigMap', configMap('a'))).toThrow(
    'test/Second: ConfigMap a/settings exists already, made by test/First',
  );
});

test('an object that the user made himself counts too', () => {
  const chart = new Chart(Testing.app(), 'test');
  new ApiObject(chart, 'Own', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'a' } });
  expect(() => object(chart, 'Second', 'v1/ConfigMap', configMap('a'))).toThrow('made by test/Own');
});

test('a patch may set a field that no version of Kubernetes knows', () => {
  const chart = new Chart(Testing.app(), 'test');
  object(chart, 'Settings', 'v1/ConfigMap', configMap('a')).addJsonPatch(JsonPatch.add('/fieldOfTheFuture', { deep: [1] }));
  expect(Testing.synth(chart)[0].fieldOfTheFuture).toEqual({ deep: [1] });
});
