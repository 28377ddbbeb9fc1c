import { type Checks, list, oneOf, refuse, text } from '../../kubernetes/checks';
import { Volume } from '../../kubernetes/volume';
import { Countable } from '../../telemetry/countable';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { checkpoints, StartAt, wholeCharacters } from '../logs/file-reading';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { nodeOnly } from './node-only';

/** How important an entry of the journal is, as syslog has it. */
export enum JournalPriority {
  /** The system is unusable. */
  EMERGENCY = 'emerg',
  /** Somebody has to act at once. */
  ALERT = 'alert',
  /** A part that others need has failed. */
  CRITICAL = 'crit',
  /** Something failed. */
  ERROR = 'err',
  /** Something may fail. */
  WARNING = 'warning',
  /** It is usual, and worth a look. */
  NOTICE = 'notice',
  /** It is usual. */
  INFO = 'info',
  /** For who wrote the program. */
  DEBUG = 'debug',
}

/** Properties of Journald. */
export interface JournaldProps {
  /**
   * Whose entries are read, e.g. `kubelet.service`.
   * @default - all
   */
  readonly units?: string[];
  /**
   * What is less important is not read.
   * @default JournalPriority.INFO
   */
  readonly priority?: JournalPriority;
  /**
   * Where the first start on a node begins; afterwards a checkpoint says it.
   * @default StartAt.END
   */
  readonly startAt?: StartAt;
  /**
   * The node's own journalctl. On a node that has none there the whole agent does not start: name the path, and the agent's nodes, if they differ.
   * @default /usr/bin/journalctl, with a warning
   */
  readonly journalctlPath?: string;
}

/**
 * The journal of the node: kubelet, container runtime, kernel. The collector's image has no journalctl, and a journal can only be read by one that is as new as its writer:
 * so it is the node's own, started with the node's file system as its root. For that the agent sees the node's whole file system, read-only, and has the capability `SYS_CHROOT`.
 *
 * `service.name` is the program that wrote (`SYSLOG_IDENTIFIER`); `systemd.unit` says its unit.
 *
 * @example
 * const journal = new Journald({ units: ['kubelet.service', 'containerd.service'], journalctlPath: '/usr/bin/journalctl' });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/journaldreceiver
 */
export class Journald extends Source {
  /** @throws if a property is wrong */
  constructor(private readonly props: JournaldProps = {}) {
    super();
    refuse<JournaldProps>('Journald', props, checks);
  }

  bind(context: CollectorContext): SourceBinding {
    const { units, priority, startAt, journalctlPath } = this.props;
    const journal = Component.receiver({
      componentType: 'journald',
      config: {
        root_path: ConfigValue.directory(Volume.node('/', { mountPath: '/host' })),
        journalctl_path: nodeOnly(context, 'Journald', journalctlPath ?? '/usr/bin/journalctl'),
        units,
        priority: priority ?? JournalPriority.INFO,
        start_at: startAt ?? StartAt.END,
        // Messages that are not all characters come as lists of bytes.
        convert_message_bytes: true,
        storage: checkpoints(context),
        retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
        operators: journalRecord,
      },
      access: { root: true, capabilities: ['SYS_CHROOT'] },
    });
    const rows = [{ per: Countable.JOURNAL_ENTRY, logRecords: 1 }];
    return { receivers: { logs: [journal] }, rows, warnings: journalctlPath ? undefined : [unknownJournalctl] };
  }
}

const unknownJournalctl =
  'Journald runs /usr/bin/journalctl of the node; where a node has none, as those of Talos and Bottlerocket, the agent does not start there. Give `journalctlPath` where you know it, and such nodes an agent without Journald';

/** An entry comes as an object of all its fields, of which a record needs few. */
export const journalRecord: Record<string, unknown>[] = [
  {
    type: 'severity_parser',
    parse_from: 'body.PRIORITY',
    preset: 'none',
    mapping: { fatal: [0, 1, 2], error: 3, warn: 4, info: [5, 6], debug: 7 },
    overwrite_text: true,
    if: 'body.PRIORITY != nil',
    on_error: 'send_quiet',
  },
  { type: 'move', from: 'body.SYSLOG_IDENTIFIER', to: 'resource["service.name"]', if: 'body.SYSLOG_IDENTIFIER != nil' },
  { type: 'move', from: 'body._SYSTEMD_UNIT', to: 'attributes["systemd.unit"]', if: 'body._SYSTEMD_UNIT != nil' },
  { type: 'move', from: 'body.MESSAGE', to: 'body', if: 'body.MESSAGE != nil' },
  wholeCharacters,
];

const checks: Checks<JournaldProps> = {
  units: list(
    text({ pattern: /^[A-Za-z0-9:_.\\@*-]+$/, allowed: 'a unit of systemd, e.g. `kubelet.service`, or a pattern of units with `*`' }),
    { min: 1 },
  ),
  priority: oneOf(JournalPriority),
  startAt: oneOf(StartAt),
  journalctlPath: text({ max: 1024, pattern: /^\/[^\s:]+$/, allowed: 'an absolute path on the node, e.g. /usr/bin/journalctl' }),
};
