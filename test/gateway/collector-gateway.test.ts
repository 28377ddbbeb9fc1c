import { Chart, Duration, Size, Testing } from 'cdk8s';
import { Deployment, Namespaces, NetworkPolicyIpBlock } from 'cdk8s-plus-27';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import { Sink, type SinkBinding } from '../../lib/collector/sink';
import { sending } from '../../lib/collector/sinks/sending-queue';
import type { CollectorContext } from '../../lib/collector/source';
import { Source } from '../../lib/collector/source';
import { OtlpReceiver } from '../../lib/collector/sources/otlp-receiver';
import { CollectorGateway, type CollectorGatewayProps } from '../../lib/gateway/collector-gateway';
import { GatewayMode } from '../../lib/gateway/gateway-mode';
import { warningsOf } from '../../lib/kubernetes/warnings';

class Elsewhere extends Sink {
  bind(context: CollectorContext): SinkBinding {
    const exporter = (signal: 'logs' | 'metrics' | 'traces') => [
      Component.exporter({
        componentType: 'otlp_http',
        name: signal,
        config: sending(context, signal, { consumers: 1, sizer: 'items', minBatch: 1, maxBatch: 10, flushAfter: '1s' }),
      }),
    ];
    return { exporters: { logs: exporter('logs'), metrics: exporter('metrics'), traces: exporter('traces') } };
  }
}

function synth(props: Partial<CollectorGatewayProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const gateway = new CollectorGateway(chart, 'Gateway', { clusterName: 'prod', sinks: [new Elsewhere()], ...props });
  const objects = Testing.synth(chart);
  return {
    chart,
    gateway,
    objects,
    config: parse(gateway.configText),
    one: (kind: string, name = 'collector') => objects.find((object) => object.kind === kind && object.metadata.name === name),
  };
}

test('two replicas, each with a disk of its own, spread, drained one at a time', () => {
  const { one } = synth();
  const { spec } = one('StatefulSet');
  expect(spec.replicas).toBe(2);
  expect(spec.volumeClaimTemplates[0].spec.resources.requests.storage).toBe('20Gi');
  expect(spec.template.spec.topologySpreadConstraints).toHaveLength(2);
  expect(one('PodDisruptionBudget').spec.maxUnavailable).toBe(1);
});

test('the queue is sized from the outage that it has to bridge, for the traffic that is expected', () => {
  const sizes = (props: Partial<CollectorGatewayProps>) => {
    const { exporters } = synth(props).config;
    return ['logs', 'traces', 'metrics'].map((signal) => exporters[`otlp_http/${signal}`].sending_queue.queue_size / (1024 * 1024));
  };
  // An hour of 1,000 records of 1,000 bytes, 500 spans of 1,000 bytes and 1,000 points of 300 bytes, in MiB rounded up; each of two replicas for all of it.
  expect(sizes({})).toEqual([3434, 1717, 1030]);
  expect(sizes({ replicas: 3 })).toEqual([1717, 859, 515]);
  expect(sizes({ expectedTraffic: { logRecordsPerSecond: 2000 } })).toEqual([6867, 1717, 1030]);
  expect(sizes({ outageBudget: Duration.minutes(30) })).toEqual([1717, 859, 515]);
});

test('the queue never gives up, and blocks rather than drops', () => {
  const exporter = synth().config.exporters['otlp_http/logs'];
  expect(exporter.retry_on_failure).toMatchObject({ enabled: true, max_elapsed_time: '0s' });
  expect(exporter.sending_queue).toMatchObject({ block_on_overflow: true, storage: 'file_storage/queue' });
});

test('a budget that the disk cannot hold is an error that says what would', () => {
  expect(() => synth({ outageBudget: Duration.hours(6) })).toThrow(
    'outageBudget: given 6 hours; allowed: at most 1 hour 39 minutes with a storage.size of 20Gi a replica at the expected traffic. Give storage.size 73Gi or more',
  );
  expect(synth({ outageBudget: Duration.hours(6), storage: { size: Size.gibibytes(73) } }).objects).not.toEqual([]);
});

test('another budget does not touch what Kubernetes cannot change', () => {
  const claims = (props: Partial<CollectorGatewayProps>) => synth(props).one('StatefulSet').spec.volumeClaimTemplates;
  expect(claims({ outageBudget: Duration.minutes(10) })).toEqual(claims({}));
});

test("the limiter is first in every pipeline, then the cluster's name, what is out of time is dropped, then Kubernetes attributes", () => {
  const pipelines = Object.values<{ processors: string[] }>(synth().config.service.pipelines);
  expect(pipelines.map(({ processors }) => processors.map((id) => id.replace(/-\w{6}$/, '')))).toEqual(
    Array(3).fill(['memory_limiter', 'resource/cluster', 'filter/drop-out-of-time', 'k8s_attributes']),
  );
});

test("what comes over the connection of another collector is not taken for that collector's own", () => {
  expect(synth().config.processors.k8s_attributes.filter.labels).toEqual([
    { key: 'app.kubernetes.io/name', op: 'not-equals', value: 'opentelemetry-collector' },
  ]);
});

test('a gateway without a cluster name says what it wrote instead', () => {
  expect(warningsOf(synth({ clusterName: undefined }).chart)[0]).toContain(
    'test/Gateway: clusterName is not given: telemetry carries k8s.cluster.name=kubernetes',
  );
  expect(warningsOf(synth().chart)).toEqual([]);
});

test('addresses: all replicas for gRPC, any of them for HTTP', () => {
  const { gateway } = synth({ namespace: 'team', name: 'otel' });
  expect([gateway.otlpGrpc, gateway.otlpHttp].map(({ host, port }) => `${host}:${port}`)).toEqual([
    'otel-headless.team.svc:4317',
    'otel.team.svc:4318',
  ]);
});

test("clients of one's own are let in by a policy", () => {
  const chart = new Chart(Testing.app(), 'test');
  const app = new Deployment(chart, 'App', { metadata: { namespace: 'shop' }, containers: [{ image: 'a:1', portNumber: 1 }] });
  new CollectorGateway(chart, 'Gateway', {
    clusterName: 'prod',
    sinks: [new Elsewhere()],
    clients: [app, Namespaces.select(chart, 'Teams', { labels: { team: 'a' } })],
  });
  const policy = Testing.synth(chart).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'collector-from-clients');
  expect(policy.spec.ingress[0].ports).toEqual([
    { port: 4317, protocol: 'TCP' },
    { port: 4318, protocol: 'TCP' },
  ]);
  expect(policy.spec.ingress[0].from).toMatchObject([
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } },
    { namespaceSelector: { matchLabels: { team: 'a' } } },
  ]);
});

test('clients come to every port that a source listens on, but not to the one of KEDA', () => {
  const syslog = new (class extends Source {
    bind() {
      const config = { tcp: { listen_address: ConfigValue.listen('syslog', 6514) }, protocol: 'rfc5424' };
      return { receivers: { logs: [Component.receiver({ componentType: 'syslog', config })] } };
    }
  })();
  const { objects, one } = synth({
    sources: [...CollectorGateway.defaultSources(), syslog],
    mode: GatewayMode.SYNCHRONOUS,
    autoscaling: { minReplicas: 1, maxReplicas: 2, queue: {} },
    clients: [NetworkPolicyIpBlock.ipv4(new Chart(Testing.app(), 'other'), 'Devices', '10.20.0.0/16')],
  });
  const policy = one('NetworkPolicy', 'collector-from-clients').spec.ingress[0];
  expect(policy.ports.map(({ port }: { port: number }) => port)).toEqual([4317, 4318, 6514]);
  expect(policy.from).toEqual([{ ipBlock: { cidr: '10.20.0.0/16' } }]);
  const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'collector');
  expect(service.spec.ports.map(({ port }: { port: number }) => port)).toEqual([4317, 4318, 6514, 8888]);
});

test.each<[Partial<CollectorGatewayProps>, string]>([
  [{ sinks: undefined }, 'clickhouse: given nothing; allowed: a store, or `sinks`'],
  [{ replicas: 0 }, 'replicas: given 0; allowed: a whole number from 1 to 64'],
  [
    {
      sources: [
        new (class extends Source {
          bind() {
            return { receivers: { logs: [Component.receiver({ componentType: 'tcp_log' })] } };
          }
        })(),
      ],
    },
    "sources: given no source that listens on 'otlp-grpc'",
  ],
  [{ storage: { size: Size.mebibytes(1), storageClass: 'Bad Class' } }, '2 problems'],
  [{ expectedTraffic: { logsPerSecond: 1 } as never }, 'expectedTraffic.logsPerSecond: given a property that does not exist'],
  [{ sources: [new OtlpReceiver(), new OtlpReceiver()] }, "sources[0] and sources[1]: given two sources called 'otlp'"],
])('bad input %#: one clear error', (props, message) => {
  expect(() => synth(props)).toThrow(message);
});

test("whatever stands in the properties, it is YAML or one error with the construct's path", () => {
  const anyProps = fc.record(
    Object.fromEntries(
      [
        'name',
        'namespace',
        'resources',
        'images',
        'networkPolicies',
        'clusterName',
        'platform',
        'mode',
        'replicas',
        'autoscaling',
        'outageBudget',
        'expectedTraffic',
        'storage',
        'sources',
        'processors',
        'clients',
        'tls',
        'tokens',
        'oidc',
        'expose',
      ].map((name) => [name, name === 'mode' ? fc.constantFrom<unknown>('durable', 'synchronous', 7) : fc.anything()]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(anyProps, (props) => {
      try {
        synth(props as CollectorGatewayProps);
      } catch (error) {
        expect((error as Error).message).toMatch(/^CollectorGateway test\/Gateway: \d+ problems?\n/);
      }
    }),
    { numRuns: 300 },
  );
});

test('an outage of half a second more is no error', () => {
  expect(synth({ outageBudget: Duration.millis(60_500) }).objects).not.toEqual([]);
});
