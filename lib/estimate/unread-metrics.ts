import type { Collector } from '../collector/collector';
import type { GrafanaStack } from '../grafana/grafana-stack';
import { hasSwitch } from '../telemetry/metric-catalogue';
import { ownTelemetrySource } from './own-telemetry';

/** A metric that is collected, and read by no panel and no rule. */
export interface UnreadMetric {
  /** Its name. */
  readonly metric: string;
  /** Name of the collector. */
  readonly collector: string;
  /** Name of the source's class; `own telemetry` is what the collector says about itself. */
  readonly source: string;
}

/** What is collected, and read by no panel and no rule. What people ask for by hand, nobody knows. */
export interface UnreadMetrics {
  /** By collector and source. */
  readonly metrics: UnreadMetric[];
  /** Their names, each once: `Drop.metrics({ names })` drops them. */
  readonly names: string[];
  /** All of this as text, for people: below each source the metrics, as lines for the `metrics` of a receiver's configuration where the receiver has a switch for them. */
  readonly report: string;
}

export function unreadMetrics(collectors: readonly Collector[], grafana: GrafanaStack): UnreadMetrics {
  const read = grafana._reads;
  const groups = collectors
    .flatMap((collector) => sourcesOf(collector).map(({ source, given }) => ({ collector: collector._identity.name, source, given })))
    .map((group): Group => ({ ...group, unread: group.given.filter((name) => !read.has(name)).sort() }))
    .filter(({ unread }) => unread.length > 0);
  const metrics = groups.flatMap(({ collector, source, unread }) => unread.map((metric) => ({ metric, collector, source })));
  const names = [...new Set(metrics.map(({ metric }) => metric))].sort();
  return { metrics, names, report: reportOf(groups) };
}

interface Group {
  readonly collector: string;
  readonly source: string;
  readonly given: readonly string[];
  readonly unread: readonly string[];
}

function sourcesOf(collector: Collector): { source: string; given: string[] }[] {
  const declared = collector._sources.map(({ name, binding }) => ({
    source: name,
    given: (binding.metrics ?? []).map((metric) => metric.name),
  }));
  const ofSources = new Set(declared.flatMap(({ given }) => given));
  const own = collector.metrics.map(({ name }) => name).filter((name) => !ofSources.has(name));
  return [...declared, { source: ownTelemetrySource, given: own }];
}

/** Collectors whose sources of one kind are read alike stand together. */
function reportOf(groups: readonly Group[]): string {
  const alike = new Map<string, Group[]>();
  for (const group of groups) {
    const { source, given, unread } = group;
    const key = `${source}: ${unread.length} of ${given.length} metrics are read by no panel and no rule\n${unread.map(line).join('')}`;
    alike.set(key, [...(alike.get(key) ?? []), group]);
  }
  return [...alike].map(([text, same]) => `${same.map(({ collector }) => collector).join(', ')} / ${text}`).join('');
}

/** Other metrics have no switch of their own: what is scraped, and what a collector says about itself. */
const line = (metric: string) => (hasSwitch(metric) ? `  '${metric}': { enabled: false },\n` : `  ${metric}\n`);
