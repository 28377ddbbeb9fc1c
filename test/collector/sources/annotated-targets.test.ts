import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import type { Collector } from '../../../lib/collector/collector';
import { Placement } from '../../../lib/collector/placement';
import { AnnotatedTargets, type AnnotatedTargetsProps } from '../../../lib/collector/sources/annotated-targets';
import { Estimates } from '../../../lib/estimate/estimates';
import { type Labels, relabeled } from '../relabeling';
import { withSources } from '../synthesized';

// Labels as Prometheus' discovery gives them: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config
const meta = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`__meta_kubernetes_${name}`, value]));
const start = (job: string, address: string): Labels => ({ job, __address__: address, __scheme__: 'http', __metrics_path__: '/metrics' });

const pod = (labels: Labels = {}) => ({
  ...start('annotated-pods', '10.1.2.3:8080'),
  ...meta({
    namespace: 'shop',
    pod_name: 'cart-5d8f9c7b6-x2x4z',
    pod_ip: '10.1.2.3',
    pod_phase: 'Running',
    pod_container_init: 'false',
    pod_container_port_protocol: 'TCP',
    pod_annotation_prometheus_io_scrape: 'true',
    ...labels,
  }),
});

const endpoint = (labels: Labels = {}) => ({
  ...start('annotated-services', '10.1.2.3:8080'),
  ...meta({
    namespace: 'shop',
    service_name: 'cart',
    service_annotation_prometheus_io_scrape: 'true',
    endpointslice_port: '8080',
    endpointslice_endpoint_conditions_ready: 'true',
    ...labels,
  }),
});

const behindService = (labels: Labels = {}) =>
  endpoint({ pod_name: 'cart-5d8f9c7b6-x2x4z', pod_ip: '10.1.2.3', pod_label_app_kubernetes_io_name: 'cart', ...labels });

function jobs(source = new AnnotatedTargets()) {
  const [pods, services] = withSources([source]).config.receivers['prometheus/annotated'].config.scrape_configs;
  return {
    pods: (target: Labels) => relabeled(target, pods.relabel_configs),
    services: (target: Labels) => relabeled(target, services.relabel_configs),
  };
}

const { pods, services } = jobs();

describe('pods', () => {
  test('an annotated pod is asked at /metrics of each TCP port that it declares', () => {
    expect(pods(pod())).toEqual({
      job: 'cart-5d8f9c7b6-x2x4z',
      __address__: '10.1.2.3:8080',
      __scheme__: 'http',
      __metrics_path__: '/metrics',
    });
  });

  test.each<[string, Labels]>([
    ['one that is not annotated', { pod_annotation_prometheus_io_scrape: '' }],
    ['one that says no', { pod_annotation_prometheus_io_scrape: 'false' }],
    ['one that is not there yet', { pod_phase: 'Pending' }],
    ['one that is over', { pod_phase: 'Succeeded' }],
    ['an init container', { pod_container_init: 'true' }],
    ['a port that is not TCP', { pod_container_port_protocol: 'UDP' }],
  ])('%s is left alone', (_, labels) => {
    expect(pods(pod(labels))).toBeUndefined();
  });

  test('annotations say port, path, scheme and parameters', () => {
    const labels = {
      pod_annotation_prometheus_io_port: '9090',
      pod_annotation_prometheus_io_path: '/actuator/prometheus',
      pod_annotation_prometheus_io_scheme: 'https',
      pod_annotation_prometheus_io_param_module: 'cart',
      pod_annotation_prometheus_io_interval: '5m',
    };
    expect(pods(pod(labels))).toMatchObject({
      __address__: '10.1.2.3:9090',
      __metrics_path__: '/actuator/prometheus',
      __scheme__: 'https',
      __param_module: 'cart',
      __scrape_interval__: '5m',
    });
  });

  test('an interval shorter than the timeout shortens it: otherwise it would be no target at all', () => {
    const at = (interval: string) => pods({ ...pod({ pod_annotation_prometheus_io_interval: interval }), __scrape_timeout__: '10s' });
    expect(['3s', '10s', '11s', '30s', '1m', '1h'].map((interval) => at(interval)?.__scrape_timeout__)).toEqual([
      ...['3s', '10s', '10s', '10s', '10s', '10s'],
    ]);
  });

  test.each(['30', '0s', '-5s', '1.5m', 's', '5 s', '15s;', '999999h', 'often', '1d', '${env:HOME}', ''])(
    'an interval of %j is as if it were not there',
    (interval) => {
      expect(pods(pod({ pod_annotation_prometheus_io_interval: interval }))).toEqual(pods(pod()));
    },
  );

  test.each<Labels>([{ port: 'http' }, { port: '-1' }, { scheme: 'ftp' }, { path: '' }])(
    'a value that cannot be meant is read over: %j',
    (labels) => {
      const annotations = Object.fromEntries(
        Object.entries(labels).map(([name, value]) => [`pod_annotation_prometheus_io_${name}`, value]),
      );
      expect(pods(pod(annotations))).toEqual(pods(pod()));
    },
  );

  test.each([
    ['10.1.2.3', '10.1.2.3:9090'],
    ['fd00:10::3', '[fd00:10::3]:9090'],
    ['fd00::ffff:10.1.2.3', '[fd00::ffff:10.1.2.3]:9090'],
  ])('the port belongs to the address %s', (ip, address) => {
    expect(pods(pod({ pod_ip: ip, pod_annotation_prometheus_io_port: '9090' }))).toMatchObject({ __address__: address });
  });

  test('however many ports a pod declares, the annotated one is one target', () => {
    const target = (port: string) =>
      pods({ ...pod({ pod_annotation_prometheus_io_port: '9090', pod_container_port_number: port }), __address__: `10.1.2.3:${port}` });
    expect(target('8080')).toEqual(target('9090'));
  });

  test.each<[string, Labels, string]>([
    [
      'its Deployment',
      { pod_controller_kind: 'ReplicaSet', pod_controller_name: 'cart-5d8f9c7b6', pod_label_pod_template_hash: '5d8f9c7b6' },
      'cart',
    ],
    ['its StatefulSet', { pod_controller_kind: 'StatefulSet', pod_controller_name: 'cart-db' }, 'cart-db'],
    ['its name label', { pod_controller_name: 'x', pod_label_app_kubernetes_io_name: 'cart' }, 'cart'],
    ['its instance label', { pod_label_app_kubernetes_io_name: 'postgresql', pod_label_app_kubernetes_io_instance: 'cart-db' }, 'cart-db'],
    [
      "OpenTelemetry's annotation",
      { pod_label_app_kubernetes_io_instance: 'x', pod_annotation_resource_opentelemetry_io_service_name: 'cart' },
      'cart',
    ],
  ])('the service is called after %s', (_, labels, job) => {
    expect(pods(pod(labels))).toMatchObject({ job });
  });
});

describe('Services', () => {
  test('a pod behind an annotated Service is asked, and called after itself', () => {
    expect(services(behindService())).toEqual({
      job: 'cart',
      __address__: '10.1.2.3:8080',
      __scheme__: 'http',
      __metrics_path__: '/metrics',
    });
  });

  test('a pod that is annotated itself is not asked again through its Service', () => {
    expect(services(behindService({ pod_annotation_prometheus_io_scrape: 'true' }))).toBeUndefined();
  });

  test('a pod behind two Services, or with two addresses, is one target', () => {
    const second = { ...behindService({ service_name: 'cart-headless' }), __address__: '[fd00:10::3]:8080' };
    expect(services(second)).toEqual(services(behindService()));
  });

  test('an endpoint that is no pod keeps its address and is called after the Service', () => {
    expect(services({ ...endpoint({ service_annotation_prometheus_io_port: '9100' }), __address__: '192.0.2.7:80' })).toMatchObject({
      job: 'cart',
      __address__: '192.0.2.7:9100',
    });
    expect(services({ ...endpoint({ service_annotation_prometheus_io_port: '9100' }), __address__: '[2001:db8::7]:80' })).toMatchObject({
      __address__: '[2001:db8::7]:9100',
    });
  });

  test.each<[string, Labels]>([
    ['one that is not annotated', { service_annotation_prometheus_io_scrape: '' }],
    ['one that is not ready', { endpointslice_endpoint_conditions_ready: 'false' }],
    ['a port that is not TCP', { endpointslice_port_protocol: 'UDP' }],
    ['a port of the pod that the Service does not lead to', { endpointslice_port: '', pod_container_port_number: '5432' }],
  ])('%s is left alone', (_, labels) => {
    expect(services(behindService(labels))).toBeUndefined();
  });
});

describe('several prefixes', () => {
  const both = jobs(new AnnotatedTargets({ prefixes: ['prometheus.io', 'metrics.acme.example'] }));
  const acme = (labels: Labels) =>
    Object.fromEntries(Object.entries(labels).map(([name, value]) => [`pod_annotation_metrics_acme_example_${name}`, value]));

  test('any of them is enough', () => {
    const unwanted = { pod_annotation_prometheus_io_scrape: '' };
    expect(both.pods(pod({ ...unwanted, ...acme({ scrape: 'true', port: '9090', path: '/m' }) }))).toMatchObject({
      __address__: '10.1.2.3:9090',
      __metrics_path__: '/m',
    });
    expect(both.pods(pod({ pod_annotation_prometheus_io_scrape: 'false', ...acme({ scrape: 'true' }) }))).toBeDefined();
    expect(both.pods(pod())).toEqual(pods(pod()));
    expect(both.pods(pod({ ...unwanted, ...acme({ scrape: 'yes' }) }))).toBeUndefined();
  });

  test('of what both say the first counts, and the target stays one', () => {
    const first = {
      pod_annotation_prometheus_io_port: '9090',
      pod_annotation_prometheus_io_interval: '5s',
      pod_annotation_prometheus_io_param_a: '1',
    };
    const second = acme({ scrape: 'true', port: '9999', path: '/m', scheme: 'https', interval: '5m', param_a: '2' });
    expect(both.pods(pod({ ...first, ...second }))).toMatchObject({
      __address__: '10.1.2.3:9090',
      __metrics_path__: '/m',
      __scheme__: 'https',
      __scrape_interval__: '5s',
      __scrape_timeout__: '5s',
      __param_a: '1',
    });
  });

  test('a pod that any of them wants is not asked again through its Service, whichever wants that', () => {
    const service = { service_annotation_prometheus_io_scrape: '', service_annotation_metrics_acme_example_scrape: 'true' };
    expect(both.services(behindService(service))).toEqual(services(behindService()));
    expect(both.services(behindService({ ...service, ...acme({ scrape: 'true' }) }))).toBeUndefined();
    expect(both.services(behindService(acme({ scrape: 'true' })))).toBeUndefined();
  });
});

test('interval, timeout and limits are those of both jobs, and what is not said is as ever', () => {
  const scrapeConfigs = (props: AnnotatedTargetsProps) =>
    withSources([new AnnotatedTargets(props)]).config.receivers['prometheus/annotated'].config.scrape_configs;
  const limits = { samples: 1, labels: 2, labelNameLength: 3, labelValueLength: 4, bodySize: Size.gibibytes(1), targets: 6 };
  for (const job of scrapeConfigs({ interval: Duration.seconds(90), timeout: Duration.millis(1500), limits, nativeHistograms: true })) {
    expect(job).toMatchObject({ scrape_native_histograms: true, native_histogram_bucket_limit: 160 });
    expect(job).toMatchObject({ scrape_interval: '90000ms', scrape_timeout: '1500ms', sample_limit: 1, label_limit: 2 });
    expect(job).toMatchObject({ label_name_length_limit: 3, label_value_length_limit: 4, body_size_limit: '1024MB', target_limit: 6 });
  }
  expect(scrapeConfigs({ interval: Duration.seconds(5) })[0]).toMatchObject({ scrape_interval: '5000ms', scrape_timeout: '5000ms' });
  expect(scrapeConfigs({ timeout: Duration.minutes(1) })[0]).toMatchObject({ scrape_timeout: '60000ms' });
  const [usual] = scrapeConfigs({});
  expect(['scrape_interval', 'scrape_timeout', 'target_limit', 'scrape_native_histograms'].filter((name) => name in usual)).toEqual([]);
});

test.each<[AnnotatedTargetsProps, string]>([
  [{ prefixes: [] }, 'prefixes: given a list of 0; allowed: a list of at least one, each: 1 to 253 lower-case letters'],
  [{ prefixes: ['prometheus.io/'] }, 'prefixes[0]: given "prometheus.io/"'],
  [{ prefixes: ['a.b', 'c', 'a-b'] }, "prefixes[2]: given 'a-b', which is read like 'a.b'; allowed: each once"],
  [{ interval: Duration.millis(10) }, 'interval: given'],
  [{ interval: Duration.seconds(5), timeout: Duration.seconds(6) }, 'timeout: given 6 seconds; allowed: at most the interval, 5 seconds'],
  [{ nativeHistograms: 'yes' as never }, 'nativeHistograms: given "yes"; allowed: true or false'],
  [
    { limits: { nativeHistogramBuckets: 9 } },
    'AnnotatedTargets: 1 problem\n  limits.nativeHistogramBuckets: given 9, without native histograms; allowed: `nativeHistograms: true` with it',
  ],
  [{ timeout: Duration.minutes(2) }, 'timeout: given 2 minutes; allowed: a Duration from 1 second to 1 minute'],
  [{ limits: { samples: 0, bodySize: Size.kibibytes(9) } }, 'AnnotatedTargets: 2 problems\n  limits.samples: given 0'],
])('bad input %#: one clear error', (props, message) => {
  expect(() => new AnnotatedTargets(props)).toThrow(message);
});

test('whatever stands in the properties, it is a source or one error', () => {
  const names = ['prefixes', 'interval', 'timeout', 'limits', 'nativeHistograms', 'except'];
  const given = fc.record(Object.fromEntries(names.map((name) => [name, fc.anything()])), { requiredKeys: [] });
  fc.assert(
    fc.property(given, (props) => {
      try {
        withSources([new AnnotatedTargets(props as AnnotatedTargetsProps)]);
      } catch (error) {
        expect((error as Error).message).toMatch(/^AnnotatedTargets: \d+ problems?\n {2}(prefixes|interval|timeout|limits|native|except)/);
      }
    }),
    { numRuns: 200 },
  );
});

test('what another source claims is left out, whether the pod or its Service is annotated', () => {
  const others = jobs(new AnnotatedTargets({ except: ['shop/app.kubernetes.io/instance=store.v1'] }));
  const theirs = { pod_label_app_kubernetes_io_instance: 'store.v1' };
  expect([others.pods(pod(theirs)), others.services(behindService(theirs))]).toEqual([undefined, undefined]);
  expect(others.pods(pod({ ...theirs, namespace: 'shop2' }))).toBeDefined();
  expect(others.pods(pod({ pod_label_app_kubernetes_io_instance: 'store-v1' }))).toBeDefined();
});

test('a target that grows out of hand fails alone', () => {
  for (const job of withSources([new AnnotatedTargets()]).config.receivers['prometheus/annotated'].config.scrape_configs) {
    expect(job).toMatchObject({ sample_limit: 50_000, label_limit: 64, label_value_length_limit: 2048, body_size_limit: '50MB' });
  }
});

test('a label called like the identity of a service does not become it', () => {
  const [{ metric_relabel_configs }] = withSources([new AnnotatedTargets()]).config.receivers['prometheus/annotated'].config.scrape_configs;
  expect(relabeled({ __name__: 'a', service_name: 'evil', 'service.name': 'evil' }, metric_relabel_configs)).toEqual({
    __name__: 'a',
    exported_service_name: 'evil',
  });
});

test('each target belongs to one shard, also with one shard', () => {
  const rules = (shards: number) =>
    withSources([new AnnotatedTargets()], { placement: Placement.statefulSet(shards) }).config.receivers[
      'prometheus/annotated'
    ].config.scrape_configs.map((job: { relabel_configs: unknown[] }) => job.relabel_configs.slice(-2));
  for (const shards of [1, 3]) {
    const shard = [
      { source_labels: ['__address__'], modulus: shards, target_label: '__tmp_hash', action: 'hashmod' },
      { source_labels: ['__tmp_hash'], regex: '${env:POD_INDEX}', action: 'keep' },
    ];
    expect(rules(shards)).toEqual([shard, shard]);
  }
  const { pod: agent } = withSources([new AnnotatedTargets()]);
  expect(agent.containers[0].env).toContainEqual({
    name: 'POD_INDEX',
    valueFrom: { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } },
  });
});

test('several interchangeable pods would scrape everything several times: an error', () => {
  expect(() => withSources([new AnnotatedTargets()], { placement: Placement.deployment(2) })).toThrow(
    /^Collector test\/Collector: [\s\S]*placement: given [^:]*: each would scrape every target; allowed: Placement.statefulSet\(n\), or Placement.deployment\(1\)/,
  );
});

test('on every node each agent asks the pods of its own, which the API server selects, and looks for no Services', () => {
  const { config, one } = withSources([new AnnotatedTargets()], { placement: Placement.daemonSet() });
  const [job, ...others] = config.receivers['prometheus/annotated'].config.scrape_configs;
  expect(job.kubernetes_sd_configs).toEqual([{ role: 'pod', selectors: [{ role: 'pod', field: 'spec.nodeName=${env:K8S_NODE_NAME}' }] }]);
  expect(JSON.stringify(job.relabel_configs)).not.toContain('hashmod');
  expect(others).toEqual([]);
  expect(one('ClusterRole').rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }]);
});

test('agents of every node claim annotated pods: another agent has the Services left, by whatever prefix', () => {
  const source = new AnnotatedTargets({ prefixes: ['prometheus.io', 'metrics.acme.example'] });
  const { targets } = withSources([source], { placement: Placement.daemonSet() }).collector;
  expect(targets).toEqual(['*/@prometheus.io/scrape=true', '*/@metrics.acme.example/scrape=true']);
  const left = (claimedTargets: string[]) => withSources([source], { claimedTargets });
  const { config, collector, one } = left(targets);
  const [serviceJob, ...others] = config.receivers['prometheus/annotated'].config.scrape_configs;
  expect([serviceJob.job_name, others]).toEqual(['annotated-services', []]);
  expect(relabeled(behindService(), serviceJob.relabel_configs)).toBeDefined();
  expect(one('NetworkPolicy', 'test-to-outside').spec.egress).toContainEqual({ ports: [{ protocol: 'TCP' }] });
  // Those of one prefix are nobody's yet.
  const [podJob] = left(targets.slice(1)).config.receivers['prometheus/annotated'].config.scrape_configs;
  const byAcme = { pod_annotation_metrics_acme_example_scrape: 'true' };
  expect([pod(), pod(byAcme)].map((target) => relabeled(target, podJob.relabel_configs) !== undefined)).toEqual([true, false]);
  // What is annotated is estimated once.
  const points = (of: Collector) => Estimates.of([of], { nodes: 1, podsPerNode: 1, annotatedTargets: 10 }).metricPointsPerMinute;
  expect([points(collector), points(withSources([source], { placement: Placement.daemonSet() }).collector)]).toEqual([0, 2040]);
  expect(collector.targets).toEqual([]);
});

test('one pod alone needs no shards', () => {
  const [job] = withSources([new AnnotatedTargets()], { placement: Placement.deployment(1) }).config.receivers['prometheus/annotated']
    .config.scrape_configs;
  expect(JSON.stringify(job.relabel_configs)).not.toContain('hashmod');
});

test.each([['shop'], ['shop/app'], ['shop/app=a b'], ['']])('except: %j is refused', (target) => {
  expect(() => new AnnotatedTargets({ except: [target] })).toThrow(
    /^AnnotatedTargets: 1 problem\n {2}except\[0\]: given .*; allowed: `namespace\/label=value`/,
  );
});
