import { instance } from '../kubernetes/checks';
import type { Endpoint } from '../kubernetes/endpoint';
import type { SecretKey } from '../kubernetes/secret-key';
import type { KeptShare } from './kept-share';

/** How telemetry is sent. */
export enum OtlpProtocol {
  /** Over gRPC: balanced over all addresses that the name gives. */
  GRPC = 'grpc',
  /** Over HTTP: it passes through every Ingress. */
  HTTP = 'http/protobuf',
}

/** Where agents and applications send their telemetry: CollectorGateway, or one in another cluster. */
export interface IGateway {
  /** Of the cluster whose telemetry passes here first; empty for a gateway of another cluster. */
  readonly clusterName: string;
  /** OTLP over gRPC. Balance it over all addresses that the name gives. */
  readonly otlpGrpc: Endpoint;
  /** OTLP over HTTP with protobuf. */
  readonly otlpHttp: Endpoint;
  /**
   * How agents send.
   * @default OtlpProtocol.GRPC
   */
  readonly protocol?: OtlpProtocol;
  /**
   * Regular expressions of the names of metrics that it drops.
   * @default - none that are known
   */
  readonly removedMetrics?: string[];
  /**
   * How much of what is sent there is stored, for estimates.
   * @default - not known: estimates say so
   */
  readonly keeps?: KeptShare;
  /**
   * What agents send as `Authorization: Bearer …`, in a Secret of their namespace.
   * @default - nothing
   */
  readonly token?: SecretKey;
}

/** Known by its members, as gateways of other clusters are no constructs. */
export const gatewayCheck = instance('a CollectorGateway, or another IGateway', 'clusterName', 'otlpGrpc', 'otlpHttp');
