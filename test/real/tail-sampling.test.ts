import { setTimeout as sleep } from 'node:timers/promises';
import { Chart, Duration, Testing } from 'cdk8s';
import { parse, stringify } from 'yaml';
import {
  Collector,
  Component,
  OtlpReceiver,
  Placement,
  Reach,
  SamplingPolicy,
  Sink,
  type SinkBinding,
  TailSampling,
  TailSamplingSink,
} from '../../lib';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { postOtlp } from './harness/otlp';
import { FileSink } from './processing';
import { Receiver } from './received';

const nowhere = { host: 'nowhere.observability.svc', port: 4318, reach: Reach.anywhere() };
const addresses = { 'nowhere.observability.svc:4318': '127.0.0.1:9' };

class Rest extends Sink {
  bind(): SinkBinding {
    const nop = [Component.exporter({ componentType: 'nop' })];
    return { exporters: { logs: nop, metrics: nop } };
  }
}

function manifests(): Manifest[] {
  const chart = new Chart(Testing.app(), 'test', { namespace: 'observability' });
  const sampling = new TailSampling(chart, 'TailSampling', {
    clusterName: 'test',
    keep: [
      SamplingPolicy.errors(),
      SamplingPolicy.slowerThan(Duration.seconds(3)),
      SamplingPolicy.all(SamplingPolicy.attribute('tenant', ['gold']), SamplingPolicy.attribute('service.name', ['checkout'])),
      SamplingPolicy.all(SamplingPolicy.attribute('tenant', ['silver']), SamplingPolicy.ratio(0.25)),
    ],
    sinks: [new FileSink()],
    decisionWait: Duration.seconds(4),
    ownTelemetry: nowhere,
  });
  new Collector(chart, 'First', {
    role: 'first',
    clusterName: 'test',
    namespace: 'observability',
    sources: [new OtlpReceiver()],
    sinks: [new TailSamplingSink({ sampling }), new Rest()],
    placement: Placement.deployment(2),
    ownTelemetry: nowhere,
  });
  return Testing.synth(chart);
}

/** No name leads to several addresses here: they are listed in the place of the name. */
function withAddresses(objects: Manifest[], hostnames: string[]): Manifest[] {
  return objects.map((object) => {
    if (object.kind !== 'ConfigMap' || object.metadata.labels['app.kubernetes.io/instance'] !== 'first') {
      return object;
    }
    const config = parse(object.data['config.yaml'], { version: '1.1' });
    const { dns } = config.exporters['load_balancing/tail-sampling'].resolver;
    expect(dns).toEqual({ hostname: 'tail-sampling-headless.observability.svc', port: '4317', interval: '5s' });
    config.exporters['load_balancing/tail-sampling'].resolver = { static: { hostnames } };
    return { ...object, data: { 'config.yaml': stringify(config) } };
  });
}

const second: RealCollector[] = [];
const first: RealCollector[] = [];
let received: Receiver[] = [];

beforeAll(async () => {
  const objects = manifests();
  for (const _pod of [0, 1]) {
    const collector = await RealCollector.start({ container: containerOf(objects, 'tail-sampling', 'otel-collector'), addresses });
    second.push(collector);
  }
  received = second.map((collector) => Receiver.reading(collector, '/received/telemetry.json'));
  const sending = withAddresses(
    objects,
    second.map((collector) => collector.address(4317)),
  );
  for (const _pod of [0, 1]) {
    first.push(await RealCollector.start({ container: containerOf(sending, 'first', 'otel-collector'), addresses }));
  }
}, 60_000);

interface SpanOptions {
  readonly failed?: boolean;
  readonly seconds?: number;
  readonly tenant?: string;
}

/** As good as random, and the same in each run. */
const id = (index: number) =>
  ((BigInt(index + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & ((1n << 128n) - 1n)).toString(16).padStart(32, '0');

/** A piece of a trace, as one service sends it. */
async function send(collector: RealCollector, trace: number, piece: number, options: SpanOptions = {}): Promise<void> {
  const { failed = false, seconds = 0.1, tenant = 'bronze' } = options;
  const begin = BigInt(Date.now()) * 1_000_000n;
  const attributes = (values: Record<string, string>) =>
    Object.entries(values).map(([key, value]) => ({ key, value: { stringValue: value } }));
  await postOtlp(collector.address(4318), 'traces', {
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': piece % 2 === 0 ? 'checkout' : 'payment' }) },
        scopeSpans: [
          {
            spans: [
              {
                traceId: id(trace),
                spanId: `${piece + 1}`.padStart(16, '0'),
                name: `piece ${piece}`,
                kind: 2,
                startTimeUnixNano: `${begin}`,
                endTimeUnixNano: `${begin + BigInt(Math.round(seconds * 1e9))}`,
                attributes: attributes({ tenant }),
                status: failed ? { code: 2 } : {},
              },
            ],
          },
        ],
      },
    ],
  });
}

const whole = ['piece 0', 'piece 1', 'piece 2', 'piece 3'];

test('[tail-sampling] traces that come in pieces to two gateways are kept whole or not at all, each in one pod', async () => {
  // So many that each pod has some, whatever ports they listen on.
  const failed = Array.from({ length: 20 }, (_, index) => [index + 3, { failed: true }]);
  const kept: Record<number, SpanOptions> = { ...Object.fromEntries(failed), 40: { seconds: 5 }, 41: { tenant: 'gold' } };
  for (const piece of [0, 1, 2, 3]) {
    for (let trace = 0; trace < 60; trace++) {
      // Only the first piece of a trace says why it is kept.
      await send(first[(trace + piece) % 2], trace, piece, piece === 0 ? kept[trace] : {});
    }
  }
  // 'gold', but of another service.
  for (const piece of [1, 3]) {
    await send(first[0], 60, piece, { tenant: 'gold' });
  }
  await sleep(8000);
  const spans = received.map((pod) => pod.spans());
  const byTrace = (of: { traceId: string; name: string }[]) => {
    const traces: Record<string, string[]> = {};
    for (const { traceId, name } of of) {
      traces[traceId] = [...(traces[traceId] ?? []), name].sort();
    }
    return traces;
  };
  expect(byTrace(spans.flat())).toEqual(Object.fromEntries(Object.keys(kept).map((trace) => [id(Number(trace)), whole])));
  const [one, other] = spans.map((of) => Object.keys(byTrace(of)));
  expect(one.filter((trace) => other.includes(trace))).toEqual([]);
  expect(one.length).toBeGreaterThan(0);
  expect(other.length).toBeGreaterThan(0);
}, 60_000);

test('[tail-sampling] what comes after the decision follows it', async () => {
  await send(first[0], 3, 4);
  await send(first[1], 50, 4);
  await sleep(7000);
  const late = received.flatMap((pod) => pod.spans()).filter(({ name }) => name === 'piece 4');
  expect(late.map(({ traceId }) => traceId)).toEqual([id(3)]);
}, 30_000);

test('[tail-sampling] spans say how many they stand for: of a share its inverse, of what is kept for another reason one', async () => {
  const before = new Set(received.flatMap((pod) => pod.spans()).map(({ traceId }) => traceId));
  for (let trace = 1000; trace < 1800; trace++) {
    await send(first[trace % 2], trace, 0, { tenant: 'silver', failed: trace % 8 === 0 });
  }
  await sleep(8000);
  await send(first[0], 1000, 1);
  await sleep(2000);
  const spans = received.flatMap((pod) => pod.spans()).filter(({ traceId }) => !before.has(traceId));
  const counts: Record<string, number> = {};
  for (const { traceState } of spans) {
    counts[traceState] = (counts[traceState] ?? 0) + 1;
  }
  // 100 that failed, and the late one of them.
  expect(counts).toEqual({ 'ot=th:0': 101, 'ot=th:c': expect.any(Number) });
  // Told by their ids, of which the last 56 bits are compared with three quarters: a sampler before or behind keeps the same ones.
  const chosen = Array.from({ length: 800 }, (_, index) => index + 1000).filter(
    (trace) => BigInt(`0x${id(trace).slice(18)}`) >= 0xc0000000000000n,
  );
  const shared = spans.flatMap(({ traceId, traceState }) => (traceState === 'ot=th:c' ? [traceId] : []));
  expect(shared.sort()).toEqual(
    chosen
      .filter((trace) => trace % 8 !== 0)
      .map(id)
      .sort(),
  );
  expect(shared.length).toBeGreaterThan(100);
}, 60_000);

test('[tail-sampling] a pod that ends in peace decides on what it has', async () => {
  for (let trace = 100; trace < 120; trace++) {
    await send(first[trace % 2], trace, 0, { failed: true });
  }
  await sleep(2500);
  await Promise.all(second.map((collector) => collector.stop()));
  const traces = new Set(received.flatMap((pod) => pod.spans()).map(({ traceId }) => traceId));
  for (let trace = 100; trace < 120; trace++) {
    expect(traces).toContain(id(trace));
  }
}, 30_000);
