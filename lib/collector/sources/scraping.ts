import type { AccessRule } from '../../kubernetes/access';
import type { Countable } from '../../telemetry/countable';
import { Instrument } from '../../telemetry/instrument';
import type { Metric } from '../../telemetry/metric';
import { type MetricFacts, scrapeMetrics } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import type { CollectorContext, SourceBinding, SourceRows } from '../source';
import { podNumber } from './pod-number';

/** Where every pod finds the authority of its cluster and, if it has rights, its token. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The names of the samples that make these metrics, as a regular expression: a histogram has three. */
export const sampleNames = (metrics: Readonly<Record<string, Pick<MetricFacts, 'instrument'>>>): string =>
  Object.entries(metrics)
    .map(([name, { instrument }]) => (instrument === Instrument.HISTOGRAM ? `${name}_(bucket|sum|count)` : name))
    .join('|');

/** A rule as Prometheus documents it; the renderer writes `$` as the collector wants it. */
export interface RelabelRule {
  readonly source_labels?: string[];
  readonly regex?: string | ConfigValue;
  readonly action?: 'replace' | 'keep' | 'drop' | 'labelmap' | 'labeldrop' | 'hashmod';
  readonly target_label?: string;
  readonly replacement?: string | ConfigValue;
  readonly modulus?: number;
}

export interface ScrapeJob {
  readonly name: string;
  /** Where targets are found, and how they are asked. */
  readonly config: Record<string, unknown>;
  readonly relabel: RelabelRule[];
  readonly metricRelabel?: RelabelRule[];
}

export interface ScrapingProps {
  /** Tells the receiver from others of its kind. */
  readonly name: string;
  readonly jobs: ScrapeJob[];
  readonly rules: AccessRule[];
  /** Whether targets are those of the collector's own node, so that each pod asks its own. */
  readonly ofOwnNode?: boolean;
  readonly nonResourceUrls?: string[];
  /** What is done with the metrics, behind what is done with those of every scrape. */
  readonly processors?: Component[];
  readonly metrics: Metric[];
  /** What its targets are, for estimates; without it, what scrapes say about themselves is not estimated. */
  readonly per?: Countable;
  /** What it gives besides what every scrape says about itself and what is known of its metrics. */
  readonly rows?: SourceRows[];
}

/**
 * A source that scrapes. Each target is scraped by one pod of the collector, by the hash of its address: the receiver knows no leader election.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/prometheusreceiver
 */
export function scraping(context: CollectorContext, props: ScrapingProps): SourceBinding {
  const shard = props.ofOwnNode ? ownNodeRules(context) : shardRules(context);
  const receiver = Component.receiver({
    componentType: 'prometheus',
    name: props.name,
    config: {
      config: {
        global: { scrape_interval: '60s', scrape_timeout: '10s' },
        scrape_configs: props.jobs.map((job) => scrapeConfig(job, shard)),
      },
    },
    access: { rules: props.rules, nonResourceUrls: props.nonResourceUrls },
  });
  return {
    receivers: { metrics: [receiver] },
    processors: { metrics: [valuesOnly, ...(props.processors ?? [])] },
    metrics: props.metrics,
    rows: [...(props.per ? [{ per: props.per, points: 1, metrics: Object.keys(scrapeMetrics) }] : []), ...(props.rows ?? [])],
  };
}

function scrapeConfig(job: ScrapeJob, shard: RelabelRule[]) {
  return {
    job_name: job.name,
    ...limits,
    ...job.config,
    relabel_configs: [...job.relabel, ...shard],
    metric_relabel_configs: [...(job.metricRelabel ?? []), ...identityStays],
  };
}

/** One target that grew out of hand fails, and is seen to fail, before it hurts all others. */
const limits = {
  sample_limit: 50_000,
  label_limit: 64,
  label_name_length_limit: 256,
  label_value_length_limit: 2048,
  body_size_limit: '50MB',
  keep_dropped_targets: 100,
  // Programs that name no content type, or a wrong one, are many.
  fallback_scrape_protocol: 'PrometheusText0.0.4',
};

/** The receiver would take a label of this name for the target's identity. */
const identityStays: RelabelRule[] = [
  { regex: 'service[._]name', replacement: 'exported_service_name', action: 'labelmap' },
  { regex: 'service[._]name', action: 'labeldrop' },
];

/** The node's name and address are those of the pod that asks. */
const ownNodeRules = ({ placement }: CollectorContext): RelabelRule[] =>
  placement._kind === 'DaemonSet'
    ? []
    : [
        {
          target_label: '__tmp_refused',
          replacement: ConfigValue._refused(
            'nodes without a pod of this collector would not be asked: sources of a node need Placement.daemonSet()',
          ),
        },
      ];

function shardRules(context: CollectorContext): RelabelRule[] {
  const number = podNumber(context, 'every pod would scrape every target: scraping sources need');
  return number
    ? [
        { source_labels: ['__address__'], modulus: context.placement._replicas, target_label: '__tmp_hash', action: 'hashmod' },
        { source_labels: ['__tmp_hash'], regex: number, action: 'keep' },
      ]
    : [];
}

/** The end of a series arrives as a value that is none; and nobody reads how many series are new. */
const valuesOnly = Component.processor({
  componentType: 'filter',
  name: 'values-only',
  config: {
    error_mode: 'ignore',
    metric_conditions: ['datapoint.flags == FLAG_NO_RECORDED_VALUE', 'metric.name == "scrape_series_added"'],
  },
});
