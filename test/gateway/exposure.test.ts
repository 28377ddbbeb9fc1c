import { Chart, Testing } from 'cdk8s';
import { Pods } from 'cdk8s-plus-27';
import {
  Collector,
  CollectorGateway,
  type CollectorGatewayProps,
  Exposure,
  HostMetrics,
  Placement,
  Reach,
  SecretKey,
  ServerTls,
} from '../../lib';
import { warningsOf } from '../../lib/kubernetes/warnings';
import type { Manifest } from '../laws/manifests';
import { Nowhere } from '../nowhere';

const host = 'otlp.acme.example';
const tokens = [SecretKey.of('edge-7', 'token')];
const tls = ServerTls.secret('otlp-tls', { caCertificate: SecretKey.of('acme-ca', 'ca.crt') });

function synth(props: Partial<CollectorGatewayProps>) {
  const chart = new Chart(Testing.app(), 'test');
  new CollectorGateway(chart, 'Gateway', { clusterName: 'prod', sinks: [new Nowhere()], ...props });
  const objects: Manifest[] = Testing.synth(chart);
  const one = (kind: string, name: string) => objects.find((object) => object.kind === kind && object.metadata.name === name);
  return { one, warnings: warningsOf(chart), outside: one('NetworkPolicy', 'collector-from-outside')?.spec.ingress };
}

test('an Ingress takes the paths of OTLP by TLS, to the port of HTTP alone', () => {
  const { one, outside, warnings } = synth({
    tokens,
    expose: Exposure.ingress({ host, tlsSecret: 'otlp-tls', annotations: { 'a.example/b': 'c' } }),
  });
  const ingress = one('Ingress', 'collector');
  expect(ingress.metadata.annotations).toEqual({ 'a.example/b': 'c' });
  expect(ingress.spec).toEqual({
    tls: [{ hosts: [host], secretName: 'otlp-tls' }],
    rules: [
      {
        host,
        http: { paths: [{ path: '/v1', pathType: 'Prefix', backend: { service: { name: 'collector', port: { name: 'otlp-http' } } } }] },
      },
    ],
  });
  expect(outside).toEqual([{ ports: [{ port: 4318, protocol: 'TCP' }] }]);
  expect(warnings).toEqual([]);
});

test('a Gateway has a route a protocol, each for a name of its own', () => {
  const gateway = { name: 'public', namespace: 'infra', listener: 'https' };
  const { one, outside } = synth({ tokens, expose: Exposure.gatewayApi({ gateway, host, grpcHost: 'grpc.acme.example' }) });
  expect(one('HTTPRoute', 'collector').spec).toEqual({
    parentRefs: [{ name: 'public', namespace: 'infra', sectionName: 'https' }],
    hostnames: [host],
    rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/v1' } }], backendRefs: [{ name: 'collector', port: 4318 }] }],
  });
  const { hostnames, rules } = one('GRPCRoute', 'collector').spec;
  expect([hostnames, rules[0].backendRefs]).toEqual([['grpc.acme.example'], [{ name: 'collector', port: 4317 }]]);
  expect(rules[0].matches).toContainEqual({ method: { service: 'opentelemetry.proto.collector.trace.v1.TraceService' } });
  expect(outside[0].ports).toHaveLength(2);
});

test('without a name of its own there is no gRPC, and its port stays closed', () => {
  const { one, outside } = synth({ tokens, expose: Exposure.gatewayApi({ gateway: { name: 'public' }, host }) });
  expect(one('GRPCRoute', 'collector')).toBeUndefined();
  expect(outside[0].ports).toEqual([{ port: 4318, protocol: 'TCP' }]);
});

test('a load balancer stands in front of both ports; the Services of the cluster stay as they are', () => {
  const { one, warnings } = synth({ tokens, tls, expose: Exposure.loadBalancer({ sourceRanges: ['10.0.0.0/8'] }) });
  expect(one('Service', 'collector-external').spec).toMatchObject({
    type: 'LoadBalancer',
    loadBalancerSourceRanges: ['10.0.0.0/8'],
    ports: [{ port: 4317 }, { port: 4318 }],
  });
  expect(one('Service', 'collector').spec.type).toBe('ClusterIP');
  expect(warnings).toEqual([]);
});

test('who connects is let in, and nobody else, where it is said', () => {
  const controller = Pods.select(new Chart(Testing.app(), 'controller'), 'Controller', { labels: { app: 'ingress' } });
  const from = Reach.pods(controller);
  const { outside } = synth({ tokens, expose: Exposure.ingress({ host, tlsSecret: 'otlp-tls', from }) });
  expect(outside[0].from).toMatchObject([{ podSelector: { matchLabels: { app: 'ingress' } } }]);
});

test('no policy where there are none: the first would close the gateway', () => {
  const { outside } = synth({ tokens, networkPolicies: false, expose: Exposure.ingress({ host, tlsSecret: 'otlp-tls' }) });
  expect(outside).toBeUndefined();
});

test.each<[string, Partial<CollectorGatewayProps>, string]>([
  ['no tokens', { expose: Exposure.ingress({ host, tlsSecret: 'otlp-tls' }) }, 'whoever reaches it can write into the store'],
  ['plain text over a load balancer', { expose: Exposure.loadBalancer() }, 'takes plain text: give it `tls`'],
  ['TLS behind TLS', { tls, tokens, expose: Exposure.ingress({ host, tlsSecret: 'otlp-tls' }) }, 'has to speak TLS to it too'],
])('a warning: %s', (_, props, message) => {
  expect(synth(props).warnings.some((warning) => warning.includes(message))).toBe(true);
});

test('tokens behind a load balancer that does not decrypt are an error', () => {
  expect(() => synth({ tokens, expose: Exposure.loadBalancer() })).toThrow(
    'tokens: given tokens, and nothing that encrypts them on their way',
  );
});

test('a collector that listens for nothing cannot be exposed', () => {
  const chart = new Chart(Testing.app(), 'test');
  const make = () =>
    new Collector(chart, 'Deaf', {
      role: 'deaf',
      clusterName: 'prod',
      sources: [new HostMetrics()],
      sinks: [new Nowhere()],
      placement: Placement.daemonSet(),
      expose: Exposure.loadBalancer(),
    });
  expect(make).toThrow("expose: given no source that listens on 'otlp-grpc'; allowed: sources: [new OtlpReceiver(), …]");
});

test.each<[() => Exposure, RegExp]>([
  [() => Exposure.ingress({ host: 'https://x', tlsSecret: 'Tls' }), /^Exposure.ingress: 2 problems\n {2}host: .*\n {2}tlsSecret: /],
  [() => Exposure.ingress({ host, tlsSecret: 'a', annotations: { 'a b': 1 as never } }), /^Exposure.ingress: 2 problems/],
  [() => Exposure.gatewayApi({ host } as never), /^Exposure.gatewayApi: 1 problem\n {2}gateway: given nothing/],
  [() => Exposure.gatewayApi({ gateway: { name: 'a' }, host, grpcHost: host }), /grpcHost: given "otlp.acme.example", as `host`/],
  [() => Exposure.loadBalancer({ sourceRanges: ['10.0.0.0'] }), /sourceRanges\[0\]: given "10.0.0.0"; allowed: a range of addresses/],
  [() => Exposure.loadBalancer({ from: '10.0.0.0/8' as never }), /from: given "10.0.0.0\/8"; allowed: Reach.pods/],
])('bad input %#: one clear error', (make, message) => {
  expect(make).toThrow(message);
});
