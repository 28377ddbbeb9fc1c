import { type Duration, Size } from 'cdk8s';
import { type Check, type Checks, instance, kubernetesName, list, oneOf, refuse, required, text } from '../../kubernetes/checks';
import { type Problem, shown } from '../../kubernetes/problems';
import { bytes } from '../../kubernetes/resources';
import { Volume } from '../../kubernetes/volume';
import { Countable } from '../../telemetry/countable';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { conditionOf } from '../logs/container-selection';
import { fileReading, logSize, pollTime, StartAt, wholeCharacters } from '../logs/file-reading';
import type { LogParser } from '../logs/log-parser';
import { type Multiline, recombining } from '../logs/multiline';
import { recordFields } from '../logs/record-fields';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { nodeOnly } from './node-only';

/** Properties of LogFiles. */
export interface LogFilesProps {
  /**
   * Files of the node: absolute paths, in which `*` stands for any characters but `/`, `**` for folders, `?` for one character, `[ab]` and `{a,b}` for either.
   * The folder before the first of these is mounted, read-only.
   */
  readonly paths: string[];
  /**
   * Files that are left out of these, written in the same way: those that another source reads.
   * @default - none
   */
  readonly exclude?: string[];
  /** Whose logs they are: `service.name`. */
  readonly serviceName: string;
  /**
   * How lines are taken apart. What it cannot read stays whole. It is for all lines of the files, so it names no containers.
   * @default - lines stay whole
   */
  readonly parse?: LogParser;
  /**
   * Lines that are one record. It is for all lines of the files, so it names no containers.
   * @default - each line is a record
   */
  readonly multiline?: Multiline;
  /**
   * A record is not longer; what is longer goes on in a record of its own. From 16 KiB to 2 MiB.
   * @default Size.mebibytes(1)
   */
  readonly maxLogSize?: Size;
  /**
   * Where files are begun that were there before the agent's very first start on a node.
   * @default StartAt.BEGINNING; StartAt.END on platforms where nothing is kept on the node (GKE Autopilot)
   */
  readonly startAt?: StartAt;
  /**
   * How often files are looked at, from 100 milliseconds to a minute.
   * @default Duration.millis(500)
   */
  readonly pollInterval?: Duration;
}

/**
 * Files of the node that are no container's logs: audit logs, a web server beside the cluster. How far each was read is kept on the node.
 * A record says its file in `log.file.path`. Its time is when it was read, unless the parser finds one.
 * Two files that begin with the same 1,000 bytes are taken for one.
 *
 * @example
 * const audit = new LogFiles({
 *   paths: ['/var/log/audit/audit.log'],
 *   parse: LogParser.regex('^type=(?P<type>\\S+) msg=audit\\((?P<time>[\\d.]+):(?P<serial>\\d+)\\)'),
 *   serviceName: 'auditd',
 * });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/filelogreceiver
 */
export class LogFiles extends Source {
  /** @throws if a property is wrong */
  constructor(private readonly props: LogFilesProps) {
    super();
    refuse<LogFilesProps>('LogFiles', props, checks);
  }

  bind(context: CollectorContext): SourceBinding {
    const { paths, exclude, serviceName, parse, multiline, startAt, pollInterval } = this.props;
    const maxLogBytes = bytes(this.props.maxLogSize ?? Size.mebibytes(1));
    const files = Component.receiver({
      componentType: 'file_log',
      name: serviceName,
      config: {
        include: paths.map((path) =>
          ConfigValue.concat(ConfigValue.directory(Volume.node(folderOf(path))), path.slice(folderOf(path).length)),
        ),
        exclude,
        ...fileReading(context, { startAt, pollInterval, maxLogBytes }),
        // Continued lines are indented.
        preserve_leading_whitespaces: true,
        resource: { 'service.name': nodeOnly(context, 'LogFiles', serviceName) },
        operators: [
          wholeCharacters,
          ...recombining(multiline ? [multiline] : [], maxLogBytes),
          ...recordFields(parse ? [parse] : [], true),
        ],
      },
      // Files of the node are most often root's, and so is the folder of the checkpoints.
      access: { root: true },
    });
    return { receivers: { logs: [files] }, rows: [{ per: Countable.FILE_LINE, logRecords: 1 }] };
  }
}

/** The folder that all files of a pattern lie in. */
const folderOf = (path: string): string => (/^[^*?[{]*/.exec(path) as RegExpExecArray)[0].replace(/\/[^/]*$/, '');

/** What the container has there itself would be hidden under the node's. */
const own = /^\/(etc|proc|sys|dev|tmp|run|var\/run|var\/lib\/otelcol)(\/|$)/;

const path: Check = (value, where) => {
  const wrong = text({ max: 1024, pattern: /^\/[^:\0]*$/, allowed: 'an absolute path of files without `:`, e.g. /var/log/nginx/*.log' })(
    value,
    where,
  );
  if (wrong.length > 0) {
    return wrong;
  }
  const folder = folderOf(value as string);
  const isFolder = (value as string).endsWith('/');
  if (/^\/var\/log\/(pods|containers)(\/|$)/.test(folder)) {
    return [
      { where, given: shown(value), allowed: 'files that are no container’s: these are read by ContainerLogs, whose `include` selects' },
    ];
  }
  return folder === '' || isFolder || own.test(folder) || /(^|\/)\.\.?(\/|$)/.test(value as string)
    ? [
        {
          where,
          given: shown(value),
          allowed: 'files in a folder that can be mounted: not `/`, /etc, /proc, /sys, /dev, /tmp, /run, nor with `..`',
        },
      ]
    : [];
};

const ofAllLines =
  (check: Check): Check =>
  (value, where): Problem[] => {
    const wrong = check(value, where);
    return wrong.length === 0 && conditionOf((value as LogParser | Multiline)._of)
      ? [{ where, given: 'one that names containers', allowed: 'one for all lines: these files are no container’s' }]
      : wrong;
  };

const checks: Checks<LogFilesProps> = {
  paths: required(list(path, { min: 1 })),
  exclude: list(path, { min: 1 }),
  serviceName: required(kubernetesName()),
  parse: ofAllLines(instance('LogParser.json(), .logfmt(), .klog() or .regex(…)', '_operator', '_of')),
  multiline: ofAllLines(instance('Multiline.startsWith(…)', '_pattern', '_of')),
  maxLogSize: logSize,
  startAt: oneOf(StartAt),
  pollInterval: pollTime,
};
