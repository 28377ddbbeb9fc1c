import { Duration } from 'cdk8s';
import { type Check, type Checks, kubernetesName, list, refuse, struct } from '../../kubernetes/checks';
import { Reach } from '../../kubernetes/endpoint';
import { throwIfAny } from '../../kubernetes/problems';
import { Countable } from '../../telemetry/countable';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding, type SourceRows } from '../source';
import { type AddressCheck, addressChecks, endpointOf, type HttpCheck, httpCheck, isTls } from './checked-address';
import { type MetricSelection, selectMetrics } from './metric-selection';
import { podNumber } from './pod-number';

/** Properties of EndpointChecks. At least one address has to be given. */
export interface EndpointChecksProps {
  /**
   * Tells it from others of the same collector.
   * @default - none: enough for one, which may check any number of addresses
   */
  readonly name?: string;
  /**
   * Addresses that are asked by HTTP: whether the answer is right, how long it took, and with TLS when the certificate ends.
   * @default - none
   */
  readonly http?: HttpCheck[];
  /**
   * Addresses that are connected to: whether that succeeds, and how long it took.
   * @default - none
   */
  readonly tcp?: AddressCheck[];
  /**
   * Addresses that speak TLS, but no HTTP: when their certificate ends, whoever signed it.
   * @default - none
   */
  readonly tls?: AddressCheck[];
}

/**
 * Whether addresses answer, asked from within the cluster, once each.
 *
 * `httpcheck.status` is 1 where the answer is an expected one and 0 where it is another; where there is none, `httpcheck.error` says why. `httpcheck.tls.cert_remaining`
 * and `tlscheck.time_left` are seconds until the certificate ends, `tcpcheck.status` is 1 or 0. Of a collector of several pods the first checks.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/httpcheckreceiver
 */
export class EndpointChecks extends Source {
  private readonly name?: string;
  private readonly http: readonly HttpCheck[];
  private readonly tcp: readonly AddressCheck[];
  private readonly tls: readonly AddressCheck[];

  /** @throws if a property is wrong, with all that is wrong */
  constructor(props: EndpointChecksProps) {
    super();
    refuse<EndpointChecksProps>('EndpointChecks', props, checks);
    this.name = props.name;
    this.http = props.http ?? [];
    this.tcp = props.tcp ?? [];
    this.tls = props.tls ?? [];
    if (this.http.length + this.tcp.length + this.tls.length === 0) {
      throwIfAny('EndpointChecks', [{ where: 'http, tcp, tls', given: 'nothing', allowed: 'an address in one of them' }]);
    }
  }

  bind(context: CollectorContext): SourceBinding {
    const start = initialDelay(context);
    const http = selectMetrics('http_check', [
      'httpcheck.duration',
      'httpcheck.error',
      'httpcheck.status',
      ...(this.http.some(isTls) ? (['httpcheck.tls.cert_remaining'] as const) : []),
    ]);
    const tcp = selectMetrics('tcp_check', ['tcpcheck.duration', 'tcpcheck.error', 'tcpcheck.status']);
    const tls = selectMetrics('tls_check', ['tlscheck.time_left']);
    const kinds = [
      { type: 'http_check', selection: http, targets: this.http.map(httpTarget), processors: [answersOnly, this.expected(), named] },
      { type: 'tcp_check', selection: tcp, targets: this.tcp.map(addressTarget), processors: [] },
      { type: 'tls_check', selection: tls, targets: this.tls.map(addressTarget), processors: [named] },
    ].filter(({ targets }) => targets.length > 0);
    return {
      receivers: { metrics: kinds.flatMap(({ type, selection, targets }) => this.receivers(type, selection, targets, start)) },
      processors: { metrics: [...new Set(kinds.flatMap(({ processors }) => processors))] },
      metrics: kinds.flatMap(({ selection }) => selection.metrics),
      rows: this.rows(),
    };
  }

  /** A receiver for each interval. */
  private receivers(type: string, { config }: MetricSelection, targets: readonly Target[], start?: ConfigValue): Component[] {
    return [...new Set(targets.map(({ every }) => every))].map((every) =>
      Component.receiver({
        componentType: type,
        name: [this.name, every === 60 ? undefined : `every-${every}s`].filter(Boolean).join('-') || undefined,
        config: {
          collection_interval: `${every}s`,
          initial_delay: start,
          metrics: Object.keys(config).length > 0 ? config : undefined,
          targets: targets.filter((target) => target.every === every).map((target) => target.config),
        },
      }),
    );
  }

  /** Whoever reads a status has not to know what was expected. */
  private expected(): Component {
    const own = this.http.filter(({ expectedStatus }) => expectedStatus);
    const asked = ({ url }: HttpCheck) => `datapoint.attributes["http.url"] == ${JSON.stringify(url)}`;
    const codes = ({ expectedStatus = [] }: HttpCheck) =>
      expectedStatus.map((code) => `datapoint.attributes["http.status_code"] == ${code}`).join(' or ');
    const wrong = [
      ...own.map((check) => `${asked(check)} and not (${codes(check)})`),
      [...own.map((check) => `not (${asked(check)})`), 'not IsMatch(datapoint.attributes["http.status_class"], "^[23]xx$")'].join(' and '),
    ];
    return Component.processor({
      componentType: 'transform',
      name: ['expected-answers', this.name].filter(Boolean).join('-'),
      config: {
        error_mode: 'ignore',
        metric_statements: wrong.map((condition) => `set(datapoint.value_int, 0) where metric.name == "httpcheck.status" and ${condition}`),
      },
    });
  }

  /** A check that fails gives its error in place of a status or of a time. */
  private rows(): SourceRows[] {
    const a = (points: number, ...metrics: string[]): SourceRows => ({ per: Countable.CLUSTER, points, metrics });
    return [
      a(perMinute(this.http), 'httpcheck.duration', 'httpcheck.status'),
      a(perMinute(this.http.filter(isTls)), 'httpcheck.tls.cert_remaining'),
      a(perMinute(this.tcp), 'tcpcheck.duration', 'tcpcheck.status'),
      a(perMinute(this.tls), 'tlscheck.time_left'),
      a(0, 'httpcheck.error', 'tcpcheck.error'),
    ];
  }
}

/**
 * The receivers know no leader election. The first pod begins at once, and each further one three years of waiting later for each number: as long as no pod lives
 * that long, which a node's upgrades see to, each address is asked by one.
 */
function initialDelay(context: CollectorContext): ConfigValue | undefined {
  const number = podNumber(context, 'each would check every address of EndpointChecks');
  return number && ConfigValue.concat(number, '00000000s');
}

interface Target {
  readonly every: number;
  readonly config: object;
}

function httpTarget(check: HttpCheck): Target {
  const every = secondsOf(check);
  const config = {
    endpoint: ConfigValue.reaching(check.url, endpointOf(check)),
    method: check.method ?? 'GET',
    timeout: timeout(every),
    tls: check.caCertificate && { ca_file: ConfigValue.secretFile(check.caCertificate) },
  };
  return { every, config };
}

function addressTarget(check: AddressCheck): Target {
  const every = secondsOf(check);
  const { host, port, reach = Reach.anywhere() } = check;
  return { every, config: { endpoint: ConfigValue.connect({ host, port, reach }), dialer: { timeout: timeout(every) } } };
}

const secondsOf = ({ interval = Duration.minutes(1) }: { readonly interval?: Duration }) =>
  Math.round(interval.toSeconds({ integral: false }));

/** An answer that comes later helps nobody, and must not come after the next question. */
const timeout = (every: number) => `${Math.min(10, every - 1)}s`;

const perMinute = (all: readonly (HttpCheck | AddressCheck)[]) => all.reduce((sum, check) => sum + 60 / secondsOf(check), 0);

/** The receiver sends a row for each class of status codes; the class of the answer is enough. */
const answersOnly = Component.processor({
  componentType: 'filter',
  name: 'answers-only',
  config: { error_mode: 'ignore', metric_conditions: ['metric.name == "httpcheck.status" and datapoint.value_int == 0'] },
});

/** All the names of a certificate would make the series, and the port that a failed connection came from a new series each time. */
const named = Component.processor({
  componentType: 'transform',
  name: 'checked-names',
  config: {
    error_mode: 'ignore',
    metric_statements: [
      'delete_key(datapoint.attributes, "http.tls.san")',
      'delete_key(datapoint.attributes, "tlscheck.x509.san")',
      'replace_pattern(datapoint.attributes["error.message"], "\\\\S+->", "") where datapoint.attributes["error.message"] != nil',
    ],
  },
});

/** The same address twice would be two points of one series. */
function eachOnce<C>(check: Check, key: (item: C) => string): Check {
  return (value, where) => {
    const problems = check(value, where);
    const keys = problems.length > 0 ? [] : (value as C[]).map(key);
    const twice = keys.filter((one, index) => keys.indexOf(one) !== index);
    return [...problems, ...twice.map((one) => ({ where, given: `${one} twice`, allowed: 'each address once' }))];
  };
}

const addresses = eachOnce(list(struct<AddressCheck>(addressChecks)), ({ host, port }: AddressCheck) => `${host}:${port}`);

const checks: Checks<EndpointChecksProps> = {
  name: kubernetesName(40),
  http: eachOnce(list(httpCheck), ({ url }: HttpCheck) => url),
  tcp: addresses,
  tls: addresses,
};
