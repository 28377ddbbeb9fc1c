import type { SignalName } from '../collector/signal';

/**
 * Bytes of the store's disk that a row takes, compressed and merged: in its own table with its indexes, and in all that views make of it.
 * Measured on ClickHouse 26.7, on a day of 303 pods: 2,000,000 log lines worded as real programs word them, 1,000,015 spans of which every id is random,
 * and 3,496,419 points of the metrics that a real collector gives. Lines longer or more varied than 150 bytes of text take more.
 */
export const rowBytes: Readonly<Record<SignalName, number>> = { logs: 73, metrics: 5.4, traces: 43.1 };
