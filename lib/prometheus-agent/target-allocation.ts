import type { Duration } from 'cdk8s';
import { stringify } from 'yaml';
import { asLabel, notThese } from '../collector/sources/pod-targets';
import { identityStays, type RelabelRule } from '../collector/sources/scraping';
import type { AccessRule } from '../kubernetes/access';
import { selectorLabels, type WorkloadIdentity } from '../kubernetes/labels';

/** What a target allocator is told, and the rights that follow from it. */
export interface TargetAllocation {
  /** Whose pods share the targets. */
  readonly collector: Pick<WorkloadIdentity, 'name' | 'namespace' | 'program'>;
  readonly labels: Record<string, string>;
  /** None: all. */
  readonly namespaces: readonly string[];
  readonly exceptNamespaces: readonly string[];
  readonly scrapeInterval: Duration;
  /** Pods that somebody else scrapes, as `namespace/label=value`. */
  readonly except: readonly string[];
  /** Annotations by which somebody else finds pods and Services. */
  readonly exceptAnnotated: readonly string[];
}

/** @see https://github.com/open-telemetry/opentelemetry-operator/tree/main/cmd/otel-allocator#configuration */
export function allocationText(allocation: TargetAllocation): string {
  const { collector, namespaces, exceptNamespaces } = allocation;
  const chosen = { matchLabels: allocation.labels };
  return stringify(
    {
      collector_namespace: collector.namespace,
      collector_selector: { matchLabels: selectorLabels(collector) },
      // Replicas of the allocator give the same answers with it, and a pod that comes or goes moves only its own share.
      allocation_strategy: 'consistent-hashing',
      // Targets that a monitor's own rules drop are no pod's.
      filter_strategy: 'relabel-config',
      prometheus_cr: {
        enabled: true,
        scrape_interval: `${allocation.scrapeInterval.toSeconds()}s`,
        ...(namespaces.length > 0 ? { allow_namespaces: [...namespaces].sort() } : {}),
        ...(exceptNamespaces.length > 0 ? { deny_namespaces: [...exceptNamespaces].sort() } : {}),
        // A kind without a selector is not looked at.
        service_monitor_selector: chosen,
        pod_monitor_selector: chosen,
        probe_selector: chosen,
        scrape_config_selector: chosen,
        // Whoever may write a monitor could otherwise have the collector send its own token to him.
        deny_fs_access_through_sms: true,
        scrape_classes: [ofEveryMonitor(allocation)],
      },
    },
    { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false },
  );
}

/** Rules before those of each monitor: each target is scraped once, whoever else finds it, and no label of a program passes for its identity. */
const ofEveryMonitor = ({ except, exceptAnnotated }: TargetAllocation) => ({
  name: 'every-monitor',
  default: true,
  relabelings: [...notThese(except), ...exceptAnnotated.flatMap(notAnnotated)].map(asInResources),
  metricRelabelings: identityStays.map(asInResources),
});

const notAnnotated = (annotation: string): RelabelRule[] =>
  ['pod', 'service'].map((kind) => ({
    source_labels: [`__meta_kubernetes_${kind}_annotation_${asLabel(annotation)}`],
    regex: 'true',
    action: 'drop',
  }));

/** The same rule as custom resources spell it. */
const asInResources = ({ source_labels, target_label, ...rule }: RelabelRule) => ({
  ...(source_labels ? { sourceLabels: source_labels } : {}),
  ...(target_label ? { targetLabel: target_label } : {}),
  ...rule,
});

/** In every namespace, or in those that it is told. */
export function allocationRights({ namespaces, collector }: TargetAllocation): AccessRule[] {
  const verbs = ['list', 'watch'];
  const pods = { apiGroup: '', resources: ['pods'], verbs };
  const found = [
    {
      apiGroup: 'monitoring.coreos.com',
      resources: ['podmonitors', 'probes', 'scrapeconfigs', 'servicemonitors'],
      verbs,
      because: 'they say what is scraped',
    },
    { apiGroup: '', resources: ['pods', 'services'], verbs, because: 'the targets of monitors are found' },
    { apiGroup: 'discovery.k8s.io', resources: ['endpointslices'], verbs, because: 'the addresses of Services with monitors are found' },
    { apiGroup: 'networking.k8s.io', resources: ['ingresses'], verbs, because: 'Probes ask Ingresses' },
  ];
  const collectorPods = { ...pods, onlyIn: collector.namespace, because: 'targets are shared among the pods of the collector' };
  return namespaces.length > 0
    ? [
        ...namespaces.flatMap((onlyIn) => [...found, namespaceRight].map((rule) => ({ ...rule, onlyIn }))),
        ...(namespaces.includes(collector.namespace) ? [] : [collectorPods]),
      ]
    : [...found, { ...namespaceRight, verbs }];
}

const namespaceRight = { apiGroup: '', resources: ['namespaces'], verbs: ['get'], because: 'monitors are chosen by their namespaces' };
