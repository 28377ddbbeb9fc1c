import { Placement } from '../../../lib/collector/placement';
import { ContainerLogs, StartAt } from '../../../lib/collector/sources/container-logs';
import { withSources } from '../synthesized';

const onNodes = {
  placement: Placement.daemonSet(),
  namespace: 'observability-agents',
  name: 'node-agent',
  stackNamespaces: ['observability', 'observability-agents'],
};
const logs = (source = new ContainerLogs()) => withSources([source], onNodes);

/** A path with `*` for anything but `/`, as the receiver reads it. */
const matches = (patterns: string[], path: string) =>
  patterns.some((pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(path));

test.each([
  ['shop_cart-0_5f0a/app/0.log', true],
  ['observability_clickhouse-0_5f0a/clickhouse/0.log', true],
  ['observability_collector-0_5f0a/otel-collector/0.log', false],
  ['observability-agents_node-agent-x_5f0a/otel-collector/3.log', false],
  ['shop_bridge-0_5f0a/otel-collector/0.log', true],
  ['observability-2_collector-0_5f0a/otel-collector/0.log', true],
  ['shop_cart-0_5f0a/app/0.log.20261125-001122.gz', false],
])('%s is read: %s', (path, read) => {
  const { include, exclude } = logs().config.receivers.file_log;
  expect(matches(include, `/var/log/pods/${path}`) && !matches(exclude, `/var/log/pods/${path}`)).toBe(read);
});

test('checkpoints lie on the node, where the next pod of the agent finds them', () => {
  const { config, pod } = logs();
  expect(config.receivers.file_log.storage).toBe('file_storage/checkpoints');
  expect(config.extensions['file_storage/checkpoints'].directory).toBe('/var/lib/otelcol/checkpoints');
  const mount = pod.containers[0].volumeMounts.find(({ mountPath }: { mountPath: string }) => mountPath === '/var/lib/otelcol');
  expect(pod.volumes.find(({ name }: { name: string }) => name === mount.name).hostPath).toEqual({
    path: '/var/lib/cdk8s-observability/observability-agents/node-agent',
    type: 'DirectoryOrCreate',
  });
  expect(mount.readOnly).toBeUndefined();
});

test('log files are mounted read-only, and read as the user that they belong to, without capabilities', () => {
  const { pod } = logs();
  expect(pod.volumes.flatMap(({ hostPath }: { hostPath?: { path: string } }) => hostPath?.path ?? [])).toContain('/var/log/pods');
  expect(pod.containers[0].volumeMounts).toContainEqual({
    name: expect.stringMatching(/^node-var-log-pods-/),
    mountPath: '/var/log/pods',
    readOnly: true,
  });
  expect(pod.securityContext).toMatchObject({ runAsUser: 0 });
  expect(pod.containers[0].securityContext.capabilities).toEqual({ drop: ['ALL'] });
});

test('a refused line is read again, for ever', () => {
  expect(logs().config.receivers.file_log.retry_on_failure).toEqual({ enabled: true, max_elapsed_time: '0s' });
});

test('new files are read from their first line; the first start on a node may begin behind what is there', () => {
  expect(logs().config.receivers.file_log.start_at).toBe('beginning');
  expect(logs(new ContainerLogs({ startAt: StartAt.END })).config.receivers.file_log.start_at).toBe('end');
});

test.each<[unknown, string]>([
  [{ startAt: 'middle' }, "startAt: given \"middle\"; allowed: 'beginning', 'end'"],
  [{ start: 'end' }, 'start: given a property that does not exist'],
  [null, 'props: given null'],
])('bad input %#: one clear error', (props, message) => {
  expect(() => new ContainerLogs(props as never)).toThrow(message);
});
