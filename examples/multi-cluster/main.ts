/** Many clusters, one store: the central cluster takes what the agents of the others send, each known by a token of its own. */
import { App } from 'cdk8s';
import { Exposure, ExternalGateway, ObservabilityChart, SecretKey } from 'cdk8s-observability';

const app = new App();

new ObservabilityChart(app, 'central', {
  clusterName: 'central',
  gateway: {
    expose: Exposure.ingress({ host: 'otlp.acme.example', tlsSecret: 'otlp-tls' }),
    tokens: [SecretKey.of('gateway-edge-7', 'token')],
  },
});

// Applied to the other cluster: agents, and nothing else. The Secret `gateway` holds there what `gateway-edge-7` holds here.
new ObservabilityChart(app, 'edge-7', {
  clusterName: 'edge-7',
  existingGateway: new ExternalGateway({ endpoint: 'https://otlp.acme.example', token: SecretKey.of('gateway', 'token') }),
});

app.synth();
