import { type Duration, Size } from 'cdk8s';
import { boolean, type Checks, checkProps, instance, list, oneOf } from '../../kubernetes/checks';
import { type Problem, throwIfAny } from '../../kubernetes/problems';
import { bytes } from '../../kubernetes/resources';
import { Volume } from '../../kubernetes/volume';
import { Countable } from '../../telemetry/countable';
import { collectorContainer } from '../collector-objects';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { type ContainerSelection, containerSelection, isWithin, listed, pathsOfAny, pathsOfEach } from '../logs/container-selection';
import { fileReading, logSize, pollTime, StartAt, wholeCharacters } from '../logs/file-reading';
import type { LogParser } from '../logs/log-parser';
import { type Multiline, recombining } from '../logs/multiline';
import { recordFields } from '../logs/record-fields';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { nodeOnly } from './node-only';

/** Properties of ContainerLogs. */
export interface ContainerLogsProps {
  /**
   * Whose logs are read: containers that are in each list that is given.
   * @default - all
   */
  readonly include?: ContainerSelection;
  /**
   * Whose logs are not read: containers that are in any of the lists.
   * @default - what this stack's own collectors write; that is left out whatever stands here
   */
  readonly exclude?: ContainerSelection;
  /**
   * Lines that are one record, as those of a stack trace. Of several the first is asked whose selection a line is in.
   * @default - each line is a record
   */
  readonly multiline?: Multiline[];
  /**
   * How lines are taken apart, the first that can read one wins. What none can read stays whole.
   * @default - all lines stay whole
   */
  readonly parse?: LogParser[];
  /**
   * Whether lines that no parser reads get the severity that their text shows: `ERROR` near the beginning, `[warn]`, `level=info`, `"level":"info"`, `E1125 14:03:02.123456`.
   * @default true
   */
  readonly severityFromText?: boolean;
  /**
   * A record is not longer; what is longer goes on in a record of its own. From 16 KiB, in which container runtimes cut lines, to 2 MiB.
   * @default Size.mebibytes(1)
   */
  readonly maxLogSize?: Size;
  /**
   * Only the first start on a node asks: afterwards checkpoints on the node's disk say how far each file was read. `END` loses what a new node's pods wrote before the agent
   * was up, which is what one looks for when a node does not come up; `BEGINNING` reads up to 20 MiB a container once, at the installation.
   * @default StartAt.BEGINNING; StartAt.END on platforms where nothing is kept on the node (GKE Autopilot)
   */
  readonly startAt?: StartAt;
  /**
   * How often files are looked at, from 100 milliseconds to a minute. Each time all files are opened: on nodes of thousands of containers a longer time saves much of a processor.
   * @default Duration.millis(500)
   */
  readonly pollInterval?: Duration;
}

/**
 * What all containers of the node write, from the kubelet's log files, but for what this stack's own collectors write: that would feed itself.
 * How far each file was read is kept on the node. When the rest of the agent cannot take more, reading waits.
 *
 * @example
 * const logs = new ContainerLogs({
 *   exclude: { namespaces: ['chatty'], containers: ['istio-*'] },
 *   multiline: [Multiline.startsWith('^\\d{4}-', { pods: ['legacy-*'] })],
 *   parse: [LogParser.json({ namespaces: ['shop'] }), LogParser.klog({ namespaces: ['kube-system'] })],
 * });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/filelogreceiver
 */
export class ContainerLogs extends Source {
  /** @throws if a property is wrong, or the same is included and excluded */
  constructor(private readonly props: ContainerLogsProps = {}) {
    super();
    const problems = checkProps<ContainerLogsProps>(props, checks);
    throwIfAny('ContainerLogs', problems.length > 0 ? problems : contradictions(props));
  }

  bind(context: CollectorContext): SourceBinding {
    const pods = ConfigValue.directory(Volume.node('/var/log/pods'));
    const maxLogBytes = bytes(this.props.maxLogSize ?? Size.mebibytes(1));
    const files = Component.receiver({
      componentType: 'file_log',
      config: {
        include: (this.props.include ? pathsOfEach(this.props.include) : ['/*/*']).map((path) => ConfigValue.concat(pods, path, logFiles)),
        exclude: [...this.excluded(context)].map((path) => ConfigValue.concat(pods, path, '/*')),
        ...fileReading(context, { startAt: this.props.startAt, pollInterval: this.props.pollInterval, maxLogBytes }),
        // A line of the runtime begins with its time to the nanosecond: that much tells files apart, and checkpoints stay small.
        fingerprint_size: nodeOnly(context, 'ContainerLogs', 256),
        operators: [
          { type: 'container', max_log_size: maxLogBytes },
          wholeCharacters,
          { type: 'remove', field: 'attributes.logtag', if: 'attributes.logtag != nil' },
          ...recombining(this.props.multiline ?? [], maxLogBytes),
          // The path said pod and container; now it has done its work.
          { type: 'remove', field: 'attributes["log.file.path"]' },
          ...clockThatWasNotSet,
          ...recordFields(this.props.parse ?? [], this.props.severityFromText ?? true),
        ],
      },
      // The files and the folder of the checkpoints belong to user 0.
      access: { root: true },
    });
    return {
      receivers: { logs: [files] },
      rows: [{ per: Countable.LOG_LINE, logRecords: 1 }],
      notCounted: this.props.include || this.props.exclude ? ['what `include` and `exclude` leave out'] : undefined,
    };
  }

  private excluded(context: CollectorContext): string[] {
    const ofTheStack = pathsOfEach({ namespaces: context.stackNamespaces, containers: [collectorContainer] });
    return [...ofTheStack, ...pathsOfAny(this.props.exclude ?? {})];
  }
}

/** The file that is written, and the last one before it: the kubelet renames it while the agent may be away. It compresses older ones. */
const logFiles = '/*.log{,.????????-??????}';

/**
 * A node that does not know the time yet writes that of 1970, which no retention keeps: the record gets the time at which it was read, and keeps the other beside it.
 */
const clockThatWasNotSet = [
  { type: 'add', field: 'attributes.now', value: 'EXPR(now().UnixNano())', if: 'timestamp.Year() < 2000' },
  {
    type: 'add',
    field: 'attributes["log.original_time"]',
    value: 'EXPR(timestamp.Format("2006-01-02T15:04:05.999999999Z07:00"))',
    if: 'attributes.now != nil && timestamp.Year() > 1',
  },
  { type: 'time_parser', parse_from: 'attributes.now', layout_type: 'epoch', layout: 'ns', if: 'attributes.now != nil' },
  { type: 'remove', field: 'attributes.now', if: 'attributes.now != nil' },
];

/** What is included and excluded by name is a mistake; what a wider pattern excludes may be meant, as long as something is left. */
function contradictions({ include = {}, exclude = {} }: ContainerLogsProps): Problem[] {
  return (['namespaces', 'pods', 'containers'] as const).flatMap((list) =>
    listed(include[list]).flatMap((name, index) =>
      isWithin(name, listed(exclude[list]))
        ? [
            {
              where: `include.${list}[${index}]`,
              given: `'${name}', all of which \`exclude.${list}\` leaves out`,
              allowed: 'a name or pattern of which something is left',
              fix: `Take it out of one of the two`,
            },
          ]
        : [],
    ),
  );
}

const checks: Checks<ContainerLogsProps> = {
  include: containerSelection,
  exclude: containerSelection,
  multiline: list(instance('Multiline.startsWith(…)', '_pattern', '_of')),
  parse: list(instance('LogParser.json(), .logfmt(), .klog() or .regex(…)', '_operator', '_of')),
  severityFromText: boolean,
  maxLogSize: logSize,
  startAt: oneOf(StartAt),
  pollInterval: pollTime,
};
