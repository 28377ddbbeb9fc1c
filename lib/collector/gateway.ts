import type { Endpoint } from '../kubernetes/endpoint';
import type { SecretKey } from '../kubernetes/secret-key';

/** Where agents and applications send their telemetry: CollectorGateway, or one in another cluster. */
export interface IGateway {
  /** Of the cluster whose telemetry passes here first. */
  readonly clusterName: string;
  /** OTLP over gRPC. Balance it over all addresses that the name gives. */
  readonly otlpGrpc: Endpoint;
  /** OTLP over HTTP with protobuf. */
  readonly otlpHttp: Endpoint;
  /**
   * What agents send as `Authorization: Bearer …`, in a Secret of their namespace.
   * @default - nothing
   */
  readonly token?: SecretKey;
}
