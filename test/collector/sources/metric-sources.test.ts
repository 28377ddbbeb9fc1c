import { Placement } from '../../../lib/collector/placement';
import { Platform } from '../../../lib/collector/platform';
import { ApiServerMetrics } from '../../../lib/collector/sources/api-server-metrics';
import { ClickHouseMetrics } from '../../../lib/collector/sources/clickhouse-metrics';
import { HostMetrics } from '../../../lib/collector/sources/host-metrics';
import { KubeletMetrics } from '../../../lib/collector/sources/kubelet-metrics';
import { KubeletTls } from '../../../lib/collector/sources/kubelet-tls';
import { OtlpReceiver } from '../../../lib/collector/sources/otlp-receiver';
import { Reach } from '../../../lib/kubernetes/endpoint';
import { SecretKey } from '../../../lib/kubernetes/secret-key';
import { type Labels, relabeled } from '../relabeling';
import { withSources } from '../synthesized';

const names = (metrics: { name: string }[]) => metrics.map(({ name }) => name).sort();

describe('HostMetrics', () => {
  test('says what it gives', () => {
    expect(names(withSources([new HostMetrics()], { placement: Placement.daemonSet() }).collector.metrics)).toEqual([
      'system.cpu.load_average.5m',
      'system.cpu.logical.count',
      'system.cpu.time',
      'system.disk.io',
      'system.disk.io_time',
      'system.disk.operation_time',
      'system.disk.operations',
      'system.disk.weighted_io_time',
      'system.memory.usage',
      'system.paging.faults',
      'system.uptime',
    ]);
  });

  test('asks for nothing of the node', () => {
    const { pod } = withSources([new HostMetrics()], { placement: Placement.daemonSet() });
    expect(pod.volumes.map(({ name }: { name: string }) => name)).toEqual(['config']);
    expect(pod.securityContext.runAsNonRoot).toBe(true);
    expect(pod.hostNetwork ?? pod.hostPID).toBeUndefined();
  });

  test.each([
    ['sda', true],
    ['nvme0n1', true],
    ['vdb', true],
    ['xvda', true],
    ['mmcblk0', true],
    ['sda1', false],
    ['xvda14', false],
    ['nvme0n1p2', false],
    ['mmcblk0p1', false],
    ['dm-0', false],
    ['md127', false],
    ['loop7', false],
    ['ram0', false],
  ])('counts %s: %s', (device, counted) => {
    const { devices } = withSources([new HostMetrics()], { placement: Placement.daemonSet() }).config.receivers.host_metrics.scrapers.disk
      .exclude;
    // As the collector reads it: a literal $ is written twice.
    expect(devices.some((pattern: string) => new RegExp(pattern.replaceAll('$$', '$')).test(device))).toBe(!counted);
  });
});

describe('KubeletMetrics', () => {
  const kubelet = (tls?: KubeletTls) => withSources([new KubeletMetrics({ tls })], { placement: Placement.daemonSet() });

  test('asks the kubelet of its own node, and no more than it needs of it', () => {
    const { config, one, pod } = kubelet();
    expect(config.receivers.kubelet_stats).toMatchObject({ auth_type: 'serviceAccount', endpoint: 'https://${env:K8S_NODE_IP}:10250' });
    expect(pod.containers[0].env).toContainEqual({ name: 'K8S_NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } });
    expect(one('ClusterRole').rules).toEqual([{ apiGroups: [''], resources: ['nodes/pods', 'nodes/stats'], verbs: ['get'] }]);
    expect(one('NetworkPolicy', 'test-to-outside').spec.egress).toEqual([
      { ports: [443, 6443, 10250].map((port) => ({ port, protocol: 'TCP' })) },
    ]);
  });

  test('a certificate that is not checked is said', () => {
    const { config, warnings } = kubelet();
    expect(config.receivers.kubelet_stats.insecure_skip_verify).toBe(true);
    expect(warnings).toEqual([
      expect.stringContaining("test/Collector: the kubelet's certificate is not verified: where the cluster signs"),
    ]);
  });

  test('a certificate is checked by the authority of the cluster, or one of your own', () => {
    const cluster = kubelet(KubeletTls.clusterAuthority());
    expect(cluster.config.receivers.kubelet_stats.insecure_skip_verify).toBe(false);
    const own = kubelet(KubeletTls.authority(SecretKey.of('kubelet-ca', 'ca.crt')));
    expect(own.config.receivers.kubelet_stats).toMatchObject({ ca_file: '/etc/otelcol/secrets/kubelet-ca/ca.crt' });
    expect(own.config.receivers.kubelet_stats.insecure_skip_verify).toBeUndefined();
    expect(own.pod.volumes).toContainEqual({
      name: 'secret-kubelet-ca',
      secret: { secretName: 'kubelet-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
    });
    expect([...cluster.warnings, ...own.warnings]).toEqual([]);
  });

  test.each([
    [Platform.K3S, false],
    [Platform.EKS, false],
    [Platform.KUBEADM, true],
    [Platform.GKE, true],
    [Platform.OPENSHIFT, true],
  ])('on %s, a certificate that the cluster signs is checked unless said otherwise', (platform, unverified) => {
    const { config, warnings } = withSources([new KubeletMetrics()], { placement: Placement.daemonSet(), platform });
    expect([config.receivers.kubelet_stats.insecure_skip_verify, warnings.length]).toEqual([unverified, unverified ? 1 : 0]);
  });

  test('only volumes that can fill up are kept', () => {
    const { config } = kubelet();
    expect(config.receivers.kubelet_stats.extra_metadata_labels).toEqual(['k8s.volume.type']);
    expect(config.service.pipelines['metrics/kubelet_stats'].processors).toEqual(['memory_limiter', 'filter/claims-only']);
  });

  test('bad input is one clear error', () => {
    expect(() => new KubeletMetrics({ tls: 'skip' as never })).toThrow(
      'KubeletMetrics: 1 problem\n  tls: given "skip"; allowed: KubeletTls.clusterAuthority()',
    );
  });
});

describe('ApiServerMetrics', () => {
  const [job] = withSources([new ApiServerMetrics()]).config.receivers['prometheus/api-server'].config.scrape_configs;
  const kept = (name: string) => relabeled({ __name__: name }, job.metric_relabel_configs) !== undefined;

  test('asks every API server itself, by a certificate that is checked', () => {
    expect(job).toMatchObject({
      scheme: 'https',
      kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: ['default'] } }],
      tls_config: { server_name: 'kubernetes.default.svc' },
    });
    const endpoint = (service: string, port: string): Labels => ({
      __address__: '10.0.0.1:6443',
      __meta_kubernetes_service_name: service,
      __meta_kubernetes_endpointslice_port_name: port,
    });
    expect(
      [
        ['kubernetes', 'https'],
        ['kubernetes', 'other'],
        ['cart', 'https'],
      ].map(([service, port]) => relabeled(endpoint(service, port), job.relabel_configs) !== undefined),
    ).toEqual([true, false, false]);
  });

  test('keeps what is read, all parts of a histogram, and nothing else', () => {
    expect(
      [
        'apiserver_request_total',
        'apiserver_request_sli_duration_seconds_bucket',
        'apiserver_request_sli_duration_seconds_sum',
        'apiserver_request_sli_duration_seconds_count',
        'process_cpu_seconds_total',
      ].map(kept),
    ).toEqual(Array(5).fill(true));
    expect(
      ['apiserver_request_duration_seconds_bucket', 'apiserver_request_total_x', 'apiserver_watch_events_sizes_sum', 'go_goroutines'].map(
        kept,
      ),
    ).toEqual(Array(4).fill(false));
  });

  test('sums over all labels that nobody reads', () => {
    const { config } = withSources([new ApiServerMetrics()]);
    expect(config.processors['transform/api-server-sums'].metric_statements).toContain(
      'aggregate_on_attributes("sum", ["verb", "code"]) where metric.name == "apiserver_request_total"',
    );
    expect(config.service.pipelines['metrics/prometheus-api-server'].processors).toEqual([
      'memory_limiter',
      'filter/values-only',
      'filter/unavailable-apis',
      'transform/api-server-sums',
    ]);
  });

  test('may look at endpoints of one namespace, and at /metrics', () => {
    const { one } = withSources([new ApiServerMetrics()], { namespace: 'team', name: 'api' });
    expect(one('Role').metadata).toMatchObject({ name: 'team-api', namespace: 'default' });
    expect(one('Role').rules).toEqual([
      { apiGroups: [''], resources: ['pods', 'services'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ]);
    expect(one('ClusterRole').rules).toEqual([{ nonResourceURLs: ['/metrics'], verbs: ['get'] }]);
  });
});

describe('ClickHouseMetrics', () => {
  const store = Reach._workload({ namespace: 'data', name: 'store', program: 'clickhouse', component: 'clickhouse' }, true);
  const scraped = (reach: Reach) => withSources([new ClickHouseMetrics({ endpoint: { host: 'store.data.svc', port: 9363, reach } })]);
  const scrapeConfigs = ({ receivers }: { receivers: object }) => {
    const found = Object.entries(receivers).find(([id]) => id.startsWith('prometheus/clickhouse-'));
    return found?.[1].config.scrape_configs;
  };

  test('several stores stand in one collector, each scraped once', () => {
    const at = (host: string, port = 9363, reach = Reach.anywhere()) => new ClickHouseMetrics({ endpoint: { host, port, reach } });
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}`;
    const stores = [
      at('store.data.svc', 9363, store),
      at('a.example'),
      at('a-example'),
      at('a.example', 9364),
      at(`${long}.c`),
      at(`${long}.d`),
    ];
    const { config } = withSources(stores);
    const targets = Object.values<{ config: { scrape_configs: { static_configs?: { targets: string[] }[] }[] } }>(config.receivers);
    expect(targets.map((receiver) => receiver.config.scrape_configs[0].static_configs?.[0].targets[0]).sort()).toEqual(
      ['a-example:9363', 'a.example:9363', 'a.example:9364', `${long}.c:9363`, `${long}.d:9363`, undefined].sort(),
    );
    expect(() => withSources([at('a.example'), at('a.example')])).toThrow('sources[0] and sources[1]: given two sources called');
  });

  test('asks each pod of a store of ours, and opens the way at both ends', () => {
    const { collector, config, one } = scraped(store);
    const [job] = scrapeConfigs(config);
    expect(job.kubernetes_sd_configs).toEqual([
      {
        role: 'pod',
        namespaces: { names: ['data'] },
        selectors: [{ role: 'pod', label: 'app.kubernetes.io/name=clickhouse,app.kubernetes.io/instance=store' }],
      },
    ]);
    const target = {
      __address__: '10.1.2.3:9000',
      __meta_kubernetes_pod_ip: '10.1.2.3',
      __meta_kubernetes_pod_phase: 'Running',
      __meta_kubernetes_pod_label_app_kubernetes_io_instance: 'store',
    };
    expect(relabeled(target, job.relabel_configs)).toEqual({ __address__: '10.1.2.3:9363', job: 'store' });
    expect(one('NetworkPolicy', 'store-from-observability-test').spec).toMatchObject({
      ingress: [{ ports: [{ port: 9363, protocol: 'TCP' }] }],
    });
    expect(collector.targets).toEqual(['data/app.kubernetes.io/instance=store']);
  });

  test('asks another store at its address', () => {
    const { config, collector } = scraped(Reach.anywhere());
    expect(scrapeConfigs(config)[0].static_configs).toEqual([{ targets: ['store.data.svc:9363'] }]);
    expect(collector.targets).toEqual([]);
  });

  test.each<[string, Reach, object]>([
    ['of ours, whose pods are asked by their addresses', store, { server_name: 'store.data.svc' }],
    ['of others', Reach.anywhere(), {}],
  ])('over TLS a store %s is checked against its authority', (_, reach, checked) => {
    const endpoint = { host: 'store.data.svc', port: 9363, reach, tls: true };
    const [plain] = scrapeConfigs(withSources([new ClickHouseMetrics({ endpoint })]).config);
    expect(plain).toMatchObject({ scheme: 'https', tls_config: checked });
    const own = { ...endpoint, caCertificate: SecretKey.of('store-ca', 'ca.crt'), serverName: 'store.acme.example' };
    const { config, pod } = withSources([new ClickHouseMetrics({ endpoint: own })]);
    expect(scrapeConfigs(config)[0].tls_config).toEqual({
      ca_file: '/etc/otelcol/secrets/store-ca/ca.crt',
      server_name: 'store.acme.example',
    });
    expect(pod.volumes.map(({ secret }: any) => secret?.secretName)).toContain('store-ca');
  });

  test('keeps thirty metrics of two thousand', () => {
    const [job] = scrapeConfigs(scraped(store).config);
    const kept = [
      'ClickHouseProfileEvents_InsertedRows',
      'ClickHouseMetrics_Query',
      'ClickHouseAsyncMetrics_MaxPartCountForPartition',
      'ClickHouseProfileEvents_Query',
      'ClickHouseMetrics_QueryThread',
      'ClickHouseErrorMetric_ALL',
    ];
    expect(kept.map((name) => relabeled({ __name__: name }, job.metric_relabel_configs) !== undefined)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('bad input is one clear error', () => {
    expect(() => new ClickHouseMetrics({ endpoint: { host: 'a b', port: 0 } } as never)).toThrow(/^ClickHouseMetrics: 3 problems/);
  });
});

test('OTLP is taken on the ports that every SDK expects, and connections end, so that clients find new replicas', () => {
  const { config, one } = withSources([new OtlpReceiver()]);
  expect(config.receivers.otlp.protocols.grpc).toMatchObject({
    endpoint: ':4317',
    keepalive: { server_parameters: { max_connection_age: '2m' } },
  });
  expect(config.receivers.otlp.protocols.http.endpoint).toBe(':4318');
  expect(one('Service', 'test').spec.ports.map(({ name, port }: { name: string; port: number }) => `${name} ${port}`)).toEqual([
    'otlp-grpc 4317',
    'otlp-http 4318',
  ]);
});
