/** How a metric is counted. */
export enum Instrument {
  GAUGE = 'gauge',
  SUM = 'sum',
  HISTOGRAM = 'histogram',
  EXPONENTIAL_HISTOGRAM = 'exponential_histogram',
  SUMMARY = 'summary',
}
