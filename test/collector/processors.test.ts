import { Chart, Size, Testing } from 'cdk8s';
import fc from 'fast-check';
import { parse } from 'yaml';
import {
  ClickHouseCluster,
  ClickHouseSink,
  CollectorGateway,
  Drop,
  LogSeverity,
  ObservabilityChart,
  OtlpSink,
  Redact,
  Rename,
  Sample,
  Transform,
} from '../../lib';
import { isOneOf, nameOf, ottlText } from '../../lib/collector/processors/ottl';

const chart = (props: object) => new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'test', ...props });

test.each<[string, () => unknown, string]>([
  ['nothing', () => Drop.logs({}), 'which: given nothing that selects; allowed: one property or more'],
  ['a property of nothing', () => Drop.logs({ namespaces: undefined }), 'which: given nothing that selects'],
  ['no choice', () => Drop.spans(undefined as never), 'which: given nothing; allowed: a value: it is required'],
  [
    'a misspelt property',
    () => Drop.logs({ namespace: ['a'] } as never),
    'which.namespace: given a property that does not exist; did you mean `namespaces`?',
  ],
  [
    'a level that is none',
    () => Drop.logs({ below: 'info' as LogSeverity }),
    "which.below: given \"info\"; allowed: 'TRACE', 'DEBUG', 'INFO'",
  ],
  ['lookaround', () => Drop.logs({ body: '(?!a)' }), 'which.body: given "(?!a)", invalid or unsupported Perl syntax'],
  ['a name in capitals', () => Drop.logs({ namespaces: ['Shop'] }), 'which.namespaces[0]: given "Shop"'],
  [
    'attributes as a list',
    () => Drop.spans({ attributes: ['a'] as never }),
    'which.attributes: given a list of 1; allowed: names and texts',
  ],
  [
    'a number for a text',
    () => Drop.spans({ attributes: { status: 200 as never } }),
    'which.attributes: given an object; allowed: names and texts',
  ],
  ['metrics by nothing', () => Drop.metrics({}), 'which: given nothing that selects'],
  ['backreference', () => Drop.metrics({ matching: '(a)\\1' }), 'which.matching: given'],
  ['no limit', () => Drop.outOfTime({}), 'limits: given nothing that selects'],
  ['percent', () => Sample.traces(10), 'ratio: given 10; allowed: a number from 0.0001 to 1'],
  ['a ratio of nothing', () => Sample.logs(0, { services: ['a'] }), 'ratio: given 0'],
  ['no pattern', () => Redact.values([]), 'patterns: given a list of 0'],
  ['a broken pattern', () => Redact.values(['[']), 'patterns[0]: given "[", missing closing ]'],
  ['no name', () => Redact.attributes(['']), 'names[0]: given ""'],
  ['its own name', () => Rename.attribute('a', 'a'), 'to: given the name that it has; allowed: another name'],
  ['no new name', () => Rename.metric('a', undefined as never), 'to: given nothing'],
  ['no statement', () => Transform.ottl({}), 'statements: given nothing that selects'],
  [
    'a misspelt signal',
    () => Transform.ottl({ log: ['set(log.body, "")'] } as never),
    'statements.log: given a property that does not exist; did you mean `logs`?',
  ],
])('%s is refused', (_name, make, message) => {
  expect(make).toThrow(message);
});

test('a program with processors in every role', () => {
  const processors = [Drop.logs({ below: LogSeverity.INFO, namespaces: ['kube-system'] }), Redact.attributes(['user.email'])];
  const roles = chart({
    gateway: { processors },
    nodeAgent: { processors },
    clusterAgent: { processors },
    prometheusAgent: { processors },
  });
  const pipelines = [roles.gateway, roles.nodeAgent, roles.clusterAgent, roles.prometheusAgent].map(
    ({ configText }) => parse(configText).service.pipelines,
  );
  for (const { logs, metrics } of pipelines) {
    expect(metrics.processors.at(-1)).toMatch(/^redaction\/redact-\w{6}$/);
    expect(logs?.processors.at(-2) ?? 'filter/drop-logs-').toMatch(/^filter\/drop-logs-/);
  }
});

test('a shipped panel or rule whose metric is dropped, here or by the gateway, is left out, and it is said there', () => {
  const notShown = (props: object) => [...new Set(JSON.stringify(Testing.synth(chart(props))).match(/nobody gives k8s\.volume[\w., ]+/g))];
  const drop = [Drop.metrics({ names: ['k8s.volume.*'] })];
  expect(notShown({})).toEqual([]);
  expect(notShown({ nodeAgent: { processors: drop } }).length).toBeGreaterThan(0);
  expect(notShown({ gateway: { processors: drop } })).toEqual(notShown({ nodeAgent: { processors: drop } }));
  const { nodeAgent } = chart({ gateway: { processors: drop } });
  expect(nodeAgent.metrics.filter(({ name }) => name.startsWith('k8s.volume'))).toEqual([]);
});

test('what the sink of the store drops, no panel reads, whatever goes elsewhere', () => {
  const clickhouse = new ClickHouseCluster(new Chart(Testing.app(), 'store'), 'Store');
  const gateway = (drop: boolean) => {
    const store = new ClickHouseSink({ clickhouse, processors: drop ? [Drop.metrics({ names: ['k8s.node.*'] })] : [] });
    const vendor = new OtlpSink({ endpoint: 'https://vendor.example', processors: [Drop.metrics({ names: ['other.*'] })] });
    const storage = { size: Size.gibibytes(60) };
    return new CollectorGateway(new Chart(Testing.app(), 'test'), 'Gateway', { clusterName: 'test', sinks: [store, vendor], storage });
  };
  expect(gateway(true).removedMetrics).toEqual(['^k8s\\.node\\..*$']);
  expect(gateway(false).removedMetrics).toBeUndefined();
});

test('texts of users stand in OTTL as literals of JSON, which Go reads alike', () => {
  expect(ottlText('it\'s "a" \\ \n $1')).toBe('"it\'s \\"a\\" \\\\ \\n $1"');
  expect(isOneOf('span.name', ['GET /a', 'b'])).toBe('(span.name == "GET /a" or span.name == "b")');
  expect(isOneOf('span.name', ['a'])).toBe('span.name == "a"');
  expect(isOneOf('span.name', ['GET /a.b*', 'c?'])).toBe('IsMatch(span.name, "^(GET /a\\\\.b.*|c.)$")');
});

test('whatever names are given, a pattern means them and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (name, other) => {
      const condition = isOneOf('x', [`${name.replace(/[*?\n\r]/g, '.')}*`]);
      const literal = /^IsMatch\(x, (".*")\)$/s.exec(condition)?.[1] as string;
      const expression = new RegExp(JSON.parse(literal), 's');
      const wanted = name.replace(/[*?\n\r]/g, '.');
      expect(expression.test(`${wanted}${other}`)).toBe(true);
      expect(expression.test(other)).toBe(other.startsWith(wanted));
    }),
  );
});

test('names follow from what is configured, and from nothing else', () => {
  expect(nameOf('drop', { a: 1 })).toBe(nameOf('drop', { a: 1 }));
  expect(nameOf('drop', { a: 1 })).not.toBe(nameOf('drop', { a: 2 }));
});

test('the time limits of the gateway are the retention of the store', () => {
  const limits = (configText: string) =>
    JSON.stringify(parse(configText).processors)
      .match(/Duration\(\\"\w+\\"\)/g)
      ?.map((text) => text.slice(11, -4));
  expect(limits(chart({}).gateway.configText)).toEqual(['2592000', '86400', '2592000', '86400', '34128000', '86400', '1209600', '86400']);
  expect(limits(chart({ gateway: { timeLimits: {} } }).gateway.configText)).toBeUndefined();
});
