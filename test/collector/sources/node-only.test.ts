import { Placement } from '../../../lib/collector/placement';
import type { Source } from '../../../lib/collector/source';
import { CAdvisorMetrics } from '../../../lib/collector/sources/cadvisor-metrics';
import { ContainerLogs } from '../../../lib/collector/sources/container-logs';
import { DiscoveredReceivers } from '../../../lib/collector/sources/discovered-receivers';
import { HostMetrics } from '../../../lib/collector/sources/host-metrics';
import { Journald } from '../../../lib/collector/sources/journald';
import { KubeProxyMetrics } from '../../../lib/collector/sources/kube-proxy-metrics';
import { KubeletMetrics } from '../../../lib/collector/sources/kubelet-metrics';
import { LogFiles } from '../../../lib/collector/sources/log-files';
import { withSources } from '../synthesized';

test.each<[string, Source]>([
  ['ContainerLogs', new ContainerLogs()],
  ['LogFiles', new LogFiles({ paths: ['/opt/a.log', '/srv/b.log'], serviceName: 'files' })],
  ['Journald', new Journald({ journalctlPath: '/usr/bin/journalctl' })],
  ['KubeletMetrics', new KubeletMetrics()],
  ['HostMetrics', new HostMetrics()],
  ['cadvisor', new CAdvisorMetrics()],
  ['kube-proxy', new KubeProxyMetrics()],
  ['DiscoveredReceivers', new DiscoveredReceivers()],
])('%s off the nodes would tell of those alone that happen to have a pod: one error', (name, source) => {
  const message = new RegExp(
    `^Collector test/Collector: 1 problem\n {2}placement: given a (Deployment|StatefulSet) for ${name}, which tells of its own node: nodes without a pod of this collector would be left out; allowed: Placement\\.daemonSet\\(\\)`,
  );
  expect(() => withSources([source], { placement: Placement.deployment(1) })).toThrow(message);
  expect(() => withSources([source], { placement: Placement.statefulSet(2) })).toThrow(message);
  expect(() => withSources([source], { placement: Placement.daemonSet() })).not.toThrow();
});
