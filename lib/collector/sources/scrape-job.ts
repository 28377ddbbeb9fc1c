import type { Duration } from 'cdk8s';
import { boolean, type Checks, checkProps, integer, kubernetesName, list, record, required, text } from '../../kubernetes/checks';
import { type Endpoint, endpointCheck } from '../../kubernetes/endpoint';
import { type Problem, throwIfAny } from '../../kubernetes/problems';
import { type SecretKey, secretKey } from '../../kubernetes/secret-key';
import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { scrapeMetrics } from '../../telemetry/scraped-metrics';
import { ConfigValue } from '../config-value';
import { re2Pattern } from '../logs/pattern';
import { type CollectorContext, Source, type SourceBinding, type SourceRows } from '../source';
import { patternProblems, patternRules } from './metric-patterns';
import { anyContainer, anyTarget } from './pod-targets';
import { discovers, fieldsCheck } from './scrape-fields';
import { limitProblems, limitsCheck, type ScrapeLimits, timingChecks, timingProblems } from './scrape-limits';
import { type ScrapeTls, scrapeTlsCheck, tlsConfig, tlsProblems } from './scrape-tls';
import { claimsOf, discoveryOf, podProblems, podRules, type ScrapedPods, scrapedPodsCheck } from './scraped-pods';
import { type ScrapeConfig, scraping } from './scraping';

/** Properties of a ScrapeJob: one of `targets`, `pods` and a discovery in `config`, and how they are asked. */
export interface ScrapeJobProps {
  /** What it is called: `service.name` of all that it gives. */
  readonly name: string;
  /**
   * Addresses that are asked. Whether over TLS, the job says for all of them.
   * @default - `pods` are
   */
  readonly targets?: Endpoint[];
  /**
   * Pods that are asked, each once. AnnotatedTargets of the same collector leaves them out, with all their ports, if `labels` are given. Whether others claim them does not matter.
   * @default - `targets` are
   */
  readonly pods?: ScrapedPods;
  /**
   * How often, from a second to an hour.
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
  /**
   * How long an answer is waited for, from a second to a minute.
   * @default - 10 seconds, or the interval where that is shorter
   */
  readonly timeout?: Duration;
  /**
   * The path of the metrics.
   * @default '/metrics'
   */
  readonly path?: string;
  /**
   * Query parameters, each with its values: `{ 'match[]': ['up', 'shop_requests_total'] }`.
   * @default - none
   */
  readonly params?: Record<string, string[]>;
  /**
   * Asks over TLS: `{}` checks certificates against the system's authorities.
   * @default - plain text
   */
  readonly tls?: ScrapeTls;
  /**
   * A bearer token, of a Secret in the collector's namespace. It is read anew when it changes.
   * @default - none
   */
  readonly authorization?: SecretKey;
  /**
   * Names of the metrics that are kept, as patterns of RE2 that match the whole of a name as it is stored; parts of histograms and summaries go with theirs.
   * @default - all
   */
  readonly metricAllow?: string[];
  /**
   * Names of metrics that are dropped, of those that are kept otherwise.
   * @default - none
   */
  readonly metricDrop?: string[];
  /**
   * How much each target may give.
   * @default - 50,000 samples, 64 labels each, 50 MiB
   */
  readonly limits?: ScrapeLimits;
  /**
   * Whether histograms come as native ones where a target has them: as fine as it says over their whole range, in place of the classic ones of the same name.
   * Targets that have none are asked as ever. They lie in another table than classic ones (`otel_metrics_exponential_histogram`).
   * @default false
   */
  readonly nativeHistograms?: boolean;
  /**
   * Further fields of the job in Prometheus' words: `honor_labels`, `basic_auth`, `http_sd_configs`. Values may be ConfigValues. Rules in `relabel_configs` and
   * `metric_relabel_configs` stand behind the job's own. With a discovery (`…_sd_configs`) the network is opened to any address and TCP port, since targets may be anything.
   * @default - none
   */
  // biome-ignore lint/suspicious/noExplicitAny: jsii has no other word for values of any kind
  readonly config?: Record<string, any>;
  /**
   * How many targets there are, for estimates.
   * @default - as many as `targets`; otherwise it is not known, and the job not estimated
   */
  readonly expectedTargets?: number;
  /**
   * How many samples of each are kept, for estimates.
   * @default 200
   */
  readonly samplesPerTarget?: number;
}

/**
 * Metrics of targets that are named here: addresses, or pods by namespace and labels. The network is opened to exactly these.
 *
 * @example
 * const queue = new ScrapeJob({
 *   name: 'queue',
 *   pods: { namespaces: ['shop'], labels: { app: 'rabbitmq' }, portName: 'prometheus' },
 *   interval: Duration.seconds(30),
 *   metricDrop: ['erlang_.*'],
 * });
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export class ScrapeJob extends Source {
  /** @throws if a property is wrong or properties contradict each other, with all that is wrong */
  constructor(private readonly props: ScrapeJobProps) {
    super();
    const problems = checkProps<ScrapeJobProps>(props, checks);
    throwIfAny('ScrapeJob', problems.length > 0 ? problems : contradictions(props));
  }

  bind(context: CollectorContext): SourceBinding {
    const { name, pods, interval, authorization, tls } = this.props;
    const binding = scraping(context, {
      name: `job-${name}`,
      jobs: [this.job()],
      rules: pods
        ? (pods.namespaces ?? [undefined]).map((onlyIn) => ({
            apiGroup: '',
            resources: ['pods'],
            verbs: ['list', 'watch'],
            onlyIn,
            because: `the pods of the job ${name} are found`,
          }))
        : [],
      // A port that no container needs to declare is nobody's in particular.
      processors: pods?.port === undefined ? [] : [anyContainer],
      metrics: Object.keys(scrapeMetrics).map((metric) => Metric.named(metric)),
      rows: this.rows(),
      notCounted: this.expectedTargets === undefined ? ['its targets: `expectedTargets` says how many'] : undefined,
      interval,
    });
    const warnings = authorization && !tls ? [`the job ${name} sends its token in plain text: tls: {…} encrypts it`] : [];
    return { ...binding, targets: pods ? claimsOf(pods) : [], warnings };
  }

  private get expectedTargets(): number | undefined {
    return this.props.expectedTargets ?? this.props.targets?.length;
  }

  private rows(): SourceRows[] {
    const { expectedTargets = 0 } = this;
    return [
      { per: Countable.CLUSTER, points: expectedTargets, metrics: Object.keys(scrapeMetrics) },
      { per: Countable.CLUSTER, points: expectedTargets * (this.props.samplesPerTarget ?? 200) },
    ];
  }

  private job(): ScrapeConfig {
    const { name, targets, pods, path, params, tls, authorization, limits, nativeHistograms } = this.props;
    const { relabel_configs = [], metric_relabel_configs = [], ...fields } = this.props.config ?? {};
    const scheme = tls ? 'https' : 'http';
    return {
      name,
      config: {
        scheme: discovers(fields) ? ConfigValue.reaching(scheme, anyTarget) : scheme,
        metrics_path: path,
        params,
        tls_config: tls && tlsConfig(tls),
        authorization: authorization && { credentials_file: ConfigValue.secretFile(authorization) },
        ...fields,
        static_configs: targets && [{ targets: targets.map((target) => ConfigValue.connect(target)) }],
      },
      pods: pods && discoveryOf(name, pods),
      relabel: [...(pods ? podRules(pods) : []), ...relabel_configs],
      metricRelabel: [...patternRules(this.props), ...metric_relabel_configs],
      limits,
      nativeHistograms,
      timing: this.props,
    };
  }
}

function contradictions(props: ScrapeJobProps): Problem[] {
  const { targets, pods, tls, config } = props;
  const ways = [...(targets ? ['`targets`'] : []), ...(pods ? ['`pods`'] : []), ...(discovers(config) ? ['a discovery in `config`'] : [])];
  const encrypted = (targets ?? []).flatMap((target, index) =>
    target.tls || target.caCertificate || target.serverName
      ? [{ where: `targets[${index}]`, given: 'an endpoint with TLS of its own', allowed: '`tls` of the job, for all its targets' }]
      : [],
  );
  return [
    ...(ways.length === 1
      ? []
      : [{ where: 'targets', given: ways.join(' and ') || 'no targets', allowed: 'one of `targets`, `pods` and a discovery in `config`' }]),
    ...encrypted,
    ...(pods ? podProblems(pods) : []),
    ...(tls ? tlsProblems(tls) : []),
    ...patternProblems(props),
    ...timingProblems(props),
    ...limitProblems(props),
    ...uncounted(props),
  ];
}

/** Samples count for nothing where nobody says of how many targets. */
const uncounted = ({ targets, expectedTargets, samplesPerTarget }: ScrapeJobProps): Problem[] =>
  samplesPerTarget !== undefined && expectedTargets === undefined && targets === undefined
    ? [
        {
          where: 'samplesPerTarget',
          given: `${samplesPerTarget}, of nobody knows how many targets`,
          allowed: '`expectedTargets` with it',
        },
      ]
    : [];

const checks: Checks<ScrapeJobProps> = {
  name: required(kubernetesName(40)),
  targets: list(endpointCheck, { min: 1 }),
  pods: scrapedPodsCheck,
  ...timingChecks,
  path: text({ pattern: /^\/[^?#]*$/, allowed: 'a path that begins with `/`, without `?`: see `params`' }),
  params: record(list(text({ max: 4096 }), { min: 1 })),
  tls: scrapeTlsCheck,
  authorization: secretKey,
  metricAllow: list(re2Pattern(), { min: 1 }),
  metricDrop: list(re2Pattern(), { min: 1 }),
  limits: limitsCheck,
  nativeHistograms: boolean,
  config: fieldsCheck,
  expectedTargets: integer(0, 1_000_000),
  samplesPerTarget: integer(0, 10_000_000),
};
