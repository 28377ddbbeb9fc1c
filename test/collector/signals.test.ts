import { Chart, Testing } from 'cdk8s';
import { Collector, type CollectorProps } from '../../lib/collector/collector';
import { Component } from '../../lib/collector/component';
import { Placement } from '../../lib/collector/placement';
import { Processor } from '../../lib/collector/processor';
import { Sink } from '../../lib/collector/sink';
import { type Signals, Source } from '../../lib/collector/source';
import { OtlpReceiver } from '../../lib/collector/sources/otlp-receiver';
import { Nowhere } from '../nowhere';

const source = (receivers: Signals) =>
  new (class Receives extends Source {
    bind() {
      return { receivers };
    }
  })();
const sink = (exporters: Signals) =>
  new (class Exports extends Sink {
    bind() {
      return { exporters };
    }
  })();

const made = (props: Partial<CollectorProps>) =>
  new Collector(new Chart(Testing.app(), 'test'), 'Bridge', {
    role: 'bridge',
    clusterName: 'test',
    sources: [new OtlpReceiver()],
    sinks: [new Nowhere()],
    placement: Placement.deployment(1),
    ...props,
  });

const host = (checkFields?: boolean) => [Component.receiver({ componentType: 'host_metrics', checkFields })];
const remoteWrite = [Component.exporter({ componentType: 'prometheus_remote_write', config: { endpoint: 'https://a.example/push' } })];
const sampler = [Component.processor({ componentType: 'tail_sampling', config: { policies: [] } })];

test.each<[string, Partial<CollectorProps>, string]>([
  [
    'a receiver',
    { sources: [source({ traces: host() })] },
    "1 problem\n  sources[0], Receives.bind().receivers.traces[0]: given 'host_metrics', which is for logs and metrics; allowed: a receiver for traces; or this one under `logs`, `metrics`",
  ],
  [
    'an exporter',
    { sinks: [new Nowhere(), sink({ logs: remoteWrite, metrics: remoteWrite })] },
    "1 problem\n  sinks[1], Exports.bind().exporters.logs[0]: given 'prometheus_remote_write', which is for metrics; allowed: an exporter for logs; or this one under `metrics`",
  ],
])('%s of a signal that it does not know: the collector would not start', (_, props, message) => {
  expect(() => made(props)).toThrow(message);
});

test('signals that it knows, and whatever an image of its own knows', () => {
  expect(() => made({ sources: [source({ logs: host(), metrics: host() })] })).not.toThrow();
  expect(() => made({ sources: [source({ traces: host(false) })] })).not.toThrow();
  expect(() => made({ sources: [source({ traces: [Component.receiver({ componentType: 'zipkin' })] })] })).not.toThrow();
});

test('a processor is refused where it is named', () => {
  expect(() => Processor.components({ metrics: sampler })).toThrow(
    "Processor.components: 1 problem\n  processors.metrics[0]: given 'tail_sampling', which is for traces; allowed: a processor for metrics; or this one under `traces`",
  );
});
