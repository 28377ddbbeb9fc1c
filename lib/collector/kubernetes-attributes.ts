import { recommendedNameLabel } from '../kubernetes/labels';
import { Component } from './component';

export interface KubernetesAttributesOptions {
  /** Whether only pods of the collector's own node are looked at: one small watch instead of all pods of the cluster. */
  readonly ownNodeOnly: boolean;
  /**
   * Whether the collector starts only once it knows the pods. Otherwise the first seconds' telemetry goes without attributes,
   * and the collector starts without the API server.
   */
  readonly startAfterSync: boolean;
  /**
   * Whether other collectors connect: what they forward is not theirs, so that they are not looked at.
   * @default false
   */
  readonly collectorsConnect?: boolean;
  /**
   * Whether telemetry that names no pod is taken for that of the pod that connects, and an address for one of this cluster.
   * @default true
   */
  readonly byConnection?: boolean;
}

/**
 * Adds to telemetry what Kubernetes knows of the pod that it comes from: by the pod's uid, its address, or the connection.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/k8sattributesprocessor
 */
export function kubernetesAttributes(options: KubernetesAttributesOptions): Component {
  return Component.processor({
    componentType: 'k8s_attributes',
    config: {
      auth_type: 'serviceAccount',
      wait_for_metadata: options.startAfterSync,
      ...(options.startAfterSync ? { wait_for_metadata_timeout: '30s' } : {}),
      filter: {
        ...(options.ownNodeOnly ? { node_from_env_var: 'K8S_NODE_NAME' } : {}),
        ...(options.collectorsConnect
          ? { labels: [{ key: recommendedNameLabel, op: 'not-equals', value: 'opentelemetry-collector' }] }
          : {}),
      },
      extract: { otel_annotations: true, metadata: podMetadata },
      pod_association: [
        { sources: [{ from: 'resource_attribute', name: 'k8s.pod.uid' }] },
        ...((options.byConnection ?? true)
          ? [{ sources: [{ from: 'resource_attribute', name: 'k8s.pod.ip' }] }, { sources: [{ from: 'connection' }] }]
          : []),
      ],
    },
    access: {
      rules: [
        { apiGroup: '', resources: ['pods'], verbs: ['list', 'watch'], because: 'k8s_attributes adds what it knows of pods to telemetry' },
      ],
    },
  });
}

const podMetadata = [
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.pod.uid',
  'k8s.node.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.job.name',
  'k8s.cronjob.name',
  'k8s.container.name',
  'container.image.name',
  'container.image.tags',
  'service.namespace',
  'service.name',
  'service.version',
  'service.instance.id',
];
