import type { VariableName } from './variables';

/** What the rows of a query mean. */
export enum QueryShape {
  /** A `time` column in ascending order, texts that are labels, numbers. */
  TIME_SERIES = 'timeseries',
  /** Any columns. */
  TABLE = 'table',
  /** `timestamp`, `body`, `level` and what else describes a line. */
  LOGS = 'logs',
  /** Texts that are labels, and exactly one number: each row is an alert of its own. */
  ALERT = 'alert',
}

/** How the values of several series become one. */
export enum Aggregation {
  /** All added up. */
  SUM = 'sum',
  /** Their mean. */
  AVERAGE = 'avg',
  /** The smallest. */
  MINIMUM = 'min',
  /** The largest. */
  MAXIMUM = 'max',
}

/** Where a query is rendered for. */
export interface Scope {
  readonly shape: QueryShape;
  /** Variables of the dashboard that narrow it. */
  readonly variables: readonly VariableName[];
}
