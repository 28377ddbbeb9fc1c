import type { Manifest } from './harness/container';
import type { AuditedRequest } from './harness/control-plane';

/** What an account was refused, and which of its rights nobody used. Both have to be empty. */
export function judgeRights(
  objects: readonly Manifest[],
  account: string,
  requests: readonly AuditedRequest[],
): { refused: string[]; unused: string[] } {
  const used = new Set(requests.filter(({ code }) => code < 400 || code === 404).map(rightOf));
  return {
    refused: requests.filter(({ code }) => code === 401 || code === 403).map((request) => `${request.code} ${rightOf(request)}`),
    unused: grantedTo(objects, account).filter((right) => !used.has(right)),
  };
}

/** Newer clients only watch: the list comes in the watch. Older ones need `list`, so the two count as one right. */
const verbOf = (verb: string) => (verb === 'list' ? 'watch' : verb);

export const rightOf = ({ verb, group, resource, subresource, nonResourceUrl }: AuditedRequest) =>
  nonResourceUrl
    ? `${verb} ${nonResourceUrl.split('?')[0]}`
    : `${verbOf(verb)} ${group}/${resource}${subresource ? `/${subresource}` : ''}`;

export function grantedTo(objects: readonly Manifest[], account: string): string[] {
  const bindings = objects.filter(
    ({ kind, subjects }) => ['ClusterRoleBinding', 'RoleBinding'].includes(kind) && subjects[0].name === account,
  );
  const roles = bindings.map(({ roleRef, metadata }) =>
    objects.find(
      (object) => object.kind === roleRef.kind && object.metadata.name === roleRef.name && object.metadata.namespace === metadata.namespace,
    ),
  );
  const rules: Manifest[] = roles.flatMap((role) => role.rules);
  const rights = rules.flatMap(({ verbs, apiGroups = [], resources = [], nonResourceURLs = [] }) =>
    verbs.flatMap((verb: string) => [
      ...nonResourceURLs.map((url: string) => `${verb} ${url}`),
      ...apiGroups.flatMap((group: string) => resources.map((resource: string) => `${verbOf(verb)} ${group}/${resource}`)),
    ]),
  );
  return [...new Set<string>(rights)].sort();
}
