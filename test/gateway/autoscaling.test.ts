import { Chart, Size, Testing } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { ClickHouseCluster } from '../../lib/clickhouse/clickhouse-cluster';
import { Placement } from '../../lib/collector/placement';
import { CollectorGateway, type CollectorGatewayProps } from '../../lib/gateway/collector-gateway';
import { GatewayMode } from '../../lib/gateway/gateway-mode';
import { Nowhere } from '../nowhere';

function synth(props: Partial<CollectorGatewayProps>, memory = Size.gibibytes(16)) {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'ClickHouse', { resources: { cpu: Cpu.units(4), memory } });
  new CollectorGateway(chart, 'Gateway', { clusterName: 'prod', clickhouse, mode: GatewayMode.SYNCHRONOUS, ...props });
  const objects = Testing.synth(chart);
  return (kind: string) => objects.find((object) => object.kind === kind && object.metadata.name === 'collector');
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
