import { type Checks, list } from '../kubernetes/checks';
import type { Problem } from '../kubernetes/problems';
import { type SecretKey, secretKey } from '../kubernetes/secret-key';
import { type ServerTls, serverTls } from '../kubernetes/server-tls';
import { Component } from './component';
import { ConfigValue } from './config-value';
import { type Exposure, exposure } from './exposure';
import { type OidcSenders, oidcSenders } from './oidc';

/** Who may send to a collector, and how. */
export interface SenderProps {
  /**
   * The certificate that senders are answered with, on every port of OTLP. Agents that are given this collector as their gateway check it.
   * @default - none: they send plain text
   */
  readonly tls?: ServerTls;
  /**
   * A token for each sender, which it sends as `Authorization: Bearer …`; who has none of them is refused. Agents of the stack get one of their own.
   * The values hold no line break. Give each sender a Secret of its own: those that the `credentials` program makes cannot be changed.
   * @default - none: whom the network lets through may send
   */
  readonly tokens?: SecretKey[];
  /**
   * Who may send by tokens of an OpenID Connect provider, on the ports of OTLP. `tokens` and those of the stack's agents are then taken on ports of their own,
   * 4327 for gRPC and 4328 for HTTP, which `expose` does not open.
   * @default - tokens of no provider
   */
  readonly oidc?: OidcSenders;
  /**
   * How others reach it from outside of the cluster.
   * @default - they do not
   */
  readonly expose?: Exposure;
}

export const senderChecks: Checks<SenderProps> = {
  tls: serverTls,
  tokens: list(secretKey, { min: 1 }),
  oidc: oidcSenders,
  expose: exposure,
};

/** What contradicts itself in right properties. */
export function senderProblems({ tls, tokens, oidc, expose }: SenderProps): Problem[] {
  const names = (tokens ?? []).map(({ name, key }) => `${name}/${key}`);
  return [
    ...((tokens ?? oidc) && !tls && !expose?._decrypts
      ? [
          {
            where: tokens ? 'tokens' : 'oidc',
            given: 'tokens, and nothing that encrypts them on their way',
            allowed:
              "tls: ServerTls.secret('otlp-tls'), or ServerTls.certManager({ … }); or expose: Exposure.ingress({ … }) or .gatewayApi({ … }), which decrypt",
          },
        ]
      : []),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => ({ where: 'tokens', given: `${name} twice`, allowed: 'a token of its own for each sender' })),
  ];
}

/**
 * Who sends none of the tokens is refused: status 401, or `Unauthenticated`.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/extension/bearertokenauthextension
 */
export const bearerTokens = (tokens: readonly SecretKey[]): Component =>
  Component.extension({
    componentType: 'bearertokenauth',
    name: 'senders',
    config: { tokens: tokens.map((key) => ConfigValue._randomSecret(key)) },
  });

/** What is exposed and may not be meant so. */
export function senderWarnings({ tls, tokens, oidc, expose }: SenderProps): string[] {
  return [
    ...(expose && !tokens && !oidc
      ? ['it is exposed and asks for no token: whoever reaches it can write into the store. Give it `tokens` or `oidc`']
      : []),
    ...(expose && !tls && !expose._decrypts
      ? ['it is exposed by a load balancer that does not decrypt, and takes plain text: give it `tls`']
      : []),
    ...(tls && !tls._client.caCertificate && !tls._client.serverName
      ? [
          'agents of the stack check its certificate against the authorities that every system knows, of which none signs names that end in .svc: give `tls` a `caCertificate`',
        ]
      : []),
    ...(expose?._decrypts && tls
      ? ['what decrypts before it has to speak TLS to it too: say so to the controller (an annotation, or a BackendTLSPolicy)']
      : []),
  ];
}
