import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { StartAt } from '../../../lib/collector/logs/file-reading';
import { LogParser } from '../../../lib/collector/logs/log-parser';
import { Multiline } from '../../../lib/collector/logs/multiline';
import { Placement } from '../../../lib/collector/placement';
import { ContainerLogs } from '../../../lib/collector/sources/container-logs';
import { withSources } from '../synthesized';

const onNodes = {
  placement: Placement.daemonSet(),
  namespace: 'observability-agents',
  name: 'node-agent',
  stackNamespaces: ['observability', 'observability-agents'],
};
const logs = (source = new ContainerLogs()) => withSources([source], onNodes);

/** A path with `*` for anything but `/`, `?` for one character and `{a,b}` for either, as the receiver reads it. */
const matches = (patterns: string[], path: string) =>
  patterns.some((pattern) => {
    const expression = pattern
      .replaceAll('.', '\\.')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')
      .replace(/\{(.*),(.*)\}/, '($1|$2)');
    return new RegExp(`^${expression}$`).test(path);
  });
const read = (source: ContainerLogs, path: string) => {
  const { include, exclude } = logs(source).config.receivers.file_log;
  return matches(include, `/var/log/pods/${path}`) && !matches(exclude, `/var/log/pods/${path}`);
};

test.each([
  ['shop_cart-0_5f0a/app/0.log', true],
  ['observability_clickhouse-0_5f0a/clickhouse/0.log', true],
  ['observability_collector-0_5f0a/otel-collector/0.log', false],
  ['observability_collector-0_5f0a/otel-collector/0.log.20261125-001122', false],
  ['observability-agents_node-agent-x_5f0a/otel-collector/3.log', false],
  ['shop_bridge-0_5f0a/otel-collector/0.log', true],
  ['observability-2_collector-0_5f0a/otel-collector/0.log', true],
  ['shop_cart-0_5f0a/app/0.log.20261125-001122', true],
  ['shop_cart-0_5f0a/app/0.log.20261125-001122.gz', false],
  ['shop_cart-0_5f0a/app/0.log.20261125-001122.tmp', false],
])('%s is read: %s', (path, expected) => {
  expect(read(new ContainerLogs(), path)).toBe(expected);
});

test.each([
  ['shop_web-0_5f0a/app/0.log', true],
  ['shop_web-0_5f0a/app/0.log.20261125-001122', true],
  ['team-a_web-0_5f0a/app/0.log', true],
  ['shop-2_web-0_5f0a/app/0.log', false],
  ['shop_job-0_5f0a/app/0.log', false],
  ['shop_web-0_5f0a/istio-proxy/0.log', false],
  ['shop_web-debug-0_5f0a/app/0.log', false],
  ['team-x_web-0_5f0a/app/0.log', false],
  ['other_web-0_5f0a/app/0.log', false],
])('included are those in each list, excluded those in any: %s is read: %s', (path, expected) => {
  const source = new ContainerLogs({
    include: { namespaces: ['shop', 'team-*'], pods: ['web-*'] },
    exclude: { namespaces: ['team-x'], pods: ['web-debug-*'], containers: ['istio-*'] },
  });
  expect(read(source, path)).toBe(expected);
});

test('size and time reach the reader, the runtime format and what is put together', () => {
  const source = new ContainerLogs({
    maxLogSize: Size.kibibytes(64),
    pollInterval: Duration.seconds(2),
    multiline: [Multiline.startsWith('^a')],
  });
  const { max_log_size, poll_interval, operators } = logs(source).config.receivers.file_log;
  expect([max_log_size, poll_interval]).toEqual([65_536, '2000ms']);
  expect(operators.flatMap((operator: { max_log_size?: number }) => operator.max_log_size ?? [])).toEqual([65_536, 65_536]);
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
  [
    { include: { namespaces: ['a', 'team-b'] }, exclude: { namespaces: ['team-*'] } },
    "include.namespaces[1]: given 'team-b', all of which `exclude.namespaces` leaves out",
  ],
  [{ include: { pods: ['web-*'] }, exclude: { pods: ['web-*'] } }, "include.pods[0]: given 'web-*'"],
  [{ include: { namespaces: 'Shop' } }, 'include.namespaces: given "Shop"; allowed: a name as Kubernetes has it'],
  [{ include: { namespaces: 1 } }, 'include.namespaces: given 1; allowed: a list of at least one name as Kubernetes has it'],
  [{ exclude: { nodes: [] } }, 'exclude.nodes: given a property that does not exist'],
  [{ maxLogSize: Size.mebibytes(4) }, 'maxLogSize: given 4Mi'],
  [{ pollInterval: Duration.millis(1) }, 'pollInterval: given '],
  [{ parse: ['json'], multiline: [/a/] }, 'ContainerLogs: 2 problems'],
])('bad input %#: one clear error', (props, message) => {
  expect(() => new ContainerLogs(props as never)).toThrow(message);
});

test('what a wider pattern excludes may be meant, as long as something is left', () => {
  expect(() => new ContainerLogs({ include: { namespaces: ['team-*'] }, exclude: { namespaces: ['team-x', '*-y'] } })).not.toThrow();
});

test('whatever stands in the properties: a source that synthesizes, or one error with all of it', () => {
  const names = ['include', 'exclude', 'multiline', 'parse', 'severityFromText', 'maxLogSize', 'startAt', 'pollInterval'];
  const selection = fc.record(
    { namespaces: fc.constant(['a']), pods: fc.array(fc.string(), { minLength: 1 }) },
    { requiredKeys: ['namespaces'] },
  );
  const right = fc.constantFrom([LogParser.json()], [Multiline.startsWith('a')], Duration.seconds(1), Size.mebibytes(1), true, StartAt.END);
  const value = fc.oneof(fc.anything(), selection, right);
  const props = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 2 }).map((entries) => Object.fromEntries(entries));
  const outcomes = { made: 0, refused: 0 };
  fc.assert(
    fc.property(props, (given) => {
      let source: ContainerLogs;
      try {
        source = new ContainerLogs(given as never);
      } catch (error) {
        outcomes.refused += 1;
        expect((error as Error).message).toMatch(
          /^ContainerLogs: \d+ problems?\n( {2}(include|exclude|multiline|parse|severityFromText|maxLogSize|startAt|pollInterval).*(\n|$))+$/,
        );
        return;
      }
      outcomes.made += 1;
      expect(logs(source).config.receivers.file_log.include.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
  expect(Math.min(outcomes.made, outcomes.refused)).toBeGreaterThan(20);
});
