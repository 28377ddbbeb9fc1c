/** A kind of telemetry. */
export enum Signal {
  /** Log records, events too. */
  LOGS = 'logs',
  /** Points of metrics. */
  METRICS = 'metrics',
  /** Spans. */
  TRACES = 'traces',
}

export type SignalName = `${Signal}`;
export const signals: readonly SignalName[] = ['logs', 'metrics', 'traces'];
