/** A source of one's own: what firewalls and switches send by syslog comes to the gateway, is made safe there, and stored with all else. */
import { ApiObject, App } from 'cdk8s';
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
import { NetworkPolicyIpBlock } from 'cdk8s-plus-27';

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

const observability = new ObservabilityChart(app, 'observability', {
  clusterName: 'prod-eu',
  // None of what is dropped below is of it.
  smokeTest: true,
  gateway: {
    sources: [...CollectorGateway.defaultSources(), new NetworkDevices()],
    processors: [Drop.logs({ services: ['network-devices'], below: LogSeverity.INFO }), Redact.values([Redact.CARD_NUMBER, Redact.EMAIL])],
    // Nobody is let in at a port who is not named.
    clients: [NetworkPolicyIpBlock.ipv4(app, 'Devices', '10.20.0.0/16')],
  },
});

// The gateway's own Service is of the cluster; the devices are outside. `Local` keeps their addresses, by which the policy lets them in.
new ApiObject(observability, 'Syslog', {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'syslog', namespace: 'observability' },
  spec: {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    loadBalancerSourceRanges: ['10.20.0.0/16'],
    selector: { 'app.kubernetes.io/instance': 'collector' },
    ports: [{ name: 'syslog', port: 6514, targetPort: 'syslog', protocol: 'TCP' }],
  },
});

app.synth();
