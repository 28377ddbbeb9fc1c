import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { type Checks, checkProps, kubernetesName, oneOf, required } from './checks';
import { object } from './object';
import { Problems } from './problems';

/**
 * What pods of a namespace may do.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export enum PodSecurity {
  /** Hardened; all pods of the stack but the node agent's. */
  RESTRICTED = 'restricted',
  /** Unrestricted: the node agent reads files of the node. */
  PRIVILEGED = 'privileged',
}

/** Properties of a StackNamespace. */
export interface StackNamespaceProps {
  /** The namespace's name. */
  readonly name: string;
  /**
   * What the pods in it may do: enforced, warned of and audited.
   * @default PodSecurity.RESTRICTED
   */
  readonly podSecurity?: PodSecurity;
}

/**
 * A namespace with its Pod Security level enforced. ObservabilityChart makes the two that the stack needs; whoever composes the constructs makes them himself.
 *
 * @example
 * new StackNamespace(chart, 'Namespace', { name: 'observability' });
 * new StackNamespace(chart, 'AgentNamespace', { name: 'observability-agents', podSecurity: PodSecurity.PRIVILEGED });
 */
export class StackNamespace extends Construct {
  /** The Namespace object. */
  readonly namespace: ApiObject;

  /** @throws if a property is wrong, with all that is wrong */
  constructor(scope: Construct, id: string, props: StackNamespaceProps) {
    super(scope, id);
    const problems = Problems.of(this);
    problems.add(...checkProps(props, checks));
    problems.throwIfAny();
    const level = props.podSecurity ?? PodSecurity.RESTRICTED;
    this.namespace = object(this, 'Resource', 'v1/Namespace', {
      metadata: {
        name: props.name,
        labels: {
          'pod-security.kubernetes.io/enforce': level,
          'pod-security.kubernetes.io/audit': level,
          'pod-security.kubernetes.io/warn': level,
        },
      },
    });
  }
}

const checks: Checks<StackNamespaceProps> = { name: required(kubernetesName()), podSecurity: oneOf(PodSecurity) };
