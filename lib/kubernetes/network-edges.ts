import type { Construct } from 'constructs';
import type { NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort } from '../../imports/kubernetes';
import { type Endpoint, peerOf } from './endpoint';
import { labels, selectorLabels, type WorkloadIdentity } from './labels';
import { egressPolicyName, ingressPolicyName } from './names';
import { object } from './object';

/**
 * Closes a workload in both directions, but for name lookups. Anything else is an edge, and each edge is a policy of its own: policies only ever add.
 * Lookups go to any address, since cluster DNS may answer from pods, from the node (NodeLocal DNSCache) or, on OpenShift, on port 5353.
 */
export function isolate(scope: Construct, workload: WorkloadIdentity): void {
  const dns = [53, 5353].flatMap((port): NetworkPolicyPort[] => [
    { port, protocol: 'UDP' },
    { port, protocol: 'TCP' },
  ]);
  object(scope, 'NetworkPolicy', 'networking.k8s.io/v1/NetworkPolicy', {
    metadata: { name: workload.name, namespace: workload.namespace, labels: labels(workload) },
    spec: { podSelector: { matchLabels: selectorLabels(workload) }, policyTypes: ['Egress', 'Ingress'], egress: [{ ports: dns }] },
  });
}

/**
 * Opens what a workload connects to: its own side if it is closed itself, and in any case the side of servers that are closed workloads of this library.
 * A client without policies is still somebody whom a closed server has to know.
 */
export function allowConnections(scope: Construct, client: WorkloadIdentity, endpoints: readonly Endpoint[], isolated: boolean): void {
  const elsewhere = endpoints.filter((endpoint) => !endpoint.reach._server);
  if (isolated && elsewhere.length > 0) {
    egressPolicy(scope, client, 'outside', egressRules(elsewhere));
  }
  for (const [server, toServer] of byServer(endpoints)) {
    if (isolated) {
      egressPolicy(scope, client, server.name, egressRules(toServer));
    }
    admit(scope, server, `${client.namespace}-${client.name}`, [peerOf(client.namespace, selectorLabels(client))], portsOf(toServer));
  }
}

/** Lets peers in at a workload, or everybody where none are named; `client` names the policy. */
export function admit(
  scope: Construct,
  server: WorkloadIdentity,
  client: string,
  from: NetworkPolicyPeer[],
  ports: NetworkPolicyPort[],
): void {
  object(scope, `Ingress-${server.name}-from-${client}`, 'networking.k8s.io/v1/NetworkPolicy', {
    metadata: { name: ingressPolicyName(server.name, client), namespace: server.namespace, labels: labels(server) },
    spec: {
      podSelector: { matchLabels: selectorLabels(server) },
      policyTypes: ['Ingress'],
      ingress: [{ ...(from.length > 0 ? { from } : {}), ports }],
    },
  });
}

function egressPolicy(scope: Construct, client: WorkloadIdentity, to: string, egress: NetworkPolicyEgressRule[]): void {
  object(scope, `Egress-to-${to}`, 'networking.k8s.io/v1/NetworkPolicy', {
    metadata: { name: egressPolicyName(client.name, to), namespace: client.namespace, labels: labels(client) },
    spec: { podSelector: { matchLabels: selectorLabels(client) }, policyTypes: ['Egress'], egress },
  });
}

/** One rule a set of peers, in a fixed order. */
function egressRules(endpoints: readonly Endpoint[]): NetworkPolicyEgressRule[] {
  const rules = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const key = JSON.stringify(endpoint.reach._peers ?? []);
    rules.set(key, [...(rules.get(key) ?? []), endpoint]);
  }
  return [...rules]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, same]) => ({ ...(same[0].reach._peers ? { to: same[0].reach._peers } : {}), ports: portsOf(same) }));
}

function portsOf(endpoints: readonly Endpoint[]): NetworkPolicyPort[] {
  const anyPort = endpoints.some(({ reach }) => reach._ports?.length === 0);
  return anyPort ? [{ protocol: 'TCP' }] : tcp(endpoints.flatMap((endpoint) => endpoint.reach._ports ?? [endpoint.port]));
}

export const tcp = (ports: readonly number[]): NetworkPolicyPort[] =>
  [...new Set(ports)].sort((a, b) => a - b).map((port) => ({ port, protocol: 'TCP' }));

function byServer(endpoints: readonly Endpoint[]): [WorkloadIdentity, Endpoint[]][] {
  const servers = new Map<string, [WorkloadIdentity, Endpoint[]]>();
  for (const endpoint of endpoints) {
    const server = endpoint.reach._server;
    if (server) {
      const key = `${server.namespace}/${server.name}`;
      servers.set(key, [server, [...(servers.get(key)?.[1] ?? []), endpoint]]);
    }
  }
  return [...servers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
