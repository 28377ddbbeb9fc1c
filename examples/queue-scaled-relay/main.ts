/** A gateway that stores nothing and sends on: its pods follow what waits for the other side, which KEDA asks them. Senders keep what it did not take. */
import { App, Chart, Size } from 'cdk8s';
import { CollectorGateway, GatewayMode, OtlpSink, SecretKey, StackNamespace } from 'cdk8s-observability';

const app = new App();
const chart = new Chart(app, 'telemetry', { namespace: 'telemetry' });
new StackNamespace(chart, 'Namespace', { name: 'telemetry' });

new CollectorGateway(chart, 'Relay', {
  name: 'relay',
  clusterName: 'prod-eu',
  mode: GatewayMode.SYNCHRONOUS,
  autoscaling: { minReplicas: 2, maxReplicas: 8, queue: { sizePerPod: Size.mebibytes(2) } },
  sinks: [
    new OtlpSink({
      endpoint: 'https://otlp.vendor.example',
      headers: { 'x-api-key': SecretKey.of('vendor', 'api-key') },
      dropsWhenFull: false,
    }),
  ],
});

app.synth();
