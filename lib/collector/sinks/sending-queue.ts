import { bytes } from '../../kubernetes/resources';
import type { SignalName } from '../signal';
import type { CollectorContext } from '../source';

export interface SendingOptions {
  /** Batches sent at the same time, a signal. */
  readonly consumers: number;
  /** What batches are measured in: records, spans and points by default, or bytes where the other side refuses large requests. */
  readonly sizer?: 'items' | 'bytes';
  /** One request holds no more. */
  readonly maxBatch: number;
  /** Smaller ones wait for `flushAfter`. */
  readonly minBatch: number;
  readonly flushAfter: string;
  /** Senders do not wait when the queue is full. */
  readonly dropsWhenFull?: boolean;
}

/** What a queue in memory may hold of one signal: enough for a restart of the other side. */
const memoryQueueBytes = 64 * 1024 * 1024;

/**
 * How every sink sends: batched, for ever, and with senders that wait when the queue is full, unless it was told to drop then.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/exporterhelper
 */
export function sending(context: CollectorContext, signal: SignalName, options: SendingOptions): Record<string, unknown> {
  return {
    retry_on_failure: { enabled: true, initial_interval: '1s', max_interval: '30s', max_elapsed_time: '0s' },
    sending_queue: {
      enabled: true,
      sizer: 'bytes',
      queue_size: context.queue ? bytes(context.queue[signal]) : memoryQueueBytes,
      block_on_overflow: !options.dropsWhenFull,
      num_consumers: options.consumers,
      storage: context.queue?.storage,
      batch: { sizer: options.sizer ?? 'items', min_size: options.minBatch, max_size: options.maxBatch, flush_timeout: options.flushAfter },
    },
  };
}
