import { type Checks, refuse, required } from '../../kubernetes/checks';
import type { Endpoint } from '../../kubernetes/endpoint';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { gatewayCheck, type IGateway, OtlpProtocol } from '../gateway';
import { type Signal, signals } from '../rendering';
import { type CollectorContext, Sink, type SinkBinding } from '../source';
import { type SendingOptions, sending } from './sending-queue';

/** Properties of a GatewaySink. */
export interface GatewaySinkProps {
  /** Where telemetry goes: a CollectorGateway, or another IGateway. */
  readonly gateway: IGateway;
}

/**
 * Sends to the gateway, over all its replicas. It waits and tries again for ever; nothing is dropped while the queue has room, and then senders wait.
 * What the gateway refuses for good is dropped: a token that it does not know.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/otlpexporter
 */
export class GatewaySink extends Sink {
  /** @throws if a property is wrong */
  constructor(private readonly props: GatewaySinkProps) {
    super();
    refuse<GatewaySinkProps>('GatewaySink', props, checks);
  }

  bind(context: CollectorContext): SinkBinding {
    const { protocol } = this.props.gateway;
    const exporter = (signal: Signal) => [protocol === OtlpProtocol.HTTP ? this.overHttp(context, signal) : this.overGrpc(context, signal)];
    return { exporters: Object.fromEntries(signals.map((signal) => [signal, exporter(signal)])) };
  }

  /** One a signal: their queues are of different sizes. */
  private overGrpc(context: CollectorContext, signal: Signal): Component {
    const { otlpGrpc } = this.props.gateway;
    return Component.exporter({
      componentType: 'otlp_grpc',
      name: `gateway-${signal}`,
      config: {
        // The resolver asks for all addresses behind the name; one address would be one connection to one replica.
        endpoint: ConfigValue.concat('dns:///', ConfigValue.connect(otlpGrpc)),
        balancer_name: 'round_robin',
        tls: clientTls(otlpGrpc),
        headers: this.headers(),
        compression: 'zstd',
        timeout: '30s',
        keepalive: { time: '30s', timeout: '10s' },
        ...sending(context, signal, { ...batches, maxBatch: grpcBatchBytes }),
      },
    });
  }

  private overHttp(context: CollectorContext, signal: Signal): Component {
    const { otlpHttp } = this.props.gateway;
    return Component.exporter({
      componentType: 'otlp_http',
      name: `gateway-${signal}`,
      config: {
        endpoint: ConfigValue.connect(otlpHttp, otlpHttp.tls ? 'https' : 'http'),
        tls: clientTls(otlpHttp),
        headers: this.headers(),
        compression: 'zstd',
        timeout: '30s',
        ...sending(context, signal, { ...batches, maxBatch: httpBatchBytes }),
      },
    });
  }

  /** Not by an authenticator of the collector, which refuses to send in plain text to a gateway behind what decrypts. */
  private headers(): Record<string, unknown> | undefined {
    const { otlpGrpc, token } = this.props.gateway;
    const owner = otlpGrpc.reach._pods?.namespace;
    return (
      token && { authorization: ConfigValue.concat('Bearer ', owner ? ConfigValue._randomSecret(token, owner) : ConfigValue.secret(token)) }
    );
  }
}

const batches: Omit<SendingOptions, 'maxBatch'> = { consumers: 4, sizer: 'bytes', minBatch: 256 * 1024, flushAfter: '1s' };

/** Requests stay far below the 16 MiB that a gateway takes: it refuses a larger one for good. */
const grpcBatchBytes = 4 * 1024 * 1024;

/** Below the 1 MiB that an Ingress controller takes by default: it refuses a larger one for good. */
const httpBatchBytes = 768 * 1024;

const clientTls = ({ tls, caCertificate, serverName }: Endpoint) =>
  tls
    ? { insecure: false, ca_file: caCertificate && ConfigValue.secretFile(caCertificate), server_name_override: serverName }
    : { insecure: true };

const checks: Checks<GatewaySinkProps> = {
  gateway: required(gatewayCheck),
};
