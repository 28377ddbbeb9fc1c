/** A source of one's own: what firewalls and switches send by syslog comes to the gateway, is made safe there, and stored with all else. */
import { App } from 'cdk8s';
import {
  CollectorGateway,
  Component,
  ConfigValue,
  Drop,
  LogSeverity,
  ObservabilityChart,
  Redact,
  Source,
  type SourceBinding,
} from 'cdk8s-observability';

/** The port of the container and of the Service follow from `listen`. */
class NetworkDevices extends Source {
  bind(): SourceBinding {
    const syslog = Component.receiver({
      componentType: 'syslog',
      name: 'devices',
      config: {
        tcp: { listen_address: ConfigValue.listen('syslog', 6514) },
        protocol: 'rfc5424',
        resource: { 'service.name': 'network-devices' },
      },
    });
    return { receivers: { logs: [syslog] } };
  }
}

const app = new App();

new ObservabilityChart(app, 'observability', {
  clusterName: 'prod-eu',
  // None of what is dropped below is of it.
  smokeTest: true,
  gateway: {
    sources: [...CollectorGateway.defaultSources(), new NetworkDevices()],
    processors: [Drop.logs({ services: ['network-devices'], below: LogSeverity.INFO }), Redact.values([Redact.CARD_NUMBER, Redact.EMAIL])],
  },
});

app.synth();
