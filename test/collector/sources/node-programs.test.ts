import { Cni, CniMetrics, type CniProps, Estimates, Instrument, Metric, MetricsScheme } from '../../../lib';
import { Placement } from '../../../lib/collector/placement';
import { Platform } from '../../../lib/collector/platform';
import { CAdvisorMetrics } from '../../../lib/collector/sources/cadvisor-metrics';
import { KubeProxyMetrics } from '../../../lib/collector/sources/kube-proxy-metrics';
import { KubeletMetrics } from '../../../lib/collector/sources/kubelet-metrics';
import { KubeletTls } from '../../../lib/collector/sources/kubelet-tls';
import { NodeLocalDnsMetrics } from '../../../lib/collector/sources/node-local-dns-metrics';
import { SecretKey } from '../../../lib/kubernetes/secret-key';
import { relabeled } from '../relabeling';
import { withSources } from '../synthesized';

const onNodes = (...sources: Parameters<typeof withSources>[0]) => withSources(sources, { placement: Placement.daemonSet() });
const jobOf = (config: any, name: string) => config.receivers[`prometheus/${name}`].config.scrape_configs[0];

describe('CAdvisorMetrics', () => {
  const tls = KubeletTls.clusterAuthority();

  test('asks the kubelet of its own node, with its token, and may read nothing else of it', () => {
    const { config, one, warnings } = onNodes(new CAdvisorMetrics({ tls }));
    expect(jobOf(config, 'cadvisor')).toMatchObject({
      scheme: 'https',
      metrics_path: '/metrics/cadvisor',
      authorization: { credentials_file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
      tls_config: { ca_file: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' },
      static_configs: [{ targets: ['${env:K8S_NODE_IP}:10250'] }],
    });
    expect(one('ClusterRole').rules).toEqual([{ apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }]);
    expect(one('NetworkPolicy', 'test-to-outside').spec.egress[0].ports.map(({ port }: { port: number }) => port)).toContain(10250);
    expect(warnings).toEqual([]);
  });

  test('its certificate: as of KubeletMetrics, and said once', () => {
    const { config, warnings } = onNodes(new KubeletMetrics(), new CAdvisorMetrics());
    expect(jobOf(config, 'cadvisor').tls_config).toEqual({ insecure_skip_verify: true });
    expect(warnings).toHaveLength(1);
    const own = onNodes(new CAdvisorMetrics({ tls: KubeletTls.authority(SecretKey.of('kubelet-ca', 'ca.crt')) }));
    expect(jobOf(own.config, 'cadvisor').tls_config).toEqual({ ca_file: '/etc/otelcol/secrets/kubelet-ca/ca.crt' });
  });

  // Labels as a kubelet of 1.36 writes them.
  const sample = {
    __name__: 'container_cpu_cfs_throttled_periods_total',
    container: 'web',
    id: '/kubepods/burstable/pod8d2f0c1a-11aa-4bbb-8ccc-0123456789ab/7f3e',
    image: 'registry.example/web:1',
    name: '7f3e',
    namespace: 'shop',
    pod: 'web-0',
  };
  const kept = (labels: Record<string, string>) =>
    relabeled({ ...sample, ...labels }, jobOf(onNodes(new CAdvisorMetrics({ tls })).config, 'cadvisor').metric_relabel_configs);

  test('keeps throttling of containers, and says whose it is', () => {
    expect(kept({})).toEqual({
      __name__: 'container_cpu_cfs_throttled_periods_total',
      'k8s.container.name': 'web',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'web-0',
      'k8s.pod.uid': '8d2f0c1a-11aa-4bbb-8ccc-0123456789ab',
    });
    const systemd = '/kubepods.slice/kubepods-pod8d2f0c1a_11aa_4bbb_8ccc_0123456789ab.slice/cri-containerd-7f3e.scope';
    expect(kept({ id: systemd })?.['k8s.pod.uid']).toBe('8d2f0c1a-11aa-4bbb-8ccc-0123456789ab');
  });

  test('nothing else: no whole pods, no other metrics', () => {
    expect([
      kept({ container: '' }),
      kept({ __name__: 'container_cpu_usage_seconds_total' }),
      kept({ __name__: 'machine_cpu_cores' }),
    ]).toEqual([undefined, undefined, undefined]);
  });
});

describe('programs of the node', () => {
  test.each([
    ['kube-proxy', new KubeProxyMetrics(), 'k8s-app=kube-proxy', ['kube-system'], 10249],
    ['node-local-dns', new NodeLocalDnsMetrics(), 'k8s-app=node-local-dns', ['kube-system'], 9253],
    ['cilium-agent', new CniMetrics({ provider: Cni.CILIUM }), 'k8s-app=cilium', ['cilium', 'kube-system'], 9962],
    ['calico-node', new CniMetrics({ provider: Cni.CALICO }), 'k8s-app=calico-node', ['calico-system', 'kube-system'], 9091],
    ['aws-node', new CniMetrics({ provider: Cni.AWS_VPC }), 'k8s-app=aws-node', ['kube-system'], 61678],
    ['antrea-agent', new CniMetrics({ provider: Cni.ANTREA }), 'component=antrea-agent', ['kube-system'], 10350],
  ])('%s: its pods of the own node, on its port, with the network open to it', (name, source, label, names, port) => {
    const { collector, config, one, objects } = onNodes(source);
    const job = jobOf(config, name);
    expect(job.kubernetes_sd_configs).toEqual([
      { role: 'pod', namespaces: { names }, selectors: [{ role: 'pod', label, field: 'spec.nodeName=${env:K8S_NODE_NAME}' }] },
    ]);
    const target = { __address__: '192.0.2.7:1', __meta_kubernetes_pod_ip: '192.0.2.7', __meta_kubernetes_pod_phase: 'Running' };
    expect(relabeled(target, job.relabel_configs)?.__address__).toBe(`192.0.2.7:${port}`);
    expect(relabeled({ ...target, __meta_kubernetes_pod_ip: 'fd00::7' }, job.relabel_configs)?.__address__).toBe(`[fd00::7]:${port}`);
    expect(relabeled({ ...target, __meta_kubernetes_pod_phase: 'Pending' }, job.relabel_configs)).toBeUndefined();
    expect(one('NetworkPolicy', 'test-to-outside').spec.egress[0].ports.map((open: { port: number }) => open.port)).toContain(port);
    expect(one('ClusterRole').rules).toContainEqual({ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] });
    expect(objects.filter(({ kind }) => kind === 'Role')).toEqual([]);
    expect(collector.targets).toEqual(names.map((namespace) => `${namespace}/${label}`));
  });

  test('histograms are kept whole, all labels that nobody reads are summed away, and units are said', () => {
    const { config } = onNodes(new KubeProxyMetrics());
    const kept = (name: string) => relabeled({ __name__: name }, jobOf(config, 'kube-proxy').metric_relabel_configs) !== undefined;
    expect(['bucket', 'sum', 'count'].map((part) => kept(`kubeproxy_sync_proxy_rules_duration_seconds_${part}`))).toEqual([
      true,
      true,
      true,
    ]);
    expect(kept('kubeproxy_sync_proxy_rules_duration_seconds_x')).toBe(false);
    expect(config.processors['transform/kube-proxy-sums'].metric_statements).toEqual(
      expect.arrayContaining([
        'aggregate_on_attributes("sum", []) where metric.name == "kubeproxy_sync_proxy_rules_duration_seconds"',
        'set(metric.unit, "s") where metric.name == "kubeproxy_sync_proxy_rules_duration_seconds"',
      ]),
    );
  });

  test('over TLS the token is shown, and may read metrics', () => {
    const { config, one } = onNodes(new CniMetrics({ provider: Cni.ANTREA }));
    expect(jobOf(config, 'antrea-agent')).toMatchObject({
      scheme: 'https',
      authorization: { credentials_file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
      tls_config: { insecure_skip_verify: true },
    });
    expect(one('ClusterRole').rules).toContainEqual({ nonResourceURLs: ['/metrics'], verbs: ['get'] });
    expect(jobOf(onNodes(new KubeProxyMetrics()).config, 'kube-proxy').authorization).toBeUndefined();
  });

  test.each([
    [Platform.AKS, 'component=kube-proxy'],
    [Platform.EKS, 'k8s-app=kube-proxy'],
  ])('kube-proxy on %s has the label %s', (platform, label) => {
    const { config } = withSources([new KubeProxyMetrics()], { placement: Placement.daemonSet(), platform });
    expect(jobOf(config, 'kube-proxy').kubernetes_sd_configs[0].selectors[0].label).toBe(label);
  });

  test.each([
    [Platform.K3S, 'K3s runs it in the process of the agent'],
    [Platform.GKE, 'GKE lets kube-proxy'],
    [Platform.OPENSHIFT, "OpenShift's network works without kube-proxy"],
  ])('kube-proxy on %s is an error that says why', (platform, why) => {
    expect(() => withSources([new KubeProxyMetrics()], { placement: Placement.daemonSet(), platform })).toThrow(
      `Collector test/Collector: 1 problem\n  sources[0]: given KubeProxyMetrics on ${platform}; allowed: sources without it: ${why}`,
    );
  });
});

test.each([
  // 40 containers, half with a limit of CPU, two of each; and what four series of a scrape say.
  ['CAdvisorMetrics', new CAdvisorMetrics(), 2 * 20 + 4],
  // Two histograms, what is pending; nothing fails.
  ['KubeProxyMetrics', new KubeProxyMetrics(), 3 + 4],
  // Requests by three types, answers by three codes, hits of two kinds, misses, latency, broken.
  ['NodeLocalDnsMetrics', new NodeLocalDnsMetrics(), 3 + 3 + 2 + 3 + 4],
  // Drops, states, maps: six each; two directions, two outcomes; controllers, nodes.
  ['CniMetrics', new CniMetrics({ provider: Cni.CILIUM }), 3 * 6 + 2 * 2 + 2 + 4],
])('%s: points a minute of a node, by hand', (name, source, points) => {
  const { collector } = onNodes(source);
  const { sources, notEstimated } = Estimates.of([collector], { nodes: 1, podsPerNode: 30 });
  expect([sources.find((line) => line.source === name)?.rowsPerMinute, notEstimated]).toEqual([points, []]);
});

describe('Cni.custom', () => {
  const drops = Metric.custom({ name: 'router_drops_total', instrument: Instrument.SUM, unit: '{packet}', attributes: ['reason'] });
  const props: CniProps = { name: 'router', namespaces: ['net'], podLabel: 'app=router', port: 8080, metrics: [drops] };

  test('any other program: what it is told, and no more', () => {
    const provider = Cni.custom({ ...props, path: '/m', scheme: MetricsScheme.HTTPS });
    const { collector, config, one } = onNodes(new CniMetrics({ provider }));
    expect(jobOf(config, 'router')).toMatchObject({ scheme: 'https', metrics_path: '/m' });
    expect(one('ClusterRole').rules).toContainEqual({ nonResourceURLs: ['/m'], verbs: ['get'] });
    expect(config.processors['transform/router-sums'].metric_statements).toEqual([
      'aggregate_on_attributes("sum", ["reason"]) where metric.name == "router_drops_total"',
      'set(metric.unit, "{packet}") where metric.name == "router_drops_total"',
    ]);
    expect(collector.metrics).toContain(drops);
  });

  test('bad input is one error with all of it', () => {
    const wrong = { ...props, name: 'A B', namespaces: [], podLabel: 'router', port: 0, path: 'm', metrics: [] };
    expect(() => Cni.custom(wrong)).toThrow(
      /^Cni\.custom: 6 problems\n {2}name: .*\n {2}namespaces: .*\n {2}podLabel: .*\n {2}port: .*\n {2}path: .*\n {2}metrics: /,
    );
    const gauge = Metric.custom({ name: 'router_drops_total', instrument: Instrument.GAUGE, unit: '1' });
    expect(() => Cni.custom({ ...props, metrics: [drops, gauge] })).toThrow(
      'Cni.custom: 1 problem\n  metrics: given `router_drops_total` twice; allowed: each metric once',
    );
    expect(() => new CniMetrics({ provider: 'cilium' as never })).toThrow('provider: given "cilium"; allowed: Cni.CILIUM, .CALICO');
  });
});
