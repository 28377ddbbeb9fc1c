import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Chart, Testing } from 'cdk8s';
import { Cni, CniMetrics, NodeAgent } from '../../lib';
import { gateway } from '../collector/synthesized';
import { node } from './cluster-contents';
import { declared, seen } from './declared';
import { CertificateAuthority } from './harness/certificates';
import { RealCollector } from './harness/collector';
import { containerOf, type Manifest } from './harness/container';
import { ControlPlane } from './harness/control-plane';
import { afterTheFile, eventually, scratchFolder } from './harness/program';
import { Receiver } from './received';
import { judgeRights } from './rights';

// Networks for pods cannot be had here. What their agents show is written below by hand, after what they document; the collector, the discovery and the rights are real.
const pages: Record<string, string> = {
  cilium: `# TYPE cilium_bpf_map_pressure gauge
cilium_bpf_map_pressure{map_name="ct4_global"} 0.25
cilium_bpf_map_pressure{map_name="policy_00123"} 0.5
# TYPE cilium_controllers_failing gauge
cilium_controllers_failing 0
# TYPE cilium_drop_count_total counter
cilium_drop_count_total{direction="INGRESS",reason="Policy denied"} 3
# TYPE cilium_endpoint_regenerations_total counter
cilium_endpoint_regenerations_total{outcome="success"} 12
# TYPE cilium_endpoint_state gauge
cilium_endpoint_state{endpoint_state="ready"} 9
# TYPE cilium_forward_count_total counter
cilium_forward_count_total{direction="EGRESS"} 1000
# TYPE cilium_unreachable_nodes gauge
cilium_unreachable_nodes{source_cluster="a",source_node_name="node-a"} 0
# TYPE cilium_k8s_client_api_calls_total counter
cilium_k8s_client_api_calls_total{host="x",method="GET",return_code="200"} 5
`,
  calico: `# TYPE felix_active_local_endpoints gauge
felix_active_local_endpoints 4
# TYPE felix_active_local_policies gauge
felix_active_local_policies 2
# TYPE felix_int_dataplane_failures counter
felix_int_dataplane_failures 0
# TYPE felix_ipset_errors counter
felix_ipset_errors 0
# TYPE felix_iptables_restore_errors counter
felix_iptables_restore_errors 1
# TYPE felix_iptables_save_errors counter
felix_iptables_save_errors 0
# TYPE felix_log_errors counter
felix_log_errors 0
# TYPE felix_resync_state gauge
felix_resync_state 3
# TYPE felix_route_table_list_seconds summary
felix_route_table_list_seconds{quantile="0.5"} 0.1
felix_route_table_list_seconds_sum 1
felix_route_table_list_seconds_count 2
`,
  aws: `# TYPE awscni_assigned_ip_addresses gauge
awscni_assigned_ip_addresses 7
# TYPE awscni_aws_api_error_count counter
awscni_aws_api_error_count{api="AssignPrivateIpAddresses",error="InsufficientFreeAddressesInSubnet"} 2
# TYPE awscni_eni_allocated gauge
awscni_eni_allocated 2
# TYPE awscni_eni_max gauge
awscni_eni_max 3
# TYPE awscni_ip_max gauge
awscni_ip_max 30
# TYPE awscni_ipamd_error_count counter
awscni_ipamd_error_count{fn="increaseIPPoolAllocENI"} 1
# TYPE awscni_total_ip_addresses gauge
awscni_total_ip_addresses 20
# TYPE awscni_aws_api_latency_ms summary
awscni_aws_api_latency_ms_sum{api="x",error="false",status="200"} 1
awscni_aws_api_latency_ms_count{api="x",error="false",status="200"} 1
`,
  antrea: `# TYPE antrea_agent_conntrack_max_connection_count gauge
antrea_agent_conntrack_max_connection_count 131072
# TYPE antrea_agent_conntrack_total_connection_count gauge
antrea_agent_conntrack_total_connection_count 100
# TYPE antrea_agent_local_pod_count gauge
antrea_agent_local_pod_count 6
# TYPE antrea_agent_networkpolicy_count gauge
antrea_agent_networkpolicy_count 1
# TYPE antrea_agent_ovs_flow_ops_error_count counter
antrea_agent_ovs_flow_ops_error_count{operation="add"} 0
# TYPE antrea_agent_ovs_total_flow_count gauge
antrea_agent_ovs_total_flow_count 60
# TYPE antrea_agent_ingress_networkpolicy_rule_count gauge
antrea_agent_ingress_networkpolicy_rule_count 4
`,
};

/** Their pods: address on the loopback, label, port. A second one of Cilium is another node's, and must not be asked. */
const agents: [string, string, Record<string, string>, number, string][] = [
  ['cilium', '127.0.0.21', { 'k8s-app': 'cilium' }, 9962, node],
  ['calico', '127.0.0.22', { 'k8s-app': 'calico-node' }, 9091, node],
  ['aws', '127.0.0.23', { 'k8s-app': 'aws-node' }, 61678, node],
  ['antrea', '127.0.0.24', { component: 'antrea-agent' }, 10350, node],
  ['elsewhere', '127.0.0.25', { 'k8s-app': 'cilium' }, 9962, 'node-b'],
];

const chart = new Chart(Testing.app(), 'test');
const sources = [Cni.CILIUM, Cni.CALICO, Cni.AWS_VPC, Cni.ANTREA].map((provider) => new CniMetrics({ provider }));
const agent = new NodeAgent(chart, 'NodeAgent', { gateway, namespace: 'watch', sources });
const objects: Manifest[] = Testing.synth(chart);
const rightsAndAccounts = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

let plane: ControlPlane;
let received: Receiver;
const asked: Record<string, string[]> = {};
const tokens = new Set<string>();
let token: string;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllers: 'none' });
  const namespaces = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'watch' } }];
  await plane.apply(namespaces);
  await plane.apply(objects.filter(({ kind }) => rightsAndAccounts.includes(kind)));
  const authority = await CertificateAuthority.create(scratchFolder('pki'));
  await authority.sign('antrea', { commonName: 'antrea', usage: ['serverAuth'], names: ['DNS:antrea'] });
  for (const [name, ip, labels, port, nodeName] of agents) {
    serve(name, ip, port, name === 'antrea' ? authority : undefined);
    await runs(name, ip, labels, nodeName);
  }
  received = await Receiver.start();
  const inCluster = await plane.inCluster('node-agent', 'watch');
  token = inCluster.files['/var/run/secrets/kubernetes.io/serviceaccount/token'];
  const container = containerOf(objects, 'node-agent', 'otel-collector', { podName: 'node-agent-x', nodeName: node });
  await RealCollector.start({ container, addresses: received.addresses, inCluster });
  await eventually('a scrape of each', async () => received.points().filter(({ metric }) => metric === 'up').length >= 4, 150);
}, 240_000);

function serve(name: string, ip: string, port: number, authority?: CertificateAuthority): void {
  const answer: RequestListener = ({ url = '', headers }, response) => {
    asked[name] = [...(asked[name] ?? []), url];
    if (headers.authorization) {
      tokens.add(`${name} ${headers.authorization}`);
    }
    response.end(pages[name] ?? 'elsewhere 1\n');
  };
  const read = (file: string) => readFileSync(authority?.path(file) ?? '');
  const server = authority ? createTlsServer({ key: read('antrea.key'), cert: read('antrea.crt') }, answer) : createPlainServer(answer);
  server.listen(port, ip);
  afterTheFile(async () => {
    server.closeAllConnections();
    server.close();
  });
}

async function runs(name: string, ip: string, labels: Record<string, string>, nodeName: string): Promise<void> {
  const spec = {
    nodeName,
    serviceAccountName: 'default',
    containers: [{ name: 'agent', image: 'x:1' }],
    automountServiceAccountToken: false,
  };
  await plane.apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'kube-system' } }]);
  await plane.apply([{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'kube-system', labels }, spec }]);
  const status = JSON.stringify({ status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] } });
  await plane.kubectl(['patch', 'pod', name, '-n', 'kube-system', '--subresource=status', '--type=merge', '-p', status]);
}

test('[node-agent] of the four networks exactly what is declared arrives: names, instruments, units, attributes', () => {
  expect(seen(received.points())).toEqual(declared(agent.metrics));
});

test('[node-agent] each is asked on its own node and port, and says whose it is', () => {
  expect(Object.keys(asked).sort()).toEqual(['antrea', 'aws', 'calico', 'cilium']);
  const drops = received.points().find(({ metric }) => metric === 'cilium_drop_count_total');
  expect(drops?.resource).toMatchObject({ 'service.name': 'cilium-agent', 'k8s.pod.name': 'cilium', 'k8s.node.name': node });
});

test('[node-agent] only who is asked over TLS is shown the token', () => {
  expect([...tokens]).toEqual([`antrea Bearer ${token.trim()}`]);
});

test('[node-agent] the rights to find them are enough, and none is left over', () => {
  const { refused, unused } = judgeRights(objects, 'node-agent', plane.auditOf('node-agent', 'watch'));
  // The right to read metrics is asked for by Antrea's agent, which is not here.
  expect({ refused, unused }).toEqual({ refused: [], unused: ['get /metrics'] });
});
