import type { Endpoint } from '../../kubernetes/endpoint';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { OtlpProtocol } from '../gateway';
import type { SignalName } from '../signal';
import type { CollectorContext } from '../source';
import { type SendingOptions, sending } from './sending-queue';

export interface OtlpTarget {
  /** Of the exporter, before the signal's. */
  readonly name: string;
  readonly protocol: OtlpProtocol;
  readonly endpoint: Endpoint;
  /** Behind the endpoint, for OTLP over HTTP. */
  readonly path?: string;
  readonly headers?: Record<string, ConfigValue>;
  /** In place of `gzip`, which everybody takes. */
  readonly compression?: string;
  readonly dropsWhenFull?: boolean;
}

/** One a signal: their queues are of different sizes. */
export const otlpExporter = (target: OtlpTarget, context: CollectorContext, signal: SignalName): Component =>
  target.protocol === OtlpProtocol.HTTP ? overHttp(target, context, signal) : overGrpc(target, context, signal);

function overGrpc(
  { name, endpoint, headers, compression, dropsWhenFull }: OtlpTarget,
  context: CollectorContext,
  signal: SignalName,
): Component {
  return Component.exporter({
    componentType: 'otlp_grpc',
    name: `${name}-${signal}`,
    config: {
      // The resolver asks for all addresses behind the name; one address would be one connection to one replica.
      endpoint: ConfigValue.concat('dns:///', ConfigValue.connect(endpoint)),
      balancer_name: 'round_robin',
      tls: clientTls(endpoint),
      headers,
      compression: compression ?? 'gzip',
      timeout: '30s',
      keepalive: { time: '30s', timeout: '10s' },
      ...sending(context, signal, { ...batches, maxBatch: grpcBatchBytes, dropsWhenFull }),
    },
  });
}

function overHttp(target: OtlpTarget, context: CollectorContext, signal: SignalName): Component {
  const { name, endpoint, path, headers, compression, dropsWhenFull } = target;
  const address = ConfigValue.connect(endpoint, endpoint.tls ? 'https' : 'http');
  return Component.exporter({
    componentType: 'otlp_http',
    name: `${name}-${signal}`,
    config: {
      endpoint: path ? ConfigValue.concat(address, path) : address,
      tls: clientTls(endpoint),
      headers,
      compression: compression ?? 'gzip',
      timeout: '30s',
      ...sending(context, signal, { ...batches, maxBatch: httpBatchBytes, dropsWhenFull }),
    },
  });
}

const batches: Omit<SendingOptions, 'maxBatch'> = { consumers: 4, sizer: 'bytes', minBatch: 256 * 1024, flushAfter: '1s' };

/** Requests stay far below the 16 MiB that a gateway takes: it refuses a larger one for good. */
const grpcBatchBytes = 4 * 1024 * 1024;

/** Below the 1 MiB that an Ingress controller takes by default: it refuses a larger one for good. */
const httpBatchBytes = 768 * 1024;

export const clientTls = ({ tls, caCertificate, serverName }: Endpoint) =>
  tls
    ? { insecure: false, ca_file: caCertificate && ConfigValue.secretFile(caCertificate), server_name_override: serverName }
    : { insecure: true };
