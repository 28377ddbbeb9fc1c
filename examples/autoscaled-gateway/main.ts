/** A gateway without disks that follows its work: it answers when the store has what was sent, and agents keep what it has not. */
import { App, Chart, Size } from 'cdk8s';
import { ClickHouseCluster, CollectorGateway, GatewayMode, NodeAgent, PodSecurity, StackNamespace } from 'cdk8s-observability';
import { Cpu } from 'cdk8s-plus-27';

const app = new App();
const chart = new Chart(app, 'telemetry', { namespace: 'telemetry' });
new StackNamespace(chart, 'Namespace', { name: 'telemetry' });
new StackNamespace(chart, 'AgentNamespace', { name: 'telemetry-agents', podSecurity: PodSecurity.PRIVILEGED });

const clickhouse = new ClickHouseCluster(chart, 'ClickHouse', { resources: { cpu: Cpu.units(4), memory: Size.gibibytes(16) } });
const gateway = new CollectorGateway(chart, 'Gateway', {
  clickhouse,
  clusterName: 'prod-eu',
  mode: GatewayMode.SYNCHRONOUS,
  autoscaling: { minReplicas: 2, maxReplicas: 6 },
});
new NodeAgent(chart, 'NodeAgent', { gateway, namespace: 'telemetry-agents' });

app.synth();
