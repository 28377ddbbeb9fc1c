import { type Checks, checkProps, oneOf } from '../../kubernetes/checks';
import { type Problem, throwIfAny } from '../../kubernetes/problems';
import { addressOf } from '../../kubernetes/url';
import { OtlpProtocol } from '../gateway';
import { Sink, type SinkBinding } from '../sink';
import type { CollectorContext } from '../source';
import { type HttpTarget, plainTextProblems, secretHeaders, targetChecks } from './http-target';
import { otlpAddressProblems } from './otlp-address';
import { otlpExporter } from './otlp-exporter';
import { type FurtherSinkOptions, furtherSinkChecks, routed } from './sink-options';

/** Properties of an OtlpSink. */
export interface OtlpSinkProps extends FurtherSinkOptions, HttpTarget {
  /**
   * How it is sent.
   * @default OtlpProtocol.HTTP
   */
  readonly protocol?: OtlpProtocol;
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
    const protocol = props.protocol ?? OtlpProtocol.HTTP;
    const target = { name: props.name ?? 'sink', protocol, endpoint, path, headers: secretHeaders(props), dropsWhenFull };
    return { ...routed(props, (signal) => otlpExporter(target, context, signal)), dropsWhenFull };
  }
}

const checks: Checks<OtlpSinkProps> = { ...furtherSinkChecks, ...targetChecks, protocol: oneOf(OtlpProtocol) };

function problems(props: OtlpSinkProps): Problem[] {
  const wrong = checkProps(props, checks);
  if (wrong.length > 0) {
    return wrong;
  }
  return [...plainTextProblems(props), ...otlpAddressProblems(props.endpoint, props.protocol ?? OtlpProtocol.HTTP)];
}
