import { Placement } from '../../../lib/collector/placement';
import { Platform } from '../../../lib/collector/platform';
import { ControlPlaneMetrics, type ControlPlaneMetricsProps, ControlPlanePart } from '../../../lib/collector/sources/control-plane-metrics';
import { Estimates } from '../../../lib/estimate/estimates';
import { type Labels, relabeled } from '../relabeling';
import { withSources } from '../synthesized';

const on = (platform: Platform, props?: ControlPlaneMetricsProps) =>
  withSources([new ControlPlaneMetrics(props)], {
    platform,
    name: 'agent',
    namespace: 'observability',
    placement: Placement.statefulSet(2),
  });

type Job = { job_name: string; metric_relabel_configs: [] } & Record<string, unknown>;

const jobsOn = (platform: Platform, props?: ControlPlaneMetricsProps): Job[] =>
  on(platform, props).config.receivers['prometheus/control-plane'].config.scrape_configs;

// By hand, from what the platforms document.
test.each<[Platform, string[]]>([
  [Platform.GENERIC, ['coredns']],
  [Platform.KUBEADM, ['coredns']],
  [Platform.K3S, ['coredns']],
  [Platform.AKS, ['coredns']],
  [Platform.EKS, ['coredns', 'kube-controller-manager', 'kube-scheduler']],
  [Platform.OPENSHIFT, ['coredns', 'kube-controller-manager', 'kube-scheduler']],
])('on %s what answers without anybody having to change the cluster is scraped', (platform, parts) => {
  const names = jobsOn(platform).map(({ job_name }) => job_name);
  expect(names.sort()).toEqual(parts);
});

test.each([Platform.GKE, Platform.GKE_AUTOPILOT])('on %s nothing can be scraped, and that is said', (platform) => {
  const source = new ControlPlaneMetrics();
  const context = { clusterName: 'prod', namespace: 'a', name: 'b', stackNamespaces: [], placement: Placement.statefulSet(1), platform };
  const { receivers, metrics, warnings } = source.bind(context as never);
  expect({ receivers, metrics }).toEqual({ receivers: {}, metrics: undefined });
  expect(warnings).toEqual([`ControlPlaneMetrics: of the control plane on '${platform}' nothing but the API server can be scraped`]);
});

test('parts that kubeadm closes are scraped once they are named: as pods on their nodes, with the token where they want it', () => {
  const { config, one, collector } = on(Platform.KUBEADM, { parts: [ControlPlanePart.ETCD, ControlPlanePart.SCHEDULER] });
  const [etcd, scheduler] = config.receivers['prometheus/control-plane'].config.scrape_configs;
  expect(etcd.kubernetes_sd_configs).toEqual([
    { role: 'pod', namespaces: { names: ['kube-system'] }, selectors: [{ role: 'pod', label: 'component=etcd' }] },
  ]);
  expect([etcd.scheme, etcd.authorization]).toEqual(['http', undefined]);
  expect(scheduler).toMatchObject({
    scheme: 'https',
    authorization: { credentials_file: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
    tls_config: { insecure_skip_verify: true },
  });
  const target = { __address__: '10.0.0.1', __meta_kubernetes_pod_ip: '10.0.0.1', __meta_kubernetes_pod_phase: 'Running' };
  const beforeShards = (job: { relabel_configs: [] }) => job.relabel_configs.slice(0, -2);
  expect([etcd, scheduler].map((job) => relabeled(target, beforeShards(job))?.__address__)).toEqual(['10.0.0.1:2381', '10.0.0.1:10259']);
  expect(one('Role').metadata.namespace).toBe('kube-system');
  expect(one('Role').rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }]);
  expect(one('ClusterRole').rules).toEqual([{ nonResourceURLs: ['/metrics'], verbs: ['get'] }]);
  expect(one('NetworkPolicy', 'agent-to-outside').spec.egress).toEqual([
    { ports: [443, 2381, 6443, 10259].map((port) => ({ port, protocol: 'TCP' })) },
  ]);
  expect(collector.targets).toEqual(['kube-system/component=etcd', 'kube-system/component=kube-scheduler']);
});

test('without a part that wants a token, no right to read metrics is asked for', () => {
  expect(on(Platform.GENERIC).one('ClusterRole')).toBeUndefined();
});

test('on EKS scheduler and controller manager are asked through the API server, once', () => {
  const { one } = on(Platform.EKS);
  const job = jobsOn(Platform.EKS).find(({ job_name }) => job_name === 'kube-scheduler');
  expect(job).toMatchObject({
    metrics_path: '/apis/metrics.eks.amazonaws.com/v1/ksh/container/metrics',
    static_configs: [{ targets: ['kubernetes.default.svc:443'] }],
    tls_config: { server_name: 'kubernetes.default.svc' },
  });
  expect(one('ClusterRole').rules).toEqual([
    { apiGroups: ['metrics.eks.amazonaws.com'], resources: ['kcm/metrics', 'ksh/metrics'], verbs: ['get'] },
  ]);
});

test('of a controller manager only queues that somebody waits for are kept', () => {
  const [job] = jobsOn(Platform.KUBEADM, { parts: [ControlPlanePart.CONTROLLER_MANAGER] });
  const kept = (labels: Labels) => relabeled(labels, job.metric_relabel_configs) !== undefined;
  const lasting: Labels[] = [
    { __name__: 'workqueue_depth', name: 'deployment' },
    { __name__: 'workqueue_queue_duration_seconds_bucket', name: 'namespace', le: '1' },
    { __name__: 'process_start_time_seconds' },
    { __name__: 'rest_client_requests_total', code: '200' },
  ];
  expect(lasting.map(kept)).toEqual([true, true, true, true]);
  const dropped: Labels[] = [
    { __name__: 'workqueue_depth', name: 'certificate' },
    { __name__: 'workqueue_adds_total', name: 'deployment' },
    { __name__: 'go_goroutines' },
  ];
  expect(dropped.map(kept)).toEqual([false, false, false]);
});

test('all of it is estimated', () => {
  const { collector } = on(Platform.KUBEADM, { parts: Object.values(ControlPlanePart) });
  const { metricPointsPerMinute, notEstimated } = Estimates.of([collector], { nodes: 5, podsPerNode: 20, apiServers: 3 });
  expect(notEstimated).toEqual([]);
  // CoreDNS: 2 pods with 14 and what each scrape says of itself; etcd, scheduler and controller manager three times each.
  expect(metricPointsPerMinute).toBeGreaterThan(100);
  expect(metricPointsPerMinute).toBeLessThan(300);
});

test.each<[Platform, object, string]>([
  [
    Platform.AKS,
    { parts: ['etcd', 'kube-scheduler'] },
    'Collector test/Collector: 1 problem\n  sources[0]: given ControlPlaneMetrics with etcd, kube-scheduler on aks; allowed: sources without it: AKS runs it and shows nobody its metrics',
  ],
  [
    Platform.GENERIC,
    { parts: ['coredns', 'kube-scheduler'] },
    'Collector test/Collector: 1 problem\n  sources[0]: given ControlPlaneMetrics with kube-scheduler on generic; allowed: sources without it: where it runs is not known: Platform.KUBEADM',
  ],
  [Platform.GENERIC, { parts: ['kube-proxy'] }, "parts[0]: given \"kube-proxy\"; allowed: 'coredns', 'etcd'"],
  [Platform.GENERIC, { parts: [] }, 'parts: given a list of 0'],
  [Platform.GENERIC, { part: [] }, 'part: given a property that does not exist; did you mean `parts`?'],
])('bad input on %s, %j: one clear error', (platform, props, message) => {
  expect(() => on(platform, props as ControlPlaneMetricsProps)).toThrow(message);
});
