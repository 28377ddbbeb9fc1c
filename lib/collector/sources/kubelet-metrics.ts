import { type Checks, instance, refuse } from '../../kubernetes/checks';
import { Reach } from '../../kubernetes/endpoint';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { KubeletTls } from './kubelet-tls';
import { selectMetrics } from './metric-selection';
import { nodeOnly } from './node-only';

/** Properties of KubeletMetrics. */
export interface KubeletMetricsProps {
  /**
   * How the kubelet's certificate is checked. On many clusters (kubeadm, kind) each kubelet signs its own, and a check would leave you without metrics; hence the default.
   * @default - KubeletTls.clusterAuthority() on platforms that sign kubelets' certificates (K3s, EKS); elsewhere KubeletTls.unverified(), with a warning
   */
  readonly tls?: KubeletTls;
}

export const kubeletPort = 10250;

/**
 * CPU, memory, network and file systems of the node, its pods and containers, and how full claims are, from the node's own kubelet.
 * The node is asked by its first address, which has to be an IPv4 address.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/kubeletstatsreceiver
 */
export class KubeletMetrics extends Source {
  /** @throws if a property is wrong */
  constructor(private readonly props: KubeletMetricsProps = {}) {
    super();
    refuse<KubeletMetricsProps>('KubeletMetrics', props, checks);
  }

  bind(context: CollectorContext): SourceBinding {
    const tls = this.props.tls ?? KubeletTls._of(context.platform);
    const { config, metrics } = kubeletSelection();
    const node = ConfigValue.concat('https://', ConfigValue.podField('K8S_NODE_IP', 'status.hostIP'), `:${kubeletPort}`);
    const kubelet = Component.receiver({
      componentType: 'kubelet_stats',
      config: {
        auth_type: 'serviceAccount',
        endpoint: ConfigValue.reaching(node, { host: 'kubelet', port: kubeletPort, reach: Reach.nodes() }),
        ...tls._config,
        collection_interval: nodeOnly(context, 'KubeletMetrics', '60s'),
        metric_groups: ['node', 'pod', 'container', 'volume'],
        // With it comes the name of a volume's claim.
        extra_metadata_labels: ['k8s.volume.type'],
        metrics: config,
      },
      access: {
        rules: [
          { apiGroup: '', resources: ['nodes/stats'], verbs: ['get'], because: 'kubelet_stats reads usage from the kubelet' },
          {
            apiGroup: '',
            resources: ['nodes/pods'],
            verbs: ['get'],
            because: "kubelet_stats reads the names of volumes' claims from the kubelet",
          },
        ],
      },
    });
    return {
      receivers: { metrics: [kubelet] },
      processors: { metrics: [claimsOnly] },
      metrics,
      warnings: tls._warning ? [tls._warning] : [],
    };
  }
}

/** Nine of ten volumes are tokens, ConfigMaps and Secrets, which cannot fill up by themselves. */
const claimsOnly = Component.processor({
  componentType: 'filter',
  name: 'claims-only',
  config: {
    error_mode: 'ignore',
    metric_conditions: ['IsMatch(metric.name, "^k8s[.]volume[.]") and resource.attributes["k8s.persistentvolumeclaim.name"] == nil'],
  },
});

const kubeletSelection = () =>
  selectMetrics('kubelet_stats', [
    'k8s.node.cpu.usage',
    'k8s.node.memory.working_set',
    'k8s.node.memory.available',
    'k8s.node.filesystem.available',
    'k8s.node.filesystem.capacity',
    'k8s.node.filesystem.inode.count',
    'k8s.node.filesystem.inode.free',
    'k8s.node.network.io',
    'k8s.node.network.errors',
    'k8s.pod.network.io',
    'k8s.pod.filesystem.usage',
    'container.cpu.usage',
    'container.memory.working_set',
    'k8s.volume.available',
    'k8s.volume.capacity',
    'k8s.volume.inodes',
    'k8s.volume.inodes.free',
  ]);

const checks: Checks<KubeletMetricsProps> = { tls: instance('KubeletTls.clusterAuthority(), .authority(…) or .unverified()', '_config') };
