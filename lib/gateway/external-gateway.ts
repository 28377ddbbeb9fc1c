import { type IGateway, OtlpProtocol } from '../collector/gateway';
import { otlpAddressProblems } from '../collector/sinks/otlp-address';
import { type Checks, checkProps, oneOf, required } from '../kubernetes/checks';
import { type Endpoint, type Reach, reachCheck } from '../kubernetes/endpoint';
import { type Problem, throwIfAny } from '../kubernetes/problems';
import { type SecretKey, secretKey } from '../kubernetes/secret-key';
import { addressOf, encryptedOnly, urlWithoutPath } from '../kubernetes/url';

/** Properties of an ExternalGateway. */
export interface ExternalGatewayProps {
  /** Where it is, without a path: `https://otlp.acme.example`, `https://otlp.acme.example:4318`. Port 4317 is that of gRPC. */
  readonly endpoint: string;
  /**
   * How agents send. HTTP passes through every Ingress; gRPC has to be passed on as such.
   * @default OtlpProtocol.HTTP
   */
  readonly protocol?: OtlpProtocol;
  /**
   * The token that the gateway knows this cluster by. A Secret of this name has to be in the namespace of each agent.
   * @default - none is sent
   */
  readonly token?: SecretKey;
  /**
   * The authority that signed its certificate, as PEM. A Secret of this name has to be in the namespace of each agent.
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
 * A gateway that is there already, in another cluster. It is a plain value: nothing is rendered for it. Agents that are given one need a `clusterName` of their own.
 *
 * @example
 * const gateway = new ExternalGateway({ endpoint: 'https://otlp.acme.example', token: SecretKey.of('gateway', 'token') });
 */
export class ExternalGateway implements IGateway {
  /** Empty: what is sent there comes from clusters with names of their own. */
  readonly clusterName: string;
  /** The address of `endpoint`. */
  readonly otlpGrpc: Endpoint;
  /** The address of `endpoint`. */
  readonly otlpHttp: Endpoint;
  /** How agents send. */
  readonly protocol?: OtlpProtocol;
  /** The token that agents send. */
  readonly token?: SecretKey;

  /** @throws if a property is wrong, with all that is wrong */
  constructor(props: ExternalGatewayProps) {
    throwIfAny('ExternalGateway', problems(props));
    const { endpoint } = addressOf(props.endpoint, props);
    this.clusterName = '';
    this.otlpGrpc = endpoint;
    this.otlpHttp = endpoint;
    this.protocol = props.protocol ?? OtlpProtocol.HTTP;
    this.token = props.token;
  }
}

const checks: Checks<ExternalGatewayProps> = {
  endpoint: required(urlWithoutPath),
  protocol: oneOf(OtlpProtocol),
  token: secretKey,
  caCertificate: secretKey,
  reach: reachCheck,
};

function problems(props: ExternalGatewayProps): Problem[] {
  const wrong = checkProps(props, checks);
  if (wrong.length > 0) {
    return wrong;
  }
  const inPlainText = encryptedOnly(props.endpoint, props.token ? 'a token' : props.caCertificate && 'an authority');
  return [...inPlainText, ...otlpAddressProblems(props.endpoint, props.protocol ?? OtlpProtocol.HTTP)];
}
