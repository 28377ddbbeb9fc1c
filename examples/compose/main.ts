/** The six constructs one by one, in a chart of one's own: each can be left out, replaced or patched. */
import { App, Chart } from 'cdk8s';
import {
  ClickHouseCluster,
  ClusterAgent,
  CollectorGateway,
  GrafanaStack,
  NodeAgent,
  PodSecurity,
  PrometheusAgent,
  StackNamespace,
} from 'cdk8s-observability';

const app = new App();
const chart = new Chart(app, 'telemetry', { namespace: 'telemetry' });
new StackNamespace(chart, 'Namespace', { name: 'telemetry' });
new StackNamespace(chart, 'AgentNamespace', { name: 'telemetry-agents', podSecurity: PodSecurity.PRIVILEGED });

const clickhouse = new ClickHouseCluster(chart, 'ClickHouse');
const gateway = new CollectorGateway(chart, 'Gateway', { clickhouse, clusterName: 'staging' });
const nodeAgent = new NodeAgent(chart, 'NodeAgent', { gateway });
const clusterAgent = new ClusterAgent(chart, 'ClusterAgent', { gateway });
const prometheusAgent = new PrometheusAgent(chart, 'PrometheusAgent', { gateway, clickhouse });
new GrafanaStack(chart, 'Grafana', { clickhouse, producers: [gateway, nodeAgent, clusterAgent, prometheusAgent] });

app.synth();
