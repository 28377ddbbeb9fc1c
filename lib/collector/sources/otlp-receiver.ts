import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { oidcTokens } from '../oidc';
import { bearerTokens } from '../senders';
import { type CollectorContext, Source, type SourceBinding } from '../source';

/** The ports of OTLP, as every SDK expects them. */
export const otlpGrpcPort = { name: 'otlp-grpc', port: 4317 };
export const otlpHttpPort = { name: 'otlp-http', port: 4318 };

/** Ports for those who have `tokens`, where a provider's are taken on the others: a listener knows one way to tell who sends. */
export const tokenGrpcPort = { name: 'token-grpc', port: 4327 };
export const tokenHttpPort = { name: 'token-http', port: 4328 };

/** The largest message that is taken. Senders of this stack stay well below it, so that none of theirs is refused for good. */
const maxMessageMebibytes = 16;

/**
 * Logs, metrics and traces that applications and other collectors send, by gRPC on port 4317 and HTTP on port 4318.
 * Connections end after two minutes, so that clients find new replicas. Where the collector has a certificate, only TLS is taken; where it has tokens, only who sends one of them.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/receiver/otlpreceiver
 */
export class OtlpReceiver extends Source {
  bind(context: CollectorContext): SourceBinding {
    const { oidc, tokens } = context;
    const known = tokens && bearerTokens(tokens);
    const otlp = [
      receiver(context, undefined, otlpGrpcPort, otlpHttpPort, oidc ? oidcTokens(oidc) : known),
      ...(oidc && known ? [receiver(context, 'token', tokenGrpcPort, tokenHttpPort, known)] : []),
    ];
    // What others send is theirs to count.
    return { receivers: { logs: otlp, metrics: otlp, traces: otlp }, rows: [] };
  }
}

interface Port {
  readonly name: string;
  readonly port: number;
}

function receiver({ tls, name: collector }: CollectorContext, name: string | undefined, grpc: Port, http: Port, authenticator?: Component) {
  const files = tls?._keys(collector);
  const security = {
    // The files are looked at again for connections that come after half a minute: a Secret that is renewed needs no restart.
    tls: files && {
      cert_file: ConfigValue.secretFile(files.certificate),
      key_file: ConfigValue.secretFile(files.key),
      reload_interval: '30s',
    },
    auth: authenticator && { authenticator },
  };
  return Component.receiver({
    componentType: 'otlp',
    name,
    config: {
      protocols: {
        grpc: {
          endpoint: ConfigValue.listen(grpc.name, grpc.port, tls),
          ...security,
          max_recv_msg_size_mib: maxMessageMebibytes,
          keepalive: { server_parameters: { max_connection_age: '2m', max_connection_age_grace: '30s' } },
        },
        http: {
          endpoint: ConfigValue.listen(http.name, http.port, tls),
          ...security,
          max_request_body_size: maxMessageMebibytes * 1024 * 1024,
        },
      },
    },
  });
}
