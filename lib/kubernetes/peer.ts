import { type IPodSelector, Namespaces, Pods } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { selectorLabels, type WorkloadIdentity } from './labels';

/** A workload as cdk8s-plus sees it, for its NetworkPolicies. Made once a workload: a second construct of one id is an error in cdk8s. */
export function podSelector(scope: Construct, workload: WorkloadIdentity): IPodSelector {
  const made = scope.node.tryFindChild('Peer');
  const peer = (made as Construct | undefined) ?? new Construct(scope, 'Peer');
  return (
    (peer.node.tryFindChild('Pods') as Pods | undefined) ??
    Pods.select(peer, 'Pods', {
      labels: selectorLabels(workload),
      namespaces: Namespaces.select(peer, 'Namespaces', { names: [workload.namespace] }),
    })
  );
}
