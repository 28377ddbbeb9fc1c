import { materialized } from '../column';

const resource = (attribute: string) => `ResourceAttributes['${attribute}']`;
const fromResource = (attribute: string) => materialized('LowCardinality(String)', resource(attribute));

/** What a workload is called, from the most telling owner of a pod down to the pod itself. */
const owners = [
  { kind: 'Deployment', attribute: 'k8s.deployment.name' },
  { kind: 'StatefulSet', attribute: 'k8s.statefulset.name' },
  { kind: 'DaemonSet', attribute: 'k8s.daemonset.name' },
  { kind: 'CronJob', attribute: 'k8s.cronjob.name' },
  { kind: 'Job', attribute: 'k8s.job.name' },
  { kind: 'Pod', attribute: 'k8s.pod.name' },
];

/** A run of a CronJob is named after the minute it was due: without that number all runs are one workload. */
const ownerName = ({ kind, attribute }: (typeof owners)[number]) =>
  kind === 'Job' ? `replaceRegexpOne(${resource(attribute)}, '-[0-9]+$', '')` : resource(attribute);

const firstOwner = (value: (owner: (typeof owners)[number]) => string) =>
  `multiIf(${owners.flatMap((owner) => [`${resource(owner.attribute)} != ''`, value(owner)]).join(', ')}, '')`;

/**
 * Where telemetry comes from, as columns: they are part of sort keys, and prune what a look into the map of attributes would have to read.
 * Constant over neighbouring rows, they cost next to nothing.
 */
export const resourceColumns = {
  Cluster: fromResource('k8s.cluster.name'),
  Namespace: fromResource('k8s.namespace.name'),
  WorkloadKind: materialized(
    'LowCardinality(String)',
    firstOwner(({ kind }) => `'${kind}'`),
  ),
  Workload: materialized('LowCardinality(String)', firstOwner(ownerName)),
  Pod: fromResource('k8s.pod.name'),
  Container: fromResource('k8s.container.name'),
  Node: fromResource('k8s.node.name'),
};
