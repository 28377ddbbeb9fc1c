import { Duration, Size, SizeRoundingBehavior } from 'cdk8s';
import type { Component } from '../collector/component';
import { integer, struct } from '../kubernetes/checks';
import type { Problem } from '../kubernetes/problems';
import { quantity } from '../kubernetes/resources';
import { seconds } from '../kubernetes/seconds';

/** What is expected to come in, of the whole cluster. It sizes queues; more than this is taken as well, for a shorter outage. */
export interface ExpectedTraffic {
  /**
   * Log records a second, over all replicas.
   * @default 1000
   */
  readonly logRecordsPerSecond?: number;
  /**
   * Spans a second, over all replicas.
   * @default 500
   */
  readonly spansPerSecond?: number;
  /**
   * Points of metrics a second, over all replicas.
   * @default 1000
   */
  readonly metricPointsPerSecond?: number;
}

export const defaultOutageBudget = Duration.hours(1);

const perSecond = integer(1, 10_000_000);

export const expectedTrafficCheck = struct<ExpectedTraffic>({
  logRecordsPerSecond: perSecond,
  spansPerSecond: perSecond,
  metricPointsPerSecond: perSecond,
});

/** OTLP bytes in a queue, with its share of the resource, rounded up. */
const bytesOf = { logRecord: 1000, span: 1000, metricPoint: 300 };

/** What a file storage takes beyond the queue's bytes: pages half full, and a copy while it is compacted. */
const fileStorageFactor = 2;

export interface QueueSizes {
  readonly logs: Size;
  readonly metrics: Size;
  readonly traces: Size;
}

/**
 * How much of each signal a replica must be able to keep. Each is sized for all traffic but that of the other replicas without one,
 * so that the loss of a single replica does not shorten the outage that the others bridge.
 */
export function queueSizes(outageBudget: Duration, traffic: ExpectedTraffic, replicas: number): QueueSizes {
  const share = seconds(outageBudget) / Math.max(1, replicas - 1);
  const room = (perSecond: number, bytes: number) => Size.mebibytes(Math.max(16, Math.ceil((perSecond * bytes * share) / (1024 * 1024))));
  return {
    logs: room(traffic.logRecordsPerSecond ?? 1000, bytesOf.logRecord),
    traces: room(traffic.spansPerSecond ?? 500, bytesOf.span),
    metrics: room(traffic.metricPointsPerSecond ?? 1000, bytesOf.metricPoint),
  };
}

/** A budget that the disk cannot hold would be a promise broken in the night it is needed. What counts is the queues of all sinks, as they are configured. */
export function queueProblems(components: readonly Component[], given: Duration | undefined, claim: Size): Problem[] {
  const mib = (size: Size) => size.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
  const queues = components.map(({ _config }) => _config.sending_queue as { queue_size?: number; storage?: unknown } | undefined);
  const queued = queues.reduce((sum, queue) => sum + (queue?.storage ? (queue.queue_size ?? 0) : 0), 0);
  const needed = (queued / (1024 * 1024)) * fileStorageFactor;
  if (needed <= mib(claim)) {
    return [];
  }
  const outageBudget = given ?? defaultOutageBudget;
  const possible = Duration.seconds(Math.floor((seconds(outageBudget) * mib(claim)) / needed));
  return [
    {
      where: 'outageBudget',
      given: `${given ? '' : 'the default, '}${outageBudget.toHumanString()}`,
      allowed: `at most ${possible.toHumanString()} with a storage.size of ${quantity(claim)} a replica at the expected traffic`,
      fix: `Give storage.size ${quantity(Size.gibibytes(Math.ceil(needed / 1024)))} or more, more replicas, a smaller outageBudget, or the traffic that you really have as expectedTraffic`,
    },
  ];
}
