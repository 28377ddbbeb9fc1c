import { kubeProxyMetrics } from '../../telemetry/node-programs-metrics';
import { platformFacts } from '../platform-facts';
import { PlatformRefusal } from '../platform-refusal';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { programOfNode } from './node-pods';

/**
 * How long kube-proxy takes until a changed Service leads to its pods, and where it fails, of the node's own kube-proxy.
 * kubeadm lets it show its metrics to the node alone: `metricsBindAddress: 0.0.0.0:10249` in the ConfigMap `kube-proxy` of kube-system opens them; until then `up` is 0.
 * EKS and AKS have done so. Elsewhere it is an error that says why.
 * @see https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/
 */
export class KubeProxyMetrics extends Source {
  bind(context: CollectorContext): SourceBinding {
    const reach = platformFacts[context.platform].kubeProxy;
    if (reach.by !== 'pods') {
      throw new PlatformRefusal(context.platform, 'KubeProxyMetrics', reach.because);
    }
    return programOfNode(context, {
      name: 'kube-proxy',
      namespaces: [reach.namespace],
      label: reach.label,
      port: reach.port,
      metrics: kubeProxyMetrics,
    });
  }
}
