import { Duration } from 'cdk8s';
import { type Check, type Checks, checkProps, duration, instance, integer, list, required, text } from '../../kubernetes/checks';
import { type Endpoint, hostCheck, Reach } from '../../kubernetes/endpoint';
import { shown } from '../../kubernetes/problems';
import { type SecretKey, secretKey } from '../../kubernetes/secret-key';

/** An address that is asked by HTTP. */
export interface HttpCheck {
  /** With `http://` or `https://`. It stands in `http.url` of what is measured, so it has to hold no password. */
  readonly url: string;
  /**
   * The method. Another than GET is rendered, not run.
   * @default 'GET'
   */
  readonly method?: string;
  /**
   * Status codes that are right. Redirects are followed first.
   * @default - any from 200 to 399
   */
  readonly expectedStatus?: number[];
  /**
   * How often.
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
  /**
   * The authority that the server's certificate is checked against, a PEM file in a Secret of the collector's namespace.
   * @default - the system's authorities
   */
  readonly caCertificate?: SecretKey;
  /**
   * Who answers there, for network policies.
   * @default Reach.anywhere()
   */
  readonly reach?: Reach;
}

/** An address that is connected to. */
export interface AddressCheck {
  /** A DNS name or an address. */
  readonly host: string;
  /** The TCP port. */
  readonly port: number;
  /**
   * How often.
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
  /**
   * Who answers there, for network policies.
   * @default Reach.anywhere()
   */
  readonly reach?: Reach;
}

/** Who answers at the URL. */
export function endpointOf({ url, reach = Reach.anywhere() }: HttpCheck): Endpoint {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)), reach };
}

export const isTls = ({ url }: HttpCheck): boolean => new URL(url).protocol === 'https:';

const url: Check = (value, where) => {
  const allowed = 'a URL with http:// or https://, a host, a port from 1 if any, and neither user nor password nor `#`';
  const parsed =
    typeof value === 'string' && value.length <= 2000 && !/[\s#]/.test(value) && URL.canParse(value) ? new URL(value) : undefined;
  const right = parsed && /^https?:$/.test(parsed.protocol) && parsed.hostname && parsed.port !== '0';
  return right && !parsed.username && !parsed.password ? [] : [{ where, given: shown(value), allowed }];
};

const often = {
  interval: duration(Duration.seconds(5), Duration.hours(1)),
  reach: instance('Reach.pods(…), .cidrs(…), .nodes() or .anywhere()', '_peers'),
};

const httpChecks: Checks<HttpCheck> = {
  url: required(url),
  method: text({ pattern: /^[A-Z]+$/, allowed: 'a method in capitals, e.g. HEAD' }),
  expectedStatus: list(integer(100, 599), { min: 1 }),
  caCertificate: secretKey,
  ...often,
};

export const httpCheck: Check = (value, where) => {
  const check = value as HttpCheck;
  const problems = checkProps(check, httpChecks, where);
  const unused = problems.length === 0 && check.caCertificate && !isTls(check);
  return unused
    ? [{ where: `${where}.caCertificate`, given: 'an authority, for an address in plain text', allowed: 'one with https://' }]
    : problems;
};

export const addressChecks: Checks<AddressCheck> = { host: required(hostCheck), port: required(integer(1, 65_535)), ...often };
