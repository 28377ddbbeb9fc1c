import { Chart, Testing } from 'cdk8s';
import { parse } from 'yaml';
import {
  ClickHouseCluster,
  ClusterAgent,
  CollectorGateway,
  type CollectorGatewayProps,
  NodeAgent,
  SecretKey,
  ServerTls,
  type ServerTlsOptions,
} from '../../lib';
import { warningsOf } from '../../lib/kubernetes/warnings';
import type { Manifest } from '../laws/manifests';
import { Nowhere } from '../nowhere';

const tls = ServerTls.secret('otlp-tls', { caCertificate: SecretKey.of('acme-ca', 'ca.crt') });
const edge = SecretKey.of('gateway-edge-7', 'token');

function synth(props: Partial<CollectorGatewayProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const gateway = new CollectorGateway(chart, 'Gateway', { clusterName: 'prod', sinks: [new Nowhere()], ...props });
  const nodeAgent = new NodeAgent(chart, 'NodeAgent', { gateway });
  const clusterAgent = new ClusterAgent(chart, 'ClusterAgent', { gateway });
  const objects: Manifest[] = Testing.synth(chart);
  const one = (kind: string, name: string) => objects.find((object) => object.kind === kind && object.metadata.name === name);
  const container = (kind: string, name: string) => one(kind, name).spec.template.spec.containers[0];
  const config = (collector: { configText: string }) => parse(collector.configText);
  return { gateway, nodeAgent, clusterAgent, objects, one, container, config };
}

test('a certificate from a Secret stands on both listeners, and is looked at again', () => {
  const { gateway, config, one } = synth({ tls });
  const files = {
    cert_file: '/etc/otelcol/secrets/otlp-tls/tls.crt',
    key_file: '/etc/otelcol/secrets/otlp-tls/tls.key',
    reload_interval: '30s',
  };
  const { grpc, http } = config(gateway).receivers.otlp.protocols;
  expect([grpc.tls, http.tls]).toEqual([files, files]);
  const { volumes, containers } = one('StatefulSet', 'collector').spec.template.spec;
  expect(volumes).toContainEqual({
    name: 'secret-otlp-tls',
    secret: {
      secretName: 'otlp-tls',
      items: [
        { key: 'tls.crt', path: 'tls.crt' },
        { key: 'tls.key', path: 'tls.key' },
      ],
    },
  });
  // A folder, not a file of its own: Kubernetes renews only what is mounted as a folder.
  expect(containers[0].volumeMounts).toContainEqual({
    name: 'secret-otlp-tls',
    mountPath: '/etc/otelcol/secrets/otlp-tls',
    readOnly: true,
  });
  expect(gateway.otlpHttp).toMatchObject({ tls: true, caCertificate: { name: 'acme-ca', key: 'ca.crt' } });
});

test('agents connect by TLS and check the authority, and the name where the certificate has another', () => {
  const { nodeAgent, clusterAgent, config, one } = synth({
    tls: ServerTls.secret('otlp-tls', { caCertificate: SecretKey.of('acme-ca', 'ca.crt'), serverName: 'otlp.acme.example' }),
  });
  for (const agent of [nodeAgent, clusterAgent]) {
    expect(config(agent).exporters['otlp_grpc/gateway-logs'].tls).toEqual({
      insecure: false,
      ca_file: '/etc/otelcol/secrets/acme-ca/ca.crt',
      server_name_override: 'otlp.acme.example',
    });
  }
  // The key of the authority may lie beside it.
  expect(one('DaemonSet', 'node-agent').spec.template.spec.volumes).toContainEqual({
    name: 'secret-acme-ca',
    secret: { secretName: 'acme-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
  });
});

test('cert-manager is asked for the names of both Services, and what others connect to', () => {
  const { gateway, one, config } = synth({
    tls: ServerTls.certManager({ issuer: { name: 'internal' }, dnsNames: ['otlp.acme.example'] }),
  });
  expect(one('Certificate', 'collector-tls')).toMatchObject({
    apiVersion: 'cert-manager.io/v1',
    metadata: { namespace: 'observability' },
    spec: {
      secretName: 'collector-tls',
      issuerRef: { name: 'internal', kind: 'ClusterIssuer', group: 'cert-manager.io' },
      dnsNames: ['collector.observability.svc', 'collector-headless.observability.svc', 'otlp.acme.example'],
    },
  });
  expect(config(gateway).receivers.otlp.protocols.grpc.tls.cert_file).toBe('/etc/otelcol/secrets/collector-tls/tls.crt');
});

test('each sender has a token, and so have the agents; none stands in the ConfigMap', () => {
  const { gateway, config, container, objects } = synth({ tls, tokens: [edge] });
  const { extensions, receivers, service } = config(gateway);
  expect(extensions['bearertokenauth/senders'].tokens).toEqual(['${env:GATEWAY_EDGE_7_TOKEN}', '${env:COLLECTOR_TOKEN_TOKEN}']);
  expect(service.extensions).toContain('bearertokenauth/senders');
  for (const protocol of ['grpc', 'http']) {
    expect(receivers.otlp.protocols[protocol].auth).toEqual({ authenticator: 'bearertokenauth/senders' });
  }
  expect(container('StatefulSet', 'collector').env).toContainEqual({
    name: 'GATEWAY_EDGE_7_TOKEN',
    valueFrom: { secretKeyRef: { name: 'gateway-edge-7', key: 'token' } },
  });
  for (const [kind, name] of [
    ['DaemonSet', 'node-agent'],
    ['StatefulSet', 'cluster-agent'],
  ]) {
    expect(container(kind, name).args).toContain(
      '--config=yaml:exporters::otlp_grpc/gateway-logs::headers::authorization: "Bearer ${env:COLLECTOR_TOKEN_TOKEN}"',
    );
    expect(container(kind, name).env).toContainEqual({
      name: 'COLLECTOR_TOKEN_TOKEN',
      valueFrom: { secretKeyRef: { name: 'collector-token', key: 'token' } },
    });
  }
  const texts = objects.filter(({ kind }) => kind === 'ConfigMap').map((configMap) => JSON.stringify(configMap.data));
  expect(texts.filter((text) => text.includes('Bearer '))).toEqual([]);
});

test('the credentials program is told of all tokens, and that the node agent’s is the gateway’s', () => {
  const { one } = synth({ tls, tokens: [edge] });
  const annotation = (kind: string, name: string) => one(kind, name).metadata.annotations['cdk8s-observability/random-secrets'];
  expect(annotation('StatefulSet', 'collector')).toBe('collector-token/token\ngateway-edge-7/token');
  expect(annotation('StatefulSet', 'cluster-agent')).toBe('collector-token/token@observability');
  expect(annotation('DaemonSet', 'node-agent')).toBe('collector-token/token@observability');
});

test('own metrics go through the own pipelines, which know certificate and token', () => {
  const { gateway, clusterAgent, config } = synth({ tls, tokens: [edge] });
  for (const collector of [gateway, clusterAgent]) {
    const { receivers, service } = config(collector);
    expect(receivers['otlp/own'].protocols).toEqual({ http: { endpoint: 'localhost:4319' } });
    expect(service.pipelines.metrics.receivers).toContain('otlp/own');
    expect(service.telemetry.metrics.readers[0].periodic.exporter.otlp.endpoint).toBe('http://localhost:4319');
  }
});

test('applications of a node send to its agent as before', () => {
  const { nodeAgent, config } = synth({ tls, tokens: [edge] });
  expect(Object.keys(config(nodeAgent).receivers.otlp.protocols.http)).toEqual(['endpoint', 'max_request_body_size']);
  expect([nodeAgent.otlpHttp.tls, nodeAgent.token]).toEqual([undefined, undefined]);
});

test('the port of the own metrics is in no Service and no policy', () => {
  const { objects } = synth({ tls, tokens: [edge] });
  const open = objects.filter(({ kind }) => ['Service', 'NetworkPolicy'].includes(kind)).map((object) => JSON.stringify(object));
  expect(open.filter((text) => text.includes('4319') || text.includes('own-telemetry'))).toEqual([]);
});

test.each<[string, Partial<CollectorGatewayProps>, string]>([
  ['tokens in plain text', { tokens: [edge] }, 'tokens: given tokens, and nothing that encrypts them on their way'],
  ['one token for two senders', { tls, tokens: [edge, edge] }, 'tokens: given gateway-edge-7/token twice'],
  ['a token as text', { tls, tokens: ['s3cr3t' as never] }, 'tokens[0]: given a text (a secret is never text here)'],
  ['no tokens', { tls, tokens: [] }, 'tokens: given a list of 0; allowed: a list of at least one, each: SecretKey.of('],
  ['TLS as a word', { tls: 'otlp-tls' as never }, 'tls: given "otlp-tls"; allowed: ServerTls.secret(\'otlp-tls\')'],
])('bad input: %s', (_, props, message) => {
  expect(() => synth(props)).toThrow(message);
});

test('bad input of the factories: one clear error with all of it', () => {
  expect(() => ServerTls.secret('Not_A_Name', { serverName: 'https://x' })).toThrow(
    /^ServerTls.secret: 2 problems\n {2}name: given "Not_A_Name".*\n {2}options.serverName: given "https:\/\/x"/,
  );
  expect(() => ServerTls.certManager({ issuer: {}, dnsNames: ['-'] } as never)).toThrow(
    /^ServerTls.certManager: 2 problems\n {2}issuer.name: given nothing.*\n {2}dnsNames\[0\]: given "-"/,
  );
});

test('agents that could not check the certificate: a warning', () => {
  const warnings = (options: ServerTlsOptions) => {
    const chart = new Chart(Testing.app(), 'test');
    const clickhouse = new ClickHouseCluster(chart, 'Store');
    return warningsOf(
      new CollectorGateway(chart, 'Gateway', { clusterName: 'test', clickhouse, tls: ServerTls.secret('otlp-tls', options) }),
    );
  };
  expect(warnings({})[0]).toContain('give `tls` a `caCertificate`');
  expect(warnings({ caCertificate: SecretKey.of('acme-ca', 'ca.crt') })).toEqual([]);
  expect(warnings({ serverName: 'otlp.acme.example' })).toEqual([]);
});
