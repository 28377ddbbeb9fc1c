import type { Size } from 'cdk8s';

/** What one source gives of one signal. */
export interface SourceEstimate {
  /** Name of the collector; `applications` send by OTLP, to whichever they were told. */
  readonly collector: string;
  /** Name of the source's class; `own telemetry` is what the collector says about itself. */
  readonly source: string;
  /** `logs`, `metrics` or `traces`. */
  readonly signal: string;
  /** Log records, points or spans. */
  readonly rowsPerMinute: number;
  /** On the disk of the store, compressed. */
  readonly bytesPerDay: Size;
}

/** What a stack collects in a cluster of some shape, and what it takes to keep it. */
export interface Estimate {
  /** What each source gives, the largest first. */
  readonly sources: SourceEstimate[];
  /** Of all sources. */
  readonly logRecordsPerMinute: number;
  /** Of all sources. */
  readonly metricPointsPerMinute: number;
  /** Of all sources. */
  readonly spansPerMinute: number;
  /** What a day adds to the disk of the store, compressed. */
  readonly bytesPerDay: Size;
  /** The disk that a store takes once the oldest rows go. Merges need as much again, free. */
  readonly storedBytes: Size;
  /** What there is no number of: sources and metrics of which nothing is known come on top; what processors leave out is taken to stay; what leaves the cluster is no row here. */
  readonly notEstimated: string[];
  /** What the numbers stand on that neither the shape nor the configuration says: shares of what is kept, sources of which this shape has nothing, agents of some nodes. */
  readonly assumptions: string[];
  /** All of this as text, for people. */
  readonly report: string;
}
