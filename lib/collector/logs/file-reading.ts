import { Duration, Size } from 'cdk8s';
import { duration, size } from '../../kubernetes/checks';
import { Component } from '../component';
import { nodeState } from '../node-state';
import { keepsNodeState } from '../platform-facts';
import type { CollectorContext } from '../source';

/** Where a file is begun that was there before the agent's very first start on a node. */
export enum StartAt {
  /** At its first line. */
  BEGINNING = 'beginning',
  /** Behind what stands in it. */
  END = 'end',
}

export interface FileReading {
  readonly startAt?: StartAt;
  readonly pollInterval?: Duration;
  readonly maxLogBytes: number;
}

/**
 * How files of the node are read: all of them, in parts, from where the last pod of the agent stopped.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/filelogreceiver
 */
export function fileReading(context: CollectorContext, { startAt, pollInterval, maxLogBytes }: FileReading): Record<string, unknown> {
  return {
    // Where nothing is kept, each new pod is as the first one.
    start_at: startAt ?? (keepsNodeState(context.platform) ? StartAt.BEGINNING : StartAt.END),
    storage: checkpoints(context),
    include_file_path: true,
    include_file_name: false,
    // Characters are judged once a record is whole: see wholeCharacters.
    encoding: 'utf-8-raw',
    // The kubelet cuts long lines, perhaps behind a space.
    preserve_trailing_whitespaces: true,
    max_log_size: maxLogBytes,
    // A file that became shorter was emptied and begun anew.
    on_truncate: 'read_whole_file',
    max_concurrent_files: 512,
    poll_interval: `${(pollInterval ?? Duration.millis(500)).toMilliseconds()}ms`,
    retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
  };
}

/** How far everything was read, on the node's disk. */
export const checkpoints = (context: CollectorContext): Component =>
  Component.extension({
    componentType: 'file_storage',
    name: 'checkpoints',
    config: { directory: nodeState(context, 'checkpoints'), create_directory: true },
  });

/** Runtimes cut long lines at bytes, within characters too: what is no character is replaced only when a line is whole again. */
export const wholeCharacters = { type: 'sanitize_utf8' };

export const logSize = size(Size.kibibytes(16), Size.mebibytes(2));
export const pollTime = duration(Duration.millis(100), Duration.minutes(1));
