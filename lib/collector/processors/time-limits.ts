import { Duration } from 'cdk8s';
import { duration, struct } from '../../kubernetes/checks';
import { seconds } from '../../kubernetes/seconds';
import { Component } from '../component';
import type { SignalName } from '../signal';
import type { Signals } from '../source';
import { anyOf, nameOf } from './ottl';

/** How far from now telemetry may be dated. */
export interface TimeLimits {
  /**
   * Log records may be so old.
   * @default - of any age
   */
  readonly logs?: Duration;
  /**
   * Points of metrics may be so old.
   * @default - of any age
   */
  readonly metrics?: Duration;
  /**
   * Spans may have begun so long ago.
   * @default - of any age
   */
  readonly traces?: Duration;
  /**
   * Anything may be so far ahead of the collector's clock.
   * @default - as far as it will
   */
  readonly future?: Duration;
}

const limit = duration(Duration.minutes(5), Duration.days(3650));

export const timeLimits = struct<TimeLimits>({ logs: limit, metrics: limit, traces: limit, future: limit });

/** What a store would delete at once, and what a wrong clock dates so far ahead that it would not be deleted for long. */
export const limitsOf = (retention: Omit<TimeLimits, 'future'> = {}): TimeLimits => ({ ...retention, future: Duration.days(1) });

/** A log record may have been given no time by who wrote it, then it is dated when it was seen. */
const times: Record<SignalName, { readonly kind: string; readonly path: string; readonly instead?: string }> = {
  logs: { kind: 'log_conditions', path: 'log.time', instead: 'log.observed_time' },
  metrics: { kind: 'metric_conditions', path: 'datapoint.time' },
  traces: { kind: 'trace_conditions', path: 'span.start_time' },
};

/** Filters that let pass what is dated within the limits. */
export function withinLimits(limits: TimeLimits): Signals {
  const filter = (signal: SignalName): Component[] => {
    const { kind, path, instead } = times[signal];
    const beyond = (time: string) => beyondLimits(time, limits[signal], limits.future);
    if (beyond(path).length === 0) {
      return [];
    }
    const conditions = instead
      ? [`${path}_unix_nano > 0 and ${anyOf(beyond(path))}`, `${path}_unix_nano == 0 and ${anyOf(beyond(instead))}`]
      : beyond(path);
    const config = { error_mode: 'ignore', [kind]: conditions };
    return [Component.processor({ componentType: 'filter', name: nameOf('drop-out-of-time', config), config })];
  };
  return { logs: filter('logs'), metrics: filter('metrics'), traces: filter('traces') };
}

const beyondLimits = (time: string, past: Duration | undefined, future: Duration | undefined) => [
  ...(past ? [`Now() - ${time} > Duration("${seconds(past)}s")`] : []),
  ...(future ? [`${time} - Now() > Duration("${seconds(future)}s")`] : []),
];
