import { instance, refuse, required } from '../../kubernetes/checks';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import type { Cni } from './cni';
import { programOfNode } from './node-pods';

/** Properties of CniMetrics. */
export interface CniMetricsProps {
  /** Whose metrics they are: what gives pods their network. */
  readonly provider: Cni;
}

/**
 * What the agent of the pods' network says on each node: what it drops, how full its tables are, how many addresses are left, where it fails. A small list of what each of them has.
 *
 * @example
 * const sources = [...NodeAgent.defaultSources(), new CniMetrics({ provider: Cni.CILIUM })];
 */
export class CniMetrics extends Source {
  /** @throws if a property is wrong */
  constructor(private readonly props: CniMetricsProps) {
    super();
    refuse<CniMetricsProps>('CniMetrics', props, {
      provider: required(instance('Cni.CILIUM, .CALICO, .AWS_VPC, .ANTREA or .custom({ … })', '_program')),
    });
  }

  bind(context: CollectorContext): SourceBinding {
    return programOfNode(context, this.props.provider._program);
  }
}
