/**
 * The whole stack on OpenShift: the node agent gets SecurityContextConstraints of its own, with exactly what it has, and the other pods may run as the users of
 * their images. Whoever applies it has to be allowed to make both: a cluster administrator.
 */
import { App } from 'cdk8s';
import { ObservabilityChart, Platform } from 'cdk8s-observability';

const app = new App();
new ObservabilityChart(app, 'observability', { clusterName: 'prod-eu', platform: Platform.OPENSHIFT });
app.synth();
