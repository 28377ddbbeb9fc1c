import { Chart, Testing } from 'cdk8s';
import { parse } from 'yaml';
import {
  ClusterAgent,
  ExternalGateway,
  type ExternalGatewayProps,
  NodeAgent,
  ObservabilityChart,
  type ObservabilityChartProps,
  OtlpProtocol,
  PrometheusAgent,
  Reach,
  SecretKey,
} from '../../lib';
import type { Manifest } from '../laws/manifests';

const endpoint = 'https://otlp.acme.example';
const token = SecretKey.of('gateway', 'token');

beforeEach(() => jest.spyOn(process.stderr, 'write').mockReturnValue(true));

function agentOf(props: ExternalGatewayProps) {
  const chart = new Chart(Testing.app(), 'edge');
  const agent = new ClusterAgent(chart, 'ClusterAgent', { gateway: new ExternalGateway(props), clusterName: 'edge-7' });
  const objects: Manifest[] = Testing.synth(chart);
  const one = (kind: string, name: string) => objects.find((object) => object.kind === kind && object.metadata.name === name);
  return { config: parse(agent.configText), one, workload: one('StatefulSet', 'cluster-agent') };
}

test('agents send by HTTP, which passes every Ingress, with the token of their cluster', () => {
  const { config, workload } = agentOf({ endpoint, token });
  expect(config.exporters['otlp_http/gateway-logs']).toMatchObject({
    endpoint: 'https://otlp.acme.example:443',
    tls: { insecure: false },
    compression: 'zstd',
    retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
  });
  const { args, env } = workload.spec.template.spec.containers[0];
  expect(args).toContain('--config=yaml:exporters::otlp_http/gateway-metrics::headers::authorization: "Bearer ${env:GATEWAY_TOKEN}"');
  expect(env).toContainEqual({ name: 'GATEWAY_TOKEN', valueFrom: { secretKeyRef: { name: 'gateway', key: 'token' } } });
});

test('a token of another cluster is for a person to bring: no random one would be known there', () => {
  expect(agentOf({ endpoint, token }).workload.metadata.annotations).toBeUndefined();
});

test('no request is as large as what an Ingress controller refuses for good', () => {
  const { sizer, max_size } = agentOf({ endpoint }).config.exporters['otlp_http/gateway-logs'].sending_queue.batch;
  expect([sizer, max_size < 1024 * 1024]).toEqual(['bytes', true]);
});

test('by gRPC where it is said, to a port of its own, checked by an authority of its own', () => {
  const { config } = agentOf({
    endpoint: `${endpoint}:4317`,
    protocol: OtlpProtocol.GRPC,
    caCertificate: SecretKey.of('acme-ca', 'ca.crt'),
  });
  expect(config.exporters['otlp_grpc/gateway-logs']).toMatchObject({
    endpoint: 'dns:///otlp.acme.example:4317',
    tls: { insecure: false, ca_file: '/etc/otelcol/secrets/acme-ca/ca.crt' },
  });
});

test('what they send has the name of their cluster, their own metrics too', () => {
  const { config } = agentOf({ endpoint });
  expect(config.processors['resource/cluster'].attributes[0]).toMatchObject({ key: 'k8s.cluster.name', value: 'edge-7' });
  expect(config.service.pipelines.metrics.receivers).toContain('otlp/own');
});

test('the network is open to it alone, or to anywhere on its port', () => {
  const egress = (props: ExternalGatewayProps) => agentOf(props).one('NetworkPolicy', 'cluster-agent-to-outside').spec.egress;
  expect(egress({ endpoint, reach: Reach.cidrs('10.9.0.0/16') })).toContainEqual({
    to: [{ ipBlock: { cidr: '10.9.0.0/16' } }],
    ports: [{ port: 443, protocol: 'TCP' }],
  });
  expect(JSON.stringify(egress({ endpoint: `${endpoint}:8443` }))).toContain('8443');
});

const chartOf = (props: Partial<ObservabilityChartProps> = {}) =>
  new ObservabilityChart(Testing.app(), 'edge', {
    clusterName: 'edge-7',
    existingGateway: new ExternalGateway({ endpoint, token }),
    ...props,
  });

test('a chart with a gateway elsewhere has agents only', () => {
  const objects: Manifest[] = Testing.synth(chartOf());
  const workloads = objects.filter(({ spec }) => spec?.template).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(workloads.sort()).toEqual(['DaemonSet node-agent', 'StatefulSet cluster-agent', 'StatefulSet prometheus-agent']);
  expect(objects.filter(({ kind }) => ['PersistentVolumeClaim', 'Job', 'CronJob'].includes(kind))).toEqual([]);
});

test('what is not there cannot be used', () => {
  expect(() => chartOf().grafana).toThrow(
    'ObservabilityChart edge: 1 problem\n  grafana: given `existingGateway`; allowed: the chart of the cluster where the gateway is',
  );
  expect(() => chartOf().gateway).toThrow('gateway: given `existingGateway`');
  expect(() => chartOf().clickhouse).toThrow('clickhouse: given `existingGateway`');
});

test('what stands with the gateway is an error here, all of it at once', () => {
  expect(chartOf({ smokeTest: false }).smokeTest).toBeUndefined();
  expect(() => chartOf({ smokeTest: true })).toThrow('smokeTest: given `smokeTest` and `existingGateway`');
  expect(() => chartOf({ gateway: {}, clickhouse: {}, retention: {}, grafana: {} })).toThrow(
    /4 problems\n {2}gateway: given `gateway` and `existingGateway`; allowed: one of the two.*\n {2}clickhouse: .*\n {2}retention: .*\n {2}grafana: /,
  );
});

test.each([NodeAgent, ClusterAgent, PrometheusAgent])('an agent alone needs the name of its cluster: %p', (Agent) => {
  const gateway = new ExternalGateway({ endpoint });
  expect(() => new Agent(new Chart(Testing.app(), 'edge'), 'Agent', { gateway })).toThrow(
    'clusterName: given nothing; allowed: the name of this cluster: the gateway is in another',
  );
});

test.each<[object, RegExp]>([
  [{}, /^ExternalGateway: 1 problem\n {2}endpoint: given nothing/],
  [{ endpoint: 'otlp.acme.example:4317' }, /endpoint: given "otlp.acme.example:4317"; allowed: a URL without a path/],
  [{ endpoint: `${endpoint}/v1/logs` }, /allowed: a URL without a path/],
  [{ endpoint: `${endpoint}:99999` }, /endpoint: given "https:\/\/otlp.acme.example:99999"; allowed: a URL without a path/],
  [
    { endpoint: 'http://otlp.acme.example', token },
    /endpoint: given a token for an address in plain text; allowed: https:\/\/otlp.acme.example/,
  ],
  [
    { endpoint: `${endpoint}:4317` },
    /1 problem\n {2}endpoint: given port 4317, that of OTLP over gRPC, for OTLP over HTTP; allowed: protocol: OtlpProtocol.GRPC; or port 4318$/,
  ],
  [
    { endpoint: `${endpoint}:4318`, protocol: OtlpProtocol.GRPC },
    /endpoint: given port 4318, that of OTLP over HTTP, for OTLP over gRPC; allowed: protocol: OtlpProtocol.HTTP; or port 4317$/,
  ],
  [{ endpoint, protocol: 'udp', token: 'x', reach: 1 }, /^ExternalGateway: 3 problems/],
])('bad input %#: one clear error', (props, message) => {
  expect(() => new ExternalGateway(props as ExternalGatewayProps)).toThrow(message);
});
