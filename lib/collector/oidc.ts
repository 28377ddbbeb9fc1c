import { type Check, required, struct, text } from '../kubernetes/checks';
import { type SecretKey, secretKey } from '../kubernetes/secret-key';
import { addressOf, httpsUrl } from '../kubernetes/url';
import { Component } from './component';
import { ConfigValue } from './config-value';

/** Senders that an OpenID Connect provider knows: they get a token from it by themselves and send it. */
export interface OidcSenders {
  /** What stands in the tokens as `iss`; the provider's keys are found from it: `https://login.acme.example/realms/telemetry`. */
  readonly issuer: string;
  /** What stands in the tokens as `aud`: tokens that were issued for other services are refused. */
  readonly audience: string;
  /**
   * The authority that signed the provider's certificate, as PEM, in the collector's namespace.
   * @default - one that every system knows
   */
  readonly caCertificate?: SecretKey;
}

/** @internal */
export const oidcSenders: Check = struct<OidcSenders>({
  issuer: required(httpsUrl),
  audience: required(text()),
  caCertificate: secretKey,
});

/**
 * Who sends no token of the provider is refused: status 401, or `Unauthenticated`. The provider's keys are asked for at the start, and again for a token that was signed with another.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/extension/oidcauthextension
 */
export function oidcTokens({ issuer, audience, caCertificate }: OidcSenders): Component {
  return Component.extension({
    componentType: 'oidc',
    name: 'senders',
    config: {
      providers: [
        {
          issuer_url: ConfigValue.reaching(issuer, addressOf(issuer, {}).endpoint),
          audience,
          issuer_ca_path: caCertificate && ConfigValue.secretFile(caCertificate),
        },
      ],
    },
  });
}
