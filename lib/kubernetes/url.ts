import { type Check, text } from './checks';
import { type Endpoint, Reach } from './endpoint';
import type { SecretKey } from './secret-key';

const origin = /(https?):\/\/([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)(?::([1-9]\d{0,4}))?/.source;
const form = new RegExp(`^${origin}(/[\\w./~%-]*)?$`);

/** A URL, with a path or without one. */
export const url: Check = text({
  max: 2048,
  pattern: form,
  allowed: 'a URL: https://otlp.acme.example, with a port or a path behind it if there is one',
});

export const urlWithoutPath: Check = text({
  pattern: new RegExp(`^${origin}/?$`),
  allowed: 'a URL without a path: https://otlp.acme.example, or with a port behind it',
});

/** Where a URL leads. */
export interface Address {
  readonly endpoint: Endpoint;
  readonly scheme: 'http' | 'https';
  /** Empty, or beginning with a slash and ending without one. */
  readonly path: string;
}

/** Of a URL that is one. */
export function addressOf(given: string, options: { readonly caCertificate?: SecretKey; readonly reach?: Reach }): Address {
  const [, scheme, host, port, path = ''] = form.exec(given) ?? [];
  const tls = scheme === 'https';
  const endpoint: Endpoint = {
    host,
    port: port ? Number(port) : tls ? 443 : 80,
    tls,
    caCertificate: options.caCertificate,
    reach: options.reach ?? Reach.anywhere(),
  };
  return { endpoint, scheme: tls ? 'https' : 'http', path: path.replace(/\/+$/, '') };
}
