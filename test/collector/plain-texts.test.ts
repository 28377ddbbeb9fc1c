import { Size } from 'cdk8s';
import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import { Placement } from '../../lib/collector/placement';
import { Source, type SourceBinding } from '../../lib/collector/source';
import { Volume } from '../../lib/kubernetes/volume';
import { withSources } from './synthesized';

class Any extends Source {
  constructor(private readonly receiver: Component) {
    super();
  }

  bind(): SourceBinding {
    return { receivers: { logs: [this.receiver] } };
  }
}

const warnings = (componentType: string, config: object, extension = false) => {
  const storage = Component.extension({ componentType: 'file_storage', config: extension ? config : { directory: state } });
  const receiver = extension ? { componentType: 'journald', config: { storage } } : { componentType, config, checkFields: false };
  return withSources([new Any(Component.receiver(receiver))], { placement: Placement.daemonSet() }).warnings;
};
const state = ConfigValue.directory(Volume.ephemeral('state', Size.gibibytes(1)));

const listens = 'as plain text: nobody is let in there. Write ConfigValue.listen(';
const mounts = 'as plain text: nothing is mounted there. Write ConfigValue.directory(';

test.each<[string, object, string]>([
  ['tcp_log', { listen_address: '0.0.0.0:5514' }, `tcp_log.listen_address listens on '0.0.0.0:5514' ${listens}'name-of-port', 5514)`],
  ['syslog', { tcp: { listen_address: ':5514' } }, `syslog.tcp.listen_address listens on ':5514' ${listens}'name-of-port', 5514)`],
  [
    'jaeger',
    { protocols: { grpc: { endpoint: '[::]:14250' } } },
    `jaeger.protocols.grpc.endpoint listens on '[::]:14250' ${listens}'name-of-port', 14250)`,
  ],
  [
    'file_log',
    { include: [ConfigValue.directory(Volume.node('/opt/a')), '/var/log/x/*.log'] },
    `file_log.include[1] is '/var/log/x/*.log' ${mounts}Volume.node('/var/log/x')), with ConfigValue.concat for what stands behind it`,
  ],
  ['host_metrics', { root_path: '/host' }, `host_metrics.root_path is '/host' ${mounts}Volume.node('/host'))`],
  [
    'docker_stats',
    { endpoint: 'unix:///var/run/docker.sock' },
    `docker_stats.endpoint is 'unix:///var/run/docker.sock' ${mounts}Volume.node('/var/run'))`,
  ],
  ['named_pipe', { path: '/var/lib/pipe' }, `named_pipe.path is '/var/lib/pipe' ${mounts}Volume.node('/var/lib'))`],
])('plain text in a %s, %j, opens or mounts nothing: a warning says what does', (type, config, start) => {
  expect(warnings(type, config)).toEqual([expect.stringContaining(`test/Collector: ${start}`)]);
});

test('an extension is looked at too', () => {
  expect(warnings('journald', { directory: '/var/lib/x' }, true)).toEqual([
    expect.stringContaining(`file_storage.directory is '/var/lib/x' ${mounts}volume), with ConfigValue.concat`),
  ]);
});

test.each<[string, object]>([
  // What would be written instead opens TCP.
  ['syslog', { udp: { listen_address: '0.0.0.0:514' } }],
  ['jaeger', { protocols: { thrift_compact: { endpoint: '0.0.0.0:6831' } } }],
  // A path below what is served.
  ['webhook_event', { endpoint: ConfigValue.listen('hook', 9000), more: { path: '/healthz' } }],
  ['tcp_log', { listen_address: ConfigValue.listen('syslog', 5514) }],
  ['otlp', { protocols: { grpc: { endpoint: 'localhost:4317' } } }],
  ['redis', { endpoint: 'redis.shop.svc:6379' }],
  ['webhook_event', { endpoint: ConfigValue.listen('hook', 8088), path: '/events' }],
  ['file_log', { include: [ConfigValue.concat('/mounted/by/a/patch')] }],
  ['prometheus', { config: { scrape_configs: [{ metrics_path: '/metrics', static_configs: [{ targets: ['0.0.0.0:8888'] }] }] } }],
])('no warning of a %s, %j', (type, config) => {
  expect(warnings(type, config)).toEqual([]);
});
