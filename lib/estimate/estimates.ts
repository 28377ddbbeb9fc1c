import { Duration, Size } from 'cdk8s';
import { type Retention, retentionCheck, retentionOf } from '../clickhouse/schema/retention';
import type { Collector } from '../collector/collector';
import { type SignalName, signals } from '../collector/signal';
import type { SourceBinding } from '../collector/source';
import type { GrafanaStack } from '../grafana/grafana-stack';
import { instance, list, refuse, required, struct } from '../kubernetes/checks';
import type { Countable } from '../telemetry/countable';
import { seriesOf } from '../telemetry/series';
import { type ClusterShape, countsOf, sentByApplications, shapeChecks } from './cluster-shape';
import type { Estimate, SourceEstimate } from './estimate';
import { ownPoints, ownTelemetrySource } from './own-telemetry';
import { reportOf } from './report';
import { rowBytes } from './row-bytes';
import { type UnreadMetrics, unreadMetrics } from './unread-metrics';

/**
 * What collectors give, told from what configures them.
 *
 * @example
 * const { report } = Estimates.of([gateway], { nodes: 3, podsPerNode: 30 });
 */
export class Estimates {
  /**
   * What some collectors give in a cluster of this shape.
   * @param retention as the store was told
   * @throws if a property is wrong, with all that is wrong
   */
  static of(collectors: Collector[], shape: ClusterShape, retention: Retention = {}): Estimate {
    refuse('Estimates.of', { collectors, shape, retention }, argumentChecks);
    const lines = collectors.map((collector) => ofCollector(collector, shape));
    const rows = [...lines.flatMap((line) => line.rows), ...ofApplications(shape)].filter(({ rowsPerMinute }) => rowsPerMinute > 0);
    const sources = rows.map((row) => ({ ...row, bytesPerDay: size(bytesPerDay(row)) })).sort(byBytes);
    const perMinute = (signal: SignalName) => sum(rows.filter((row) => row.signal === signal).map(({ rowsPerMinute }) => rowsPerMinute));
    const perDay = (signal: SignalName) => bytesPerDay({ signal, rowsPerMinute: perMinute(signal) });
    const kept = retentionOf(retention);
    const estimate = {
      sources,
      logRecordsPerMinute: perMinute('logs'),
      metricPointsPerMinute: perMinute('metrics'),
      spansPerMinute: perMinute('traces'),
      bytesPerDay: size(sum(signals.map(perDay))),
      storedBytes: size(sum(signals.map((signal) => perDay(signal) * (days(kept[signal]) + 1)))),
      notEstimated: lines.flatMap((line) => line.notEstimated),
    };
    return { ...estimate, report: reportOf(estimate, kept) };
  }

  /**
   * What some collectors give and no panel and no rule of a Grafana reads, as far as they have been added.
   * @throws if a property is wrong, with all that is wrong
   */
  static unread(collectors: Collector[], grafana: GrafanaStack): UnreadMetrics {
    refuse(
      'Estimates.unread',
      { collectors, grafana },
      { collectors: collectorsCheck, grafana: required(instance('a GrafanaStack', '_reads')) },
    );
    return unreadMetrics(collectors, grafana);
  }

  private constructor() {}
}

interface Rows {
  readonly collector: string;
  readonly source: string;
  readonly signal: SignalName;
  readonly rowsPerMinute: number;
}

function ofCollector(collector: Collector, shape: ClusterShape): { rows: Rows[]; notEstimated: string[] } {
  const { name } = collector._identity;
  const counts = countsOf(shape);
  const rows = collector._sources.flatMap(({ name: source, binding }): Rows[] => [
    { collector: name, source, signal: 'logs', rowsPerMinute: logRecords(binding, counts) },
    { collector: name, source, signal: 'metrics', rowsPerMinute: points(binding, counts) },
  ]);
  const pods = collector._placement._replicas ?? shape.nodes;
  const own = collector._sendsOwnTelemetry ? ownPoints(collector._rendering.settings) * pods : 0;
  const notEstimated = collector._sources.flatMap(({ name: source, binding }) =>
    unknownOf(binding).map((what) => `${name} / ${source}: ${what}`),
  );
  return { rows: [...rows, { collector: name, source: ownTelemetrySource, signal: 'metrics', rowsPerMinute: own }], notEstimated };
}

type Counts = Readonly<Record<Countable, number>>;

const logRecords = ({ rows = [] }: SourceBinding, counts: Counts) => sum(rows.map((row) => (row.logRecords ?? 0) * counts[row.per]));

/** Of each metric as the source itself says, or as is known of its name. */
function points(binding: SourceBinding, counts: Counts): number {
  const unnamed = (binding.rows ?? []).filter(({ metrics }) => metrics === undefined).map((row) => (row.points ?? 0) * counts[row.per]);
  const named = namesOf(binding).map((metric) => {
    const series = seriesIn(binding, metric);
    return series ? series.count * counts[series.per] : 0;
  });
  return ((sum(unnamed) + sum(named)) * 60_000) / (binding.interval ?? Duration.minutes(1)).toMilliseconds();
}

/** How many series one metric of a source has: undefined if nobody says. */
function seriesIn(binding: SourceBinding, metric: string): { readonly per: Countable; readonly count: number } | undefined {
  const own = binding.rows?.find(({ metrics }) => metrics?.includes(metric));
  return own ? { per: own.per, count: own.points ?? 0 } : seriesOf(metric);
}

const namesOf = (binding: SourceBinding) => (binding.metrics ?? []).map(({ name }) => name);

function unknownOf(binding: SourceBinding): string[] {
  if (!binding.metrics && !binding.rows) {
    return ['it does not say what it gives'];
  }
  const unknown = namesOf(binding).filter((metric) => !seriesIn(binding, metric));
  return unknown.length > 0 ? [unknown.join(', ')] : [];
}

function ofApplications(shape: ClusterShape): Rows[] {
  return Object.entries(sentByApplications(shape)).map(([signal, rowsPerMinute]) => ({
    collector: 'applications',
    source: 'OTLP',
    signal: signal as SignalName,
    rowsPerMinute,
  }));
}

const minutesOfADay = 24 * 60;
const bytesPerDay = ({ signal, rowsPerMinute }: Pick<Rows, 'signal' | 'rowsPerMinute'>) => rowsPerMinute * minutesOfADay * rowBytes[signal];
const size = (bytes: number) => Size.kibibytes(Math.ceil(bytes / 1024));
const days = (duration: Duration) => duration.toMilliseconds({ integral: false }) / 86_400_000;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const byBytes = (one: SourceEstimate, other: SourceEstimate) => other.bytesPerDay.toKibibytes() - one.bytesPerDay.toKibibytes();

const collectorsCheck = required(list(instance('a Collector', '_sources', '_rendering')));

const argumentChecks = {
  collectors: collectorsCheck,
  shape: required(struct<ClusterShape>(shapeChecks)),
  retention: retentionCheck,
};
