import { App } from 'cdk8s';
import { ObservabilityChart } from 'cdk8s-observability';

const app = new App();
new ObservabilityChart(app, 'observability', { clusterName: 'prod-eu' });
app.synth();
