import { Chart, Testing } from 'cdk8s';
import { Pods } from 'cdk8s-plus-27';
import { parse } from 'yaml';
import {
  ClusterAgent,
  CollectorGateway,
  type CollectorGatewayProps,
  Exposure,
  Instrumentation,
  NodeAgent,
  type OidcSenders,
  SecretKey,
  ServerTls,
} from '../../lib';
import { warningsOf } from '../../lib/kubernetes/warnings';
import type { Manifest } from '../laws/manifests';
import { Nowhere } from '../nowhere';

const oidc: OidcSenders = { issuer: 'https://login.acme.example:8443/realms/telemetry', audience: 'telemetry' };

function synth(props: Partial<CollectorGatewayProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const gateway = new CollectorGateway(chart, 'Gateway', {
    clusterName: 'prod',
    sinks: [new Nowhere()],
    tls: ServerTls.secret('otlp-tls', { caCertificate: SecretKey.of('acme-ca', 'ca.crt') }),
    oidc,
    clients: [Pods.select(chart, 'Clients', { labels: { app: 'a' } })],
    ...props,
  });
  const agent = new ClusterAgent(chart, 'ClusterAgent', { gateway });
  new NodeAgent(chart, 'NodeAgent', { gateway });
  const objects: Manifest[] = Testing.synth(chart);
  const one = (kind: string, name: string) => objects.find((object) => object.kind === kind && object.metadata.name === name);
  return { chart, gateway, agent, one, config: parse(gateway.configText) };
}

test("the ports of OTLP take the provider's tokens", () => {
  const { config, one } = synth({ oidc: { ...oidc, caCertificate: SecretKey.of('acme-ca', 'ca.crt') } });
  expect(config.extensions['oidc/senders']).toEqual({
    providers: [{ issuer_url: oidc.issuer, audience: 'telemetry', issuer_ca_path: '/etc/otelcol/secrets/acme-ca/ca.crt' }],
  });
  const { grpc, http } = config.receivers.otlp.protocols;
  expect([grpc.auth, http.auth, grpc.endpoint, http.endpoint]).toEqual([
    { authenticator: 'oidc/senders' },
    { authenticator: 'oidc/senders' },
    ':4317',
    ':4318',
  ]);
  expect(one('StatefulSet', 'collector').spec.template.spec.volumes).toContainEqual({
    name: 'secret-acme-ca',
    secret: { secretName: 'acme-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
  });
});

test("agents of the stack send their own token, on ports that take nothing but tokens of the stack's", () => {
  const { gateway, agent, config } = synth({ tokens: [SecretKey.of('edge-7', 'token')] });
  const { grpc, http } = config.receivers['otlp/token'].protocols;
  expect([grpc.auth, http.auth, grpc.endpoint, http.endpoint]).toEqual([
    { authenticator: 'bearertokenauth/senders' },
    { authenticator: 'bearertokenauth/senders' },
    ':4327',
    ':4328',
  ]);
  expect(config.extensions['bearertokenauth/senders'].tokens).toHaveLength(2);
  for (const pipeline of Object.values<{ receivers: string[] }>(config.service.pipelines)) {
    expect(pipeline.receivers).toEqual(expect.arrayContaining(['otlp', 'otlp/token']));
  }
  expect([gateway.otlpGrpc.port, gateway.otlpHttp.port, gateway.token]).toEqual([4327, 4328, { name: 'collector-token', key: 'token' }]);
  expect(parse(agent.configText).exporters['otlp_grpc/gateway-logs'].endpoint).toBe('dns:///collector-headless.observability.svc:4327');
  expect(() => Instrumentation.of(gateway).workload({ node: gateway.node } as never)).toThrow(
    "token: given nothing; allowed: a SecretKey: one of the gateway's `tokens`",
  );
});

test('the network: to the provider; from clients to all four ports, from outside to those of OTLP only', () => {
  const { one } = synth({ expose: Exposure.loadBalancer() });
  const ports = (policy: string) => one('NetworkPolicy', policy).spec.ingress[0].ports.map(({ port }: { port: number }) => port);
  expect(ports('collector-from-clients')).toEqual([4317, 4318, 4327, 4328]);
  expect(ports('collector-from-outside')).toEqual([4317, 4318]);
  expect(JSON.stringify(one('NetworkPolicy', 'collector-to-outside').spec.egress)).toContain('{"port":8443,"protocol":"TCP"}');
  expect(warningsOf(synth({ expose: Exposure.loadBalancer() }).gateway)).toEqual([]);
});

test.each<[Partial<CollectorGatewayProps>, string]>([
  [{ tls: undefined }, 'oidc: given tokens, and nothing that encrypts them on their way; allowed: tls: ServerTls.secret'],
  [
    { oidc: { ...oidc, issuer: 'http://login.acme.example' } },
    'oidc.issuer: given "http://login.acme.example"; allowed: a URL without query: https://',
  ],
  [{ oidc: { ...oidc, issuer: 'https://login.acme.example?tenant=1' } }, 'oidc.issuer: given'],
  [{ oidc: { ...oidc, issuer: 'https://login.acme.example:99999' } }, 'oidc.issuer: given "https://login.acme.example:99999"'],
  [{ oidc: { issuer: oidc.issuer } as never }, 'oidc.audience: given nothing'],
  [{ oidc: { ...oidc, ignoreAudience: true } as never }, 'oidc.ignoreAudience: given a property that does not exist'],
])('bad input %#: one clear error', (props, message) => {
  expect(() => synth(props)).toThrow(message);
});
