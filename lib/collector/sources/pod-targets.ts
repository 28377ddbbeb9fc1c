import { type Endpoint, Reach } from '../../kubernetes/endpoint';
import { claimedTarget } from '../claimed-targets';
import { Component } from '../component';
import type { RelabelRule } from './scraping';

/** What scraping pods has in common, however they are found. */

const ipv4 = '((?:[0-9]+\\.){3}[0-9]+)';
const ipv6 = '([0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)';

export const runningPods: RelabelRule = { source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Running', action: 'keep' };

/** The address of the pod itself, with the port that a label holds: however many ports, Services and address families lead there, it is one target. */
export const podAddress = (portLabel: string): RelabelRule[] => [
  {
    source_labels: ['__meta_kubernetes_pod_ip', portLabel],
    regex: `${ipv4};(\\d+)`,
    replacement: '$1:$2',
    target_label: '__address__',
    action: 'replace',
  },
  {
    source_labels: ['__meta_kubernetes_pod_ip', portLabel],
    regex: `${ipv6};(\\d+)`,
    replacement: '[$1]:$2',
    target_label: '__address__',
    action: 'replace',
  },
];

/** Pods that run, each at one port, whether it declares the port or not. */
export const podsAtPort = (port: number): RelabelRule[] => [
  runningPods,
  { target_label: '__tmp_port', replacement: String(port), action: 'replace' },
  ...podAddress('__tmp_port'),
];

/** Becomes `service.name`; a later rule wins. */
export const jobOfPod: RelabelRule[] = [
  { source_labels: ['__meta_kubernetes_pod_name'], regex: '(.+)', target_label: 'job', action: 'replace' },
  { source_labels: ['__meta_kubernetes_pod_controller_name'], regex: '(.+)', target_label: 'job', action: 'replace' },
  {
    source_labels: [
      '__meta_kubernetes_pod_controller_kind',
      '__meta_kubernetes_pod_controller_name',
      '__meta_kubernetes_pod_label_pod_template_hash',
    ],
    regex: 'ReplicaSet;(.+)-([a-z0-9]+);.+',
    target_label: 'job',
    action: 'replace',
  },
  { source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'], regex: '(.+)', target_label: 'job', action: 'replace' },
  { source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_instance'], regex: '(.+)', target_label: 'job', action: 'replace' },
  {
    source_labels: ['__meta_kubernetes_pod_annotation_resource_opentelemetry_io_service_name'],
    regex: '(.+)',
    target_label: 'job',
    action: 'replace',
  },
];

/** Leaves out pods that others scrape. */
export const notThese = (targets: readonly string[]): RelabelRule[] =>
  targets.map(claimedTarget).map(({ namespace, marks }) => ({
    source_labels: ['__meta_kubernetes_namespace', ...marks.map(({ kind, key }) => `__meta_kubernetes_pod_${kind}_${asLabel(key)}`)],
    regex: [namespace ?? '.*', ...marks.map(({ value }) => value.replaceAll('.', '\\.'))].join(';'),
    action: 'drop',
  }));

/** As discovery spells the keys of labels and annotations. */
export const asLabel = (key: string) => key.replace(/[^A-Za-z0-9_]/g, '_');

/**
 * Ports that containers declare lead to one address, and discovery names any of the containers: the name goes.
 * Kubernetes attributes give it back where the pod has one container only.
 */
export const anyContainer = Component.processor({
  componentType: 'resource',
  name: 'any-container',
  config: { attributes: [{ key: 'k8s.container.name', action: 'delete' }] },
});

/** Discovery may find any pod or address, on the network of pods or of nodes. */
export const anyTarget: Endpoint = { host: 'discovered targets', port: 0, reach: Reach._discovered() };
