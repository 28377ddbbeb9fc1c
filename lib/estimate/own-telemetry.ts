import type { Pipeline } from '../collector/pipelines';
import type { CollectorSettings } from '../collector/rendering';

/** What stands for a source, where a collector speaks of itself. */
export const ownTelemetrySource = 'own telemetry';

/** Of the process and its memory. */
const ofTheProcess = 6;
/** Of the watch that Kubernetes attributes hold; and how what came was associated, in each signal. */
const ofTheWatch = 4;
const associations = 2;
/** Accepted, refused, failed. */
const ofReceiver = 3;
/** Items in and out. */
const ofProcessor = 2;
/** Size and capacity of the queue, what is on its way, what was sent. */
const ofExporter = 4;
/** Points scraped, and errors. */
const ofScraper = 2;
/** Files open and read. */
const ofFiles = 2;

/**
 * How many points a pod of a collector sends about itself each minute, at the level `basic`, when every pipeline is used.
 * What each part counts was seen on real collectors; how many parts there are stands in the configuration.
 * @see https://opentelemetry.io/docs/collector/internal-telemetry/
 */
export function ownPoints({ receivers = {}, service }: CollectorSettings): number {
  const bySignal = new Map<string, Pipeline[]>();
  for (const [id, pipeline] of Object.entries(service.pipelines)) {
    const [signal] = id.split('/');
    bySignal.set(signal, [...(bySignal.get(signal) ?? []), pipeline]);
  }
  const ofSignals = sum([...bySignal.values()].map(ofSignal));
  const watches = [...bySignal.values()].flat().some(({ processors }) => processors.some(isOf('k8s_attributes')));
  return ofTheProcess + (watches ? ofTheWatch : 0) + ofSignals + sum(Object.entries(receivers).map(([id, config]) => ofSource(id, config)));
}

/** They say nothing of themselves. */
const silent = ['forward', 'failover', 'nop'];

/** Pipelines of one signal; a part that stands in several of them counts once. */
function ofSignal(pipelines: readonly Pipeline[]): number {
  const all = (of: (pipeline: Pipeline) => readonly string[]) =>
    [...new Set(pipelines.flatMap(of))].filter((id) => !silent.some((type) => isOf(type)(id)));
  const processors = all((pipeline) => pipeline.processors);
  return (
    all((pipeline) => pipeline.receivers).length * ofReceiver +
    processors.length * ofProcessor +
    // What the limiter accepts, what filters drop.
    processors.filter((id) => isOf('memory_limiter')(id) || isOf('filter')(id)).length +
    processors.filter(isOf('k8s_attributes')).length * associations +
    all((pipeline) => pipeline.exporters).length * ofExporter
  );
}

function ofSource(id: string, config: unknown): number {
  if (isOf('host_metrics')(id)) {
    return Object.keys((config as { scrapers?: object }).scrapers ?? {}).length * ofScraper;
  }
  return isOf('kubelet_stats')(id) ? ofScraper : isOf('file_log')(id) ? ofFiles : 0;
}

const isOf = (type: string) => (id: string) => id === type || id.startsWith(`${type}/`);

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
