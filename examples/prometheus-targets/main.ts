/** Prometheus targets of every kind, in a chart of one's own: annotations with a second prefix, pods and addresses by jobs, native histograms, three shards. */
import { App, Chart, Duration } from 'cdk8s';
import { AnnotatedTargets, ExternalGateway, PrometheusAgent, Reach, ScrapeJob, SecretKey, StackNamespace } from 'cdk8s-observability';

const app = new App();
const chart = new Chart(app, 'targets', { namespace: 'observability' });
new StackNamespace(chart, 'Namespace', { name: 'observability' });

new PrometheusAgent(chart, 'PrometheusAgent', {
  gateway: new ExternalGateway({ endpoint: 'https://otlp.acme.example', token: SecretKey.of('gateway', 'token') }),
  clusterName: 'prod-eu',
  shards: 3,
  sources: [
    new AnnotatedTargets({ prefixes: ['prometheus.io', 'metrics.acme.example'], limits: { samples: 20_000 } }),
    new ScrapeJob({
      name: 'queue',
      pods: { namespaces: ['shop'], labels: { app: 'rabbitmq' }, portName: 'prometheus' },
      interval: Duration.seconds(30),
      metricDrop: ['erlang_.*'],
    }),
    new ScrapeJob({ name: 'checkout', pods: { labels: { app: 'checkout' }, port: 9464 }, nativeHistograms: true }),
    new ScrapeJob({
      name: 'build-hosts',
      targets: ['build-7', 'build-8'].map((host) => ({ host: `${host}.acme.example`, port: 9100, reach: Reach.cidrs('10.9.0.0/16') })),
      tls: { caCertificate: SecretKey.of('acme-ca', 'ca.crt') },
      authorization: SecretKey.of('node-exporter', 'token'),
      metricAllow: ['node_load.*', 'node_filesystem_(avail|size)_bytes'],
    }),
  ],
});

app.synth();
