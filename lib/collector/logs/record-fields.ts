import { conditionOf } from './container-selection';
import type { LogParser } from './log-parser';

type Operator = Record<string, unknown>;

/** Words of severity, whatever their case; numbers are those of pino and bunyan. */
const severities = {
  trace: ['trace', 'verbose', 'finest', 'finer', 10],
  debug: ['debug', 'dbug', 'fine', 'd', 20],
  info: ['info', 'information', 'informational', 'notice', 'i', 30],
  warn: ['warn', 'warning', 'w', 40],
  error: ['error', 'err', 'eror', 'severe', 'fail', 'e', 50],
  fatal: ['fatal', 'critical', 'crit', 'alert', 'emerg', 'emergency', 'panic', 'dpanic', 'f', 60],
};

/** A line with more fields than this stays whole: each would be a key of its own in the store. */
const maxFields = 128;

const at = (name: string) => `attributes[${JSON.stringify(name)}]`;
const there = (name: string) => `${at(name)} != nil`;

/** What a line says of itself becomes the record's: by the parsers, and of lines that none of them reads the severity, as far as its text shows it. */
export function recordFields(parsers: readonly LogParser[], severityFromText: boolean): Operator[] {
  const fromText = severityFromText ? severityOfText : [];
  if (parsers.length === 0) {
    return fromText.length > 0 ? [...fromText, ...severity] : [];
  }
  const [afterParsed] = severity;
  const notParsed: Operator[] = fromText.length > 0 ? fromText : [{ type: 'noop' }];
  return [
    ...parsers.map(parsing),
    { type: 'remove', field: 'attributes.parsed', if: `attributes.parsed != nil && len(attributes.parsed) > ${maxFields}` },
    { type: 'router', routes: [{ expr: 'attributes.parsed != nil', output: ['parsed'] }], default: ['not-parsed'] },
    ...identified('not-parsed', notParsed).map((operator, index, all) =>
      index === all.length - 1 ? { ...operator, output: afterParsed.id } : operator,
    ),
    ...identified('parsed', parsed),
    ...severity,
  ];
}

/** The first parser that can read a line wins. */
function parsing({ _of, _operator, _begins }: LogParser, index: number): Operator {
  const selection = conditionOf(_of);
  return {
    ..._operator,
    id: `parser-${index + 1}`,
    if: [
      'attributes.parsed == nil',
      ...(selection ? [selection] : []),
      ...(_begins ? [`body matches ${JSON.stringify(_begins)}`] : []),
    ].join(' && '),
    parse_to: 'attributes.parsed',
    on_error: 'send_quiet',
  };
}

const identified = (id: string, [first, ...others]: Operator[]): Operator[] => [{ ...first, id }, ...others];

/** One name for what loggers call differently. */
const renamed = (to: string, ...names: string[]): Operator[] =>
  names.map((name) => ({ type: 'move', from: at(name), to: at(to), if: `${at(to)} == nil && ${there(name)}` }));

/** A time that says its zone, or counts from 1970; others would be read in a zone that nobody knows, so they stay attributes. Before 2000 a clock was not set. */
const times: { layout_type: string; layout: string; if: string }[] = [
  {
    layout_type: 'gotime',
    layout: '2006-01-02T15:04:05.999999999Z07:00',
    if: 'type(attributes.time) == "string" && date(attributes.time, "2006-01-02T15:04:05.999999999Z07:00").Year() >= 2000',
  },
  {
    layout_type: 'epoch',
    layout: 's.us',
    if: 'type(attributes.time) in ["int", "float"] && attributes.time >= 1e9 && attributes.time < 1e10',
  },
  {
    layout_type: 'epoch',
    layout: 'ms',
    if: 'type(attributes.time) in ["int", "float"] && attributes.time >= 1e12 && attributes.time < 1e13',
  },
  { layout_type: 'epoch', layout: 's', if: 'type(attributes.time) == "string" && attributes.time matches "^[1-9][0-9]{9}$"' },
  { layout_type: 'epoch', layout: 's.ms', if: 'type(attributes.time) == "string" && attributes.time matches "^[1-9][0-9]{9}[.][0-9]{3}$"' },
  { layout_type: 'epoch', layout: 'ms', if: 'type(attributes.time) == "string" && attributes.time matches "^[1-9][0-9]{12}$"' },
];

const isHex = (name: string, digits: number) => `type(${at(name)}) == "string" && ${at(name)} matches "^[0-9a-fA-F]{${digits}}$"`;
const isContext = `${isHex('trace_id', 32)} && (attributes.span_id == nil || (${isHex('span_id', 16)}))`;

const parsed: Operator[] = [
  { type: 'flatten', field: 'attributes.parsed' },
  ...renamed('level', 'severity', 'lvl', 'log.level'),
  ...renamed('time', 'timestamp', 'ts', '@timestamp'),
  ...times.flatMap(({ if: condition, ...layout }) => [
    { type: 'time_parser', parse_from: 'attributes.time', ...layout, if: condition, on_error: 'send_quiet' },
    { type: 'remove', field: 'attributes.time', if: condition, on_error: 'send_quiet' },
  ]),
  ...renamed('trace_id', 'traceId', 'trace.id'),
  ...renamed('span_id', 'spanId', 'span.id'),
  {
    type: 'trace_parser',
    trace_id: { parse_from: 'attributes.trace_id' },
    span_id: { parse_from: 'attributes.span_id' },
    if: isContext,
    on_error: 'send_quiet',
  },
  { type: 'remove', field: 'attributes.span_id', if: `${isContext} && attributes.span_id != nil` },
  { type: 'remove', field: 'attributes.trace_id', if: `${isHex('trace_id', 32)} && attributes.span_id == nil` },
  ...renamed('message', 'msg'),
  { type: 'move', from: 'attributes.message', to: 'body', if: 'type(attributes.message) == "string"' },
];

/** Loggers write the severity in capitals near the beginning, in brackets or behind `level=`; Kubernetes' own programs as the first letter. */
const severityOfText: Operator[] = [
  '^[^\\n]{0,160}?\\b(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|PANIC)\\b',
  '^[^\\n]{0,160}?(?:\\[|\\[[a-z_0-9]+:|(?:level|lvl|severity)(?:=|":\\s?)"?)(?P<level>(?i:trace|debug|info|notice|warn|warning|error|critical|crit|fatal|panic|alert|emerg))\\b',
  '^(?P<level>(?i:error|warning|panic|fatal)): ',
  '^(?P<level>[IWEF])\\d{4} \\d{2}:\\d{2}:\\d{2}\\.',
].map((regex) => ({ type: 'regex_parser', regex, if: 'attributes.level == nil', on_error: 'send_quiet' }));

const isText = 'type(attributes.level) in ["string", "int", "float"]';

/** A level that is none of the known words is kept as the severity's text. */
const severity: Operator[] = [
  {
    type: 'severity_parser',
    id: 'severity',
    parse_from: 'attributes.level',
    preset: 'none',
    mapping: severities,
    overwrite_text: true,
    if: isText,
    on_error: 'send_quiet',
  },
  { type: 'remove', field: 'attributes.level', if: isText },
];
