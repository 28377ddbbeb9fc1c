import { bytes } from '../../kubernetes/resources';
import type { SignalName } from '../signal';
import type { CollectorContext } from '../source';

export interface SendingOptions {
  /** Batches sent at the same time, a signal. */
  readonly consumers: number;
  /** What batches are measured in: records, spans and points by default, or bytes where the other side refuses large requests. */
  readonly sizer?: 'items' | 'bytes';
  /** One request holds no more. Without it what came together stays together. */
  readonly maxBatch?: number;
  /** Smaller ones wait for `flushAfter`. */
  readonly minBatch: number;
  readonly flushAfter: string;
  /** Senders do not wait when the queue is full, and for no result. */
  readonly dropsWhenFull?: boolean;
}

/** What a queue in memory may hold of one signal: enough for a restart of the other side, or for all who wait for a result at one time. */
const memoryQueueBytes = 64 * 1024 * 1024;

/** What may be dropped need not be kept for a whole outage: a tenth, so that one disk holds the queue of the store and some of these. */
function queueBytes({ queue }: CollectorContext, signal: SignalName, { dropsWhenFull }: SendingOptions): number {
  const whole = queue ? bytes(queue[signal]) : memoryQueueBytes;
  return dropsWhenFull ? Math.min(whole, Math.max(memoryQueueBytes, Math.floor(whole / 10))) : whole;
}

/**
 * How every sink sends: batched, for ever, and with senders that wait when the queue is full, unless it was told to drop then.
 * Where senders wait for the result, they are the ones that try again: an exporter that did so as well would still hold what a sender has given up and sends anew.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/exporterhelper
 */
export function sending(context: CollectorContext, signal: SignalName, options: SendingOptions): Record<string, unknown> {
  const waits = context.waitForResult && !options.dropsWhenFull;
  return {
    retry_on_failure: waits ? { enabled: false } : { enabled: true, initial_interval: '1s', max_interval: '30s', max_elapsed_time: '0s' },
    sending_queue: {
      enabled: true,
      sizer: 'bytes',
      queue_size: queueBytes(context, signal, options),
      block_on_overflow: !options.dropsWhenFull,
      num_consumers: options.consumers,
      storage: context.queue?.storage,
      wait_for_result: waits || undefined,
      batch: { sizer: options.sizer ?? 'items', min_size: options.minBatch, max_size: options.maxBatch, flush_timeout: options.flushAfter },
    },
  };
}
