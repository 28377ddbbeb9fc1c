import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import { Placement } from '../../lib/collector/placement';
import { Source, type SourceBinding } from '../../lib/collector/source';
import { HostMetrics } from '../../lib/collector/sources/host-metrics';
import { KubeletMetrics } from '../../lib/collector/sources/kubelet-metrics';
import { OtlpReceiver } from '../../lib/collector/sources/otlp-receiver';
import { withSources } from './synthesized';

class Syslog extends Source {
  constructor(
    private readonly id: string,
    private readonly portName: string,
    private readonly port: number,
  ) {
    super();
  }

  bind(): SourceBinding {
    const config = { tcp: { listen_address: ConfigValue.listen(this.portName, this.port) } };
    return { receivers: { logs: [Component.receiver({ componentType: 'syslog', name: this.id, config, checkFields: false })] } };
  }
}

test('two sources of one port: an error that names both', () => {
  expect(() => withSources([new Syslog('a', 'syslog', 5514), new Syslog('b', 'syslog', 5514)])).toThrow(
    "port 5514 is listened on by 'syslog/a' and by 'syslog/b': give one another port",
  );
  expect(() => withSources([new OtlpReceiver(), new Syslog('a', 'syslog', 4317)])).toThrow(
    /port 4317 \('syslog'\) and port 4317 \('otlp-grpc'\) cannot both be listened on/,
  );
  expect(() => withSources([new Syslog('a', 'syslog', 5514), new Syslog('b', 'syslog-b', 5515)])).not.toThrow();
});

test('a source given twice: one error with each of them', () => {
  const twice = [new HostMetrics(), new HostMetrics(), new KubeletMetrics(), new KubeletMetrics()];
  expect(() => withSources(twice, { placement: Placement.daemonSet() })).toThrow(
    /the receiver 'host_metrics' stands in two sources of metrics[^\n]*\n.*the receiver 'kubelet_stats' stands in two sources of metrics/,
  );
});
