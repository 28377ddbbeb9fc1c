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

/**
 * How many points a pod of a collector sends about itself each minute, at the level `basic`, when every pipeline is used.
 * What each part counts was seen on real collectors; how many parts there are stands in the configuration.
 * @see https://opentelemetry.io/docs/collector/internal-telemetry/
 */
export function ownPoints({ receivers = {}, service }: CollectorSettings): OwnPoints[] {
  const pipelines = (signal: SignalName) =>
    Object.entries(service.pipelines).flatMap(([id, pipeline]) => (isOf(signal)(id) ? [pipeline] : []));
  const watches = Object.values(service.pipelines).some(({ processors }) => processors.some(isOf('k8s_attributes')));
  return [
    ...each(1, ...ofTheProcess, ...(watches ? ofTheWatch : [])),
    ...signals.flatMap((signal) => ofSignal(signal, pipelines(signal))),
    ...Object.entries(receivers).flatMap(([id, config]) => ofSource(id, config)),
  ];
}

/** Parts that count what nobody has counted yet. */
export const countingMore = ({ service }: CollectorSettings): string[] => [
  ...new Set(
    Object.values(service.pipelines).flatMap(({ processors, exporters }) =>
      [...processors, ...exporters].filter((id) => ['tail_sampling', 'load_balancing'].some((type) => isOf(type)(id))),
    ),
  ),
];

/** They say nothing of themselves. */
const silent = ['forward', 'failover', 'nop'];

/** Pipelines of one signal; a part that stands in several of them counts once. */
function ofSignal(signal: SignalName, pipelines: readonly Pipeline[]): OwnPoints[] {
  const { counted, filtered } = items[signal];
  const all = (of: (pipeline: Pipeline) => readonly string[]) =>
    [...new Set(pipelines.flatMap(of))].filter((id) => !silent.some((type) => isOf(type)(id)));
  const processors = all((pipeline) => pipeline.processors);
  const receivers = all((pipeline) => pipeline.receivers);
  const exporters = all((pipeline) => pipeline.exporters);
  return [
    ...each(receivers.length, ...['accepted', 'refused', 'failed'].map((what) => `otelcol_receiver_${what}_${counted}`)),
    ...each(processors.length, 'otelcol_processor_incoming_items', 'otelcol_processor_outgoing_items'),
    ...each(processors.filter(isOf('memory_limiter')).length, `otelcol_processor_memory_limiter_accepted_${counted}`),
    ...each(processors.filter(isOf('filter')).length, `otelcol_processor_filter_${filtered}.filtered`),
    ...each(processors.filter(isOf('k8s_attributes')).length * associations, 'otelcol.k8s.pod.association'),
    ...each(exporters.length, ...['queue_size', 'queue_capacity', 'in_flight_requests'].map((what) => `otelcol_exporter_${what}`)),
    ...each(exporters.length, `otelcol_exporter_sent_${counted}`),
  ];
}

function ofSource(id: string, config: unknown): OwnPoints[] {
  if (isOf('file_log')(id)) {
    return each(1, 'otelcol_fileconsumer_open_files', 'otelcol_fileconsumer_reading_files');
  }
  const scrapers = isOf('host_metrics')(id) ? Object.keys((config as { scrapers?: object }).scrapers ?? {}).length : 1;
  const scraped = isOf('host_metrics')(id) || isOf('kubelet_stats')(id);
  return scraped ? each(scrapers, 'otelcol_scraper_scraped_metric_points', 'otelcol_scraper_errored_metric_points') : [];
}

const each = (points: number, ...metrics: string[]): OwnPoints[] => metrics.map((metric) => ({ metric, points }));

const isOf = (type: string) => (id: string) => id === type || id.startsWith(`${type}/`);
