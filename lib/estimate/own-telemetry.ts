import type { Pipeline } from '../collector/pipelines';
import type { CollectorSettings } from '../collector/rendering';
import { type SignalName, signals } from '../collector/signal';

/** What stands for a source, where a collector speaks of itself. */
export const ownTelemetrySource = 'own telemetry';

/** Of the process and its memory. */
const ofTheProcess = [
  'otelcol_process_cpu_seconds',
  'otelcol_process_memory_rss',
  'otelcol_process_runtime_heap_alloc_bytes',
  'otelcol_process_runtime_total_alloc_bytes',
  'otelcol_process_runtime_total_sys_memory_bytes',
  'otelcol_process_uptime',
];
/** Of the watch that Kubernetes attributes hold. */
const ofTheWatch = ['pod.added', 'pod.updated', 'pod.deleted', 'pod_cache.size'].map((what) => `otelcol.k8s.watcher.${what}`);
/** How what came was associated, in each signal. */
const associations = 2;

/** What the metrics call what they count. */
const items: Record<SignalName, { readonly counted: string; readonly filtered: string }> = {
  logs: { counted: 'log_records', filtered: 'logs' },
  metrics: { counted: 'metric_points', filtered: 'datapoints' },
  traces: { counted: 'spans', filtered: 'spans' },
};

/** So many points of one metric. */
interface OwnPoints {
  readonly metric: string;
  readonly points: number;
}

/** In how many pods a receiver gets something of a signal. */
export type Hearing = (receiver: string, signal: SignalName) => number;

/**
 * How many points the pods of a collector send about themselves each minute, at the level `basic`. A part counts in the pods where something came by it, what a queue holds in all.
 * What each part counts was seen on real collectors; which parts there are stands in the configuration.
 * @see https://opentelemetry.io/docs/collector/internal-telemetry/
 */
export function ownPoints({ receivers = {}, connectors = {}, service }: CollectorSettings, pods: number, hearing: Hearing): OwnPoints[] {
  const watches = Object.values(service.pipelines).some(({ processors }) => processors.some(isOf('k8s_attributes')));
  // What is heard in so many pods each, by chance in the same or in others.
  const together = (parts: readonly number[]) => pods * (1 - parts.reduce((none, part) => none * (1 - part / pods), 1));
  const busy = (signal: SignalName, pipeline: Pipeline): number => together(pipeline.receivers.map((id) => heard(signal, id)));
  // What is joined by a connector of ours is as busy as what stands before it; metrics of traces come everywhere.
  const heard = (signal: SignalName, id: string): number => {
    const before = pipelinesOf(signal, service).filter(({ exporters }) => exporters.includes(id));
    return id in receivers ? hearing(id, signal) : before.length > 0 ? together(before.map((pipeline) => busy(signal, pipeline))) : pods;
  };
  if (pods === 0) {
    return [];
  }
  return [
    ...each(pods, ...ofTheProcess, ...(watches ? ofTheWatch : [])),
    ...signals.flatMap((signal) =>
      ofSignal(
        signal,
        pipelinesOf(signal, service).map((pipeline) => ({ ...pipeline, busy: busy(signal, pipeline) })),
        pods,
        (id) => heard(signal, id),
        (id) => id in connectors || isOf('nop')(id),
      ),
    ),
    ...Object.entries(receivers).flatMap(([id, config]) => ofSource(id, config, hearing)),
  ];
}

const pipelinesOf = (signal: SignalName, { pipelines }: CollectorSettings['service']) =>
  Object.entries(pipelines).flatMap(([id, pipeline]) => (isOf(signal)(id) ? [pipeline] : []));

/** Parts that count what nobody has counted yet. */
export const countingMore = ({ service }: CollectorSettings): string[] => [
  ...new Set(
    Object.values(service.pipelines).flatMap(({ processors, exporters }) =>
      [...processors, ...exporters].filter((id) => ['tail_sampling', 'load_balancing'].some((type) => isOf(type)(id))),
    ),
  ),
];

/** A pipeline, and in how many pods something comes through it. */
type BusyPipeline = Pipeline & { readonly busy: number };

/** Pipelines of one signal; a part that stands in several of them counts once in a pod. `silent` are those that say nothing of themselves. */
function ofSignal(
  signal: SignalName,
  pipelines: readonly BusyPipeline[],
  pods: number,
  hears: (receiver: string) => number,
  silent: (part: string) => boolean,
): OwnPoints[] {
  const { counted, filtered } = items[signal];
  const all = (of: (pipeline: Pipeline) => readonly string[]) => [...new Set(pipelines.flatMap(of))].filter((id) => !silent(id));
  const receivers = sum(all((pipeline) => pipeline.receivers).map(hears));
  const processors = all((pipeline) => pipeline.processors);
  const busy = (ids: readonly string[], of: 'processors' | 'exporters') =>
    sum(ids.map((id) => Math.max(...pipelines.flatMap((pipeline) => (pipeline[of].includes(id) ? [pipeline.busy] : [])))));
  const processing = (...types: string[]) =>
    busy(
      processors.filter((id) => types.some((type) => isOf(type)(id))),
      'processors',
    );
  const exporters = all((pipeline) => pipeline.exporters);
  return [
    ...each(receivers, ...['accepted', 'refused', 'failed'].map((what) => `otelcol_receiver_${what}_${counted}`)),
    ...each(busy(processors, 'processors'), 'otelcol_processor_incoming_items', 'otelcol_processor_outgoing_items'),
    ...each(processing('memory_limiter'), `otelcol_processor_memory_limiter_accepted_${counted}`),
    ...each(processing('filter'), `otelcol_processor_filter_${filtered}.filtered`),
    ...each(processing('k8s_attributes') * associations, 'otelcol.k8s.pod.association'),
    ...each(exporters.length * pods, 'otelcol_exporter_queue_size', 'otelcol_exporter_queue_capacity'),
    ...each(busy(exporters, 'exporters'), 'otelcol_exporter_in_flight_requests', `otelcol_exporter_sent_${counted}`),
  ];
}

function ofSource(id: string, config: unknown, hearing: Hearing): OwnPoints[] {
  if (isOf('file_log')(id)) {
    return each(hearing(id, 'logs'), 'otelcol_fileconsumer_open_files', 'otelcol_fileconsumer_reading_files');
  }
  const scrapers = isOf('host_metrics')(id) ? Object.keys((config as { scrapers?: object }).scrapers ?? {}).length : 1;
  const scraped = isOf('host_metrics')(id) || isOf('kubelet_stats')(id);
  return scraped
    ? each(scrapers * hearing(id, 'metrics'), 'otelcol_scraper_scraped_metric_points', 'otelcol_scraper_errored_metric_points')
    : [];
}

const each = (points: number, ...metrics: string[]): OwnPoints[] => metrics.map((metric) => ({ metric, points }));

const isOf = (type: string) => (id: string) => id === type || id.startsWith(`${type}/`);

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
