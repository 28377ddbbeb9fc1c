import type { Duration } from 'cdk8s';
import type { AccessRule } from '../../kubernetes/access';
import type { Countable } from '../../telemetry/countable';
import { Instrument } from '../../telemetry/instrument';
import type { Metric } from '../../telemetry/metric';
import { type MetricFacts, scrapeMetrics } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import type { ConfigValue } from '../config-value';
import type { CollectorContext, SourceBinding, SourceRows } from '../source';
import { nodeOnly } from './node-only';
import { type PodDiscovery, podDiscovery } from './pod-discovery';
import { podNumber } from './pod-number';
import { limiting, nativeHistograms, type ScrapeLimits, type ScrapeTiming, timing } from './scrape-limits';

/** Where every pod finds the authority of its cluster and, if it has rights, its token. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The collector's own token, read anew when it changes. */
export const ownToken = { credentials_file: `${serviceAccountFolder}/token` };

/** How the API server's certificate is checked. */
export const apiServerTls = { ca_file: `${serviceAccountFolder}/ca.crt`, server_name: 'kubernetes.default.svc' };

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

/** A job of the receiver. */
export interface ScrapeConfig {
  readonly name: string;
  /** Where targets are found, and how they are asked. */
  readonly config: Record<string, unknown>;
  /** Pods that discovery finds; on every node, those of the node. */
  readonly pods?: PodDiscovery;
  readonly relabel: RelabelRule[];
  readonly metricRelabel?: RelabelRule[];
  /** How much each target may give. */
  readonly limits?: ScrapeLimits;
  /** How often, and how long an answer is waited for. */
  readonly timing?: ScrapeTiming;
  /** Whether histograms come as native ones where a target has them. */
  readonly nativeHistograms?: boolean;
}

export interface ScrapingProps {
  /** Tells the receiver from others of its kind. */
  readonly name: string;
  readonly jobs: ScrapeConfig[];
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
  /** What nobody can say the number of. */
  readonly notCounted?: string[];
  /** How often, where it is not once a minute. */
  readonly interval?: Duration;
}

/**
 * A source that scrapes. Each target is scraped by one pod of the collector: by the hash of its address, as the receiver knows no leader election, or by that of its node.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/prometheusreceiver
 */
export function scraping(context: CollectorContext, props: ScrapingProps): SourceBinding {
  const receiver = Component.receiver({
    componentType: 'prometheus',
    name: props.name,
    config: {
      config: {
        global: { scrape_interval: '60s', scrape_timeout: '10s' },
        scrape_configs: props.jobs.map((job) => scrapeConfig(job, context, props.ofOwnNode)),
      },
    },
    access: { rules: props.rules, nonResourceUrls: props.nonResourceUrls },
  });
  return {
    receivers: { metrics: [receiver] },
    processors: { metrics: [valuesOnly, ...(props.processors ?? [])] },
    metrics: props.metrics,
    rows: [...(props.per ? [{ per: props.per, points: 1, metrics: Object.keys(scrapeMetrics) }] : []), ...(props.rows ?? [])],
    notCounted: props.notCounted,
    interval: props.interval,
  };
}

function scrapeConfig(job: ScrapeConfig, context: CollectorContext, onlyOwnNode = false) {
  const ofOwnNode = job.pods !== undefined && context.placement._kind === 'DaemonSet';
  const share = onlyOwnNode || ofOwnNode ? [] : shardRules(context);
  return {
    job_name: onlyOwnNode ? nodeOnly(context, job.name, job.name) : job.name,
    ...timing(job.timing ?? {}),
    ...limiting(job.limits),
    ...nativeHistograms(job.nativeHistograms, job.limits),
    // Programs that name no content type, or a wrong one, are many.
    fallback_scrape_protocol: 'PrometheusText0.0.4',
    ...job.config,
    ...(job.pods ? { kubernetes_sd_configs: [podDiscovery(job.pods, ofOwnNode)] } : {}),
    relabel_configs: [...job.relabel, ...share],
    metric_relabel_configs: [...(job.metricRelabel ?? []), ...identityStays],
  };
}

/** The receiver would take a label of this name for the target's identity. */
export const identityStays: RelabelRule[] = [
  { regex: 'service[._]name', replacement: 'exported_service_name', action: 'labelmap' },
  { regex: 'service[._]name', action: 'labeldrop' },
];

function shardRules(context: CollectorContext): RelabelRule[] {
  const number = podNumber(context, 'each would scrape every target');
  return number
    ? [
        { source_labels: ['__address__'], modulus: context.placement._replicas, target_label: '__tmp_hash', action: 'hashmod' },
        { source_labels: ['__tmp_hash'], regex: number, action: 'keep' },
      ]
    : [];
}

/** The end of a series arrives as a value that is none; and nobody reads how many series are new. */
export const valuesOnly = Component.processor({
  componentType: 'filter',
  name: 'values-only',
  config: {
    error_mode: 'ignore',
    metric_conditions: ['datapoint.flags == FLAG_NO_RECORDED_VALUE', 'metric.name == "scrape_series_added"'],
  },
});
