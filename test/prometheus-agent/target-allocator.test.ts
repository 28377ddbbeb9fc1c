import { Chart, Duration, Size, Testing } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { parse } from 'yaml';
import { Placement } from '../../lib/collector/placement';
import type { CollectorContext } from '../../lib/collector/source';
import { AllocatedTargets } from '../../lib/collector/sources/allocated-targets';
import { OtlpReceiver } from '../../lib/collector/sources/otlp-receiver';
import { Images } from '../../lib/kubernetes/images';
import { SecretKey } from '../../lib/kubernetes/secret-key';
import { warningsOf } from '../../lib/kubernetes/warnings';
import { PrometheusAgent, type PrometheusAgentProps } from '../../lib/prometheus-agent/prometheus-agent';
import { TargetAllocator, type TargetAllocatorOptions, type TargetAllocatorProps } from '../../lib/prometheus-agent/target-allocator';
import { gateway, synthesized, withSources } from '../collector/synthesized';
import { wrongProps } from '../collector/wrong-props';

const name = 'prometheus-agent-target-allocator';

const agent = (targetAllocator: TargetAllocatorOptions = {}, props: Partial<PrometheusAgentProps> = {}) => {
  const found = synthesized((scope) => new PrometheusAgent(scope, 'PrometheusAgent', { gateway, targetAllocator, ...props }));
  return { ...found, told: parse(found.one('ConfigMap', name).data['targetallocator.yaml']) };
};

const allocator = (props: Partial<TargetAllocatorProps> = {}) => {
  const chart = new Chart(Testing.app(), 'test');
  new TargetAllocator(chart, 'TargetAllocator', { collector: 'scraper', ...props });
  return Testing.synth(chart);
};

test('the agent asks it by its name, as the pod that it is, and it looks for the pods of that agent', () => {
  const { config, told, pod } = agent();
  expect(config.receivers['prometheus/allocated'].target_allocator).toEqual({
    endpoint: `http://${name}.observability.svc:8080`,
    interval: '30s',
    collector_id: '${env:POD_NAME}',
  });
  expect(pod.containers[0].env).toContainEqual({ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
  expect(told).toMatchObject({
    collector_namespace: 'observability',
    collector_selector: {
      matchLabels: { 'app.kubernetes.io/name': 'opentelemetry-collector', 'app.kubernetes.io/instance': 'prometheus-agent' },
    },
  });
});

test('an agent by another name and place has an allocator beside it', () => {
  const { config, one } = synthesized(
    (scope) => new PrometheusAgent(scope, 'Agent', { gateway, name: 'scraper', namespace: 'metrics', targetAllocator: {} }),
  );
  expect(config.receivers['prometheus/allocated'].target_allocator.endpoint).toBe('http://scraper-target-allocator.metrics.svc:8080');
  expect(one('Service', 'scraper-target-allocator').metadata.namespace).toBe('metrics');
});

test('two pods run the image, and are ready only when they have seen the monitors', () => {
  const { one } = agent();
  const { replicas, template } = one('Deployment', name).spec;
  expect([replicas, one('PodDisruptionBudget', name).spec.maxUnavailable]).toEqual([2, 1]);
  expect(template.spec).toMatchObject({
    automountServiceAccountToken: true,
    securityContext: { runAsNonRoot: true, runAsUser: 65532 },
    containers: [
      {
        image: 'ghcr.io/open-telemetry/opentelemetry-operator/target-allocator:0.158.0',
        args: ['--config-file=/etc/target-allocator/targetallocator.yaml', '--zap-stacktrace-level=panic'],
        env: [{ name: 'GOMEMLIMIT', value: '409MiB' }],
        readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, initialDelaySeconds: 45 },
      },
    ],
  });
});

test('another configuration rolls its pods', () => {
  const checksum = (options: TargetAllocatorOptions) => agent(options).one('Deployment', name).spec.template.metadata.annotations;
  expect(checksum({ labels: { team: 'shop' } })).not.toEqual(checksum({}));
});

test('rights: what is asked for, everywhere, and no Secret', () => {
  const { one } = agent();
  expect(one('ClusterRole', `observability-${name}`).rules).toEqual([
    { apiGroups: [''], resources: ['namespaces', 'pods', 'services'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    {
      apiGroups: ['monitoring.coreos.com'],
      resources: ['podmonitors', 'probes', 'scrapeconfigs', 'servicemonitors'],
      verbs: ['list', 'watch'],
    },
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['list', 'watch'] },
  ]);
  expect(one('Role', name)).toBeUndefined();
});

test('rights: in the namespaces that it is told alone, and to the pods of the agent', () => {
  const { objects, told } = agent({ namespaces: ['shop', 'bank'] });
  const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.name.endsWith(name));
  expect(objects.some(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name.endsWith(name))).toBe(false);
  expect(roles.map(({ metadata }) => metadata.namespace).sort()).toEqual(['bank', 'observability', 'shop']);
  const rulesIn = (namespace: string) => roles.find(({ metadata }) => metadata.namespace === namespace)?.rules;
  expect(rulesIn('observability')).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }]);
  expect(rulesIn('shop')).toContainEqual({ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] });
  expect(told.prometheus_cr.allow_namespaces).toEqual(['bank', 'shop']);
});

test('what the options say stands in its configuration', () => {
  const { told } = agent({ labels: { release: 'prometheus' }, exceptNamespaces: ['kube-system'], scrapeInterval: Duration.seconds(30) });
  const chosen = { matchLabels: { release: 'prometheus' } };
  expect(told.prometheus_cr).toMatchObject({
    scrape_interval: '30s',
    deny_namespaces: ['kube-system'],
    service_monitor_selector: chosen,
    pod_monitor_selector: chosen,
    probe_selector: chosen,
    scrape_config_selector: chosen,
    deny_fs_access_through_sms: true,
  });
});

const drop = (label: string) => ({ sourceLabels: [label], regex: 'true', action: 'drop' });
const pods = drop('__meta_kubernetes_pod_annotation_prometheus_io_scrape');
const services = drop('__meta_kubernetes_service_annotation_prometheus_io_scrape');

test('what somebody else scrapes is scraped by no monitor again', () => {
  const rules = (props: Partial<PrometheusAgentProps>) => agent({}, props).told.prometheus_cr.scrape_classes[0];
  expect(rules({})).toMatchObject({ default: true, relabelings: [pods, services] });
  expect(rules({ sources: [new OtlpReceiver()] }).relabelings).toEqual([]);
  const claimed = new (class extends OtlpReceiver {
    override bind(context: CollectorContext) {
      return { ...super.bind(context), targets: ['shop/app.kubernetes.io/name=cart'] };
    }
  })();
  expect(rules({ sources: [claimed] }).relabelings).toEqual([
    {
      sourceLabels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_label_app_kubernetes_io_name'],
      regex: 'shop;cart',
      action: 'drop',
    },
  ]);
});

test('a label of a program does not pass for its identity, and no target takes all memory', () => {
  const { told, config } = agent();
  expect(told.prometheus_cr.scrape_classes[0].metricRelabelings).toEqual([
    { regex: 'service[._]name', replacement: 'exported_service_name', action: 'labelmap' },
    { regex: 'service[._]name', action: 'labeldrop' },
  ]);
  expect(config.receivers['prometheus/allocated'].config.global).toMatchObject({
    sample_limit: 50_000,
    label_limit: 64,
    body_size_limit: '50MB',
  });
});

test('policies: the agent may ask, nobody else; the allocator may ask the API server alone', () => {
  const { one } = agent();
  expect(one('NetworkPolicy', `${name}-from-observability-prometheus-agent`).spec.ingress[0].ports).toEqual([
    { port: 8080, protocol: 'TCP' },
  ]);
  expect(one('NetworkPolicy', `prometheus-agent-to-${name}`).spec.egress[0].ports).toEqual([{ port: 8080, protocol: 'TCP' }]);
  expect(one('NetworkPolicy', `${name}-to-outside`).spec.egress).toEqual([
    {
      ports: [
        { port: 443, protocol: 'TCP' },
        { port: 6443, protocol: 'TCP' },
      ],
    },
  ]);
  expect(agent({}, { networkPolicies: false }).objects.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
});

test('where images come from holds for it too', () => {
  const { one } = agent({}, { images: Images.mirror('registry.acme.example') });
  expect(one('Deployment', name).spec.template.spec.containers[0].image).toBe(
    'registry.acme.example/open-telemetry/opentelemetry-operator/target-allocator:0.158.0',
  );
});

test('one replica needs no budget', () => {
  expect(agent({ replicas: 1 }).one('PodDisruptionBudget', name)).toBeUndefined();
});

test.each<[TargetAllocatorOptions, string]>([
  [{ namespaces: ['a'], exceptNamespaces: ['b'] }, 'exceptNamespaces: given `namespaces` and `exceptNamespaces`; allowed: one of the two'],
  [{ namespaces: [] }, 'targetAllocator.namespaces: given a list of 0; allowed: a list of at least one, each: 1 to 63'],
  [{ replicas: 0 }, 'targetAllocator.replicas: given 0; allowed: a whole number from 1 to 16'],
  [{ scrapeInterval: Duration.millis(1) }, 'targetAllocator.scrapeInterval: given'],
  [{ labels: { team: 'a b' } }, 'targetAllocator.labels.team: given "a b"'],
  [{ labels: { 'Bad Key !!': 'a' } }, 'targetAllocator.labels (the name): given "Bad Key !!"; allowed: the key of a label'],
  [
    { scrapeInterval: Duration.millis(1500) },
    'targetAllocator.scrapeInterval: given 1 second 500 millis; allowed: a Duration of whole seconds',
  ],
  [{ resources: { cpu: Cpu.millis(50), memory: Size.mebibytes(63) } }, 'targetAllocator.resources.memory: given'],
  [
    { namespace: ['a'] } as TargetAllocatorOptions,
    'targetAllocator.namespace: given a property that does not exist; did you mean `namespaces`?',
  ],
])('bad input %#: one clear error', (options, message) => {
  expect(() => agent(options)).toThrow(message);
});

test('a pod of every node is none to give targets to', () => {
  const source = new AllocatedTargets({ allocator: gateway.otlpHttp });
  expect(() => withSources([source], { placement: Placement.daemonSet() })).toThrow(
    'a pod on every node, and AllocatedTargets: each would ask the target allocator for targets of all nodes; allowed: Placement.statefulSet(n) or Placement.deployment(n)',
  );
  expect(withSources([source], { placement: Placement.deployment(2) }).config.receivers).toHaveProperty('prometheus/allocated');
});

test('an allocator over TLS is checked against its authority, by its name', () => {
  const endpoint = {
    ...gateway.otlpHttp,
    tls: true,
    caCertificate: SecretKey.of('allocator-ca', 'ca.crt'),
    serverName: 'allocator.example',
  };
  const { config, pod } = withSources([new AllocatedTargets({ allocator: endpoint })]);
  expect(config.receivers['prometheus/allocated'].target_allocator).toMatchObject({
    endpoint: 'https://collector.observability.svc:4318',
    tls: { ca_file: '/etc/otelcol/secrets/allocator-ca/ca.crt', server_name_override: 'allocator.example' },
  });
  expect(pod.volumes.map(({ secret }: any) => secret?.secretName)).toContain('allocator-ca');
});

test('an allocator of its own, and one that is there already', () => {
  expect(() => agent({}, { sources: [new AllocatedTargets({ allocator: gateway.otlpHttp })] })).toThrow(
    /: 1 problem\n {2}targetAllocator: given `targetAllocator`, and AllocatedTargets among `sources`; allowed: one of the two\. .* asks one that is there already$/,
  );
});

describe('a collector that nobody makes is warned of', () => {
  const warnings = (collector: string, made: string[] = [], namespace = 'metrics') => {
    const chart = new Chart(Testing.app(), 'test', { namespace: 'metrics' });
    const { endpoint } = new TargetAllocator(chart, 'TargetAllocator', { collector });
    for (const name of made) {
      new PrometheusAgent(chart, name, { gateway, name, namespace, sources: [new AllocatedTargets({ allocator: endpoint })] });
    }
    return warningsOf(chart).filter((warning) => warning.includes('TargetAllocator'));
  };

  test.each<[string, string[], string]>([
    ['none at all', [], 'none is made there at all'],
    ['a misspelt one', ['scraper', 'other'], 'did you mean `scraper`?'],
    ['quite another', ['bridge'], '`bridge`'],
  ])('%s', (_, made, end) => {
    expect(warnings('scrapr', made)).toEqual([
      `test/TargetAllocator: no collector 'scrapr' is made in the namespace 'metrics': unless there is one already, no pod gets targets; ${end}`,
    ]);
  });

  test('but one that is made later, and there', () => {
    expect(warnings('scraper', ['scraper'])).toEqual([]);
    expect(warnings('scraper', ['scraper'], 'elsewhere')).toHaveLength(1);
    expect(agent().warnings.filter((warning) => warning.includes('no collector'))).toEqual([]);
  });
});

test('an address that is none', () => {
  expect(() => new AllocatedTargets({ allocator: 'http://allocator' as never })).toThrow('allocator: given "http://allocator"');
});

test("whatever stands in the properties, it is YAML or one error with the construct's path", () => {
  wrongProps(
    'TargetAllocator',
    [
      'name',
      'namespace',
      'resources',
      'images',
      'networkPolicies',
      'labels',
      'namespaces',
      'exceptNamespaces',
      'scrapeInterval',
      'replicas',
      'collector',
      'except',
      'exceptAnnotated',
    ],
    allocator,
  );
});
