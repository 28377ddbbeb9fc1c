// Writes imports/metrics.ts: which metrics the receivers give, and what a collector says about itself, read from the metadata.yaml of exactly
// the modules that the tested collector is built from.
//   node imports/generate-metrics.mjs           writes the file
//   node imports/generate-metrics.mjs --check   exits 1 if the file is not what would be written
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';
const core = 'go.opentelemetry.io/collector';
const collectorModule = fileURLToPath(new URL('../test/real/parts/otelcol/', import.meta.url));
const target = fileURLToPath(new URL('metrics.ts', import.meta.url));

/** Whose metrics a source asks for, by the name under which a configuration does so. */
const receivers = {
  kubelet_stats: [`${contrib}/receiver/kubeletstatsreceiver`],
  k8s_cluster: [`${contrib}/receiver/k8sclusterreceiver`],
  http_check: [`${contrib}/receiver/httpcheckreceiver`],
  tcp_check: [`${contrib}/receiver/tcpcheckreceiver`],
  tls_check: [`${contrib}/receiver/tlscheckreceiver`],
  ...Object.fromEntries(['nginx', 'postgresql', 'redis'].map((program) => [program, [`${contrib}/receiver/${program}receiver`]])),
  ...Object.fromEntries(
    ['cpu', 'disk', 'filesystem', 'load', 'memory', 'network', 'paging', 'processes', 'system'].map((scraper) => [
      `host_metrics/${scraper}`,
      [`${contrib}/receiver/hostmetricsreceiver`, `internal/scraper/${scraper}scraper`],
    ]),
  ),
};

/** Parts of a collector that count what they do. */
const counted = [
  [`${core}/exporter/exporterhelper`],
  [`${core}/processor/memorylimiterprocessor`],
  [`${core}/processor/processorhelper`],
  [`${core}/receiver/receiverhelper`],
  [`${core}/scraper/scraperhelper`],
  [`${core}/service`],
  [`${contrib}/pkg/stanza`, 'fileconsumer'],
  [`${contrib}/processor/filterprocessor`],
  [`${contrib}/processor/k8sattributesprocessor`],
];

/** Informers of other things than pods and old names, the signal that nobody stores, scraped logs, and what comes at level `detailed` only. */
const leftOut = /watcher\.(?!pod[._])|otelsvc|profile|scraper_.*_log_records|consumed|produced|receiver_requests/;

/** Which the metadata names and only a feature gate brings: without it they are the resource's (postgresql, seen on a real one). */
const gated = ['db.namespace', 'db.collection.name', 'postgresql.index.name'];

const versions = buildVersions();
const text = render();
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  console.error('imports/metrics.ts is not what imports/generate-metrics.mjs writes: run it, and commit the result');
  process.exit(1);
}

/** The version of each module of the tested collector, replacements applied. */
function buildVersions() {
  const go = JSON.parse(execFileSync('go', ['mod', 'edit', '-json'], { cwd: collectorModule, encoding: 'utf8' }));
  const required = go.Require.map(({ Path, Version }) => [Path, Version]);
  const replaced = (go.Replace ?? []).map(({ Old, New }) => [Old.Path, New.Version]);
  return new Map([...required, ...replaced]);
}

function metadata(module, folder = '.') {
  const version = versions.get(module);
  if (!version) {
    throw new Error(`${module} is not a module of the collector in ${collectorModule}`);
  }
  const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: '/', encoding: 'utf8' }));
  return parse(readFileSync(join(Dir, folder, 'metadata.yaml'), 'utf8'));
}

function instrumentOf(metric) {
  const [instrument] = ['gauge', 'sum', 'histogram'].filter((kind) => metric[kind]);
  if (!instrument) {
    throw new Error(`neither gauge, sum nor histogram: ${JSON.stringify(metric)}`);
  }
  return instrument;
}

/** Attributes that a metric has without being asked for: those of level opt_in are left off. */
function attributesOf(metric, attributes = {}) {
  return (metric.attributes ?? [])
    .filter((name) => attributes[name]?.requirement_level !== 'opt_in' && !gated.includes(name))
    .map((name) => attributes[name]?.name_override ?? name);
}

function render() {
  const sections = Object.entries(receivers).map(([id, [module, folder]]) => {
    const { metrics, attributes } = metadata(module, folder);
    const lines = Object.entries(metrics).map(([name, metric]) => entry(name, metric, attributes, [`enabled: ${metric.enabled}`]));
    return `  ${quoted(id)}: {\n${lines
      .sort()
      .map((line) => `  ${line}`)
      .join('\n')}\n  },`;
  });
  const own = counted.flatMap(([module, folder]) => {
    const { telemetry, attributes } = metadata(module, folder);
    return Object.entries(telemetry.metrics)
      .filter(([name, metric]) => metric.enabled && !metric.histogram && !leftOut.test(name))
      .map(([name, metric]) => entry(`${metric.prefix ?? 'otelcol_'}${name}`, metric, attributes));
  });
  const read = [...new Set([...Object.values(receivers), ...counted].map(([module]) => module))].sort();
  return `// Generated by imports/generate-metrics.mjs from the metadata.yaml of these modules. Do not edit.
${read.map((module) => `//   ${module} ${versions.get(module)}`).join('\n')}

export interface KnownMetric {
  readonly instrument: 'gauge' | 'sum' | 'histogram';
  readonly unit: string;
  readonly attributes: readonly string[];
}

export interface ReceiverMetric extends KnownMetric {
  /** Whether the receiver gives it without being asked. */
  readonly enabled: boolean;
}

/** Metrics of receivers, and of the scrapers of host_metrics. */
export const receiverMetrics = {
${sections.join('\n')}
} as const satisfies Record<string, Record<string, ReceiverMetric>>;

/** What a collector counts about itself. Attributes that only the running program knows (receiver, exporter, …) do not stand in the metadata. */
export const collectorMetrics = {
${own.sort().join('\n')}
} as const satisfies Record<string, KnownMetric>;
`;
}

function entry(name, metric, attributes, more = []) {
  const list = attributesOf(metric, attributes).map(quoted).join(', ');
  const members = [`instrument: ${quoted(instrumentOf(metric))}`, `unit: ${quoted(metric.unit)}`, `attributes: [${list}]`, ...more];
  return `  ${quoted(name)}: { ${members.join(', ')} },`;
}

function quoted(value) {
  return `'${String(value).replaceAll("'", "\\'")}'`;
}
