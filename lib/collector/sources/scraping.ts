import type { AccessRule } from '../../kubernetes/access';
import type { Countable } from '../../telemetry/countable';
import type { Metric } from '../../telemetry/metric';
import { scrapeMetrics } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import type { ConfigValue } from '../config-value';
import type { CollectorContext, SourceBinding, SourceRows } from '../source';
import { podNumber } from './pod-number';

/** A rule as Prometheus documents it; the renderer writes `$` as the collector wants it. */
export interface RelabelRule {
  readonly source_labels?: string[];
  readonly regex?: string | ConfigValue;
  readonly action?: 'replace' | 'keep' | 'drop' | 'labelmap' | 'labeldrop' | 'hashmod';
  readonly target_label?: string;
  readonly replacement?: string;
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
  const shard = shardRules(context);
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

const credentials = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How a pod shows who it is, and knows the API server. */
export const serviceAccount = {
  authorization: { credentials_file: `${credentials}/token` },
  apiServerTls: { ca_file: `${credentials}/ca.crt`, server_name: 'kubernetes.default.svc' },
};

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
