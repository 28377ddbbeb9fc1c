import { Chart, Duration, Size, Testing } from 'cdk8s';
import { parse } from 'yaml';
import { ClickHouseCluster } from '../../lib/clickhouse/clickhouse-cluster';
import { ClickHouseSink } from '../../lib/clickhouse/clickhouse-sink';
import { Collector } from '../../lib/collector/collector';
import { ConfigValue } from '../../lib/collector/config-value';
import { Placement } from '../../lib/collector/placement';
import { queueStorage } from '../../lib/collector/queue-storage';
import { Signal } from '../../lib/collector/signal';
import type { Sink } from '../../lib/collector/sink';
import { OtlpSink } from '../../lib/collector/sinks/otlp-sink';
import { OtlpReceiver } from '../../lib/collector/sources/otlp-receiver';
import { CollectorGateway, type CollectorGatewayProps } from '../../lib/gateway/collector-gateway';
import { GatewayMode } from '../../lib/gateway/gateway-mode';
import { Volume } from '../../lib/kubernetes/volume';
import { warningsOf } from '../../lib/kubernetes/warnings';
import { Nowhere } from '../nowhere';

function synth(props: Partial<CollectorGatewayProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const clickhouse = new ClickHouseCluster(chart, 'ClickHouse');
  const gateway = new CollectorGateway(chart, 'Gateway', { clusterName: 'prod', clickhouse, mode: GatewayMode.SYNCHRONOUS, ...props });
  const objects = Testing.synth(chart);
  return {
    gateway,
    config: parse(gateway.configText),
    find: (kind: string, name = 'collector') => objects.find((object) => object.kind === kind && object.metadata.name === name),
  };
}

test('the synchronous mode is a Deployment without a disk, under the names of the durable one', () => {
  const { gateway, config, find } = synth();
  expect(find('Deployment').spec.replicas).toBe(2);
  expect(find('StatefulSet')).toBeUndefined();
  expect(find('Deployment').spec.template.spec.volumes.map(({ name }: { name: string }) => name)).toEqual(['config']);
  expect(Object.keys(config.extensions)).toEqual(['health_check']);
  const durable = synth({ mode: GatewayMode.DURABLE });
  expect([gateway.otlpGrpc.host, gateway.otlpHttp.host]).toEqual([durable.gateway.otlpGrpc.host, durable.gateway.otlpHttp.host]);
  expect(find('Deployment').spec.selector).toEqual(durable.find('StatefulSet').spec.selector);
  expect(find('PodDisruptionBudget').spec.maxUnavailable).toBe(1);
});

test('senders wait for the insert; what fails is theirs to send again; no request is split over two inserts', () => {
  const { exporters } = synth().config;
  for (const signal of ['logs', 'metrics', 'traces']) {
    expect(exporters[`clickhouse/${signal}`].retry_on_failure).toEqual({ enabled: false });
    expect(exporters[`clickhouse/${signal}`].sending_queue).toEqual({
      enabled: true,
      sizer: 'bytes',
      queue_size: 64 * 1024 * 1024,
      block_on_overflow: true,
      num_consumers: 2,
      wait_for_result: true,
      batch: { sizer: 'items', min_size: 10_000, flush_timeout: '500ms' },
    });
    expect(exporters[`clickhouse/${signal}`].timeout).toBe('20s');
  }
});

test('the durable mode is the default', () => {
  const text = (mode?: GatewayMode) => synth({ mode }).gateway.configText;
  expect(text()).toBe(text(GatewayMode.DURABLE));
  expect(text()).not.toContain('wait_for_result');
});

test('what sizes a queue is refused where there is none, all of it in one error', () => {
  expect(() => synth({ outageBudget: Duration.hours(1), storage: { size: Size.gibibytes(20) }, expectedTraffic: {} })).toThrow(
    /CollectorGateway test\/Gateway: 3 problems\n {2}outageBudget: given a value, with mode 'synchronous'; allowed: nothing: this mode has no queue.*\n.*expectedTraffic: .*\n.*storage: /,
  );
  expect(() => synth({ mode: 'async' as never })).toThrow(`mode: given "async"; allowed: 'durable', 'synchronous'`);
});

test('senders wait for the store, not for a sink that may drop; for two sinks of a signal there is a warning', () => {
  const store = new ClickHouseCluster(new Chart(Testing.app(), 'store'), 'ClickHouse');
  const otlp = (dropsWhenFull: boolean) => new OtlpSink({ endpoint: 'https://otlp.vendor.example', dropsWhenFull });
  const withSink = (sink: Sink, props: Partial<CollectorGatewayProps> = {}) =>
    synth({ clickhouse: undefined, sinks: [new ClickHouseSink({ clickhouse: store }), sink], ...props });
  const exporter = withSink(otlp(true)).config.exporters['otlp_http/sink-logs-may-drop'];
  expect(exporter.sending_queue).not.toHaveProperty('wait_for_result');
  expect(exporter.retry_on_failure.enabled).toBe(true);
  expect(warningsOf(withSink(otlp(true)).gateway)).toEqual([]);
  expect(warningsOf(withSink(otlp(false)).gateway)[0]).toContain('it is synchronous and waits for several sinks');
  expect(warningsOf(withSink(otlp(false), { mode: GatewayMode.DURABLE, outageBudget: Duration.minutes(20) }).gateway)).toEqual([]);
  const tracesOnly = new OtlpSink({ endpoint: 'https://otlp.vendor.example', dropsWhenFull: false, signals: [Signal.TRACES] });
  const rest = new ClickHouseSink({ clickhouse: store, signals: [Signal.LOGS, Signal.METRICS] });
  expect(warningsOf(synth({ clickhouse: undefined, sinks: [rest, tracesOnly] }).gateway)).toEqual([]);
});

test('a collector has a queue on disk or waits for the result, not both', () => {
  const size = Size.mebibytes(64);
  const queue = {
    storage: queueStorage(ConfigValue.directory(Volume.persistent('queue', Size.gibibytes(1)))),
    logs: size,
    metrics: size,
    traces: size,
  };
  const make = (props: object) =>
    new Collector(new Chart(Testing.app(), 'test'), 'Bridge', {
      role: 'bridge',
      clusterName: 'prod',
      sources: [new OtlpReceiver()],
      sinks: [new Nowhere()],
      placement: Placement.statefulSet(1),
      ...props,
    });
  expect(() => make({ queue, waitForResult: true })).toThrow('waitForResult: given true, and a `queue` on disk; allowed: one of the two');
  expect(() => make({ waitForResult: 'yes' })).toThrow('waitForResult: given "yes"; allowed: true or false');
  expect(make({ queue, waitForResult: false }).configText).toBe(make({ queue }).configText);
});
