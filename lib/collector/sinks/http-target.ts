import { type Check, required } from '../../kubernetes/checks';
import { type Reach, reachCheck } from '../../kubernetes/endpoint';
import { type Problem, shown } from '../../kubernetes/problems';
import { type SecretKey, secretKey } from '../../kubernetes/secret-key';
import { encryptedOnly, url } from '../../kubernetes/url';
import { ConfigValue } from '../config-value';

/** Where something is sent by HTTP, or by gRPC. */
export interface HttpTarget {
  /** Its URL: of OTLP the base, e.g. `https://otlp.vendor.example`, behind which the path of each signal is put; of remote write the whole, e.g. `https://mimir.acme.example/api/v1/push`. */
  readonly endpoint: string;
  /**
   * Headers of each request, whose values stand in Secrets of the collector's namespace: `{ 'api-key': SecretKey.of('vendor', 'key') }`. For a bearer token the value is the whole of `Bearer …`.
   * @default - none
   */
  readonly headers?: { readonly [name: string]: SecretKey };
  /**
   * The authority that signed its certificate, as PEM.
   * @default - one that every system knows
   */
  readonly caCertificate?: SecretKey;
  /**
   * What a NetworkPolicy can say about who answers there.
   * @default Reach.anywhere()
   */
  readonly reach?: Reach;
}

const headers: Check = (value, where) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ where, given: shown(value), allowed: "names with SecretKeys: { 'api-key': SecretKey.of('vendor', 'key') }" }];
  }
  return Object.entries(value).flatMap(([name, key]): Problem[] =>
    /^[!#$%&'*+.^`|~\w-]+$/.test(name)
      ? secretKey(key, `${where}.${name}`)
      : [{ where, given: shown(name), allowed: 'names of headers, as HTTP has them' }],
  );
};

export const targetChecks = {
  endpoint: required(url),
  headers,
  caCertificate: secretKey,
  reach: reachCheck,
};

/** Of a target whose properties are right by themselves. */
export const plainTextProblems = ({ endpoint, headers, caCertificate }: HttpTarget): Problem[] =>
  encryptedOnly(endpoint, headers ? 'secret headers' : caCertificate && 'an authority');

export const secretHeaders = (target: HttpTarget): Record<string, ConfigValue> | undefined =>
  target.headers && Object.fromEntries(Object.entries(target.headers).map(([name, key]) => [name, ConfigValue.secret(key)]));
