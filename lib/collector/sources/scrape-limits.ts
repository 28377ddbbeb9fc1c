import { Duration, Size } from 'cdk8s';
import { type Check, duration, integer, size, struct } from '../../kubernetes/checks';
import { type Problem, shown } from '../../kubernetes/problems';
import { mebibytes } from '../../kubernetes/resources';
import { seconds } from '../../kubernetes/seconds';

/**
 * How much one target may give. One that gives more gives nothing, and its `up` is 0: what grows out of hand is seen before it hurts all others. Of too many samples
 * `scrape_samples_scraped` says how many there were.
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export interface ScrapeLimits {
  /**
   * Samples of one answer, behind what is dropped of it.
   * @default 50000
   */
  readonly samples?: number;
  /**
   * Labels of one sample.
   * @default 64
   */
  readonly labels?: number;
  /**
   * Characters of a label's name.
   * @default 256
   */
  readonly labelNameLength?: number;
  /**
   * Characters of a label's value.
   * @default 2048
   */
  readonly labelValueLength?: number;
  /**
   * Buckets of one native histogram. One that has more is not refused: it becomes coarser, each two buckets one, until it has no more.
   * @default 160
   */
  readonly nativeHistogramBuckets?: number;
  /**
   * How large an answer may be, unpacked, in whole mebibytes.
   * @default Size.mebibytes(50)
   */
  readonly bodySize?: Size;
  /**
   * Targets of one job, in each pod of the collector. Of a job with more, none is asked.
   * @default - as many as there are
   */
  readonly targets?: number;
}

/** Limits in Prometheus' words, whose megabytes are mebibytes. */
export const limiting = (limits: ScrapeLimits = {}) => ({
  sample_limit: limits.samples ?? 50_000,
  label_limit: limits.labels ?? 64,
  label_name_length_limit: limits.labelNameLength ?? 256,
  label_value_length_limit: limits.labelValueLength ?? 2048,
  body_size_limit: `${mebibytes(limits.bodySize ?? Size.mebibytes(50))}MB`,
  target_limit: limits.targets,
  keep_dropped_targets: 100,
});

/** They only come by protobuf, and where nobody asks for them targets give their classic ones. */
export const nativeHistograms = (wanted: boolean | undefined, limits: ScrapeLimits = {}) =>
  wanted ? { scrape_native_histograms: true, native_histogram_bucket_limit: limits.nativeHistogramBuckets ?? 160 } : {};

/** Buckets that nobody asks for have no limit. */
export const limitProblems = (of: { readonly limits?: ScrapeLimits; readonly nativeHistograms?: boolean }): Problem[] =>
  of.limits?.nativeHistogramBuckets !== undefined && !of.nativeHistograms
    ? [
        {
          where: 'limits.nativeHistogramBuckets',
          given: `${of.limits.nativeHistogramBuckets}, without native histograms`,
          allowed: '`nativeHistograms: true` with it',
        },
      ]
    : [];

export const limitsCheck: Check = struct<ScrapeLimits>({
  samples: integer(1, 10_000_000),
  labels: integer(1, 10_000),
  labelNameLength: integer(1, 100_000),
  labelValueLength: integer(1, 10_000_000),
  bodySize: size(Size.mebibytes(1), Size.gibibytes(4)),
  nativeHistogramBuckets: integer(8, 10_000),
  targets: integer(1, 1_000_000),
});

/** How often something is scraped, and how long an answer is waited for. */
export interface ScrapeTiming {
  readonly interval?: Duration;
  readonly timeout?: Duration;
}

export const timingChecks = {
  interval: duration(Duration.seconds(1), Duration.hours(1)),
  timeout: duration(Duration.seconds(1), Duration.minutes(1)),
};

const usualTimeout = 10;

/** In seconds: a shorter interval bounds it. */
export const timeoutOf = ({ interval, timeout }: ScrapeTiming) =>
  timeout ? seconds(timeout) : Math.min(usualTimeout, seconds(interval ?? Duration.minutes(1)));

/** In Prometheus' words; what is not said is the receiver's. */
export const timing = (given: ScrapeTiming) =>
  given.interval || given.timeout
    ? { scrape_interval: given.interval && milliseconds(seconds(given.interval)), scrape_timeout: milliseconds(timeoutOf(given)) }
    : {};

/** Nobody waits for an answer longer than until the next question. */
export const timingProblems = ({ interval = Duration.minutes(1), timeout }: ScrapeTiming): Problem[] =>
  timeout && seconds(timeout) > seconds(interval)
    ? [{ where: 'timeout', given: shown(timeout), allowed: `at most the interval, ${shown(interval)}` }]
    : [];

const milliseconds = (ofSeconds: number) => `${Math.round(ofSeconds * 1000)}ms`;
