import { type Checks, oneOf, refuse } from '../../kubernetes/checks';
import { Volume } from '../../kubernetes/volume';
import { Countable } from '../../telemetry/countable';
import { collectorContainer } from '../collector-objects';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { nodeState } from '../node-state';
import { type CollectorContext, Source, type SourceBinding } from '../source';

/** Where a file is begun that was there before the agent's very first start on a node. */
export enum StartAt {
  /** At its first line. */
  BEGINNING = 'beginning',
  /** Behind what stands in it. */
  END = 'end',
}

/** Properties of ContainerLogs. */
export interface ContainerLogsProps {
  /**
   * Only the first start on a node asks: afterwards checkpoints on the node's disk say how far each file was read. `END` loses what a new node's pods wrote before the agent
   * was up, which is what one looks for when a node does not come up; `BEGINNING` reads up to 10 MiB a container once, at the installation.
   * @default StartAt.BEGINNING
   */
  readonly startAt?: StartAt;
}

/** A line is not longer than this; what is longer goes on in a record of its own. */
const maxLineBytes = 1024 * 1024;

/**
 * What all containers of the node write, from the kubelet's log files, but for what this stack's own collectors write: that would feed itself.
 * How far each file was read is kept on the node. When the rest of the agent cannot take more, reading waits.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/filelogreceiver
 */
export class ContainerLogs extends Source {
  /** @throws if a property is wrong */
  constructor(private readonly props: ContainerLogsProps = {}) {
    super();
    refuse<ContainerLogsProps>('ContainerLogs', props, checks);
  }

  bind(context: CollectorContext): SourceBinding {
    const pods = ConfigValue.directory(Volume.node('/var/log/pods'));
    const checkpoints = Component.extension({
      componentType: 'file_storage',
      name: 'checkpoints',
      config: { directory: nodeState(context, 'checkpoints'), create_directory: true },
    });
    const files = Component.receiver({
      componentType: 'file_log',
      config: {
        include: [ConfigValue.concat(pods, '/*/*/*.log')],
        exclude: context.stackNamespaces.map((namespace) => ConfigValue.concat(pods, `/${namespace}_*/${collectorContainer}/*.log`)),
        start_at: this.props.startAt ?? StartAt.BEGINNING,
        storage: checkpoints,
        // The path says pod and container; then it has done its work.
        include_file_path: true,
        include_file_name: false,
        // The kubelet cuts long lines, perhaps behind a space.
        preserve_trailing_whitespaces: true,
        max_log_size: maxLineBytes,
        max_concurrent_files: 512,
        poll_interval: '500ms',
        retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
        operators: [
          { type: 'container', max_log_size: maxLineBytes },
          { type: 'remove', field: 'attributes["log.file.path"]' },
          { type: 'remove', field: 'attributes.logtag' },
        ],
      },
      // The files and the folder of the checkpoints belong to user 0.
      access: { root: true },
    });
    return { receivers: { logs: [files] }, rows: [{ per: Countable.LOG_LINE, logRecords: 1 }] };
  }
}

const checks: Checks<ContainerLogsProps> = { startAt: oneOf(StartAt) };
