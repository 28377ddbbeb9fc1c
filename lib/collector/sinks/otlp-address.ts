import type { Problem } from '../../kubernetes/problems';
import { addressOf } from '../../kubernetes/url';
import { OtlpProtocol } from '../gateway';
import { otlpGrpcPort, otlpHttpPort } from '../sources/otlp-receiver';

/** What cannot be meant with an address and a protocol that are right by themselves. Nothing at synth knows who answers there, but these would never be taken. */
export function otlpAddressProblems(endpoint: string, protocol: OtlpProtocol): Problem[] {
  const { path, endpoint: address } = addressOf(endpoint, {});
  const ofSignal = /\/v1\/(logs|metrics|traces)$/.exec(path)?.[0];
  const own = usual[protocol];
  const other = usual[protocol === OtlpProtocol.GRPC ? OtlpProtocol.HTTP : OtlpProtocol.GRPC];
  return [
    ...(path && protocol === OtlpProtocol.GRPC
      ? [{ where: 'endpoint', given: `a path, ${path}, for gRPC`, allowed: 'a URL without a path; or OtlpProtocol.HTTP' }]
      : []),
    ...(ofSignal && protocol === OtlpProtocol.HTTP
      ? [
          {
            where: 'endpoint',
            given: `the path of one signal, ${ofSignal}`,
            allowed: `the base, ${endpoint.replace(/\/v1\/[a-z]+\/*$/, '')}: the path of each signal is put behind it`,
          },
        ]
      : []),
    ...(address.port === other.port
      ? [
          {
            where: 'endpoint',
            given: `port ${other.port}, that of OTLP over ${other.word}, for OTLP over ${own.word}`,
            allowed: `protocol: OtlpProtocol.${other.member}; or port ${own.port}`,
          },
        ]
      : []),
  ];
}

/** What people call them, and their ports as everybody has them. */
const usual = {
  [OtlpProtocol.GRPC]: { word: 'gRPC', member: 'GRPC', port: otlpGrpcPort.port },
  [OtlpProtocol.HTTP]: { word: 'HTTP', member: 'HTTP', port: otlpHttpPort.port },
};
