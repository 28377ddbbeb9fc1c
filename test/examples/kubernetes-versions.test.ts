import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../laws/manifests';
import { podsOf } from '../laws/manifests';
import { exampleNames, manifestsOf, runExample } from './examples';

/**
 * Since which version of Kubernetes a field, or a value of one, is taken without a feature gate: those that are younger than 1.22, used or not.
 * @see https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
 */
const since: Record<string, string> = {
  'ClusterRole.rules.resources=nodes/configz': '1.33',
  'ClusterRole.rules.resources=nodes/healthz': '1.33',
  'ClusterRole.rules.resources=nodes/pods': '1.33',
  'CronJob.spec.timeZone': '1.25',
  'HorizontalPodAutoscaler.spec.behavior.scaleDown.tolerance': '1.35',
  'HorizontalPodAutoscaler.spec.behavior.scaleUp.tolerance': '1.35',
  'HorizontalPodAutoscaler.spec.metrics.containerResource': '1.27',
  'Job.spec.backoffLimitPerIndex': '1.29',
  'Job.spec.managedBy': '1.32',
  'Job.spec.podFailurePolicy': '1.26',
  'Job.spec.podReplacementPolicy': '1.29',
  'Job.spec.successPolicy': '1.31',
  'NetworkPolicy.spec.egress.ports.endPort': '1.22',
  'NetworkPolicy.spec.ingress.ports.endPort': '1.22',
  'PersistentVolumeClaim.spec.dataSourceRef': '1.24',
  'PersistentVolumeClaim.spec.volumeAttributesClassName': '1.34',
  'Pod.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.matchLabelKeys': '1.31',
  'Pod.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.matchLabelKeys': '1.31',
  'Pod.containers.env.valueFrom.fieldRef.fieldPath=metadata.labels[apps.kubernetes.io/pod-index]': '1.28',
  'Pod.containers.env.valueFrom.fileKeyRef': '1.35',
  'Pod.containers.lifecycle.preStop.sleep': '1.30',
  'Pod.containers.lifecycle.postStart.sleep': '1.30',
  'Pod.containers.livenessProbe.grpc': '1.24',
  'Pod.containers.readinessProbe.grpc': '1.24',
  'Pod.containers.resizePolicy': '1.33',
  'Pod.containers.restartPolicy': '1.35',
  'Pod.containers.securityContext.appArmorProfile': '1.30',
  'Pod.containers.volumeMounts.recursiveReadOnly': '1.31',
  'Pod.hostUsers': '1.33',
  'Pod.initContainers.restartPolicy': '1.29',
  'Pod.resources': '1.34',
  'Pod.schedulingGates': '1.27',
  'Pod.securityContext.appArmorProfile': '1.30',
  'Pod.securityContext.seLinuxChangePolicy': '1.33',
  'Pod.securityContext.supplementalGroupsPolicy': '1.33',
  'Pod.topologySpreadConstraints.matchLabelKeys': '1.27',
  'Pod.topologySpreadConstraints.minDomains': '1.27',
  'Pod.topologySpreadConstraints.nodeAffinityPolicy': '1.26',
  'Pod.topologySpreadConstraints.nodeTaintsPolicy': '1.26',
  'Pod.volumes.image': '1.35',
  'PodDisruptionBudget.spec.unhealthyPodEvictionPolicy': '1.27',
  'Service.spec.internalTrafficPolicy': '1.22',
  'Service.spec.trafficDistribution': '1.31',
  'StatefulSet.spec.minReadySeconds': '1.23',
  'StatefulSet.spec.ordinals': '1.27',
  'StatefulSet.spec.persistentVolumeClaimRetentionPolicy': '1.27',
  'StatefulSet.spec.volumeClaimTemplates.spec.volumeAttributesClassName': '1.34',
  'autoscaling/v2': '1.23',
};

/** Gated by a feature that no version has switched on yet. */
const never = ['StatefulSet.spec.updateStrategy.rollingUpdate.maxUnavailable', 'Pod.volumes.projected.sources.clusterTrustBundle'];

/** Every field as a path, without the numbers of lists, and each text behind its own. */
function pathsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => pathsOf(item, path));
  }
  if (typeof value !== 'object' || value === null) {
    return [path, `${path}=${String(value).replaceAll("'", '')}`];
  }
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsOf(item, `${path}.${name}`))];
}

function gatedIn(manifests: Manifest[]): string[] {
  const paths = [
    ...manifests.flatMap((manifest) => [manifest.apiVersion, ...pathsOf(manifest, manifest.kind)]),
    ...podsOf(manifests).flatMap(({ spec }) => pathsOf(spec, 'Pod')),
  ];
  return [...new Set(paths)].filter((path) => path in since || never.includes(path)).sort();
}

const used = gatedIn(exampleNames.flatMap((name) => manifestsOf(runExample(name))));

test('what young versions brought and is used here, in any example', () => {
  expect(used).toEqual([
    'ClusterRole.rules.resources=nodes/pods',
    'Pod.containers.env.valueFrom.fieldRef.fieldPath=metadata.labels[apps.kubernetes.io/pod-index]',
    'Pod.containers.lifecycle.preStop.sleep',
    'Service.spec.internalTrafficPolicy',
    'StatefulSet.spec.persistentVolumeClaimRetentionPolicy',
    'autoscaling/v2',
  ]);
});

test('the README names the version that all of it needs', () => {
  const minor = (version: string) => Number(version.split('.')[1]);
  const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
  const [, floor] = /Kubernetes (1\.\d+) or newer/.exec(readme) ?? [];
  expect(floor).toBe(`1.${Math.max(...used.map((path) => minor(since[path])))}`);
});

test('a field that is new would be seen', () => {
  const spec = { hostUsers: false, initContainers: [{ restartPolicy: 'Always' }], containers: [] };
  const rollingUpdate = { maxUnavailable: 2 };
  const manifest = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {},
    spec: { template: { spec }, updateStrategy: { rollingUpdate } },
  };
  expect(gatedIn([manifest])).toEqual([
    'Pod.hostUsers',
    'Pod.initContainers.restartPolicy',
    'StatefulSet.spec.updateStrategy.rollingUpdate.maxUnavailable',
  ]);
});
