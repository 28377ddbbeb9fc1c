/** How a metric is counted. */
export enum Instrument {
  /** A value that goes up and down. */
  GAUGE = 'gauge',
  /** A sum: of all time, or since the last point. */
  SUM = 'sum',
  /** Counts in fixed buckets. */
  HISTOGRAM = 'histogram',
  /** Counts in buckets of growing width. */
  EXPONENTIAL_HISTOGRAM = 'exponential_histogram',
  /** Quantiles, as Prometheus' older clients count them. */
  SUMMARY = 'summary',
}
