import { type Checks, checkProps } from '../../kubernetes/checks';
import { type Problem, shown, throwIfAny } from '../../kubernetes/problems';
import { addressOf } from '../../kubernetes/url';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { Signal } from '../signal';
import { Sink, type SinkBinding } from '../sink';
import type { CollectorContext } from '../source';
import { type HttpTarget, plainTextProblems, secretHeaders, targetChecks } from './http-target';
import { clientTls } from './otlp-exporter';
import { exporterName, routed, routingChecks, type SinkRouting } from './sink-options';

/** Properties of a PrometheusRemoteWriteSink. */
export interface PrometheusRemoteWriteSinkProps extends SinkRouting, HttpTarget {
  /**
   * Tells it from others of its kind; part of the name of its exporter.
   * @default - none: it is the only one
   */
  readonly name?: string;
}

/**
 * Writes metrics to what takes Prometheus' remote write: Prometheus itself, Mimir, Thanos, a vendor. Attributes of resources become labels, as without them points of different pods
 * would be one series. It keeps 10,000 requests in memory, none on disk, and drops what comes while that is full; sums that count anew in each point (delta) are dropped, as Prometheus has none.
 *
 * @example
 * const mimir = new PrometheusRemoteWriteSink({ endpoint: 'https://mimir.acme.example/api/v1/push', headers: { 'X-Scope-OrgID': SecretKey.of('mimir', 'tenant') } });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/prometheusremotewriteexporter
 */
export class PrometheusRemoteWriteSink extends Sink {
  /** @throws if a property is wrong, with all that is wrong */
  constructor(private readonly props: PrometheusRemoteWriteSinkProps) {
    super();
    throwIfAny('PrometheusRemoteWriteSink', problems(props));
  }

  bind(_context: CollectorContext): SinkBinding {
    const { props } = this;
    return { ...routed({ ...props, signals: [Signal.METRICS] }, () => this.exporter()), dropsWhenFull: true };
  }

  private exporter(): Component {
    const { endpoint, scheme, path } = addressOf(this.props.endpoint, this.props);
    return Component.exporter({
      componentType: 'prometheus_remote_write',
      name: this.props.name,
      config: {
        endpoint: ConfigValue.concat(ConfigValue.connect(endpoint, scheme), path),
        headers: secretHeaders(this.props),
        tls: clientTls(endpoint),
        timeout: '30s',
        resource_to_telemetry_conversion: { enabled: true },
        retry_on_failure: { enabled: true, initial_interval: '1s', max_interval: '30s', max_elapsed_time: '0s' },
        remote_write_queue: { enabled: true, queue_size: 10_000 },
      },
    });
  }
}

const checks: Checks<PrometheusRemoteWriteSinkProps> = { ...routingChecks, ...targetChecks, name: exporterName };

function problems(props: PrometheusRemoteWriteSinkProps): Problem[] {
  const wrong = checkProps(props, checks);
  return wrong.length > 0 ? wrong : [...plainTextProblems(props), ...pathProblems(props)];
}

/** Nobody takes it at the root, and what is refused there is dropped. */
function pathProblems({ endpoint }: PrometheusRemoteWriteSinkProps): Problem[] {
  const base = endpoint.replace(/\/+$/, '');
  return addressOf(endpoint, {}).path
    ? []
    : [
        {
          where: 'endpoint',
          given: `${shown(endpoint)}, without a path`,
          allowed: `the whole URL: ${base}/api/v1/write (Prometheus, VictoriaMetrics), ${base}/api/v1/push (Mimir), ${base}/api/v1/receive (Thanos)`,
        },
      ];
}
