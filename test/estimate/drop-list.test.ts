import { Testing } from 'cdk8s';
import fc from 'fast-check';
import {
  CAdvisorMetrics,
  ClusterAgent,
  Cni,
  CniMetrics,
  CollectorGateway,
  ControlPlaneMetrics,
  DiscoveredReceiver,
  DiscoveredReceivers,
  Drop,
  EndpointChecks,
  KubeProxyMetrics,
  LogFiles,
  NodeAgent,
  NodeLocalDnsMetrics,
  ObservabilityChart,
  Platform,
  type Source,
  SpanMetrics,
} from '../../lib';

/** The list of what nobody reads, pasted: whatever is collected. */

const further = {
  node: [
    () => new CAdvisorMetrics(),
    () => new CniMetrics({ provider: Cni.CALICO }),
    () => new DiscoveredReceivers({ receivers: [DiscoveredReceiver.redis(), DiscoveredReceiver.nginx()] }),
    () => new KubeProxyMetrics(),
    () => new LogFiles({ paths: ['/var/log/nginx/*.log'], serviceName: 'nginx' }),
    () => new NodeLocalDnsMetrics(),
  ],
  cluster: [
    () => new ControlPlaneMetrics(),
    () => new EndpointChecks({ http: [{ url: 'https://shop.example/' }], tls: [{ host: 'shop.example', port: 443 }] }),
  ],
};

type Make = () => Source;

function chart(node: readonly Make[], cluster: readonly Make[], spans: boolean, drop?: string[]): ObservabilityChart {
  const spanMetrics = spans ? new SpanMetrics() : undefined;
  return new ObservabilityChart(Testing.app(), 'observability', {
    clusterName: 'prod-eu',
    platform: Platform.KUBEADM,
    nodeAgent: { sources: [...NodeAgent.defaultSources(), ...node.map((make) => make())] },
    clusterAgent: { sources: [...ClusterAgent.defaultSources(), ...cluster.map((make) => make())] },
    gateway: {
      sources: spanMetrics && [...CollectorGateway.defaultSources(), spanMetrics.source],
      furtherSinks: spanMetrics && [spanMetrics.sink],
      processors: drop && [Drop.metrics({ names: drop })],
    },
  });
}

const collectorsOf = ({ gateway, nodeAgent, clusterAgent, prometheusAgent }: ObservabilityChart) => [
  gateway,
  nodeAgent,
  clusterAgent,
  prometheusAgent,
];

const namesOf = (observability: ObservabilityChart) => collectorsOf(observability).map(({ metrics }) => metrics.map(({ name }) => name));

/** What Grafana is given, its panels and rules. */
const contentOf = (observability: ObservabilityChart) =>
  JSON.stringify(Testing.synth(observability).filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('grafana')));

function compare(node: readonly Make[], cluster: readonly Make[], spans: boolean): string[] {
  const before = chart(node, cluster, spans);
  const { names } = before.unreadMetrics;
  const after = chart(node, cluster, spans, names);
  expect(after.unreadMetrics.metrics).toEqual([]);
  expect(namesOf(after)).toEqual(namesOf(before).map((given) => given.filter((name) => !names.includes(name))));
  // Panels and rules stay to the letter, and none of them names what is gone.
  expect(after.grafana.leftOut).toEqual(before.grafana.leftOut);
  const content = contentOf(before);
  expect(contentOf(after)).toBe(content);
  expect(content).toContain("'k8s.pod.phase'");
  expect(names.filter((name) => content.includes(`'${name}'`))).toEqual([]);
  return names;
}

test('of the quickstart, and of all sources at once', () => {
  const names = compare([], [], false);
  expect(names).toContain('system.paging.faults');
  expect(names).toContain('otelcol.k8s.watcher.pod.added');
  const all = compare(further.node, further.cluster, true);
  expect(all).toEqual(expect.arrayContaining([...names, 'redis.uptime', 'traces.span.metrics.calls', 'httpcheck.status']));
});

test('whatever is collected, the list drops exactly what is unread, and no panel or rule goes without data', () => {
  fc.assert(
    fc.property(fc.subarray(further.node), fc.subarray(further.cluster), fc.boolean(), (node, cluster, spans) => {
      compare(node, cluster, spans);
    }),
    { numRuns: 8 },
  );
});
