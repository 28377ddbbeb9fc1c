import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectorMetrics, receiverMetrics } from '../../imports/metrics';
import { clusterDnsMetrics, controllerManagerMetrics, etcdMetrics, schedulerMetrics } from '../../lib/telemetry/control-plane-metrics';
import { Instrument } from '../../lib/telemetry/instrument';
import { Metric } from '../../lib/telemetry/metric';
import { metricCatalogue } from '../../lib/telemetry/metric-catalogue';
import {
  antreaMetrics,
  awsVpcMetrics,
  cAdvisorMetrics,
  calicoMetrics,
  ciliumMetrics,
  kubeProxyMetrics,
} from '../../lib/telemetry/node-programs-metrics';
import {
  apiServerMetrics,
  clickHouseMetrics,
  nodeAllocatableMetrics,
  nodeConditionMetrics,
  scrapeMetrics,
} from '../../lib/telemetry/scraped-metrics';

describe('metric catalogue', () => {
  // Written from upstream's documentation pages, not from the generated file.
  test.each([
    ['k8s.node.cpu.usage', Instrument.GAUGE, '{cpu}', []],
    ['k8s.pod.network.io', Instrument.SUM, 'By', ['interface', 'direction']],
    ['system.cpu.time', Instrument.SUM, 's', ['state']],
    ['k8s.container.restarts', Instrument.GAUGE, '{restart}', []],
    ['k8s.container.status.reason', Instrument.SUM, '{container}', ['k8s.container.status.reason']],
    ['k8s.node.condition_ready', Instrument.GAUGE, '', []],
    ['k8s.node.allocatable_cpu', Instrument.GAUGE, '{cpu}', []],
    ['otelcol_exporter_queue_size', Instrument.GAUGE, '{batch}', ['exporter', 'data_type']],
    ['otelcol_exporter_sent_metric_points', Instrument.SUM, '{datapoint}', ['exporter', 'server.address']],
    ['otelcol.k8s.pod.association', Instrument.SUM, '{resources}', ['status', 'pod_identifier', 'otelcol.signal']],
    ['apiserver_request_sli_duration_seconds', Instrument.HISTOGRAM, 's', ['verb', 'scope']],
    ['etcd_disk_wal_fsync_duration_seconds', Instrument.HISTOGRAM, 's', []],
    ['scheduler_pending_pods', Instrument.GAUGE, '{pod}', ['queue']],
    ['coredns_dns_responses_total', Instrument.SUM, '', ['rcode']],
    ['httpcheck.tls.cert_remaining', Instrument.GAUGE, 's', ['http.url', 'http.tls.issuer', 'http.tls.cn']],
    ['ClickHouseProfileEvents_InsertedRows', Instrument.SUM, '{row}', []],
    ['ClickHouseMetrics_MemoryTracking', Instrument.GAUGE, 'By', []],
    ['up', Instrument.GAUGE, '', []],
  ])('knows %s', (name, instrument, unit, attributes) => {
    expect(Metric.named(name)).toMatchObject({ name, instrument, unit, attributes });
  });

  /** What programs of Kubernetes have in common, with one meaning. */
  const shared = ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds', 'rest_client_requests_total'];

  test('gives each name to one program only, but for what all of them say alike', () => {
    const names = [
      ...Object.values(receiverMetrics),
      collectorMetrics,
      apiServerMetrics,
      etcdMetrics,
      schedulerMetrics,
      controllerManagerMetrics,
      clusterDnsMetrics,
      clickHouseMetrics,
      nodeAllocatableMetrics,
      nodeConditionMetrics,
      scrapeMetrics,
      antreaMetrics,
      awsVpcMetrics,
      cAdvisorMetrics,
      calicoMetrics,
      ciliumMetrics,
      kubeProxyMetrics,
    ].flatMap((metrics) => Object.keys(metrics));
    expect([...new Set(names.filter((name, index) => names.indexOf(name) !== index))].sort()).toEqual(shared);
    expect(Object.keys(metricCatalogue()).sort()).toEqual([...new Set(names)].sort());
  });

  test('names the nearest metric when there is none', () => {
    expect(() => Metric.named('k8s.node.cpu.usag')).toThrow(/name: given "k8s.node.cpu.usag"; did you mean .*`k8s.node.cpu.usage`/);
  });

  test('stays small', () => {
    expect(readFileSync(join(__dirname, '../../imports/metrics.ts')).length).toBeLessThan(40_000);
  });
});
