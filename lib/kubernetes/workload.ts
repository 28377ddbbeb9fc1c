import { Chart, Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { boolean, type Checks, instance, kubernetesName } from './checks';
import type { Images } from './images';
import type { WorkloadIdentity } from './labels';
import { stackNamespace } from './names';
import { type Resources, resourcesBetween } from './resources';

/** What every workload of the stack can be told. */
export interface WorkloadProps {
  /**
   * Name of the workload and of its Services, and so part of its address.
   * @default - the role's own: `collector`, `node-agent`, `cluster-agent`, `prometheus-agent`, `clickhouse`, `grafana`
   */
  readonly name?: string;
  /**
   * The namespace of all its objects.
   * @default - the chart's namespace, or `observability`
   */
  readonly namespace?: string;
  /**
   * CPU and memory of the main container.
   * @default - the role's own, for a cluster of some dozens of nodes
   */
  readonly resources?: Resources;
  /**
   * Where images come from.
   * @default Images.upstream()
   */
  readonly images?: Images;
  /**
   * Whether NetworkPolicies close the workload but for the connections that it is known to need.
   * @default true
   */
  readonly networkPolicies?: boolean;
}

/** The checks of WorkloadProps, for a workload that needs at least so much memory. */
export function workloadChecks(minMemory: Size): Checks<WorkloadProps> {
  return {
    name: kubernetesName(40),
    namespace: kubernetesName(40),
    resources: resourcesBetween(minMemory, Size.tebibytes(4)),
    images: instance("Images.upstream() or Images.mirror('registry.acme.example')", '_reference'),
    networkPolicies: boolean,
  };
}

/** The namespace that a construct's objects go to, where it is told none. */
export const namespaceOf = (scope: Construct, given?: string): string => given ?? Chart.of(scope).namespace ?? stackNamespace;

export function identityOf(
  scope: Construct,
  props: WorkloadProps,
  role: Pick<WorkloadIdentity, 'program' | 'component' | 'version'> & { readonly name: string; readonly namespace?: string },
): WorkloadIdentity {
  return { ...role, name: props.name ?? role.name, namespace: props.namespace ?? role.namespace ?? namespaceOf(scope) };
}
