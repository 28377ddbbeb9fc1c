import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { PolicyRule } from '../../imports/kubernetes';
import { boolean, kubernetesName, list, required, struct, text } from './checks';
import { labels, type WorkloadIdentity } from './labels';
import { clusterScopedName } from './names';
import { object } from './object';
import { shown } from './problems';

/** One right at the Kubernetes API, with its reason. */
export interface AccessRule {
  /** `''` is the core group. */
  readonly apiGroup: string;
  /** Plural names, e.g. `pods`, `nodes/stats`. */
  readonly resources: string[];
  /** E.g. `get`, `list`, `watch`. */
  readonly verbs: string[];
  /**
   * The one namespace that the right is needed in.
   * @default - the whole cluster
   */
  readonly onlyIn?: string;
  /** Why; it stands in the YAML, as an annotation of the role. */
  readonly because: string;
}

/** What a component needs of Kubernetes and of the node beyond what the text of its configuration says. Sets and flags only: merging is union. */
export interface Access {
  /**
   * Rights at the API server.
   * @default - none
   */
  readonly rules?: AccessRule[];
  /**
   * Paths of the API server that are no resources, read only: `/metrics`.
   * @default - none
   */
  readonly nonResourceUrls?: string[];
  /**
   * Linux capabilities.
   * @default - none: all are dropped
   */
  readonly capabilities?: string[];
  /**
   * User 0. Files of the node belong to it; it keeps no capability.
   * @default false
   */
  readonly root?: boolean;
  /**
   * Shares the network of the node.
   * @default false
   */
  readonly hostNetwork?: boolean;
  /**
   * Sees all processes of the node.
   * @default false
   */
  readonly hostPid?: boolean;
}

export function mergeAccess(all: readonly Access[]): Required<Access> {
  return {
    rules: all.flatMap((access) => access.rules ?? []),
    nonResourceUrls: unique(all.flatMap((access) => access.nonResourceUrls ?? [])),
    capabilities: unique(all.flatMap((access) => access.capabilities ?? [])),
    root: all.some((access) => access.root),
    hostNetwork: all.some((access) => access.hostNetwork),
    hostPid: all.some((access) => access.hostPid),
  };
}

export const needsToken = (access: Required<Access>): boolean => access.rules.length > 0 || access.nonResourceUrls.length > 0;

/** The account of a workload and exactly the rights that its parts asked for. */
export function serviceAccount(scope: Construct, workload: WorkloadIdentity, access: Required<Access> = mergeAccess([])): ApiObject {
  const account = object(scope, 'ServiceAccount', 'v1/ServiceAccount', {
    metadata: { name: workload.name, namespace: workload.namespace, labels: labels(workload) },
    automountServiceAccountToken: false,
  });
  clusterRole(scope, workload, access);
  for (const namespace of unique(access.rules.flatMap((rule) => rule.onlyIn ?? []))) {
    namespacedRole(scope, workload, namespace, access);
  }
  return account;
}

function clusterRole(scope: Construct, workload: WorkloadIdentity, access: Required<Access>): void {
  const granted = access.rules.filter((rule) => !rule.onlyIn);
  const rules = policyRules(granted);
  if (access.nonResourceUrls.length > 0) {
    rules.push({ nonResourceURLs: access.nonResourceUrls, verbs: ['get'] });
  }
  if (rules.length === 0) {
    return;
  }
  const metadata = { name: clusterScopedName(workload.namespace, workload.name), labels: labels(workload) };
  object(scope, 'ClusterRole', 'rbac.authorization.k8s.io/v1/ClusterRole', {
    metadata: { ...metadata, annotations: reasons(granted) },
    rules,
  });
  object(scope, 'ClusterRoleBinding', 'rbac.authorization.k8s.io/v1/ClusterRoleBinding', {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
    subjects: [subject(workload)],
  });
}

function namespacedRole(scope: Construct, workload: WorkloadIdentity, namespace: string, access: Required<Access>): void {
  const granted = access.rules.filter((rule) => rule.onlyIn === namespace);
  // In another's namespace the name says whose it is.
  const name = namespace === workload.namespace ? workload.name : clusterScopedName(workload.namespace, workload.name);
  const metadata = { name, namespace, labels: labels(workload) };
  object(scope, `Role-${namespace}`, 'rbac.authorization.k8s.io/v1/Role', {
    metadata: { ...metadata, annotations: reasons(granted) },
    rules: policyRules(granted),
  });
  object(scope, `RoleBinding-${namespace}`, 'rbac.authorization.k8s.io/v1/RoleBinding', {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [subject(workload)],
  });
}

const subject = (workload: WorkloadIdentity) => ({ kind: 'ServiceAccount', name: workload.name, namespace: workload.namespace });

/** One rule a group and set of verbs, whoever asked: the same right asked for twice is granted once. */
function policyRules(granted: readonly AccessRule[]): PolicyRule[] {
  const verbs = new Map<string, Set<string>>();
  for (const rule of granted) {
    for (const resource of rule.resources) {
      const key = `${rule.apiGroup} ${resource}`;
      verbs.set(key, new Set([...(verbs.get(key) ?? []), ...rule.verbs]));
    }
  }
  const resources = new Map<string, string[]>();
  for (const [key, set] of [...verbs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [apiGroup, resource] = key.split(' ');
    const same = `${apiGroup} ${[...set].sort().join(',')}`;
    resources.set(same, [...(resources.get(same) ?? []), resource]);
  }
  return [...resources].map(([key, names]) => {
    const [apiGroup, list] = key.split(' ');
    return { apiGroups: [apiGroup], resources: names, verbs: list.split(',') };
  });
}

function reasons(granted: readonly AccessRule[]): Record<string, string> | undefined {
  const lines = unique(
    granted.map(
      (rule) =>
        `${rule.resources.map((resource) => (rule.apiGroup ? `${resource}.${rule.apiGroup}` : resource)).join(', ')}: ${rule.because}`,
    ),
  );
  return granted.length > 0 ? { 'cdk8s-observability/because': lines.sort().join('\n') } : undefined;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

const names = list(text());

export const accessCheck = struct<Access>({
  rules: list(
    struct<AccessRule>({
      apiGroup: required((value, where) =>
        typeof value === 'string' ? [] : [{ where, given: shown(value), allowed: "a group of the API, '' for the core group" }],
      ),
      resources: required(list(text(), { min: 1 })),
      verbs: required(list(text(), { min: 1 })),
      onlyIn: kubernetesName(),
      because: required(text({ max: 500 })),
    }),
  ),
  nonResourceUrls: names,
  capabilities: names,
  root: boolean,
  hostNetwork: boolean,
  hostPid: boolean,
});
