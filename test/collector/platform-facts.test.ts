import { Size } from 'cdk8s';
import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import { nodeState } from '../../lib/collector/node-state';
import { Platform } from '../../lib/collector/platform';
import { type PartReach, type PlatformFacts, platformFacts } from '../../lib/collector/platform-facts';
import { type CollectorContext, Source, type SourceBinding } from '../../lib/collector/source';
import { Volume } from '../../lib/kubernetes/volume';
import { withSources } from './synthesized';

type Part = keyof PlatformFacts['controlPlane'];

const short = (reach: PartReach) => {
  switch (reach.by) {
    case 'api-server-endpoints':
      return 'endpoints';
    case 'pods':
      return `${reach.scheme} ${reach.namespace}/${reach.label}:${reach.port}`;
    case 'api-server-path':
      return `${reach.path} (${reach.apiGroup} ${reach.resource})`;
    case 'nothing':
      return '-';
  }
};
const row = (platform: Platform, part: Part) => short(platformFacts[platform].controlPlane[part]);

test.each<[Platform, string, string, string, string]>([
  [Platform.GENERIC, 'http kube-system/k8s-app=kube-dns:9153', '-', '-', '-'],
  [
    Platform.KUBEADM,
    'http kube-system/k8s-app=kube-dns:9153',
    'http kube-system/component=etcd:2381',
    'https kube-system/component=kube-scheduler:10259',
    'https kube-system/component=kube-controller-manager:10257',
  ],
  [Platform.K3S, 'http kube-system/k8s-app=kube-dns:9153', '-', '-', '-'],
  [
    Platform.EKS,
    'http kube-system/k8s-app=kube-dns:9153',
    '-',
    '/apis/metrics.eks.amazonaws.com/v1/ksh/container/metrics (metrics.eks.amazonaws.com ksh/metrics)',
    '/apis/metrics.eks.amazonaws.com/v1/kcm/container/metrics (metrics.eks.amazonaws.com kcm/metrics)',
  ],
  [Platform.GKE, '-', '-', '-', '-'],
  [Platform.GKE_AUTOPILOT, '-', '-', '-', '-'],
  [Platform.AKS, 'http kube-system/k8s-app=kube-dns:9153', '-', '-', '-'],
  [
    Platform.OPENSHIFT,
    'https openshift-dns/dns.operator.openshift.io/daemonset-dns=default:9154',
    '-',
    'https openshift-kube-scheduler/app=openshift-kube-scheduler:10259',
    'https openshift-kube-controller-manager/app=kube-controller-manager:10257',
  ],
])('%s: which parts of the control plane can be reached, and how', (platform, coreDns, etcd, scheduler, controllerManager) => {
  expect(row(platform, 'apiServer')).toBe('endpoints');
  expect((['coreDns', 'etcd', 'scheduler', 'controllerManager'] as const).map((part) => row(platform, part))).toEqual([
    coreDns,
    etcd,
    scheduler,
    controllerManager,
  ]);
});

test('what cannot be reached says why, in a sentence that an error can end with', () => {
  const reasons = Object.values(platformFacts).flatMap(({ controlPlane }) =>
    Object.values(controlPlane).flatMap((reach: PartReach) => (reach.by === 'nothing' ? [reach.because] : [])),
  );
  expect(reasons.length).toBeGreaterThan(10);
  expect(reasons.filter((reason) => !/^\S.{15,160}[^.\s]$/.test(reason))).toEqual([]);
});

test('of what an agent remembers there is a warning where it is lost with the pod; a source’s own scratch folder is none', () => {
  class Scratch extends Source {
    constructor(private readonly folder: (context: CollectorContext) => ConfigValue) {
      super();
    }

    bind(context: CollectorContext): SourceBinding {
      const config = { include: [ConfigValue.concat(this.folder(context), '/*')] };
      return { receivers: { logs: [Component.receiver({ componentType: 'file_log', config })] } };
    }
  }
  const warnings = (folder: (context: CollectorContext) => ConfigValue) =>
    withSources([new Scratch(folder)], { platform: Platform.GKE_AUTOPILOT }).warnings;
  expect(warnings(() => ConfigValue.directory(Volume.ephemeral('scratch', Size.mebibytes(64))))).toEqual([]);
  expect(warnings((context) => nodeState(context, 'checkpoints'))).toEqual([
    expect.stringMatching(/gke-autopilot lets no pod write to its node: how far logs were read/),
  ]);
});
