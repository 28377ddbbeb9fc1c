import { LogParser } from '../../../lib/collector/logs/log-parser';
import { Multiline } from '../../../lib/collector/logs/multiline';
import { Placement } from '../../../lib/collector/placement';
import { ContainerLogs, type ContainerLogsProps } from '../../../lib/collector/sources/container-logs';
import { withSources } from '../synthesized';

const synth = (props: ContainerLogsProps) => withSources([new ContainerLogs(props)], { placement: Placement.daemonSet() });
const operators = (props: ContainerLogsProps): any[] => synth(props).config.receivers.file_log.operators;
const ofType = (props: ContainerLogsProps, type: string) => operators(props).filter((operator) => operator.type === type);

const unsetClock = ['add', 'add', 'time_parser', 'remove'];

test('by default lines get the severity that their text shows, and nothing else is read of them', () => {
  expect(operators({}).map(({ type }) => type)).toEqual([
    'container',
    'sanitize_utf8',
    'remove',
    'remove',
    ...unsetClock,
    ...Array(4).fill('regex_parser'),
    'severity_parser',
    'remove',
  ]);
  expect(operators({ severityFromText: false }).map(({ type }) => type)).toEqual([
    ...['container', 'sanitize_utf8', 'remove', 'remove'],
    ...unsetClock,
  ]);
});

test('whose lines a parser reads, and in which order they are asked', () => {
  const parse = [
    LogParser.json({ namespaces: ['shop', 'team-*'], pods: ['a?c.x'] }),
    LogParser.logfmt(),
    LogParser.klog({ containers: ['kube-proxy'] }),
  ];
  expect(
    operators({ parse })
      .filter(({ parse_to }) => parse_to)
      .map(({ type, if: condition }) => [type, condition]),
  ).toEqual([
    [
      'json_parser',
      'attributes.parsed == nil && resource["k8s.namespace.name"] matches "^(shop|team-.*)$$" && resource["k8s.pod.name"] matches "^(a.c\\\\.x)$$" && body matches "^\\\\s*\\\\{"',
    ],
    ['key_value_parser', 'attributes.parsed == nil && body matches "^[\\\\w.@/-]+="'],
    ['regex_parser', 'attributes.parsed == nil && resource["k8s.container.name"] matches "^(kube-proxy)$$"'],
  ]);
});

test('no operator drops a record, and none but the runtime format complains of each line that is not its own', () => {
  const all = operators({ parse: [LogParser.json(), LogParser.regex('(?P<a>.)')], multiline: [Multiline.startsWith('a')] });
  expect(all.filter(({ on_error }) => on_error?.startsWith('drop'))).toEqual([]);
  const noisy = all.filter(({ on_error, if: condition, type }) => on_error === undefined && condition === undefined && type !== 'router');
  expect(noisy.map(({ type, field }) => [type, field])).toEqual([
    ['container', undefined],
    ['sanitize_utf8', undefined],
    ['remove', 'attributes["log.file.path"]'],
    ['flatten', 'attributes.parsed'],
  ]);
});

test('each line is put together by the first only that it belongs to', () => {
  const multiline = [
    Multiline.startsWith('^\\d', { pods: ['legacy-*'] }),
    Multiline.startsWith('^#', { namespaces: ['b'] }),
    Multiline.startsWith('^-'),
  ];
  const legacy = 'resource["k8s.pod.name"] matches "^(legacy-.*)$$"';
  const b = 'resource["k8s.namespace.name"] matches "^(b)$$"';
  expect(ofType({ multiline }, 'recombine').map(({ if: condition, is_first_entry }) => [condition, is_first_entry])).toEqual([
    [legacy, 'body matches "^\\\\d"'],
    [`${b} && !(${legacy})`, 'body matches "^#"'],
    [`!(${legacy}) && !(${b})`, 'body matches "^-"'],
  ]);
});

test('what is put together has limits, and nothing is put together before a first line was seen', () => {
  expect(ofType({ multiline: [Multiline.startsWith('^a')] }, 'recombine')[0]).toMatchObject({
    max_unmatched_batch_size: 1,
    max_batch_size: 1000,
    max_log_size: 1024 * 1024,
    force_flush_period: '2s',
  });
});

test.each<[() => unknown, string]>([
  [() => LogParser.json({ namespaces: ['Shop'] }), 'LogParser.json: 1 problem\n  of.namespaces[0]: given "Shop"'],
  [() => LogParser.logfmt({ pods: [] }), 'LogParser.logfmt: 1 problem\n  of.pods: given a list of 0'],
  [() => LogParser.klog({ pod: ['a'] } as never), 'did you mean `pods`?'],
  [() => LogParser.regex('no group'), 'which names no group; allowed: one or more groups `(?P<name>…)`'],
  [() => LogParser.regex('(?P<a>x)(?P<a>y)'), 'duplicate capture group name: `a`'],
  [() => LogParser.regex('(?=a)(?P<x>b)', { containers: ['a_b'] }), 'LogParser.regex: 2 problems'],
  [() => LogParser.regex(undefined as never), 'pattern: given nothing'],
  [() => LogParser.regex('x'.repeat(5000)), 'allowed: a regular expression of 1 to 4096 characters'],
  [() => Multiline.startsWith('^(?!\\s)'), 'invalid or unsupported Perl syntax: `(?!`; allowed: a regular expression of RE2'],
  [() => Multiline.startsWith('a', { of: 1 } as never), 'Multiline.startsWith: 1 problem'],
])('bad input %#: one clear error', (make, message) => {
  expect(make).toThrow(message);
});
