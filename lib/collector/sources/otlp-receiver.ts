import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { bearerTokens } from '../senders';
import { type CollectorContext, Source, type SourceBinding } from '../source';

/** The ports of OTLP, as every SDK expects them. */
const otlpGrpcPort = { name: 'otlp-grpc', port: 4317 };
const otlpHttpPort = { name: 'otlp-http', port: 4318 };

/** The largest message that is taken. Senders of this stack stay well below it, so that none of theirs is refused for good. */
const maxMessageMebibytes = 16;

/**
 * Logs, metrics and traces that applications and other collectors send, by gRPC on port 4317 and HTTP on port 4318.
 * Connections end after two minutes, so that clients find new replicas. Where the collector has a certificate, only TLS is taken; where it has tokens, only who sends one of them.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/receiver/otlpreceiver
 */
export class OtlpReceiver extends Source {
  bind(context: CollectorContext): SourceBinding {
    const security = listenerSecurity(context);
    const otlp = Component.receiver({
      componentType: 'otlp',
      config: {
        protocols: {
          grpc: {
            endpoint: ConfigValue.listen(otlpGrpcPort.name, otlpGrpcPort.port, context.tls),
            ...security,
            max_recv_msg_size_mib: maxMessageMebibytes,
            keepalive: { server_parameters: { max_connection_age: '2m', max_connection_age_grace: '30s' } },
          },
          http: {
            endpoint: ConfigValue.listen(otlpHttpPort.name, otlpHttpPort.port, context.tls),
            ...security,
            max_request_body_size: maxMessageMebibytes * 1024 * 1024,
          },
        },
      },
    });
    // What others send is theirs to count.
    return { receivers: { logs: [otlp], metrics: [otlp], traces: [otlp] }, rows: [] };
  }
}

/** The files are looked at again for connections that come after half a minute: a Secret that is renewed needs no restart. */
function listenerSecurity({ tls, tokens, name }: CollectorContext): Record<string, unknown> {
  const files = tls?._keys(name);
  return {
    tls: files && {
      cert_file: ConfigValue.secretFile(files.certificate),
      key_file: ConfigValue.secretFile(files.key),
      reload_interval: '30s',
    },
    auth: tokens && { authenticator: bearerTokens(tokens) },
  };
}
