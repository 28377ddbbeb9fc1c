import { Duration } from 'cdk8s';
import { type Check, duration, struct } from '../../kubernetes/checks';

/**
 * How long telemetry is kept. Storage is freed a day at a time, so that data stays up to one day longer than said here.
 * A change is applied to tables that exist already: a shorter time frees what is older, a longer one keeps what is there.
 */
export interface Retention {
  /**
   * From one hour to ten years.
   * @default Duration.days(30)
   */
  readonly logs?: Duration;
  /**
   * From one hour to ten years. Rates, errors and latency by service and operation are kept for 400 days in any case.
   * @default Duration.days(14)
   */
  readonly traces?: Duration;
  /**
   * From one hour to ten years.
   * @default Duration.days(395)
   */
  readonly metrics?: Duration;
}

/** 300 pods that write 2 million log lines, 1 million spans and 3.5 million metric points a day take about 11 GiB so. */
const defaultRetention: Required<Retention> = { logs: Duration.days(30), traces: Duration.days(14), metrics: Duration.days(395) };

/** With the defaults for what is not given. */
export const retentionOf = ({ logs, traces, metrics }: Retention = {}): Required<Retention> => ({
  logs: logs ?? defaultRetention.logs,
  traces: traces ?? defaultRetention.traces,
  metrics: metrics ?? defaultRetention.metrics,
});

const kept = duration(Duration.hours(1), Duration.days(3650));

export const retentionCheck: Check = struct<Retention>({ logs: kept, traces: kept, metrics: kept });
