import { Chart, Testing } from 'cdk8s';
import { componentTables, distributions } from '../../imports/otelcol';
import { Collector, type CollectorProps } from '../../lib/collector/collector';
import { Component } from '../../lib/collector/component';
import { Placement } from '../../lib/collector/placement';
import { Sink } from '../../lib/collector/sink';
import { Source } from '../../lib/collector/source';
import { DiscoveredReceiver } from '../../lib/collector/sources/discovered-receiver';
import { DiscoveredReceivers } from '../../lib/collector/sources/discovered-receivers';
import { OtlpReceiver } from '../../lib/collector/sources/otlp-receiver';
import { Images } from '../../lib/kubernetes/images';

const sink = (componentType: string) =>
  new (class extends Sink {
    bind() {
      const config = componentType === 'clickhouse' ? { endpoint: 'tcp://a:1' } : {};
      const exporters = [Component.exporter({ componentType, config })];
      return { exporters: { logs: exporters, metrics: exporters, traces: exporters } };
    }
  })();
const source = (componentType: string) =>
  new (class extends Source {
    bind() {
      return { receivers: { traces: [Component.receiver({ componentType, name: 'a' })] } };
    }
  })();

const make = (props: Partial<CollectorProps>) => () =>
  new Collector(new Chart(Testing.app(), 'test'), 'Bridge', {
    role: 'bridge',
    clusterName: 'test',
    sources: [new OtlpReceiver()],
    sinks: [sink('nop')],
    placement: Placement.deployment(1),
    ...props,
  });

const official = 'ghcr.io/open-telemetry/opentelemetry-collector-releases';

test.each<[string, Partial<CollectorProps>, string]>([
  [
    'an exporter that another image has',
    { sinks: [sink('clickhouse')], image: `${official}/opentelemetry-collector-k8s:0.161.0` },
    'image: given `opentelemetry-collector-k8s`, which lacks the exporter `clickhouse`; allowed: `opentelemetry-collector-contrib`',
  ],
  [
    'a mirrored image, of any version, by digest',
    { sinks: [sink('clickhouse')], image: `registry.example/mirror/opentelemetry-collector@sha256:${'a'.repeat(64)}` },
    'image: given `opentelemetry-collector`, which lacks the exporter `clickhouse`; allowed: `opentelemetry-collector-contrib`',
  ],
  [
    'a misspelt type',
    { sources: [source('skywallking')] },
    'image: given `opentelemetry-collector-contrib`, which lacks the receiver `skywallking`; allowed: no official image has it: did you mean `skywalking`? So its module is called, and its type perhaps has a `_`. Or an image of your own that has it is `image` of a Collector',
  ],
  [
    'a type like no other',
    { sources: [source('acme_bus')] },
    'allowed: no official image has it: an image of your own that has it is `image` of a Collector',
  ],
  [
    'a misspelt type of a receiver that another starts',
    {
      sources: [new DiscoveredReceivers({ receivers: [DiscoveredReceiver.nginx(), DiscoveredReceiver.of({ componentType: 'memcachd' })] })],
      placement: Placement.daemonSet(),
    },
    '1 problem\n  image: given `opentelemetry-collector-contrib`, which lacks the receiver `memcachd`; allowed: no official image has it: did you mean `memcached`?',
  ],
  [
    'a receiver that another starts, and the image lacks',
    {
      sources: [new DiscoveredReceivers()],
      placement: Placement.daemonSet(),
      image: `${official}/opentelemetry-collector-k8s:0.161.0`,
    },
    'image: given `opentelemetry-collector-k8s`, which lacks the receiver `redis`; allowed: `opentelemetry-collector-contrib`',
  ],
  [
    'a misspelt type, and a mirror of all images',
    { sources: [source('file_lag')], images: Images.mirror('registry.example') },
    'did you mean `file_log`?',
  ],
])('%s is refused', (_, props, problem) => {
  expect(make(props)).toThrow(problem);
});

test.each<[string, Partial<CollectorProps>]>([
  [
    'what the image of the release has',
    { sources: [source('podman_stats'), source('jaeger'), source('splunk_hec')], sinks: [sink('otelarrow'), sink('azure_blob')] },
  ],
  ['by its former id', { sinks: [sink('azureblob')] }],
  ['any component in an image of one’s own', { sources: [source('acme')], image: 'registry.example/acme/collector:1.2' }],
  [
    'a component that no list names, in an official image of another version',
    { sources: [source('acme')], image: `${official}/opentelemetry-collector-contrib:0.165.0` },
  ],
  ['a component that upstream had in no image at the version of the lists', { sources: [source('osquery')] }],
])('%s is taken', (_, props) => {
  expect(make(props)).not.toThrow();
});

test('the image of the release has every component whose fields are known', () => {
  for (const [kind, ids] of Object.entries(componentTables)) {
    const held = distributions['opentelemetry-collector-contrib'][kind].split(' ');
    expect(held).toEqual(expect.arrayContaining(Object.keys(ids).map((id) => id.replaceAll('_', ''))));
  }
});
