import { type Check, list, struct, text } from '../../kubernetes/checks';

/** Which containers are meant: names, or patterns in which `*` stands for any characters and `?` for one. */
export interface ContainerSelection {
  /**
   * One namespace or several by name; `*` stands for any letters.
   * @default - any
   */
  readonly namespaces?: string | string[];
  /**
   * One pod or several by name; `*` stands for any letters.
   * @default - any
   */
  readonly pods?: string | string[];
  /**
   * One container or several by name; `*` stands for any letters.
   * @default - any
   */
  readonly containers?: string | string[];
}

const namePattern: Check = text({
  pattern: /^[a-z0-9*?][-a-z0-9.*?]*$/,
  allowed: "a name as Kubernetes has it, or a pattern with `*` for any characters and `?` for one, e.g. 'legacy-*'",
});
const several = list(namePattern, { min: 1 });
const names: Check = (value, where) => (typeof value === 'string' ? namePattern : several)(value, where);

/** One name is a list of one. */
export const listed = (names: string | readonly string[] | undefined, otherwise: readonly string[] = []): readonly string[] =>
  typeof names === 'string' ? [names] : (names ?? otherwise);

export const containerNames = { namespaces: names, pods: names, containers: names };
export const containerSelection = struct<ContainerSelection>(containerNames);

/** The kubelet's folder of log files, and in it the files of the containers that are in each list that is given. */
export function pathsOfEach({ namespaces, pods, containers }: ContainerSelection): string[] {
  const each = (names: ContainerSelection['pods']) => listed(names, ['*']);
  return each(namespaces).flatMap((namespace) =>
    each(pods).flatMap((pod) => each(containers).map((container) => path(namespace, pod, container))),
  );
}

/** The same for those that are in any of the lists. */
export function pathsOfAny({ namespaces, pods, containers }: ContainerSelection): string[] {
  return [
    ...listed(namespaces).map((namespace) => path(namespace, '*', '*')),
    ...listed(pods).map((pod) => path('*', pod, '*')),
    ...listed(containers).map((container) => path('*', '*', container)),
  ];
}

/** No name holds a `_`, so that each pattern meets its own part of the folder's name. */
const path = (namespace: string, pod: string, container: string) => `/${namespace}_${pod}_*/${container}`;

/** The same selection as a condition on a record. */
export function conditionOf({ namespaces, pods, containers }: ContainerSelection): string | undefined {
  const conditions = [
    ...whoseName('k8s.namespace.name', namespaces),
    ...whoseName('k8s.pod.name', pods),
    ...whoseName('k8s.container.name', containers),
  ];
  return conditions.length > 0 ? conditions.join(' && ') : undefined;
}

function whoseName(attribute: string, names: ContainerSelection['pods']): string[] {
  const expressions = names && listed(names).map((pattern) => pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.'));
  return expressions ? [`resource["${attribute}"] matches ${JSON.stringify(`^(${expressions.join('|')})$`)}`] : [];
}

/** Whether everything that `pattern` means is meant by one of `patterns` too. */
export function isWithin(pattern: string, patterns: readonly string[] = []): boolean {
  const expression = (of: string) => new RegExp(`^${of.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '[^*]')}$`);
  return patterns.some((candidate) => expression(candidate).test(pattern));
}
