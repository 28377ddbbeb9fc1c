import { type Check, type Checks, checkProps, instance, oneOf, required } from '../../kubernetes/checks';
import type { Reach } from '../../kubernetes/endpoint';
import { type Problem, shown, throwIfAny } from '../../kubernetes/problems';
import { type SecretKey, secretKey } from '../../kubernetes/secret-key';
import { addressOf, url } from '../../kubernetes/url';
import { ConfigValue } from '../config-value';
import { OtlpProtocol } from '../gateway';
import { type CollectorContext, Sink, type SinkBinding } from '../source';
import { otlpExporter } from './otlp-exporter';
import { type FurtherSinkOptions, furtherSinkChecks, routed } from './sink-options';

/** Properties of an OtlpSink. */
export interface OtlpSinkProps extends FurtherSinkOptions {
  /** Where it is: `https://otlp.vendor.example`; over HTTP with the path that stands before `/v1/traces`, if there is one: `https://vendor.example/otlp`. */
  readonly endpoint: string;
  /**
   * How it is sent.
   * @default OtlpProtocol.HTTP
   */
  readonly protocol?: OtlpProtocol;
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

/**
 * Sends by OTLP: to a vendor, to another collector. It tries again for ever; what no longer fits into its queue is dropped for it, unless `dropsWhenFull` is false.
 *
 * @example
 * const vendor = new OtlpSink({ endpoint: 'https://otlp.vendor.example', headers: { 'api-key': SecretKey.of('vendor', 'key') }, signals: [Signal.TRACES] });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/otlphttpexporter
 */
export class OtlpSink extends Sink {
  /** @throws if a property is wrong, with all that is wrong */
  constructor(private readonly props: OtlpSinkProps) {
    super();
    throwIfAny('OtlpSink', problems(props));
  }

  bind(context: CollectorContext): SinkBinding {
    const { props } = this;
    const { endpoint, path } = addressOf(props.endpoint, props);
    const dropsWhenFull = props.dropsWhenFull ?? true;
    const target = {
      name: props.name ?? 'sink',
      protocol: props.protocol ?? OtlpProtocol.HTTP,
      endpoint,
      path,
      headers: props.headers && Object.fromEntries(Object.entries(props.headers).map(([name, key]) => [name, ConfigValue.secret(key)])),
      dropsWhenFull,
    };
    return { ...routed(props, (signal) => otlpExporter(target, context, signal)), dropsWhenFull };
  }
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

const checks: Checks<OtlpSinkProps> = {
  ...furtherSinkChecks,
  endpoint: required(url),
  protocol: oneOf(OtlpProtocol),
  headers,
  caCertificate: secretKey,
  reach: instance('Reach.cidrs(…), .pods(…) or .anywhere()', '_peers'),
};

function problems(props: OtlpSinkProps): Problem[] {
  const wrong = checkProps(props, checks);
  if (wrong.length > 0) {
    return wrong;
  }
  const { endpoint, path } = addressOf(props.endpoint, props);
  return [
    ...(!endpoint.tls && (props.headers || props.caCertificate)
      ? [
          {
            where: 'endpoint',
            given: `${props.headers ? 'secret headers' : 'an authority'} for an address in plain text`,
            allowed: `https://${endpoint.host}…`,
          },
        ]
      : []),
    ...(path && props.protocol === OtlpProtocol.GRPC
      ? [{ where: 'endpoint', given: `a path, ${path}, for gRPC`, allowed: 'a URL without a path; or OtlpProtocol.HTTP' }]
      : []),
  ];
}
