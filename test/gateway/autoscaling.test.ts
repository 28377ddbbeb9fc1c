import { Chart, Size, Testing } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { parse } from 'yaml';
import { ClickHouseCluster } from '../../lib/clickhouse/clickhouse-cluster';
import { Collector } from '../../lib/collector/collector';
import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import { Placement } from '../../lib/collector/placement';
import { Signal } from '../../lib/collector/signal';
import { Sink, type SinkBinding } from '../../lib/collector/sink';
import { OtlpSink } from '../../lib/collector/sinks/otlp-sink';
import { Source, type SourceBinding } from '../../lib/collector/source';
import { CollectorGateway, type CollectorGatewayProps } from '../../lib/gateway/collector-gateway';
import { GatewayMode } from '../../lib/gateway/gateway-mode';
import { Nowhere } from '../nowhere';

function synth(props: Partial<CollectorGatewayProps>, memory = Size.gibibytes(16)) {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'ClickHouse', { resources: { cpu: Cpu.units(4), memory } });
  new CollectorGateway(chart, 'Gateway', { clusterName: 'prod', clickhouse, mode: GatewayMode.SYNCHRONOUS, ...props });
  const objects = Testing.synth(chart);
  return (kind: string, name = 'collector') => objects.find((object) => object.kind === kind && object.metadata.name === name);
}

/** Spans on a port above that of the collector's own metrics. */
class Zipkin extends Source {
  bind(): SourceBinding {
    const config = { endpoint: ConfigValue.listen('zipkin', 9411) };
    return { receivers: { traces: [Component.receiver({ componentType: 'zipkin', config })] } };
  }
}

class Own extends Sink {
  constructor(private readonly exporter: Component) {
    super();
  }

  bind(): SinkBinding {
    return { exporters: { traces: [this.exporter] } };
  }
}

function collectorOf(source: Source, sink: Sink = new OtlpSink({ endpoint: 'https://otlp.vendor.example', dropsWhenFull: false })) {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'test' });
  new Collector(chart, 'Collector', {
    role: 'relay',
    clusterName: 'test',
    sources: [source],
    sinks: [sink],
    placement: Placement.autoscaledDeployment({ maxReplicas: 4, queue: {} }),
  });
  const objects = Testing.synth(chart);
  return (kind: string) => objects.find((object) => object.kind === kind);
}

test('pods follow the CPU that they use, quickly up and slowly down; the Deployment does not say how many there are', () => {
  const one = synth({ autoscaling: { maxReplicas: 5 } });
  expect(one('HorizontalPodAutoscaler').spec).toEqual({
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'collector' },
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
    behavior: { scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
  });
  expect(one('Deployment').spec).not.toHaveProperty('replicas');
  expect(one('PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  expect(one('Deployment').spec.template.spec.topologySpreadConstraints).toHaveLength(2);
  expect(synth({ replicas: 5 })('HorizontalPodAutoscaler')).toBeUndefined();
});

test('by what waits to be sent too: KEDA asks the pods, and is let in alone', () => {
  const one = synth({
    autoscaling: { maxReplicas: 5, minReplicas: 3, queue: { sizePerPod: Size.mebibytes(32), kedaNamespace: 'scaling' } },
  });
  const waiting = (signal: string) => ({
    type: 'metrics-api',
    metricType: 'AverageValue',
    metadata: {
      url: 'http://collector-headless.observability.svc:8888/metrics',
      format: 'prometheus',
      valueLocation: `otelcol_exporter_queue_size{data_type="${signal}",exporter="clickhouse/${signal}"}`,
      aggregateFromKubeServiceEndpoints: 'true',
      aggregationType: 'sum',
      targetValue: '33554432',
    },
  });
  expect(one('ScaledObject').spec).toEqual({
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'collector' },
    pollingInterval: 30,
    minReplicaCount: 3,
    maxReplicaCount: 5,
    advanced: {
      horizontalPodAutoscalerConfig: {
        name: 'collector',
        behavior: { scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
      },
    },
    triggers: [
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '70' } },
      waiting('logs'),
      waiting('metrics'),
      waiting('traces'),
    ],
  });
  expect(one('HorizontalPodAutoscaler')).toBeUndefined();
  expect(one('Deployment').spec).not.toHaveProperty('replicas');
  expect(one('NetworkPolicy', 'collector-from-keda').spec.ingress).toEqual([
    {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'scaling' } } }],
      ports: [{ port: 8888, protocol: 'TCP' }],
    },
  ]);
  expect(one('Service', 'collector-headless').spec.ports).toContainEqual({
    name: 'own-metrics',
    port: 8888,
    targetPort: 'own-metrics',
    protocol: 'TCP',
  });
  const { readers } = parse(one('ConfigMap').data['config.yaml']).service.telemetry.metrics;
  expect(readers).toEqual([{ periodic: expect.anything() }, { pull: { exporter: { prometheus: { host: '', port: 8888 } } } }]);
});

test('what drops when it is full scales nothing; without policies nobody has to be let in', () => {
  const vendor = new OtlpSink({ endpoint: 'https://otlp.vendor.example' });
  const one = synth({ autoscaling: { maxReplicas: 4, queue: {} }, furtherSinks: [vendor], networkPolicies: false });
  const { triggers } = one('ScaledObject').spec;
  expect(triggers).toHaveLength(4);
  expect(triggers[1].metadata.targetValue).toBe('4194304');
  expect(one('NetworkPolicy', 'collector-from-keda')).toBeUndefined();
});

test('a sink that takes several signals has a queue for each, where senders wait for it', () => {
  const vendor = new OtlpSink({ endpoint: 'https://otlp.vendor.example', signals: [Signal.LOGS, Signal.TRACES], dropsWhenFull: false });
  const { triggers } = synth({ autoscaling: { maxReplicas: 4, queue: {} }, furtherSinks: [vendor] })('ScaledObject').spec;
  const series = triggers.slice(1).map(({ metadata }: { metadata: { valueLocation: string } }) => metadata.valueLocation);
  expect(series.filter((name: string) => name.includes('otlp'))).toEqual([
    'otelcol_exporter_queue_size{data_type="logs",exporter="otlp_http/sink-logs"}',
    'otelcol_exporter_queue_size{data_type="traces",exporter="otlp_http/sink-traces"}',
  ]);
});

test('a pod is ready when it takes telemetry, not when it says how it is', () => {
  const one = synth({ autoscaling: { maxReplicas: 4, queue: {} }, sources: [...CollectorGateway.defaultSources(), new Zipkin()] });
  expect(one('Deployment').spec.template.spec.containers[0].readinessProbe.tcpSocket).toEqual({ port: 4317 });
  const relay = collectorOf(new Zipkin());
  expect(relay('Deployment').spec.template.spec.containers[0].readinessProbe.tcpSocket).toEqual({ port: 9411 });
});

test('a queue that is not measured in bytes, or is turned off, is not compared with a size', () => {
  for (const queue of [{ sizer: 'items', queue_size: 1000 }, { sizer: 'bytes' }, { sizer: 'bytes', queue_size: 1e9, enabled: false }]) {
    const sending_queue = { block_on_overflow: true, ...queue };
    const sink = new Own(Component.exporter({ componentType: 'otlp_http', config: { endpoint: 'http://a.example', sending_queue } }));
    expect(() => collectorOf(new Zipkin(), sink)).toThrow('autoscaling.queue: given a value, and no queue in bytes');
  }
});

test('without a queue nobody asks', () => {
  const one = synth({ autoscaling: { maxReplicas: 4 } });
  expect(one('ConfigMap').data['config.yaml']).not.toContain('prometheus');
  expect(one('Service', 'collector-headless').spec.ports).not.toContainEqual(expect.objectContaining({ port: 8888 }));
});

test('never more pods than the store takes inserts of', () => {
  // 16 GiB: 185 queries, of which 92 may read; a collector has 2 inserts of logs, 2 of traces and 2 of each of five kinds of metrics at one time.
  expect(() => synth({ autoscaling: { maxReplicas: 7 } })).toThrow(
    'autoscaling.maxReplicas: given 7; allowed: at most 6: the store takes no more inserts at one time. Give the store more memory',
  );
  expect(synth({ autoscaling: { maxReplicas: 6 } })('HorizontalPodAutoscaler').spec.maxReplicas).toBe(6);
  expect(() => synth({ autoscaling: { maxReplicas: 3 } }, Size.gibibytes(4))).toThrow('allowed: at most 2');
  const two = '; allowed: at most 2: the store takes no more inserts at one time';
  expect(() => synth({ replicas: 64 }, Size.gibibytes(4))).toThrow(`replicas: given 64${two}`);
  expect(synth({ replicas: 2 }, Size.gibibytes(4))('Deployment').spec.replicas).toBe(2);
  expect(synth({ replicas: 3, mode: GatewayMode.DURABLE }, Size.gibibytes(4))('StatefulSet').spec.replicas).toBe(3);
  const elsewhere = synth({ clickhouse: undefined, sinks: [new Nowhere()], autoscaling: { maxReplicas: 64 } });
  expect(elsewhere('HorizontalPodAutoscaler').spec.maxReplicas).toBe(64);
});

test.each<[Partial<CollectorGatewayProps>, string]>([
  [
    { autoscaling: { maxReplicas: 4 }, mode: GatewayMode.DURABLE },
    'autoscaling: given a value, with a queue on disk; allowed: mode: GatewayMode.SYNCHRONOUS, which has no disk: of a pod that is taken away the queue would stay behind',
  ],
  [{ autoscaling: { maxReplicas: 4 }, replicas: 3 }, 'replicas: given `replicas` and `autoscaling`; allowed: one of the two'],
  [{ autoscaling: { maxReplicas: 2, minReplicas: 3 } }, 'autoscaling.maxReplicas: given 2; allowed: 3 or more, as minReplicas is 3'],
  [
    { autoscaling: { maxReplicas: 4, queue: { sizePerPod: Size.mebibytes(64) } } },
    "autoscaling.queue.sizePerPod: given 64Mi; allowed: less than the queue of 'clickhouse/logs' holds, 64Mi",
  ],
  [{ autoscaling: { maxReplicas: 4, queue: { kedaNamespace: 'Keda' } } }, 'autoscaling.queue.kedaNamespace: given "Keda"'],
  [
    { autoscaling: { maxReplicas: 4, queue: {} }, clickhouse: undefined, sinks: [new Nowhere()] },
    'autoscaling.queue: given a value, and no queue in bytes that senders wait for; allowed: a sink of this library that does not drop when it is full, or no `queue`',
  ],
  [{ autoscaling: {} as never }, 'autoscaling.maxReplicas: given nothing'],
  [
    { autoscaling: { maxReplicas: 3, cpuUtilization: 0.7 } },
    'autoscaling.cpuUtilization: given 0.7; allowed: a whole number from 10 to 100',
  ],
])('bad input %#: one clear error', (props, message) => {
  expect(() => synth(props)).toThrow(message);
});

test('a placement of its own for any collector', () => {
  expect(() => Placement.autoscaledDeployment({ maxReplicas: 0 })).toThrow(
    'Placement.autoscaledDeployment: 1 problem\n  scaling.maxReplicas',
  );
});
