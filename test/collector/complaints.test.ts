import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { parse } from 'yaml';
import { ObservabilityChart } from '../../lib';
import { schemaVersion } from '../../lib/clickhouse/schema/migrations';
import { KubeletTls } from '../../lib/collector/sources/kubelet-tls';
import { shippedImages } from '../../lib/kubernetes/images';

// What people who run collectors on Kubernetes complain of most, each against the quickstart's own YAML.
const chart = new ObservabilityChart(Testing.app(), 'observability', {
  clusterName: 'prod-eu',
  nodeAgent: { kubeletTls: KubeletTls.clusterAuthority() },
});
const objects: any[] = Testing.synth(chart);
const roles = ['collector', 'node-agent', 'cluster-agent', 'prometheus-agent'];
const of = (kinds: string[], name: string) => objects.find(({ kind, metadata }) => kinds.includes(kind) && metadata.name === name);
const text = (role: string): string => of(['ConfigMap'], role).data['config.yaml'];
const config = (role: string) => parse(text(role));
const workload = (role: string) => of(['StatefulSet', 'DaemonSet', 'Deployment'], role);
const pod = (role: string) => workload(role).spec.template.spec;
const pipelines = (role: string): any[] => Object.values(config(role).service.pipelines);
const scrapeJobs = (role: string): any[] =>
  Object.entries<any>(config(role).receivers).flatMap(([id, { config }]) => (id.startsWith('prometheus') ? config.scrape_configs : []));
const exporters = (role: string) =>
  Object.values<{ retry_on_failure: object; sending_queue: { batch: { min_size: number } } }>(config(role).exporters);

test('1: $1 in a relabel rule is a group of the regex, not a variable of the environment', () => {
  const unescaped = (role: string) => text(role).match(/(?<!\$)(\$\$)*\$(?!\$|\{env:)/g) ?? [];
  expect(roles.flatMap(unescaped)).toEqual([]);
  expect(text('prometheus-agent')).toContain('replacement: $$1:$$2');
});

test('2: rules write the labels that Prometheus reads', () => {
  const written = new Set(
    scrapeJobs('prometheus-agent').flatMap((job) =>
      job.relabel_configs.flatMap(({ target_label }: { target_label?: string }) => target_label ?? []),
    ),
  );
  expect([...written].sort()).toEqual([
    '__address__',
    '__metrics_path__',
    '__scheme__',
    '__scrape_interval__',
    '__scrape_timeout__',
    '__tmp_hash',
    '__tmp_port',
    'job',
  ]);
});

test('3: the user of the pod can write where the collector keeps files', () => {
  expect(pod('collector').securityContext).toMatchObject({ runAsUser: 10001, fsGroup: 10001 });
  expect(pod('node-agent').securityContext.runAsUser).toBe(0);
});

test('4: after a restart logs go on where they were', () => {
  const { receivers, extensions, service } = config('node-agent');
  const { directory } = extensions[receivers.file_log.storage];
  const { name } = pod('node-agent').containers[0].volumeMounts.find(({ mountPath }: { mountPath: string }) =>
    directory.startsWith(`${mountPath}/`),
  );
  expect(pod('node-agent').volumes.find((volume: { name: string }) => volume.name === name).hostPath.type).toBe('DirectoryOrCreate');
  expect(service.extensions).toContain(receivers.file_log.storage);
});

test("5: a kubelet's certificate that cannot be checked is a choice that is said", () => {
  const warned = new ObservabilityChart(Testing.app(), 'observability', { clusterName: 'a' }).warnings.filter((warning) =>
    warning.includes('kubelet'),
  );
  expect([warned.length, chart.warnings.filter((warning) => warning.includes('kubelet')).length]).toEqual([1, 0]);
});

test("6: the kubelet is asked by its fine-grained rights, never through the API server's proxy", () => {
  const rules = objects.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role').flatMap(({ rules }) => rules);
  const resources = rules.flatMap((rule) => rule.resources ?? []).filter((resource: string) => resource.startsWith('nodes/'));
  expect(resources).toEqual(['nodes/pods', 'nodes/stats']);
});

test('7: attributes are there from the first line, by the uid before the address, and only pods of the node are watched', () => {
  const { wait_for_metadata, filter, pod_association } = config('node-agent').processors.k8s_attributes;
  expect([wait_for_metadata, filter.node_from_env_var, pod_association[0].sources[0].name]).toEqual([true, 'K8S_NODE_NAME', 'k8s.pod.uid']);
});

test('8: the version that ships is the version that was tested', () => {
  const manifest = parse(readFileSync(join(__dirname, '../real/parts/otelcol/manifest.yaml'), 'utf8'));
  expect(manifest.dist.version).toBe(shippedImages.collector.tag);
});

test('9: a store that is not there yet is waited for, and tables have one maker', () => {
  expect(exporters('collector')).toHaveLength(3);
  expect(exporters('collector')).toEqual(Array(3).fill(expect.objectContaining({ create_schema: false })));
  expect(pod('collector').initContainers[0].command.join(' ')).toContain('schema_migrations');
});

test('10: inserts are large and few', () => {
  const [{ sending_queue }] = exporters('collector');
  expect(sending_queue.batch.min_size).toBeGreaterThanOrEqual(10_000);
  expect(roles.flatMap((role) => Object.keys(config(role).processors)).filter((id) => id.startsWith('batch'))).toEqual([]);
});

test('11: a new schema rolls the writers: what they wait for stands in their pods', () => {
  expect(pod('collector').initContainers[0].command.join(' ')).toContain(`max(version) < ${schemaVersion}`);
});

test('12: a full queue makes senders wait, and nobody gives up', () => {
  for (const exporter of roles.flatMap(exporters)) {
    expect(exporter).toMatchObject({ retry_on_failure: { max_elapsed_time: '0s' }, sending_queue: { block_on_overflow: true } });
  }
});

test('13: the limiter stands first everywhere, and is bound to the memory that the container has', () => {
  for (const role of roles) {
    expect(pipelines(role).map(({ processors }) => processors[0])).toEqual(pipelines(role).map(() => 'memory_limiter'));
    const { limits } = pod(role).containers[0].resources;
    const mebibytes = limits.memory.endsWith('Gi') ? Number.parseInt(limits.memory, 10) * 1024 : Number.parseInt(limits.memory, 10);
    expect(config(role).processors.memory_limiter.limit_mib).toBeLessThan(mebibytes);
    expect(pod(role).containers[0].env).toContainEqual({ name: 'GOMEMLIMIT', value: expect.stringMatching(/MiB$/) });
  }
});

test('14: with two replicas cluster state and events come once', () => {
  expect(workload('cluster-agent').spec.replicas).toBe(2);
  const { k8s_cluster, k8s_events } = config('cluster-agent').receivers;
  expect([k8s_cluster, k8s_events].map(({ k8s_leader_elector }) => k8s_leader_elector)).toEqual([
    'k8s_leader_elector',
    'k8s_leader_elector',
  ]);
});

test('15: every scrape job has shares, also where there is one pod', () => {
  for (const role of ['cluster-agent', 'prometheus-agent']) {
    const moduli = scrapeJobs(role).map(
      ({ relabel_configs }) => relabel_configs.find(({ action }: { action: string }) => action === 'hashmod').modulus,
    );
    expect(moduli).toEqual(moduli.map(() => workload(role).spec.replicas));
  }
});

test('16: labels of pods do not become attributes by themselves, and a target has limits', () => {
  for (const job of [...scrapeJobs('prometheus-agent'), ...scrapeJobs('cluster-agent')]) {
    const mapped = job.relabel_configs
      .filter(({ action }: { action: string }) => action === 'labelmap')
      .map(({ regex }: { regex: string }) => regex);
    expect(mapped.filter((regex: string) => !regex.includes('_annotation_prometheus_io_param_'))).toEqual([]);
    expect(job.sample_limit).toBeLessThanOrEqual(50_000);
  }
});

test('17: agents send to all replicas of the gateway', () => {
  expect(of(['Service'], 'collector-headless').spec.clusterIP).toBe('None');
  for (const role of roles.slice(1)) {
    expect(config(role).exporters['otlp_grpc/gateway-metrics'].endpoint).toBe('dns:///collector-headless.observability.svc:4317');
  }
});

test('18: who listens, listens on all addresses, on a port that the pod shows; probes ask there', () => {
  for (const role of roles) {
    const { receivers, extensions } = config(role);
    const endpoints = [...Object.values(receivers.otlp?.protocols ?? {}), extensions.health_check].map(({ endpoint }) => endpoint);
    const [{ ports, livenessProbe }] = pod(role).containers;
    expect(endpoints.sort()).toEqual(ports.map(({ containerPort }: { containerPort: number }) => `:${containerPort}`).sort());
    expect(`:${livenessProbe.httpGet.port}`).toBe(extensions.health_check.endpoint);
  }
});

test('19: nobody is asked who is not there on every cluster', () => {
  const jobs = scrapeJobs('cluster-agent');
  expect(jobs.map(({ job_name }) => job_name)).toEqual(['kube-apiserver']);
  expect([...jobs, ...scrapeJobs('prometheus-agent')].filter((job) => job.static_configs)).toEqual([]);
});

test('20: a label of a target does not become its identity', () => {
  for (const job of scrapeJobs('prometheus-agent')) {
    expect(job.metric_relabel_configs).toContainEqual({ regex: 'service[._]name', action: 'labeldrop' });
  }
});

test('and: no shell is asked to sleep, and no password stands in a ConfigMap', () => {
  for (const role of roles) {
    expect(pod(role).containers[0].lifecycle.preStop).toEqual({ sleep: { seconds: 5 } });
    expect(text(role)).not.toMatch(/password/i);
  }
});
