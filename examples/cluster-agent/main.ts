/** All that a cluster agent can look at: state, events, objects, the control plane as kubeadm makes it, and whether addresses answer. */
import { App, Chart, Duration, Size } from 'cdk8s';
import {
  ClusterAgent,
  ClusterEvents,
  ClusterState,
  ControlPlaneMetrics,
  ControlPlanePart,
  EndpointChecks,
  ExternalGateway,
  ObjectInventory,
  Platform,
  Reach,
  SecretKey,
  StackNamespace,
  Volume,
} from 'cdk8s-observability';

const app = new App();
const chart = new Chart(app, 'watch', { namespace: 'watch' });
new StackNamespace(chart, 'Namespace', { name: 'watch' });

new ClusterAgent(chart, 'ClusterAgent', {
  gateway: new ExternalGateway({ endpoint: 'https://otlp.acme.example', token: SecretKey.of('gateway', 'token') }),
  clusterName: 'edge-7',
  platform: Platform.KUBEADM,
  replicas: 1,
  sources: [
    new ClusterState({ furtherMetrics: ['k8s.persistentvolumeclaim.status.phase', 'k8s.service.endpoint.count'] }),
    new ClusterEvents({ position: Volume.persistent('events', Size.gibibytes(1)) }),
    new ControlPlaneMetrics({ parts: Object.values(ControlPlanePart) }),
    new ObjectInventory({ objects: [{ resource: 'poddisruptionbudgets', apiGroup: 'policy', interval: Duration.minutes(5) }] }),
    new EndpointChecks({
      http: [
        { url: 'https://shop.acme.example/health', interval: Duration.seconds(30) },
        { url: 'http://10.1.2.3:8080/admin', expectedStatus: [401], reach: Reach.cidrs('10.1.2.3/32') },
      ],
      tcp: [{ host: 'pg.shop.svc', port: 5432 }],
      tls: [{ host: 'ldap.acme.example', port: 636 }],
    }),
  ],
});

app.synth();
