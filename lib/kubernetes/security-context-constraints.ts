import type { Construct } from 'constructs';
import { labels, type WorkloadIdentity } from './labels';
import { clusterScopedName, securityContextName } from './names';
import { object } from './object';

/** What pods of a workload have that no other pod of the stack has. */
export interface NodePrivileges {
  readonly user: number;
  readonly capabilities: readonly string[];
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  /** Kinds of volumes, as constraints call them. */
  readonly volumes: readonly string[];
}

/**
 * SecurityContextConstraints of a workload that reads the node: what its pods have and nothing else, for its account alone.
 * SELinux keeps containers from files of the node whatever their user is; `spc_t` is the type that OpenShift's own log collector has.
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/latest/html/authentication_and_authorization/managing-pod-security-policies
 */
export function nodeConstraints(scope: Construct, workload: WorkloadIdentity, privileges: NodePrivileges): void {
  const name = clusterScopedName(workload.namespace, workload.name);
  object(scope, 'SecurityContextConstraints', 'security.openshift.io/v1/SecurityContextConstraints', {
    metadata: { name, labels: labels(workload) },
    allowHostDirVolumePlugin: privileges.volumes.includes('hostPath'),
    allowHostIPC: false,
    allowHostNetwork: privileges.hostNetwork,
    allowHostPID: privileges.hostPid,
    // Ports of a container on the host network are ports of the host.
    allowHostPorts: privileges.hostNetwork,
    allowPrivilegeEscalation: false,
    allowPrivilegedContainer: false,
    allowedCapabilities: [...privileges.capabilities],
    defaultAddCapabilities: [],
    fsGroup: { type: 'RunAsAny' },
    groups: [],
    priority: 0,
    readOnlyRootFilesystem: true,
    requiredDropCapabilities: ['ALL'],
    runAsUser: { type: 'MustRunAs', uid: privileges.user },
    seLinuxContext: { type: 'MustRunAs', seLinuxOptions: { user: 'system_u', role: 'system_r', type: 'spc_t', level: 's0' } },
    seccompProfiles: ['runtime/default'],
    supplementalGroups: { type: 'RunAsAny' },
    users: [],
    volumes: [...privileges.volumes].sort(),
  });
  const metadata = { name: securityContextName(workload.name), namespace: workload.namespace, labels: labels(workload) };
  object(scope, 'SecurityContextRole', 'rbac.authorization.k8s.io/v1/Role', {
    metadata,
    rules: [{ apiGroups: ['security.openshift.io'], resources: ['securitycontextconstraints'], resourceNames: [name], verbs: ['use'] }],
  });
  object(scope, 'SecurityContextRoleBinding', 'rbac.authorization.k8s.io/v1/RoleBinding', {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: workload.name, namespace: workload.namespace }],
  });
}

/**
 * Lets the pods of a namespace run as the users of their images. By default OpenShift gives each namespace a range of users, and refuses a pod that names another.
 * `nonroot-v2` is OpenShift's own: any user but root, and all else as Pod Security "restricted" has it.
 */
export function nonRootConstraints(scope: Construct, namespace: string): void {
  object(scope, 'NonRootConstraints', 'rbac.authorization.k8s.io/v1/RoleBinding', {
    metadata: { name: securityContextName(namespace), namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:openshift:scc:nonroot-v2' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `system:serviceaccounts:${namespace}` }],
  });
}
