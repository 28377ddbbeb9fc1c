/** Traces that failed or took long are kept, and a twentieth of the others; each is decided on when it is whole. */
import { App, Duration } from 'cdk8s';
import { ObservabilityChart, SamplingPolicy } from 'cdk8s-observability';

const app = new App();

new ObservabilityChart(app, 'observability', {
  clusterName: 'prod-eu',
  tailSampling: {
    keep: [SamplingPolicy.errors(), SamplingPolicy.slowerThan(Duration.seconds(2)), SamplingPolicy.ratio(0.05)],
    tracesPerSecond: 1000,
  },
});

app.synth();
