import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';

/** The ports of OTLP, as every SDK expects them. */
const otlpGrpcPort = { name: 'otlp-grpc', port: 4317 };
const otlpHttpPort = { name: 'otlp-http', port: 4318 };

/** The largest message that is taken. Senders of this stack stay well below it, so that none of theirs is refused for good. */
const maxMessageMebibytes = 16;

/**
 * Logs, metrics and traces that applications and other collectors send, by gRPC on port 4317 and HTTP on port 4318.
 * Connections end after two minutes, so that clients find new replicas.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/receiver/otlpreceiver
 */
export class OtlpReceiver extends Source {
  bind(_context: CollectorContext): SourceBinding {
    const otlp = Component.receiver({
      componentType: 'otlp',
      config: {
        protocols: {
          grpc: {
            endpoint: ConfigValue.listen(otlpGrpcPort.name, otlpGrpcPort.port),
            max_recv_msg_size_mib: maxMessageMebibytes,
            keepalive: { server_parameters: { max_connection_age: '2m', max_connection_age_grace: '30s' } },
          },
          http: {
            endpoint: ConfigValue.listen(otlpHttpPort.name, otlpHttpPort.port),
            max_request_body_size: maxMessageMebibytes * 1024 * 1024,
          },
        },
      },
    });
    // What others send is theirs to count.
    return { receivers: { logs: [otlp], metrics: [otlp], traces: [otlp] }, rows: [] };
  }
}
