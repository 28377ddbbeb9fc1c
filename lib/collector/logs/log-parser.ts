import { checkProps, refuse, required } from '../../kubernetes/checks';
import { throwIfAny } from '../../kubernetes/problems';
import { type ContainerSelection, containerSelection } from './container-selection';
import { re2Pattern } from './pattern';

/**
 * How lines of one format are taken apart. Of several, the first wins that can read a line; a line that none can read stays whole.
 *
 * Of what was read, these become the record's own: the severity (`level`, `severity`, `lvl`, `log.level`), the time (`time`, `timestamp`, `ts`, `@timestamp`, if it says its zone or is a
 * Unix time), the trace context (`trace_id`, `traceId`, `trace.id` and the same of the span) and the body (`message`, `msg`). The rest become attributes: of nested objects one each, as JSON.
 */
export class LogParser {
  /**
   * Objects as JSON, one a line.
   * @param of whose lines; by default everybody's
   * @throws if a name is none of Kubernetes
   */
  static json(of: ContainerSelection = {}): LogParser {
    return LogParser.ofLines('json', of, { type: 'json_parser', parse_ints: true }, '^\\s*\\{');
  }

  /**
   * `level=info msg="hello world" user=7`.
   * @param of whose lines; by default everybody's
   * @throws if a name is none of Kubernetes
   */
  static logfmt(of: ContainerSelection = {}): LogParser {
    return LogParser.ofLines('logfmt', of, { type: 'key_value_parser' }, '^[\\w.@/-]+=');
  }

  /**
   * Lines of Kubernetes' own programs: `I1125 14:03:02.123456       1 controller.go:116] text`. Their time has no year; the container runtime's is kept.
   * @param of whose lines; by default everybody's
   * @throws if a name is none of Kubernetes
   * @see https://kubernetes.io/docs/concepts/cluster-administration/system-logs/
   */
  static klog(of: ContainerSelection = {}): LogParser {
    const regex = '(?s)^(?P<level>[IWEF])\\d{4} \\d{2}:\\d{2}:\\d{2}\\.\\d{6}\\s+\\d+ (?P<caller>[^\\]\\s]+)\\] (?P<message>.*)$';
    return LogParser.ofLines('klog', of, { type: 'regex_parser', regex });
  }

  /**
   * Lines that a regular expression matches; its named groups `(?P<name>…)` are what is read.
   * @param pattern of RE2: without lookaround and backreferences
   * @param of whose lines; by default everybody's
   * @throws if the pattern is not one of RE2 or names no group
   * @see https://github.com/google/re2/wiki/Syntax
   */
  static regex(pattern: string, of: ContainerSelection = {}): LogParser {
    refuse('LogParser.regex', { pattern, of }, { pattern: required(re2Pattern({ namedGroups: true })), of: containerSelection });
    return new LogParser(of, { type: 'regex_parser', regex: pattern });
  }

  private static ofLines(kind: string, of: ContainerSelection, operator: Record<string, unknown>, begins?: string): LogParser {
    throwIfAny(`LogParser.${kind}`, checkProps({ of }, { of: containerSelection }));
    return new LogParser(of, operator, begins);
  }

  private constructor(
    /** @internal */
    readonly _of: ContainerSelection,
    /** @internal */
    readonly _operator: Record<string, unknown>,
    /** @internal What lines begin with that are worth a try: most lines are of another format, and a try costs much. */
    readonly _begins?: string,
  ) {}
}
