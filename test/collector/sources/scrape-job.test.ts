import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { ConfigValue } from '../../../lib/collector/config-value';
import { Placement } from '../../../lib/collector/placement';
import { ScrapeJob, type ScrapeJobProps } from '../../../lib/collector/sources/scrape-job';
import { Estimates } from '../../../lib/estimate/estimates';
import { Reach } from '../../../lib/kubernetes/endpoint';
import { SecretKey } from '../../../lib/kubernetes/secret-key';
import { relabeled } from '../relabeling';
import { withSources } from '../synthesized';

const exporter = { host: 'node-exporter.example', port: 9100, reach: Reach.cidrs('10.9.0.0/16') };
const onTargets: ScrapeJobProps = { name: 'hosts', targets: [exporter] };
const onPods: ScrapeJobProps = { name: 'queue', pods: { namespaces: ['shop', 'stock'], labels: { app: 'rabbitmq' }, portName: 'metrics' } };

const scraped = (props: ScrapeJobProps, placement = Placement.statefulSet(1)) => {
  const given = withSources([new ScrapeJob(props)], { placement });
  return { ...given, job: given.config.receivers[`prometheus/job-${props.name}`].config.scrape_configs[0] };
};

const pod = (labels: Record<string, string> = {}) => ({
  job: 'queue',
  __address__: '10.1.2.3:5672',
  __meta_kubernetes_pod_ip: '10.1.2.3',
  __meta_kubernetes_pod_phase: 'Running',
  ...labels,
});

test('addresses are asked, by one shard each, and the network is opened to exactly these', () => {
  const { job, one } = scraped({ ...onTargets, targets: [exporter, { ...exporter, host: 'fd00::7', port: 9101 }] });
  expect(job).toMatchObject({ job_name: 'hosts', static_configs: [{ targets: ['node-exporter.example:9100', '[fd00::7]:9101'] }] });
  expect(job.relabel_configs.at(-1)).toEqual({ source_labels: ['__tmp_hash'], regex: '${env:POD_INDEX}', action: 'keep' });
  expect(one('NetworkPolicy', 'test-to-outside').spec.egress).toEqual([
    {
      to: [{ ipBlock: { cidr: '10.9.0.0/16' } }],
      ports: [
        { port: 9100, protocol: 'TCP' },
        { port: 9101, protocol: 'TCP' },
      ],
    },
  ]);
  expect(one('ClusterRole')).toBeUndefined();
});

test('pods are asked at their port of that name; rights and network go no further', () => {
  const { job, one, objects, collector } = scraped(onPods);
  expect(job.kubernetes_sd_configs).toEqual([
    { role: 'pod', namespaces: { names: ['shop', 'stock'] }, selectors: [{ role: 'pod', label: 'app=rabbitmq' }] },
  ]);
  const named = (name: string) => relabeled(pod({ __meta_kubernetes_pod_container_port_name: name }), job.relabel_configs);
  expect([named('metrics'), named('amqp'), named('metrics-2')]).toEqual([
    { job: 'queue', __address__: '10.1.2.3:5672' },
    undefined,
    undefined,
  ]);
  expect(objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'stock']);
  const peer = (namespace: string) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    podSelector: { matchLabels: { app: 'rabbitmq' } },
  });
  expect(one('NetworkPolicy', 'test-to-outside').spec.egress).toContainEqual({
    to: [peer('shop'), peer('stock')],
    ports: [{ protocol: 'TCP' }],
  });
  expect(collector.targets).toEqual(['shop/app=rabbitmq', 'stock/app=rabbitmq']);
});

test('pods are asked at a number, once, whatever they declare', () => {
  const { job, config, one } = scraped({ name: 'queue', pods: { port: 15692 } });
  expect(job.kubernetes_sd_configs).toEqual([{ role: 'pod' }]);
  const at = (address: string) => relabeled({ ...pod(), __address__: address }, job.relabel_configs);
  expect([at('10.1.2.3:5672'), at('10.1.2.3')]).toEqual(Array(2).fill({ job: 'queue', __address__: '10.1.2.3:15692' }));
  expect(relabeled({ ...pod(), __meta_kubernetes_pod_phase: 'Failed' }, job.relabel_configs)).toBeUndefined();
  expect(config.service.pipelines['metrics/prometheus-job-queue'].processors).toContain('resource/any-container');
  expect(one('NetworkPolicy', 'test-to-outside').spec.egress).toContainEqual({
    to: [{ namespaceSelector: {}, podSelector: { matchLabels: {} } }],
    ports: [{ port: 15692, protocol: 'TCP' }],
  });
});

test('on every node each agent asks the pods of its own, which the API server selects', () => {
  const { job, pod: agent } = scraped(onPods, Placement.daemonSet());
  expect(job.kubernetes_sd_configs[0].selectors).toEqual([
    { role: 'pod', label: 'app=rabbitmq', field: 'spec.nodeName=${env:K8S_NODE_NAME}' },
  ]);
  expect(JSON.stringify(job.relabel_configs)).not.toContain('hashmod');
  expect(agent.containers[0].env).toContainEqual({ name: 'K8S_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } });
  expect(() => scraped(onTargets, Placement.daemonSet())).toThrow('a pod on every node: each would scrape every target');
});

test('how it is asked: all of it in the words of Prometheus, secrets as files', () => {
  const { job, one } = scraped({
    ...onTargets,
    interval: Duration.seconds(30),
    timeout: Duration.seconds(20),
    path: '/federate',
    params: { 'match[]': ['up', '{job="$x"}'] },
    tls: {
      caCertificate: SecretKey.of('ca', 'ca.crt'),
      serverName: 'hosts.example',
      clientCertificate: SecretKey.of('client', 'tls.crt'),
      clientKey: SecretKey.of('client', 'tls.key'),
    },
    authorization: SecretKey.of('token', 'token'),
    limits: { samples: 7, bodySize: Size.mebibytes(2) },
  });
  expect(job).toMatchObject({
    scrape_interval: '30000ms',
    scrape_timeout: '20000ms',
    scheme: 'https',
    metrics_path: '/federate',
    params: { 'match[]': ['up', '{job="$$x"}'] },
    tls_config: {
      ca_file: '/etc/otelcol/secrets/ca/ca.crt',
      server_name: 'hosts.example',
      cert_file: '/etc/otelcol/secrets/client/tls.crt',
      key_file: '/etc/otelcol/secrets/client/tls.key',
    },
    authorization: { credentials_file: '/etc/otelcol/secrets/token/token' },
    sample_limit: 7,
    body_size_limit: '2MB',
  });
  expect(JSON.stringify(one('ConfigMap'))).not.toContain('${env:TOKEN');
  expect(scraped({ ...onTargets, tls: { unverified: true } }).job.tls_config).toEqual({ insecure_skip_verify: true });
  expect(scraped({ ...onTargets, tls: {} }).job).toMatchObject({ scheme: 'https', tls_config: {} });
});

test('native histograms are asked for where they are wanted, and bounded', () => {
  const native = (props: Partial<ScrapeJobProps>) => {
    const { scrape_native_histograms, native_histogram_bucket_limit } = scraped({ ...onTargets, ...props }).job;
    return [scrape_native_histograms, native_histogram_bucket_limit];
  };
  expect([native({}), native({ nativeHistograms: false })]).toEqual(Array(2).fill([undefined, undefined]));
  expect(native({ nativeHistograms: true })).toEqual([true, 160]);
  expect(native({ nativeHistograms: true, limits: { nativeHistogramBuckets: 9 } })).toEqual([true, 9]);
});

test("what it has no property for is said in Prometheus' words, and rules stand behind its own, before the shards", () => {
  const rule = { source_labels: ['zone'], regex: '(.+)$', target_label: 'area', replacement: '$1', action: 'replace' };
  const config = {
    honor_labels: true,
    basic_auth: { username: 'a', password_file: ConfigValue.secretFile(SecretKey.of('hosts', 'password')) },
  };
  const { job } = scraped({ ...onPods, metricDrop: ['x'], config: { ...config, relabel_configs: [rule], metric_relabel_configs: [rule] } });
  expect(job).toMatchObject({ honor_labels: true, basic_auth: { username: 'a', password_file: '/etc/otelcol/secrets/hosts/password' } });
  const written = { ...rule, regex: '(.+)$$', replacement: '$$1' };
  expect(job.relabel_configs.map(({ target_label, action }: Record<string, string>) => target_label ?? action)).toEqual([
    ...['keep', 'keep', 'area', '__tmp_hash', 'keep'],
  ]);
  expect(job.relabel_configs[2]).toEqual(written);
  expect(job.metric_relabel_configs.slice(0, 2)).toEqual([
    { source_labels: ['__name__'], regex: '(?:(?:x))(?:_bucket|_sum|_count)?', action: 'drop' },
    written,
  ]);
});

test('a discovery of Prometheus is a way to targets, and these may be anywhere', () => {
  const discovery = {
    http_sd_configs: [{ url: ConfigValue.connect({ host: 'inventory.acme.example', port: 443, reach: Reach.anywhere() }, 'https') }],
  };
  const { job, one, collector } = scraped({ name: 'found', config: discovery });
  expect(job).toMatchObject({ scheme: 'http', http_sd_configs: [{ url: 'https://inventory.acme.example:443' }] });
  expect(one('NetworkPolicy', 'test-to-outside').spec.egress).toEqual([{ ports: [{ protocol: 'TCP' }] }]);
  expect(collector.targets).toEqual([]);
  expect(() => scraped({ name: 'found', config: discovery }, Placement.daemonSet())).toThrow(
    'a pod on every node: each would scrape every target',
  );
});

test('a token in plain text is a warning', () => {
  const authorization = SecretKey.of('token', 'token');
  expect(scraped({ ...onTargets, authorization }).warnings).toEqual([
    expect.stringContaining('the job hosts sends its token in plain text'),
  ]);
  expect(scraped({ ...onTargets, authorization, tls: {} }).warnings).toEqual([]);
});

test('metrics are kept and dropped by their whole names, parts of histograms with theirs', () => {
  const kept = (props: Partial<ScrapeJobProps>, names: string[]) => {
    const { job } = scraped({ ...onTargets, ...props });
    return names.filter((name) => relabeled({ __name__: name }, job.metric_relabel_configs));
  };
  const names = ['a', 'ab', 'a_bucket', 'a_sum', 'a_count', 'b_total', 'c'];
  expect(kept({ metricAllow: ['a', 'b_.*'] }, names)).toEqual(['a', 'a_bucket', 'a_sum', 'a_count', 'b_total']);
  expect(kept({ metricDrop: ['a|b_total'] }, names)).toEqual(['ab', 'c']);
  expect(kept({ metricAllow: ['a', 'b.*'], metricDrop: ['b.*'] }, names)).toEqual(['a', 'a_bucket', 'a_sum', 'a_count']);
  expect(kept({}, names)).toEqual(names);
});

test('it gives what every scrape says about itself, as often as it asks', () => {
  const { collector } = scraped({ ...onTargets, interval: Duration.minutes(5) });
  expect(collector.metrics.map(({ name }) => name)).toEqual([
    ...['scrape_duration_seconds', 'scrape_samples_post_metric_relabeling', 'scrape_samples_scraped', 'up'],
  ]);
  expect(collector._sources[0].binding.interval?.toMinutes()).toBe(5);
});

test('what it gives is estimated by its targets and their samples; where nobody says how many pods there are, it says so', () => {
  const estimate = (props: ScrapeJobProps) => Estimates.of([scraped(props).collector], { nodes: 1, podsPerNode: 1 });
  const points = (props: ScrapeJobProps) => estimate(props).sources.find(({ source }) => source === 'ScrapeJob')?.rowsPerMinute;
  expect(points(onTargets)).toBe(204);
  expect(points({ ...onTargets, interval: Duration.seconds(30), samplesPerTarget: 46 })).toBe(100);
  expect(points({ ...onPods, expectedTargets: 3 })).toBe(612);
  expect(estimate(onPods).notEstimated).toEqual(['test / ScrapeJob: its targets: `expectedTargets` says how many']);
});

const lookaround = 'a(?!b)';
test.each<[object, string]>([
  [{ name: 'a' }, 'ScrapeJob: 1 problem\n  targets: given no targets; allowed: one of `targets`, `pods` and a discovery in `config`'],
  [{ ...onTargets, pods: { port: 1 } }, 'targets: given `targets` and `pods`; allowed: one of'],
  [{ name: 'a', targets: [] }, 'targets: given a list of 0; allowed: a list of at least one object with `host`, `port`'],
  [{ ...onTargets, targets: [{ ...exporter, tls: true }] }, 'targets[0]: given an endpoint with TLS of its own; allowed: `tls` of the job'],
  [{ name: 'a', pods: { labels: { app: 'x' } } }, 'pods: given no port; allowed: one of `port` and `portName`'],
  [{ name: 'a', pods: { port: 1, portName: 'x' } }, 'pods: given `port` and `portName`'],
  [{ name: 'a', pods: { port: 1, labels: { 'a b': 'x', c: 'd,e' } } }, 'ScrapeJob: 2 problems\n  pods.labels (the name): given "a b"'],
  [{ ...onTargets, metricAllow: [lookaround] }, 'metricAllow[0]: given "a(?!b)", invalid or unsupported Perl syntax'],
  [{ ...onTargets, metricDrop: ['(?P<x>a)', '(?P<x>b)'] }, 'metricDrop: given patterns that do not go together, duplicate'],
  [
    { ...onTargets, interval: Duration.seconds(5), timeout: Duration.seconds(6) },
    'timeout: given 6 seconds; allowed: at most the interval, 5 seconds',
  ],
  [{ ...onTargets, path: 'metrics?x=1' }, 'path: given "metrics?x=1"; allowed: a path that begins with `/`'],
  [{ ...onTargets, params: { a: 'b' } }, 'params.a: given "b"; allowed: a list of at least one text'],
  [{ ...onTargets, tls: { clientKey: SecretKey.of('a', 'b') } }, 'tls: given one of `clientCertificate` and `clientKey`; allowed: both'],
  [{ ...onTargets, tls: { unverified: true, serverName: 'x' } }, 'tls.unverified: given true, and what certificates are checked against'],
  [{ ...onTargets, authorization: 'secret' }, 'authorization: given a text (a secret is never text here)'],
  [{ ...onTargets, config: { http_sd_configs: [] } }, 'targets: given `targets` and a discovery in `config`'],
  [
    { ...onTargets, config: { sample_limit: 1, job_name: 'x' } },
    'ScrapeJob: 2 problems\n  config.sample_limit: given what the job writes itself; allowed: `limits`',
  ],
  [
    { name: 'a', config: { kubernetes_sd_configs: [] } },
    'config.kubernetes_sd_configs: given what the job writes itself; allowed: `pods`; or a Source of your own',
  ],
  [
    { ...onTargets, config: { honour_labels: true } },
    'ScrapeJob: 1 problem\n  config.honour_labels: given a field that does not exist; did you mean `honor_labels`?',
  ],
  [
    { ...onTargets, config: { basic_auth: { username: 'a', password: 'text' }, bearer_token: 'abc' } },
    'ScrapeJob: 2 problems\n  config.basic_auth.password: given a text (a secret is never text here); allowed: ConfigValue.secret(SecretKey.of(…))',
  ],
  [
    { name: 'a', config: { consul_sd_configs: [{ server: 'consul', token: 'text' }] } },
    'ScrapeJob: 1 problem\n  config.consul_sd_configs[0].token: given a text (a secret is never text here)',
  ],
  [
    { ...onTargets, config: { http_headers: { 'X-Token': { secrets: ['text'] } } } },
    'ScrapeJob: 1 problem\n  config.http_headers.X-Token.secrets: given a text (a secret is never text here)',
  ],
  [
    { ...onTargets, limits: { nativeHistogramBuckets: 9 } },
    'ScrapeJob: 1 problem\n  limits.nativeHistogramBuckets: given 9, without native histograms; allowed: `nativeHistograms: true` with it',
  ],
  [
    { ...onPods, samplesPerTarget: 9 },
    'ScrapeJob: 1 problem\n  samplesPerTarget: given 9, of nobody knows how many targets; allowed: `expectedTargets` with it',
  ],
  [{ name: 'a', pods: { port: 1, labels: { 'a..b/c': 'x' } } }, 'pods.labels (the name): given "a..b/c"; allowed: the key of a label'],
  [{ ...onTargets, config: { relabel_configs: {} } }, 'config.relabel_configs: given an object; allowed: a list of rules'],
  [{ ...onTargets, config: [] }, "config: given a list of 0; allowed: an object of Prometheus' fields of a job"],
  [{ ...onTargets, intervall: 1 }, 'intervall: given a property that does not exist; did you mean `interval`?'],
])('bad input %#: one clear error', (props, message) => {
  expect(() => new ScrapeJob(props as ScrapeJobProps)).toThrow(message);
});

test('two jobs of one name are an error, whether they say the same or not', () => {
  const twice = "1 problem\n  sources[0] and sources[1]: given two sources called 'prometheus/job-hosts'";
  expect(() => withSources([new ScrapeJob(onTargets), new ScrapeJob(onTargets)])).toThrow(twice);
  expect(() => withSources([new ScrapeJob(onTargets), new ScrapeJob({ ...onPods, name: 'hosts' })])).toThrow(twice);
});

test('whatever stands in the properties, it is a source or one error', () => {
  const names = [
    'name',
    'targets',
    'pods',
    'interval',
    'timeout',
    'path',
    'params',
    'tls',
    'authorization',
    'metricAllow',
    'metricDrop',
    'limits',
    'nativeHistograms',
    'config',
    'expectedTargets',
    'samplesPerTarget',
  ];
  const wrong = fc.record(Object.fromEntries(names.map((name) => [name, fc.anything()])), { requiredKeys: [] });
  fc.assert(
    fc.property(wrong, fc.boolean(), (given, named) => {
      try {
        scraped({ ...(named ? onTargets : {}), ...given } as ScrapeJobProps);
      } catch (error) {
        expect((error as Error).message).toMatch(
          /^ScrapeJob: \d+ problems?\n {2}(name|targets|pods|interval|timeout|path|params|tls|auth|metric|limits|native|config|expected|samples|props)/,
        );
      }
    }),
    { numRuns: 300 },
  );
});
