import { type Check, text } from './checks';
import { type Endpoint, Reach } from './endpoint';
import type { Problem } from './problems';
import type { SecretKey } from './secret-key';

/** 1 to 65535. */
const port = /([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])/.source;
const host = /([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)/.source;
const origin = `(https?)://${host}(?::${port})?`;
const parts = new RegExp(`^${origin}(/[^\\s?#]*)?$`);

/** A URL, with a path or without one. */
export const url: Check = text({
  max: 2048,
  pattern: new RegExp(`^${origin}(/[\\w./~%-]*)?$`),
  allowed: 'a URL: https://otlp.acme.example, with a port (1 to 65535) or a path behind it if there is one',
});

export const urlWithoutPath: Check = text({
  pattern: new RegExp(`^${origin}/?$`),
  allowed: 'a URL without a path: https://otlp.acme.example, or with a port (1 to 65535) behind it',
});

/** A URL that is encrypted, with any path. */
export const httpsUrl: Check = text({
  max: 2048,
  pattern: new RegExp(`^(?=https:)${parts.source.slice(1)}`),
  allowed: 'a URL without query: https://login.acme.example/realms/telemetry, with a port (1 to 65535) if there is one',
});

const hostAndPortForm = new RegExp(`^${host}:${port}$`);

export const hostWithPort: Check = text({
  pattern: hostAndPortForm,
  allowed: 'a host with its port (1 to 65535): kafka-bootstrap.kafka.svc:9092',
});

/** Of a text that is both. */
export function hostAndPort(given: string): { readonly host: string; readonly port: number } {
  const [, name, number] = hostAndPortForm.exec(given) ?? [];
  return { host: name, port: Number(number) };
}

/** Where a URL leads. */
export interface Address {
  readonly endpoint: Endpoint;
  readonly scheme: 'http' | 'https';
  /** Empty, or beginning with a slash and ending without one. */
  readonly path: string;
}

/** Of a URL that is one. */
export function addressOf(given: string, options: { readonly caCertificate?: SecretKey; readonly reach?: Reach }): Address {
  const [, scheme, name, number, path = ''] = parts.exec(given) ?? [];
  const tls = scheme === 'https';
  const endpoint: Endpoint = {
    host: name,
    port: number ? Number(number) : tls ? 443 : 80,
    tls,
    caCertificate: options.caCertificate,
    reach: options.reach ?? Reach.anywhere(),
  };
  return { endpoint, scheme: tls ? 'https' : 'http', path: path.replace(/\/+$/, '') };
}

/** Of a URL that is one: where something goes there, or is believed of it, that plain text would give away. */
export const encryptedOnly = (endpoint: string, what: string | undefined): Problem[] =>
  what && endpoint.startsWith('http:')
    ? [{ where: 'endpoint', given: `${what} for an address in plain text`, allowed: endpoint.replace('http:', 'https:') }]
    : [];
