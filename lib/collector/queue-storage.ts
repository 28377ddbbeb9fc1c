import { Component } from './component';
import type { ConfigValue } from './config-value';

/**
 * A file storage for queues. Compacted at the start and when an outage is over, as its file does not shrink by itself.
 * `fsync` is off: a queue survives the process and the pod, not the loss of the node's power within the last seconds.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/extension/storage/filestorage
 */
export function queueStorage(directory: ConfigValue): Component {
  return Component.extension({
    componentType: 'file_storage',
    name: 'queue',
    config: {
      directory,
      create_directory: true,
      timeout: '10s',
      compaction: {
        directory,
        on_start: true,
        on_rebound: true,
        cleanup_on_start: true,
        rebound_needed_threshold_mib: 256,
        rebound_trigger_threshold_mib: 32,
      },
    },
  });
}
