import { fieldTables } from '../../../imports/otelcol';
import { type Check, nearest } from '../../kubernetes/checks';
import { type Problem, shown } from '../../kubernetes/problems';
import { secretTexts } from '../secret-texts';

/** Fields of a job in Prometheus' words, beyond what a ScrapeJob has properties for. */
export type ScrapeFields = Readonly<Record<string, unknown>>;

/** What the job writes itself, and by which of its properties. */
const written: Readonly<Record<string, string>> = {
  job_name: '`name`',
  scrape_interval: '`interval`',
  scrape_timeout: '`timeout`',
  metrics_path: '`path`',
  params: '`params`',
  scheme: '`tls`',
  tls_config: '`tls`',
  authorization: '`authorization`',
  static_configs: '`targets`',
  kubernetes_sd_configs: '`pods`; or a Source of your own, which says the rights that other discovery needs',
  sample_limit: '`limits`',
  label_limit: '`limits`',
  label_name_length_limit: '`limits`',
  label_value_length_limit: '`limits`',
  body_size_limit: '`limits`',
  target_limit: '`limits`',
  native_histogram_bucket_limit: '`limits`',
  scrape_native_histograms: '`nativeHistograms`',
};

/** Discoveries are open: a collector may have more of them than are known here. */
const known = (name: string) => Object.hasOwn(fieldTables.PrometheusPromScrapeConfig, name) || name.endsWith('_sd_configs');

/** What may be said: fields of a job that it does not write itself. */
const free = Object.keys(fieldTables.PrometheusPromScrapeConfig).filter((name) => !name.startsWith('$') && !Object.hasOwn(written, name));

const isRules = (value: unknown) => Array.isArray(value) && value.every((rule) => typeof rule === 'object' && rule !== null);

/** Rules stand in lists, behind the job's own. */
const lists = ['relabel_configs', 'metric_relabel_configs'];

export const fieldsCheck: Check = (value, where) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ where, given: shown(value), allowed: "an object of Prometheus' fields of a job" }];
  }
  const fields = value as Record<string, unknown>;
  const twice = Object.keys(fields).filter((name) => Object.hasOwn(written, name));
  const unknown = Object.keys(fields).filter((name) => fields[name] !== undefined && !known(name));
  const noRules = lists.filter((name) => fields[name] !== undefined && !isRules(fields[name]));
  return [
    ...unknown.map((name): Problem => ({ where: `${where}.${name}`, given: 'a field that does not exist', allowed: nearest(name, free) })),
    ...twice.map((name): Problem => ({ where: `${where}.${name}`, given: 'what the job writes itself', allowed: written[name] })),
    ...noRules.map((name): Problem => ({ where: `${where}.${name}`, given: shown(fields[name]), allowed: 'a list of rules' })),
    ...secretTexts(fields, where, true),
  ];
};

/** Whether targets are found by a discovery of Prometheus. */
export const discovers = (fields: ScrapeFields = {}) => Object.keys(fields).some((name) => name.endsWith('_sd_configs'));
