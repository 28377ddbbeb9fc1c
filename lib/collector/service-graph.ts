import { Duration } from 'cdk8s';
import { type Checks, duration, integer, refuse } from '../kubernetes/checks';
import { Countable } from '../telemetry/countable';
import { Instrument } from '../telemetry/instrument';
import { Metric } from '../telemetry/metric';
import { Component } from './component';
import { MetricsOfTraces, TracesTaken } from './metrics-of-traces';
import type { Sink } from './sink';
import type { Source } from './source';

/** Properties of a ServiceGraph. */
export interface ServiceGraphProps {
  /**
   * How long the span of a caller waits for that of the called.
   * @default Duration.seconds(10)
   */
  readonly wait?: Duration;
  /**
   * How many spans wait at most; what comes then is counted by nobody.
   * @default 20000
   */
  readonly waitingSpans?: number;
  /**
   * How often the metrics are given.
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
}

/**
 * Who calls whom, how often, how long it takes and how often it fails, told from pairs of spans. A sink and a source of one collector, which are one connector: give it both.
 * Both spans of a call have to come to one pod: to a gateway of one replica, or to a TailSampling.
 *
 * @example
 * const serviceGraph = new ServiceGraph();
 * new CollectorGateway(chart, 'Gateway', {
 *   clickhouse,
 *   clusterName: 'prod-eu',
 *   replicas: 1,
 *   sources: [...CollectorGateway.defaultSources(), serviceGraph.source],
 *   furtherSinks: [serviceGraph.sink],
 * });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/connector/servicegraphconnector
 */
export class ServiceGraph {
  /** Calls, with `client`, `server` and whether they `failed`. */
  static readonly requests = Metric.custom({ name: 'traces_service_graph_request_total', instrument: Instrument.SUM, unit: '1' });
  /** Calls that failed. */
  static readonly failures = Metric.custom({ name: 'traces_service_graph_request_failed_total', instrument: Instrument.SUM, unit: '1' });

  /** How long calls took for the caller, in seconds. */
  static readonly client = Metric.custom({ name: 'traces_service_graph_request_client', instrument: Instrument.HISTOGRAM, unit: 's' });
  /** How long calls took for the called, in seconds. */
  static readonly server = Metric.custom({ name: 'traces_service_graph_request_server', instrument: Instrument.HISTOGRAM, unit: 's' });

  /** Takes the spans: among the sinks of the collector. */
  readonly sink: Sink;
  /** Gives the metrics: among its sources. */
  readonly source: Source;

  /** @throws if a property is wrong */
  constructor(props: ServiceGraphProps = {}) {
    refuse<ServiceGraphProps>('ServiceGraph', props, checks);
    const milliseconds = (of: Duration) => `${of.toMilliseconds()}ms`;
    const interval = props.interval ?? Duration.minutes(1);
    const connector = Component.connector({
      componentType: 'service_graph',
      config: {
        store: { ttl: milliseconds(props.wait ?? Duration.seconds(10)), max_items: props.waitingSpans ?? 20_000 },
        metrics_flush_interval: milliseconds(interval),
      },
    });
    this.sink = new TracesTaken(connector);
    this.source = new ServiceGraphSource({
      connector,
      metrics: [ServiceGraph.requests, ServiceGraph.failures, ServiceGraph.client, ServiceGraph.server],
      per: Countable.CALL,
      interval: props.interval,
    });
  }
}

class ServiceGraphSource extends MetricsOfTraces {}

const checks: Checks<ServiceGraphProps> = {
  wait: duration(Duration.millis(100), Duration.minutes(10)),
  waitingSpans: integer(1, 10_000_000),
  interval: duration(Duration.seconds(1), Duration.hours(1)),
};
