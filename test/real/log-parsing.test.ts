import { stringify } from 'yaml';
import { Component, ConfigValue, ContainerLogs, LogFiles, LogParser, Multiline, Source, type SourceBinding, Volume } from '../../lib';
import { journalRecord } from '../../lib/collector/sources/journald';
import { accepted, refused } from '../collector/re2-patterns';
import { containerOfConfiguration, RealCollector } from './harness/collector';
import type { Engine } from './harness/engine';
import { cri, LogAgent, type Row } from './log-agent';

// Lines, and the rows that each has to become, written by hand; through the synthesized configuration on the real collector into the engine.
let engine: Engine;

beforeAll(async () => {
  engine = await LogAgent.startStore();
}, 120_000);

const runtimeTime = '2026-11-25 00:00:00.123456789';

/** What is not said of a row is this. */
const plain = { severity: '', number: 0, time: runtimeTime, trace: '', span: '', attributes: {} };
type Expected = Partial<typeof plain> & { readonly body: string; readonly attributes?: Record<string, string> };

/** The rows of the lines of one container each, by the line. */
async function rowsOf(source: ContainerLogs, lines: Record<string, Expected>, container = 'shop_cart-0_5f0a/app'): Promise<void> {
  const agent = await LogAgent.prepare(engine, [source]);
  const name = `pod-${Math.random().toString(36).slice(2)}`;
  const folder = container.replace('cart-0', name);
  agent.write(`/var/log/pods/${folder}/0.log`, cri(Object.keys(lines)));
  await agent.collector.start();
  const rows = await agent.rows(`Pod = '${name}'`, Object.keys(lines).length);
  await agent.collector.stop();
  const expected = Object.values(lines).map((row) => ({ ...plain, ...row }));
  const byBody = (a: { body: string }, b: { body: string }) => (a.body < b.body ? -1 : 1);
  expect(rows.map(asExpected).sort(byBody)).toEqual(expected.sort(byBody));
}

const asExpected = ({ body, severity, number, time, trace, span, attributes: { 'log.iostream': _, ...attributes } }: Row) => ({
  body,
  severity,
  number,
  time,
  trace,
  span,
  attributes,
});

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

test("[logs] JSON: message, severity, time and trace context become the record's, the rest attributes; nested objects one each", async () => {
  await rowsOf(new ContainerLogs({ parse: [LogParser.json()] }), {
    '{"level":"error","msg":"payment failed","order":9007199254740993,"http":{"method":"GET","route":{"id":7}},"tags":["a",1]}': {
      body: 'payment failed',
      severity: 'ERROR',
      number: 17,
      attributes: { order: '9007199254740993', http: '{"method":"GET","route":{"id":7}}', tags: '["a",1]' },
    },
    [`{"severity":"WARNING","message":"slow","timestamp":"2026-11-25T01:02:03.5+01:00","trace_id":"${trace}","span_id":"${span}"}`]: {
      body: 'slow',
      severity: 'WARN',
      number: 13,
      time: '2026-11-25 00:02:03.500000000',
      trace,
      span,
    },
    [`{"log.level":"info","@timestamp":"2026-11-25T00:00:09Z","message":"of ECS","trace.id":"${trace}","service.name":"cart"}`]: {
      body: 'of ECS',
      severity: 'INFO',
      number: 9,
      time: '2026-11-25 00:00:09.000000000',
      trace,
      attributes: { 'service.name': 'cart' },
    },
    '{"level":30,"time":1795564805250,"pid":1,"msg":"of pino"}': {
      body: 'of pino',
      severity: 'INFO',
      number: 9,
      time: '2026-11-25 00:00:05.250000000',
      attributes: { pid: '1' },
    },
    '{"level":"info","ts":1795564806.125,"msg":"of zap","caller":"a.go:1"}': {
      body: 'of zap',
      severity: 'INFO',
      number: 9,
      time: '2026-11-25 00:00:06.125000000',
      attributes: { caller: 'a.go:1' },
    },
    '{"lvl":"odd","msg":"a level nobody knows"}': { body: 'a level nobody knows', severity: 'odd' },
    '{"msg":"no zone","time":"2026-11-25 01:02:03","trace_id":"77"}': {
      body: 'no zone',
      attributes: { time: '2026-11-25 01:02:03', trace_id: '77' },
    },
    '{"msg":"no such day","time":"2026-02-31T00:00:00Z"}': { body: 'no such day', attributes: { time: '2026-02-31T00:00:00Z' } },
    '{"msg":"an unset clock","time":"1970-01-01T00:00:05Z"}': { body: 'an unset clock', attributes: { time: '1970-01-01T00:00:05Z' } },
    '{"status":200,"message":{"not":"text"}}': {
      body: '{"status":200,"message":{"not":"text"}}',
      attributes: { status: '200', message: '{"not":"text"}' },
    },
    '{"level":"error","msg":"torn': { body: '{"level":"error","msg":"torn', severity: 'ERROR', number: 17 },
    [tooMany]: { body: tooMany },
    '[1,2]': { body: '[1,2]' },
    '': { body: '' },
    'no JSON at all': { body: 'no JSON at all' },
  });
});

const tooMany = `{${Array.from({ length: 129 }, (_, index) => `"key${index}":${index}`).join(',')}}`;

test('[logs] logfmt', async () => {
  await rowsOf(new ContainerLogs({ parse: [LogParser.logfmt()] }), {
    'level=warn msg="disk nearly full" free=3% path="/var/lib/a b"': {
      body: 'disk nearly full',
      severity: 'WARN',
      number: 13,
      attributes: { free: '3%', path: '/var/lib/a b' },
    },
    [`ts=2026-11-25T00:00:07.25Z lvl=eror msg=lost traceId=${trace} spanId=${span}`]: {
      body: 'lost',
      severity: 'ERROR',
      number: 17,
      time: '2026-11-25 00:00:07.250000000',
      trace,
      span,
    },
    'time=1795564808 msg=seconds': { body: 'seconds', time: '2026-11-25 00:00:08.000000000' },
    'level=info msg="not closed': { body: 'level=info msg="not closed', severity: 'INFO', number: 9 },
    'level=info and words': { body: 'level=info and words', severity: 'INFO', number: 9 },
    'a=b is no': { body: 'a=b is no' },
    'words a=b': { body: 'words a=b' },
  });
});

test('[logs] klog', async () => {
  await rowsOf(new ContainerLogs({ parse: [LogParser.klog()] }), {
    'I1125 14:03:02.123456       1 controller.go:116] "Pod is ready" pod="a/b"': {
      body: '"Pod is ready" pod="a/b"',
      severity: 'INFO',
      number: 9,
      attributes: { caller: 'controller.go:116' },
    },
    'F1125 14:03:02.123456 1234567 main.go:9] gone': {
      body: 'gone',
      severity: 'FATAL',
      number: 21,
      attributes: { caller: 'main.go:9' },
    },
    'E1125 14:03:02.123456 no place': { body: 'E1125 14:03:02.123456 no place', severity: 'ERROR', number: 17 },
    'goroutine 1 [running]:': { body: 'goroutine 1 [running]:' },
  });
});

test("[logs] a regular expression of one's own; the first parser that can read a line wins", async () => {
  const pattern = '^(?P<time>\\S+) \\[(?<level>\\w+)\\] (?P<user>[^:$]+): (?P<message>.*)$';
  await rowsOf(
    new ContainerLogs({
      parse: [
        LogParser.regex(pattern),
        LogParser.json(),
        LogParser.regex('^(?P<first>\\w+) (?P<second>\\w+)$'),
        LogParser.regex('^two (?P<late>\\w+)$'),
      ],
    }),
    {
      '2026-11-25T00:00:04.000001Z [crit] ada: it costs $1': {
        body: 'it costs $1',
        severity: 'FATAL',
        number: 21,
        time: '2026-11-25 00:00:04.000001000',
        attributes: { user: 'ada' },
      },
      '{"msg":"also"}': { body: 'also' },
      'two words': { body: 'two words', attributes: { first: 'two', second: 'words' } },
      'now three words': { body: 'now three words' },
    },
  );
});

test('[logs] parsers and exclusions by namespace, pod and container reach whom they name and nobody else', async () => {
  const source = new ContainerLogs({
    include: { namespaces: ['shop', 'team-*'], pods: ['*-0'] },
    exclude: { namespaces: ['team-chatty'], containers: ['istio-*'] },
    parse: [LogParser.json({ namespaces: ['shop'], containers: ['app'] }), LogParser.logfmt({ namespaces: ['team-?'] })],
  });
  const agent = await LogAgent.prepare(engine, [source]);
  const line = '{"msg":"a"}';
  const containers: Record<string, string> = {
    'shop_web-0_5f0a/app': line,
    'shop_web-0_5f0a/other': line,
    'shop_web-0_5f0a/istio-proxy': line,
    'shop_web-1_5f0a/app': line,
    'shop-2_web-0_5f0a/app': line,
    'team-a_web-0_5f0a/app': 'msg=a',
    'team-ab_web-0_5f0a/app': 'msg=a',
    'team-chatty_web-0_5f0a/app': line,
  };
  for (const [index, [container, text]] of Object.entries(containers).entries()) {
    // Files that begin alike, time and all, would be taken for one.
    agent.write(`/var/log/pods/${container}/0.log`, cri([text], 'stdout', `2026-11-25T00:00:00.00000000${index}Z`));
  }
  await agent.collector.start();
  const rows = await agent.rows("Pod LIKE 'web-%'", 4, 'Namespace, Container');
  await agent.collector.stop();
  expect(rows.map(({ namespace, pod, container, body }) => `${namespace} ${pod} ${container} ${body}`)).toEqual([
    'shop web-0 app a',
    `shop web-0 other ${line}`,
    'team-a web-0 app a',
    'team-ab web-0 app msg=a',
  ]);
});

test('[logs] the severity that text shows, where no parser applies', async () => {
  const severities: [string, string, number][] = [
    ['2026-11-25 03:54:37.995 ERROR [main] c.e.App - boom', 'ERROR', 17],
    ['[WARN] slow', 'WARN', 13],
    ['INFO: handled an ERROR event', 'INFO', 9],
    ['2026/11/25 03:54:37 [crit] 29#29: *1 connect() failed', 'FATAL', 21],
    ['[Wed Nov 25 03:54:37 2026] [core:error] [pid 1] File does not exist', 'ERROR', 17],
    ['time="2026-11-25T03:54:37Z" level=warning msg=x', 'WARN', 13],
    ['{"time":"now","level":"debug","msg":"x"}', 'DEBUG', 5],
    ['W1125 14:03:02.123456 1 a.go:1] x', 'WARN', 13],
    ['panic: runtime error: index out of range', 'FATAL', 21],
    ["Error: Cannot find module 'x'", 'ERROR', 17],
    ['no error was found', '', 0],
    ['MAX_ERROR_COUNT=5', '', 0],
    ['the ERRORS are many', '', 0],
    [`${'x'.repeat(170)} ERROR far behind`, '', 0],
  ];
  await rowsOf(new ContainerLogs(), Object.fromEntries(severities.map(([body, severity, number]) => [body, { body, severity, number }])));
});

test('[logs] a stack trace is one record, by stream; lines before the first match and of others stay alone', async () => {
  const agent = await LogAgent.prepare(engine, [
    new ContainerLogs({
      multiline: [Multiline.startsWith('^\\d{4}-', { pods: ['legacy-*'] }), Multiline.startsWith('^# ')],
      parse: [LogParser.regex('(?s)^(?P<date>\\d{4})-(?P<message>.*)$')],
    }),
  ]);
  const legacy = '/var/log/pods/lines_legacy-0_5f0a/app/0.log';
  agent.write(legacy, cri(['  at before.one', '  at before.two', '2026-first ERROR']));
  agent.write(legacy, cri(['of stderr'], 'stderr'));
  agent.write(legacy, cri(['  at a', '# no', '2026-second']));
  agent.write('/var/log/pods/lines_other-0_5f0a/app/0.log', cri(['# title', 'text', '# next']));
  await agent.collector.start();
  const rows = await agent.rows("Namespace = 'lines'", 7, 'Pod, Body');
  await agent.collector.stop();
  expect(
    rows.map(({ pod, body, severity, attributes: { 'log.iostream': stream, ...others } }) => [pod, stream, body, severity, others]),
  ).toEqual([
    ['legacy-0', 'stdout', '  at before.one', '', {}],
    ['legacy-0', 'stdout', '  at before.two', '', {}],
    ['legacy-0', 'stdout', 'first ERROR\n  at a\n# no', '', { date: '2026' }],
    ['legacy-0', 'stderr', 'of stderr', '', {}],
    ['legacy-0', 'stdout', 'second', '', { date: '2026' }],
    ['other-0', 'stdout', '# next', '', {}],
    ['other-0', 'stdout', '# title\ntext', '', {}],
  ]);
});

test('[logs] files of the node: found by pattern, with their service, their file and their time', async () => {
  const agent = await LogAgent.prepare(engine, [
    new LogFiles({
      paths: ['/var/log/audit/*.log', '/opt/web-?/logs/access.log'],
      exclude: ['/var/log/audit/debug*.log'],
      parse: LogParser.regex('^type=(?P<type>\\S+) msg=audit\\((?P<time>[\\d.]+):(?P<serial>\\d+)\\)'),
      multiline: Multiline.startsWith('^\\S'),
      serviceName: 'auditd',
    }),
  ]);
  agent.write('/var/log/audit/audit.log', 'type=LOGIN msg=audit(1795564800.250:7): pid=1\n  and more\ntype=LOGIN torn\n');
  agent.write('/var/log/audit/audit.log.1', 'type=OLD\n');
  agent.write('/var/log/audit/debug-1.log', 'type=DEBUG\n');
  agent.write('/opt/web-a/logs/access.log', 'GET / 200\n');
  await agent.collector.start();
  const rows = await agent.rows("ServiceName = 'auditd'", 3, 'Body');
  await agent.collector.stop();
  expect(rows.map(({ body, attributes }) => [body, attributes])).toEqual([
    ['GET / 200', { 'log.file.path': '/opt/web-a/logs/access.log' }],
    [
      'type=LOGIN msg=audit(1795564800.250:7): pid=1\n  and more',
      { 'log.file.path': '/var/log/audit/audit.log', type: 'LOGIN', serial: '7' },
    ],
    ['type=LOGIN torn', { 'log.file.path': '/var/log/audit/audit.log' }],
  ]);
  expect(rows[1].time).toBe('2026-11-25 00:00:00.250000000');
});

/** Reads what journalctl writes as `--output=json` from a file, then does what Journald does with it. */
class JournalFile extends Source {
  bind(): SourceBinding {
    const include = [ConfigValue.concat(ConfigValue.directory(Volume.node('/var/log/journal-json')), '/*.json')];
    const operators = [{ type: 'json_parser', parse_to: 'body' }, ...journalRecord];
    return {
      receivers: { logs: [Component.receiver({ componentType: 'file_log', config: { include, start_at: 'beginning', operators } })] },
    };
  }
}

test('[logs] an entry of the journal: message, severity, program and unit', async () => {
  const agent = await LogAgent.prepare(engine, [new JournalFile()]);
  const entries = [
    '{"PRIORITY":"3","SYSLOG_IDENTIFIER":"kubelet","_SYSTEMD_UNIT":"kubelet.service","_PID":"812","_BOOT_ID":"x","MESSAGE":"node not found"}',
    '{"PRIORITY":"6","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"oom-kill"}',
  ];
  agent.write('/var/log/journal-json/a.json', entries.map((entry) => `${entry}\n`).join(''));
  await agent.collector.start();
  const rows = await agent.rows("ServiceName IN ('kubelet', 'kernel')", 2, 'Body');
  await agent.collector.stop();
  expect(rows.map(({ service, body, severity, attributes }) => [service, body, severity, attributes['systemd.unit']])).toEqual([
    ['kubelet', 'node not found', 'ERROR', 'kubelet.service'],
    ['kernel', 'oom-kill', 'INFO', undefined],
  ]);
});

test('[logs] regular expressions: what synth refuses the collector refuses, what it takes the collector takes', async () => {
  const reading = (regex: string) => ({
    receivers: { file_log: { include: ['/tmp/none'], operators: [{ type: 'regex_parser', regex }] } },
    exporters: { nop: {} },
    service: { telemetry: { metrics: { level: 'none' } }, pipelines: { logs: { receivers: ['file_log'], exporters: ['nop'] } } },
  });
  const start = (regex: string) =>
    RealCollector.start({ container: containerOfConfiguration(stringify(reading(regex)).replaceAll('$', '$$$$')) });
  for (const pattern of accepted) {
    await (await start(`(?P<whole>${pattern})`)).stop();
  }
  for (const [pattern] of refused) {
    await expect(start(`${pattern}(?P<end>$)`)).rejects.toThrow(/regex|error parsing/);
  }
});
