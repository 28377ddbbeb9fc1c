import { boolean, type Check, struct, text } from '../../kubernetes/checks';
import type { Problem } from '../../kubernetes/problems';
import { type SecretKey, secretKey } from '../../kubernetes/secret-key';
import { ConfigValue } from '../config-value';

/** How targets are asked over TLS. Certificates are read anew when they change. */
export interface ScrapeTls {
  /**
   * The authority that targets' certificates are checked against.
   * @default - the system's authorities
   */
  readonly caCertificate?: SecretKey;
  /**
   * The name that certificates are checked for.
   * @default - the target's host
   */
  readonly serverName?: string;
  /**
   * The certificate that the collector shows, with `clientKey`.
   * @default - none
   */
  readonly clientCertificate?: SecretKey;
  /**
   * The key of that certificate.
   * @default - none
   */
  readonly clientKey?: SecretKey;
  /**
   * Whether certificates are not checked at all: whoever stands in between can answer, and reads what is sent.
   * @default false
   */
  readonly unverified?: boolean;
}

/** In Prometheus' words. */
export const tlsConfig = (tls: ScrapeTls) => ({
  ca_file: tls.caCertificate && ConfigValue.secretFile(tls.caCertificate),
  server_name: tls.serverName,
  cert_file: tls.clientCertificate && ConfigValue.secretFile(tls.clientCertificate),
  key_file: tls.clientKey && ConfigValue.secretFile(tls.clientKey),
  insecure_skip_verify: tls.unverified,
});

export function tlsProblems(tls: ScrapeTls): Problem[] {
  const half = Boolean(tls.clientCertificate) !== Boolean(tls.clientKey);
  return [
    ...(half ? [{ where: 'tls', given: 'one of `clientCertificate` and `clientKey`', allowed: 'both, or neither' }] : []),
    ...(tls.unverified && (tls.caCertificate || tls.serverName)
      ? [{ where: 'tls.unverified', given: 'true, and what certificates are checked against', allowed: 'one of the two' }]
      : []),
  ];
}

export const scrapeTlsCheck: Check = struct<ScrapeTls>({
  caCertificate: secretKey,
  serverName: text(),
  clientCertificate: secretKey,
  clientKey: secretKey,
  unverified: boolean,
});
