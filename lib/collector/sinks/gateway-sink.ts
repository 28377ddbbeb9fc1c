import { type Checks, refuse, required } from '../../kubernetes/checks';
import { ConfigValue } from '../config-value';
import { gatewayCheck, type IGateway, OtlpProtocol } from '../gateway';
import { KeptShare } from '../kept-share';
import { signals } from '../signal';
import { Sink, type SinkBinding } from '../sink';
import type { CollectorContext } from '../source';
import { otlpExporter } from './otlp-exporter';

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
    const { gateway } = this.props;
    const protocol = gateway.protocol ?? OtlpProtocol.GRPC;
    const endpoint = protocol === OtlpProtocol.HTTP ? gateway.otlpHttp : gateway.otlpGrpc;
    const target = { name: 'gateway', protocol, endpoint, headers: this.headers(), compression: 'zstd' };
    return {
      exporters: Object.fromEntries(signals.map((signal) => [signal, [otlpExporter(target, context, signal)]])),
      removedMetrics: gateway.removedMetrics,
      keeps: gateway.keeps ?? KeptShare.everything()._but(`${endpoint.host}: what that gateway leaves out`, signals),
    };
  }

  /** Not by an authenticator of the collector, which refuses to send in plain text to a gateway behind what decrypts. */
  private headers(): Record<string, ConfigValue> | undefined {
    const { otlpGrpc, token } = this.props.gateway;
    const owner = otlpGrpc.reach._pods?.namespace;
    return (
      token && { authorization: ConfigValue.concat('Bearer ', owner ? ConfigValue._randomSecret(token, owner) : ConfigValue.secret(token)) }
    );
  }
}

const checks: Checks<GatewaySinkProps> = {
  gateway: required(gatewayCheck),
};
