import { Collector } from '../../../lib/collector/collector';
import { Placement } from '../../../lib/collector/placement';
import { GatewaySink } from '../../../lib/collector/sinks/gateway-sink';
import { OtlpReceiver } from '../../../lib/collector/sources/otlp-receiver';
import { Reach } from '../../../lib/kubernetes/endpoint';
import { SecretKey } from '../../../lib/kubernetes/secret-key';
import { gateway, synthesized } from '../synthesized';

const sent = (to = gateway) =>
  synthesized(
    (scope) =>
      new Collector(scope, 'Bridge', {
        role: 'bridge',
        clusterName: 'prod',
        sources: [new OtlpReceiver()],
        sinks: [new GatewaySink({ gateway: to })],
        placement: Placement.deployment(1),
      }),
  );

test('every replica of the gateway is sent to, not the one that a connection happened to meet', () => {
  const exporter = sent().config.exporters['otlp_grpc/gateway-logs'];
  expect(exporter).toMatchObject({
    endpoint: 'dns:///collector-headless.observability.svc:4317',
    balancer_name: 'round_robin',
    tls: { insecure: true },
    compression: 'zstd',
  });
});

test('nothing is given up or dropped', () => {
  for (const signal of ['logs', 'metrics', 'traces']) {
    const exporter = sent().config.exporters[`otlp_grpc/gateway-${signal}`];
    expect(exporter.retry_on_failure.max_elapsed_time).toBe('0s');
    expect(exporter.sending_queue).toMatchObject({ enabled: true, block_on_overflow: true });
  }
});

test('no request is larger than what a gateway takes: it would refuse it for good', () => {
  const { config } = sent();
  const taken = config.receivers.otlp.protocols.grpc.max_recv_msg_size_mib * 1024 * 1024;
  const { sizer, max_size } = config.exporters['otlp_grpc/gateway-logs'].sending_queue.batch;
  expect(sizer).toBe('bytes');
  expect(max_size).toBeLessThan(taken / 2);
});

test('an encrypted gateway is checked by the authority that it names', () => {
  const { config, pod } = sent({
    ...gateway,
    otlpGrpc: { host: 'otlp.acme.example', port: 443, tls: true, caCertificate: SecretKey.of('acme', 'ca.crt'), reach: Reach.anywhere() },
  });
  expect(config.exporters['otlp_grpc/gateway-logs']).toMatchObject({
    endpoint: 'dns:///otlp.acme.example:443',
    tls: { insecure: false, ca_file: '/etc/otelcol/secrets/acme/ca.crt' },
  });
  expect(pod.volumes).toContainEqual({ name: 'secret-acme', secret: { secretName: 'acme', items: [{ key: 'ca.crt', path: 'ca.crt' }] } });
});

test('bad input is one clear error', () => {
  expect(() => new GatewaySink({} as never)).toThrow('GatewaySink: 1 problem\n  gateway: given nothing');
  expect(() => new GatewaySink({ gateway: 'http://collector:4317' } as never)).toThrow(
    'gateway: given "http://collector:4317"; allowed: a CollectorGateway, or another IGateway',
  );
});
