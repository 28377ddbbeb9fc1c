/** Applications that send telemetry: one made by cdk8s-plus, one that is any object with a pod template. */
import { ApiObject, App, Chart } from 'cdk8s';
import { Instrumentation, ObservabilityChart } from 'cdk8s-observability';
import { Deployment } from 'cdk8s-plus-27';

const app = new App();
const observability = new ObservabilityChart(app, 'observability', { clusterName: 'prod-eu' });

const shop = new Chart(app, 'shop', { namespace: 'shop' });
const checkout = new Deployment(shop, 'Checkout', { containers: [{ image: 'registry.example/checkout:1.4.2', portNumber: 8080 }] });
const theirs = new ApiObject(shop, 'Basket', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'basket' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'basket' } },
    template: {
      metadata: { labels: { app: 'basket' } },
      spec: { containers: [{ name: 'basket', image: 'registry.example/basket:2.0.1' }] },
    },
  },
});

const telemetry = Instrumentation.of(observability.gateway);
telemetry.workload(checkout, { serviceName: 'checkout', serviceNamespace: 'shop', deploymentEnvironment: 'production', team: 'shop' });
telemetry.apiObject(theirs, { serviceNamespace: 'shop', team: 'shop' });

app.synth();
