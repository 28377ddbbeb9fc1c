import {
  Component,
  ConfigValue,
  DiscoveredReceiver,
  DiscoveredReceivers,
  Estimates,
  Instrument,
  Metric,
  Placement,
  SecretKey,
} from '../../../lib';
import { withSources } from '../synthesized';

const password = SecretKey.of('monitor', 'password');
const onNodes = (receivers?: DiscoveredReceiver[]) =>
  withSources([new DiscoveredReceivers({ receivers })], { placement: Placement.daemonSet() });
const templates = (receivers?: DiscoveredReceiver[]) => onNodes(receivers).config.receivers['receiver_creator/discovered'].receivers;

test('by default pods may ask for Redis and nginx, of the own node alone', () => {
  const { config, one } = onNodes();
  expect(Object.keys(templates())).toEqual(['redis', 'nginx']);
  expect(config.extensions.k8s_observer).toEqual({ auth_type: 'serviceAccount', node: '${env:K8S_NODE_NAME}', observe_pods: true });
  expect(config.receivers['receiver_creator/discovered'].watch_observers).toEqual(['k8s_observer']);
  expect(one('ClusterRole').rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }]);
});

test("upstream's own discovery stays off: there, a pod's annotation chooses any receiver and its configuration", () => {
  expect(onNodes().config.receivers['receiver_creator/discovered'].discovery).toBeUndefined();
});

test('the network is open to any port, as pods listen on any', () => {
  expect(onNodes().one('NetworkPolicy', 'test-to-outside').spec.egress).toContainEqual({ ports: [{ protocol: 'TCP' }] });
});

test('a rule asks for the annotations of the port, and where there is none for those of the pod', () => {
  const { rule } = templates().redis;
  const key = (name: string) => `"io.opentelemetry.discovery.metrics." + string(port) + "/${name}"`;
  const hint = (name: string) =>
    `((${key(name)}) in pod.annotations ? pod.annotations[${key(name)}] : pod.annotations["io.opentelemetry.discovery.metrics/${name}"])`;
  expect(rule).toBe(`type == "port" && ${hint('enabled')} == "true" && ${hint('scraper')} == "redis"`);
});

test('a password is sent to pods of the named namespaces only, and stands in no ConfigMap', () => {
  const postgres = DiscoveredReceiver.postgreSql({ username: 'otel', password, namespaces: ['shop', 'billing'] });
  const { collector, pod } = onNodes([postgres, DiscoveredReceiver.redis({ password, namespaces: ['shop'] })]);
  expect(templates([postgres]).postgresql.rule).toMatch(/ && pod\.namespace in \["shop","billing"\]$/);
  expect(templates([postgres]).postgresql.config).toMatchObject({ username: 'otel', tls: { insecure: true }, collection_interval: '60s' });
  expect(collector.configText).not.toContain('MONITOR_PASSWORD');
  expect(pod.containers[0].args.filter((argument: string) => argument.includes('password'))).toEqual([
    '--config=yaml:receivers::receiver_creator/discovered::receivers::postgresql::config::password: "${env:MONITOR_PASSWORD}"',
    '--config=yaml:receivers::receiver_creator/discovered::receivers::redis::config::password: "${env:MONITOR_PASSWORD}"',
  ]);
});

test('nginx is asked where it says its status is', () => {
  expect(templates([DiscoveredReceiver.nginx()]).nginx.config.endpoint).toBe('http://`endpoint`/nginx_status');
  expect(templates([DiscoveredReceiver.nginx({ statusPath: '/s' })]).nginx.config.endpoint).toBe('http://`endpoint`/s');
});

test('any other receiver, with its fields checked and what it says it gives', () => {
  const items = Metric.custom({ name: 'memcached.current_items', instrument: Instrument.SUM, unit: '{items}' });
  const memcached = DiscoveredReceiver.of({ componentType: 'memcached', config: { collection_interval: '5m' }, metrics: [items] });
  expect(templates([memcached]).memcached.config).toEqual({ collection_interval: '5m' });
  expect(onNodes([memcached]).collector.metrics).toContain(items);
  expect(() => DiscoveredReceiver.of({ componentType: 'redis', config: { usrname: 'x' } })).toThrow(/usrname.*did you mean `username`/);
});

const bearer = Component.extension({ componentType: 'bearertokenauth', config: { token: ConfigValue.secret(password) } });

test.each<[string, string, Record<string, unknown>]>([
  ['a value', 'redis', { password: ConfigValue.secret(password) }],
  ['a part of a value', 'redis', { password: ConfigValue.concat('a-', ConfigValue.secret(password)) }],
  ['a file', 'memcached', { tls: { key_file: ConfigValue.secretFile(password) } }],
  ['an item of a list', 'sqlquery', { logins: [{ name: 'otel', password: ConfigValue.secret(password) }] }],
  ['an extension that logs in', 'sqlquery', { auth: { authenticator: bearer } }],
])('of any receiver too a secret goes to named namespaces only: %s', (_, componentType, config) => {
  expect(() => DiscoveredReceiver.of({ componentType, config })).toThrow(
    'namespaces: given nothing, with a secret in `config`; allowed: the namespaces whose pods are sent it',
  );
  const named = DiscoveredReceiver.of({ componentType, config, namespaces: ['shop'] });
  expect(templates([named])[componentType].rule).toMatch(/ && pod\.namespace in \["shop"\]$/);
});

test('what a pod knows of itself is no secret', () => {
  const config = { server: ConfigValue.podField('K8S_NODE_NAME', 'spec.nodeName') };
  expect(templates([DiscoveredReceiver.of({ componentType: 'sqlquery', config })]).sqlquery.config.server).toBe('${env:K8S_NODE_NAME}');
});

test('how much it gives hangs on how many pods ask: it is listed as not estimated', () => {
  const { notEstimated } = Estimates.of([onNodes([DiscoveredReceiver.nginx()]).collector], { nodes: 1, podsPerNode: 1 });
  expect(notEstimated).toEqual([
    'test / DiscoveredReceivers: nginx.connections_accepted, nginx.connections_current, nginx.connections_handled, nginx.requests',
  ]);
});

test.each<[string, () => unknown, string]>([
  [
    'a password for whoever asks',
    () => DiscoveredReceiver.redis({ password }),
    'namespaces: given nothing; allowed: a value: it is required',
  ],
  [
    'a user without a password',
    () => DiscoveredReceiver.redis({ username: 'otel' }),
    'password: given nothing; allowed: a value: it is required',
  ],
  ['no login', () => DiscoveredReceiver.postgreSql({} as never), 'DiscoveredReceiver.postgreSql: 3 problems'],
  [
    'a password as text',
    () => DiscoveredReceiver.postgreSql({ username: 'a', password: 'b' as never, namespaces: ['c'] }),
    'password: given a text (a secret is never text here)',
  ],
  ['an expression in a path', () => DiscoveredReceiver.nginx({ statusPath: '/`x`' }), 'statusPath: given "/`x`"; allowed: a path'],
  ['an expression in a type', () => DiscoveredReceiver.of({ componentType: 'a" || true || "' }), 'componentType: given '],
  [
    'none',
    () => new DiscoveredReceivers({ receivers: [] }),
    'receivers: given a list of 0; allowed: a list of at least one, each: DiscoveredReceiver.redis()',
  ],
  [
    'two of one type',
    () => new DiscoveredReceivers({ receivers: [DiscoveredReceiver.nginx(), DiscoveredReceiver.nginx({ statusPath: '/s' })] }),
    'receivers: given two receivers `nginx`; allowed: one of each type',
  ],
])('bad input: %s', (_, make, message) => {
  expect(make).toThrow(message);
});
