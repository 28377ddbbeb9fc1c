import { ApiObject, App, Chart } from 'cdk8s';
import { ObservabilityChart } from 'cdk8s-observability';

const app = new App();

// Everything that a ServiceMonitor, PodMonitor, Probe or ScrapeConfig describes, shared among two pods; those that kube-prometheus brings in its namespace are for kubelets and control plane, which are collected already.
new ObservabilityChart(app, 'observability', {
  clusterName: 'prod-eu',
  prometheusAgent: { shards: 2, targetAllocator: { exceptNamespaces: ['monitoring'] } },
});

// A monitor as charts bring it.
const shop = new Chart(app, 'shop');
new ApiObject(shop, 'Cart', {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: { selector: { matchLabels: { app: 'cart' } }, endpoints: [{ port: 'metrics', interval: '30s' }] },
});

app.synth();
