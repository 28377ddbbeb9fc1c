import { type Checks, instance, refuse, required } from '../../kubernetes/checks';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import type { IGateway } from '../gateway';
import { type Signal, signals } from '../rendering';
import { type CollectorContext, Sink, type SinkBinding } from '../source';
import { sending } from './sending-queue';

/** Properties of a GatewaySink. */
export interface GatewaySinkProps {
  /** Where telemetry goes: a CollectorGateway, or another IGateway. */
  readonly gateway: IGateway;
}

/** Requests stay far below the 16 MiB that a gateway takes: it refuses a larger one for good. */
const batchBytes = { min: 256 * 1024, max: 4 * 1024 * 1024 };

/**
 * Sends to the gateway, over all its replicas. It waits and tries again for ever; nothing is dropped while the queue has room, and then senders wait.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/otlpexporter
 */
export class GatewaySink extends Sink {
  /** @throws if a property is wrong */
  constructor(private readonly props: GatewaySinkProps) {
    super();
    refuse<GatewaySinkProps>('GatewaySink', props, checks);
  }

  bind(context: CollectorContext): SinkBinding {
    const exporter = (signal: Signal) => [this.exporter(context, signal)];
    return { exporters: Object.fromEntries(signals.map((signal) => [signal, exporter(signal)])) };
  }

  /** One a signal: their queues are of different sizes. */
  private exporter(context: CollectorContext, signal: Signal): Component {
    const { otlpGrpc, token } = this.props.gateway;
    return Component.exporter({
      componentType: 'otlp_grpc',
      name: `gateway-${signal}`,
      config: {
        // The resolver asks for all addresses behind the name; one address would be one connection to one replica.
        endpoint: ConfigValue.concat('dns:///', ConfigValue.connect(otlpGrpc)),
        balancer_name: 'round_robin',
        tls: otlpGrpc.tls
          ? {
              insecure: false,
              ca_file: otlpGrpc.caCertificate && ConfigValue.secretFile(otlpGrpc.caCertificate),
              server_name_override: otlpGrpc.serverName,
            }
          : { insecure: true },
        // Not by an authenticator, which refuses to send where the other side decrypts.
        headers: token && {
          authorization: ConfigValue.concat('Bearer ', ConfigValue._randomSecret(token, otlpGrpc.reach._pods?.namespace)),
        },
        compression: 'zstd',
        timeout: '30s',
        keepalive: { time: '30s', timeout: '10s' },
        ...sending(context, signal, { consumers: 4, sizer: 'bytes', minBatch: batchBytes.min, maxBatch: batchBytes.max, flushAfter: '1s' }),
      },
    });
  }
}

const checks: Checks<GatewaySinkProps> = {
  gateway: required(instance('a CollectorGateway, or another IGateway', 'clusterName', 'otlpGrpc', 'otlpHttp')),
};
