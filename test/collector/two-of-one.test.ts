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
    "1 problem\n  sources: given port 5514 for 'syslog/a' and for 'syslog/b'; allowed: another port for one of them",
  );
  expect(() => withSources([new OtlpReceiver(), new Syslog('a', 'syslog', 4317)])).toThrow(
    "1 problem\n  sources: given port 4317 ('syslog') and port 4317 ('otlp-grpc'); allowed: a port and a name of its own for each",
  );
  expect(() => withSources([new Syslog('a', 'syslog', 5514), new Syslog('b', 'syslog-b', 5515)])).not.toThrow();
});

test('a source given twice: one error with each of them', () => {
  const twice = [new HostMetrics(), new HostMetrics(), new KubeletMetrics(), new KubeletMetrics()];
  expect(() => withSources(twice, { placement: Placement.daemonSet() })).toThrow(
    /2 problems\n {2}sources\[0\] and sources\[1\]: given two sources called 'host_metrics'.*\n {2}sources\[2\] and sources\[3\]: given two sources called 'kubelet_stats'/,
  );
});
