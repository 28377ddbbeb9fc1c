import { Component } from '../collector/component';
import { ConfigValue } from '../collector/config-value';
import { Sink, type SinkBinding } from '../collector/sink';
import { clientTls } from '../collector/sinks/otlp-exporter';
import { sending } from '../collector/sinks/sending-queue';
import type { CollectorContext } from '../collector/source';
import { type Checks, instance, refuse, required } from '../kubernetes/checks';
import type { TailSampling } from './tail-sampling';

/** Properties of a TailSamplingSink. */
export interface TailSamplingSinkProps {
  /** Where traces are decided on. */
  readonly sampling: TailSampling;
}

/**
 * Sends traces on to be sampled, all spans of one to the same pod. Spans wait in the queue of this collector while a pod is away, and then go to the others.
 *
 * @example
 * const sinks = [new ClickHouseSink({ clickhouse, signals: [Signal.LOGS, Signal.METRICS] }), new TailSamplingSink({ sampling })];
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/loadbalancingexporter
 */
export class TailSamplingSink extends Sink {
  /** @throws if a property is wrong */
  constructor(private readonly props: TailSamplingSinkProps) {
    super();
    refuse<TailSamplingSinkProps>('TailSamplingSink', props, checks);
  }

  bind(context: CollectorContext): SinkBinding {
    const { tracesEndpoint, keeps } = this.props.sampling;
    const exporter = Component.exporter({
      componentType: 'load_balancing',
      name: 'tail-sampling',
      config: {
        routing_key: 'traceID',
        resolver: {
          dns: { hostname: ConfigValue.reaching(tracesEndpoint.host, tracesEndpoint), port: String(tracesEndpoint.port), interval: '5s' },
        },
        protocol: {
          otlp: {
            tls: clientTls(tracesEndpoint),
            timeout: '10s',
            // The queue stands before the choice of a pod, so that what waits for one that is gone goes to another.
            sending_queue: { enabled: false },
            retry_on_failure: { enabled: false },
          },
        },
        ...sending(context, 'traces', { consumers: 4, sizer: 'bytes', minBatch: 256 * 1024, maxBatch: 4 * 1024 * 1024, flushAfter: '1s' }),
      },
    });
    return { exporters: { traces: [exporter] }, keeps };
  }
}

const checks: Checks<TailSamplingSinkProps> = { sampling: required(instance('a TailSampling', 'tracesEndpoint')) };
