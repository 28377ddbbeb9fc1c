import { Size, Testing } from 'cdk8s';
import { NodeTaintQuery } from 'cdk8s-plus-27';
import {
  CAdvisorMetrics,
  Cni,
  CniMetrics,
  ContainerLogs,
  DiscoveredReceivers,
  KubeletMetrics,
  ObservabilityChart,
  Platform,
} from '../../lib';
import { laws } from './laws';

// What differs between platforms, and further sources of the node agent, keep every law as well.
const nodeAgent = {
  queueSize: Size.gibibytes(2),
  nodeSelector: { pool: 'general' },
  tolerations: [NodeTaintQuery.exists('general')],
  sources: [
    new ContainerLogs(),
    new KubeletMetrics(),
    new CAdvisorMetrics(),
    new CniMetrics({ provider: Cni.ANTREA }),
    new DiscoveredReceivers(),
  ],
};

describe.each(Object.values(Platform))('%s', (platform) => {
  const props = { clusterName: 'prod-eu', platform, ...(platform === Platform.EKS_FARGATE ? {} : { nodeAgent }) };
  const objects = Testing.synth(new ObservabilityChart(Testing.app(), 'observability', props));

  test.each(Object.keys(laws))('keeps the law: %s', (law) => {
    expect(laws[law](objects)).toEqual([]);
  });
});
