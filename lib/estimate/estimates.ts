import { type Duration, Size } from 'cdk8s';
import { type Retention, retentionCheck, retentionOf } from '../clickhouse/schema/retention';
import type { Collector } from '../collector/collector';
import { type SignalName, signals } from '../collector/signal';
import type { GrafanaStack } from '../grafana/grafana-stack';
import { instance, list, refuse, required, struct } from '../kubernetes/checks';
import { type Problem, throwIfAny } from '../kubernetes/problems';
import { type ClusterShape, shapeChecks } from './cluster-shape';
import { collectedBy, type Rows, receiverOfApplications, sentTo } from './collected';
import type { Estimate, SourceEstimate } from './estimate';
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
    throwIfAny('Estimates.of', poolProblems(collectors, shape));
    const receiver = receiverOfApplications(collectors);
    const parts = [...collectors.map((collector) => collectedBy(collector, shape, receiver)), sentTo(receiver, collectors, shape)];
    const rows = parts.flatMap((part) => part.rows).filter(({ rowsPerMinute }) => rowsPerMinute > 0);
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
      // What a gateway does to all is said once.
      notEstimated: [...new Set(parts.flatMap((part) => part.notEstimated))],
      assumptions: parts.flatMap((part) => part.assumptions),
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

const minutesOfADay = 24 * 60;
const bytesPerDay = ({ signal, rowsPerMinute }: Pick<Rows, 'signal' | 'rowsPerMinute'>) => rowsPerMinute * minutesOfADay * rowBytes[signal];
const size = (bytes: number) => Size.kibibytes(Math.ceil(bytes / 1024));
const days = (duration: Duration) => duration.toMilliseconds({ integral: false }) / 86_400_000;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const byBytes = (one: SourceEstimate, other: SourceEstimate) => other.bytesPerDay.toKibibytes() - one.bytesPerDay.toKibibytes();

/** Whose nodes are told has to be there, on every node of some. */
function poolProblems(collectors: readonly Collector[], { nodes, nodesOfAgents = {} }: ClusterShape): Problem[] {
  const agents = collectors.filter(({ _placement }) => _placement._kind === 'DaemonSet').map(({ _identity }) => _identity.name);
  return Object.entries(nodesOfAgents).flatMap(([name, of]) => [
    ...(agents.includes(name)
      ? []
      : [
          { where: 'shape.nodesOfAgents', given: `'${name}'`, allowed: `names of agents on nodes: ${agents.join(', ') || 'none is here'}` },
        ]),
    ...(of > nodes ? [{ where: `shape.nodesOfAgents.${name}`, given: `${of}`, allowed: `at most the ${nodes} of \`nodes\`` }] : []),
  ]);
}

const collectorsCheck = required(list(instance('a Collector', '_sources', '_rendering')));

const argumentChecks = {
  collectors: collectorsCheck,
  shape: required(struct<ClusterShape>(shapeChecks)),
  retention: retentionCheck,
};
