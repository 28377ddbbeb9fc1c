import { Metric } from '../../telemetry/metric';
import { Query } from './query';
import type { QueryShape } from './query-shape';

/** What else is known of a query that the library wrote by hand. */
export interface HandWritten {
  /** Names of the metrics that it reads. */
  readonly metrics?: readonly string[];
  readonly labels?: string[];
  readonly builderOptions?: (database: string) => object;
}

/** A query of shipped content. Its variables are part of the text. */
export function handWritten(shape: QueryShape, sql: string, { metrics = [], labels, builderOptions }: HandWritten = {}): Query {
  return Query._of({
    render: () => sql,
    shapes: [shape],
    metrics: metrics.map((name) => Metric.named(name)),
    labels: () => labels,
    builderOptions,
  });
}
