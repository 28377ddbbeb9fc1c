import { containersOf, type Manifest, nameOf, ofKind, type Pod, podsOf, selects } from './manifests';

/** What every rendered stack keeps, whatever its size. Each answers with what breaks it. */
export type Law = (manifests: Manifest[]) => string[];

const eachPod =
  (judge: (pod: Pod, manifests: Manifest[]) => string[]): Law =>
  (manifests) =>
    podsOf(manifests).flatMap((pod) => judge(pod, manifests).map((what) => `${pod.owner}: ${what}`));
const eachContainer = (judge: (container: Manifest, pod: Pod) => (string | false | undefined)[]): Law =>
  eachPod((pod) =>
    containersOf(pod).flatMap((container) =>
      judge(container, pod)
        .filter(Boolean)
        .map((what) => `${container.name}: ${what}`),
    ),
  );

/** Users of images that do not run as 10001 or above. */
const usersOfImages = [
  { image: /clickhouse\/clickhouse-server/, user: 101 },
  { image: /grafana\/grafana/, user: 472 },
];

const isNodeAgent = (pod: Pod) => pod.kind === 'DaemonSet' && pod.labels['app.kubernetes.io/component'] === 'node-agent';

export const laws: Record<string, Law> = {
  'every container has limits of memory and ephemeral storage, and requests of both and of CPU': eachContainer(({ resources }) =>
    [
      ['limits', 'memory'],
      ['limits', 'ephemeral-storage'],
      ['requests', 'memory'],
      ['requests', 'ephemeral-storage'],
      ['requests', 'cpu'],
    ].map(([kind, resource]) => !resources?.[kind]?.[resource] && `no ${kind} of ${resource}`),
  ),

  'every container has a read-only root, no escalation and no capability': eachContainer(({ securityContext }, pod) => [
    securityContext?.readOnlyRootFilesystem !== true && 'root is writable',
    securityContext?.allowPrivilegeEscalation !== false && 'privileges can escalate',
    securityContext?.privileged === true && 'is privileged',
    !securityContext?.capabilities?.drop?.includes('ALL') && 'capabilities are not dropped',
    securityContext?.capabilities?.add?.length > 0 && 'adds capabilities',
    (securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile)?.type !== 'RuntimeDefault' && 'no seccomp profile',
  ]),

  'every pod runs as a user of its own, not root but for the node agent': eachPod((pod) => {
    const { runAsUser, runAsGroup, runAsNonRoot } = pod.spec.securityContext ?? {};
    if (isNodeAgent(pod)) {
      return runAsUser === 0 && runAsNonRoot === false ? [] : ['does not say that it runs as root'];
    }
    const allowed = usersOfImages.find(({ image }) => image.test(pod.spec.containers[0].image))?.user ?? 10001;
    return runAsNonRoot === true && runAsUser >= allowed && runAsGroup >= allowed ? [] : [`runs as ${runAsUser}:${runAsGroup}`];
  }),

  'every pod asks for nodes of Linux': eachPod(({ spec }) =>
    spec.nodeSelector?.['kubernetes.io/os'] === 'linux' ? [] : ['may wait on Windows'],
  ),

  'no pod uses ports, network, processes or memory of the host': eachPod((pod) => [
    ...['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => pod.spec[field]),
    ...containersOf(pod).flatMap(({ name, ports = [] }) => ports.filter((port: Manifest) => port.hostPort).map(() => `${name}: hostPort`)),
  ]),

  'folders of the node are mounted by the node agent only, never a whole system folder, writable only its own': eachPod((pod) =>
    (pod.spec.volumes ?? [])
      .filter((volume: Manifest) => volume.hostPath)
      .flatMap(({ name, hostPath }: Manifest) => {
        const mounts = containersOf(pod).flatMap(({ volumeMounts = [] }) => volumeMounts.filter((mount: Manifest) => mount.name === name));
        return [
          !isNodeAgent(pod) && `mounts ${hostPath.path}`,
          ['/', '/proc', '/sys', '/etc'].includes(hostPath.path.replace(/(?<=.)\/+$/, '')) && `mounts all of ${hostPath.path}`,
          !hostPath.path.startsWith('/var/lib/cdk8s-observability/') &&
            mounts.some((mount: Manifest) => !mount.readOnly) &&
            `writes to ${hostPath.path}`,
        ].filter(Boolean);
      }),
  ),

  'every image has a tag or a digest, and none moves': eachContainer(({ image }) => {
    const tag = /:([^:/@]+)(@sha256:[a-f0-9]{64})?$/.exec(image)?.[1];
    return [(!tag || tag === 'latest' || tag === 'main') && !image.includes('@sha256:') && `image ${image}`];
  }),

  'every pod is closed by a NetworkPolicy in both directions': eachPod((pod, manifests) =>
    ['Ingress', 'Egress']
      .filter(
        (type) =>
          !ofKind(manifests, 'NetworkPolicy').some(
            ({ metadata, spec }) =>
              metadata.namespace === pod.namespace && spec.policyTypes?.includes(type) && selects(spec.podSelector, pod.labels),
          ),
      )
      .map((type) => `no policy for ${type}`),
  ),

  'every NetworkPolicy, Service and PodDisruptionBudget selects a pod of the stack': (manifests) =>
    ofKind(manifests, 'NetworkPolicy', 'Service', 'PodDisruptionBudget')
      .filter(({ kind, metadata, spec }) => {
        const selector = kind === 'NetworkPolicy' ? spec.podSelector : kind === 'Service' ? { matchLabels: spec.selector } : spec.selector;
        return !podsOf(manifests).some((pod) => pod.namespace === metadata.namespace && selects(selector, pod.labels));
      })
      .map((manifest) => `${nameOf(manifest)} selects nothing`),

  'a pod behind a Service says when it is ready, and otherwise than whether it is alive': eachPod((pod, manifests) => {
    const behind = ofKind(manifests, 'Service').some(
      ({ metadata, spec }) => metadata.namespace === pod.namespace && selects({ matchLabels: spec.selector }, pod.labels),
    );
    return pod.spec.containers.flatMap(({ name, readinessProbe, livenessProbe, ports = [] }: Manifest) => {
      const number = (port: Manifest) => ports.find((known: Manifest) => known.name === port)?.containerPort ?? port;
      const target = (probe: Manifest) => JSON.stringify([probe?.httpGet?.path, number(probe?.httpGet?.port ?? probe?.tcpSocket?.port)]);
      return [
        behind && !readinessProbe && `${name}: no readiness`,
        readinessProbe && livenessProbe && target(readinessProbe) === target(livenessProbe) && `${name}: ready and alive are one question`,
      ].filter(Boolean);
    });
  }),

  'spread has a selector, and two replicas or more have spread and a disruption budget': eachPod((pod, manifests) => {
    const constraints: Manifest[] = pod.spec.topologySpreadConstraints ?? [];
    const budget = ofKind(manifests, 'PodDisruptionBudget').find(
      ({ metadata, spec }) => metadata.namespace === pod.namespace && selects(spec.selector, pod.labels),
    );
    return [
      constraints.some(({ labelSelector }) => !labelSelector) && 'spread without a selector',
      pod.replicas > 1 && constraints.length === 0 && !pod.spec.affinity?.podAntiAffinity && 'replicas may share a node',
      pod.replicas > 1 && (budget?.spec.minAvailable ?? budget?.spec.maxUnavailable) === undefined && 'no disruption budget',
    ].filter((what): what is string => Boolean(what));
  }),

  'replicas are always written, or an autoscaler is there and they are not': (manifests) =>
    ofKind(manifests, 'Deployment', 'StatefulSet')
      .filter(({ kind, metadata, spec }) => {
        const scaled = ofKind(manifests, 'HorizontalPodAutoscaler', 'ScaledObject').some(
          (autoscaler) =>
            autoscaler.metadata.namespace === metadata.namespace &&
            autoscaler.spec.scaleTargetRef.kind === kind &&
            autoscaler.spec.scaleTargetRef.name === metadata.name,
        );
        return scaled === (spec.replicas !== undefined);
      })
      .map(nameOf),

  'a StatefulSet names a headless Service that is there': (manifests) =>
    ofKind(manifests, 'StatefulSet')
      .filter(
        ({ metadata, spec }) =>
          !ofKind(manifests, 'Service').some(
            (service) =>
              service.metadata.namespace === metadata.namespace &&
              service.metadata.name === spec.serviceName &&
              service.spec.clusterIP === 'None',
          ),
      )
      .map(nameOf),

  'no environment variable is set twice': eachContainer(({ env = [] }) =>
    env
      .map(({ name }: Manifest) => name)
      .filter((name: string, index: number, all: string[]) => all.indexOf(name) !== index)
      .map((name: string) => `${name} twice`),
  ),

  'a CronJob says how late it may start': (manifests) =>
    ofKind(manifests, 'CronJob')
      .filter(({ spec }) => spec.startingDeadlineSeconds === undefined)
      .map(nameOf),

  'no ConfigMap, environment or argument holds a secret, or looks as if it did': (manifests) => [
    ...ofKind(manifests, 'Secret').map(nameOf),
    ...ofKind(manifests, 'ConfigMap').flatMap((manifest) =>
      Object.values<string>(manifest.data ?? {}).flatMap((text) =>
        text
          .split('\n')
          .filter((line) => secretLine.test(line))
          .map((line) => `${nameOf(manifest)}: ${line.trim()}`),
      ),
    ),
    ...podsOf(manifests).flatMap((pod) =>
      containersOf(pod).flatMap(({ name, env = [] }) =>
        env
          .filter((variable: Manifest) => variable.value && /(PASSWORD|TOKEN|SECRET|API_?KEY)$/.test(variable.name))
          .map((variable: Manifest) => `${pod.owner}: ${name}: ${variable.name} is text`),
      ),
    ),
  ],

  'rights are reads and leases, no wildcard, no Secrets, nothing of a node but its numbers': (manifests) =>
    ofKind(manifests, 'ClusterRole', 'Role').flatMap((role) =>
      role.rules.flatMap((rule: Manifest) => {
        const all = [...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...rule.verbs, ...(rule.nonResourceURLs ?? [])];
        const writes = rule.verbs.filter((verb: string) => !['get', 'list', 'watch'].includes(verb));
        const resources: string[] = rule.resources ?? [];
        return [
          all.includes('*') && 'a wildcard',
          resources.includes('secrets') && 'Secrets',
          resources.some((resource) => ['nodes/proxy', 'pods/exec', 'pods/attach', 'pods/portforward'].includes(resource)) &&
            'a way into pods',
          writes.length > 0 &&
            !(role.kind === 'Role' && resources.every((resource) => resource === 'leases')) &&
            !usesOwnConstraints(rule, manifests) &&
            `${writes.join(', ')} of ${resources.join(', ')}`,
        ]
          .filter(Boolean)
          .map((what) => `${nameOf(role)} grants ${what}`);
      }),
    ),

  'a binding names the API group, a role and an account that are there': (manifests) =>
    ofKind(manifests, 'ClusterRoleBinding', 'RoleBinding')
      .filter(isOurs)
      .flatMap((binding) => {
        const { roleRef, subjects } = binding;
        const role = manifests.some(
          ({ kind, metadata }) =>
            kind === roleRef.kind &&
            metadata.name === roleRef.name &&
            (kind === 'ClusterRole' || metadata.namespace === binding.metadata.namespace),
        );
        const accounts = subjects.every((subject: Manifest) =>
          ofKind(manifests, 'ServiceAccount').some(
            ({ metadata }) => metadata.name === subject.name && metadata.namespace === subject.namespace,
          ),
        );
        return [roleRef.apiGroup !== 'rbac.authorization.k8s.io' && 'no API group', !role && 'no such role', !accounts && 'no such account']
          .filter(Boolean)
          .map((what) => `${nameOf(binding)}: ${what}`);
      }),

  'a token is mounted exactly where rights are bound': eachPod((pod, manifests) => {
    const bound = ofKind(manifests, 'ClusterRoleBinding', 'RoleBinding').some(
      ({ roleRef, metadata, subjects }) =>
        !admitsOnly(manifests, roleRef, metadata.namespace) &&
        subjects.some((subject: Manifest) => subject.name === pod.spec.serviceAccountName && subject.namespace === pod.namespace),
    );
    return (pod.spec.automountServiceAccountToken === true) === bound ? [] : [bound ? 'rights without a token' : 'a token without rights'];
  }),

  'every account, ConfigMap and claim that a pod names is there': eachPod((pod, manifests) => {
    const there = (kind: string, name: string) =>
      ofKind(manifests, kind).some(({ metadata }) => metadata.name === name && metadata.namespace === pod.namespace);
    return [
      !there('ServiceAccount', pod.spec.serviceAccountName) && `no ServiceAccount ${pod.spec.serviceAccountName}`,
      ...(pod.spec.volumes ?? []).map(
        (volume: Manifest) =>
          (volume.configMap && !there('ConfigMap', volume.configMap.name) && `no ConfigMap ${volume.configMap.name}`) ||
          (volume.persistentVolumeClaim &&
            !there('PersistentVolumeClaim', volume.persistentVolumeClaim.claimName) &&
            `no claim ${volume.persistentVolumeClaim.claimName}`),
      ),
    ].filter(Boolean);
  }),

  'a namespace enforces Pod Security: privileged for the node agent alone': (manifests) =>
    ofKind(manifests, 'Namespace').flatMap((namespace) => {
      const level = namespace.metadata.labels?.['pod-security.kubernetes.io/enforce'];
      const pods = podsOf(manifests).filter((pod) => pod.namespace === namespace.metadata.name);
      const needed = pods.some(isNodeAgent) ? 'privileged' : 'restricted';
      return level === needed ? [] : [`${nameOf(namespace)} enforces ${level}, not ${needed}`];
    }),

  'constraints of OpenShift admit nothing privileged, and nobody but who is bound to them': (manifests) =>
    ofKind(manifests, 'SecurityContextConstraints').flatMap((constraints) =>
      [
        constraints.allowPrivilegedContainer && 'privileged containers',
        constraints.allowPrivilegeEscalation !== false && 'escalation',
        constraints.readOnlyRootFilesystem !== true && 'a writable root',
        constraints.volumes.includes('*') && 'any volume',
        constraints.seccompProfiles.includes('*') && 'any seccomp profile',
        [...constraints.users, ...constraints.groups].length > 0 && 'users or groups by name',
      ]
        .filter(Boolean)
        .map((what) => `${nameOf(constraints)}: ${what}`),
    ),

  'a selector holds no version': (manifests) =>
    ofKind(manifests, 'Deployment', 'StatefulSet', 'DaemonSet')
      .filter(({ spec }) => Object.keys(spec.selector.matchLabels).some((key) => key.endsWith('/version')))
      .map(nameOf),

  'no ConfigMap is larger than the API server takes': (manifests) =>
    ofKind(manifests, 'ConfigMap')
      .filter(({ data = {} }) => Object.values<string>(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0) > 1_000_000)
      .map(nameOf),
};

/** Constraints that the same manifests make, by their names. */
const usesOwnConstraints = ({ resources, resourceNames, verbs }: Manifest, manifests: Manifest[]) =>
  resources.join() === 'securitycontextconstraints' &&
  verbs.join() === 'use' &&
  resourceNames?.length > 0 &&
  resourceNames.every((name: string) => ofKind(manifests, 'SecurityContextConstraints').some(({ metadata }) => metadata.name === name));

/** Whoever admits pods asks for it in the name of their account; the pods themselves need no token. */
const admitsOnly = (manifests: Manifest[], roleRef: Manifest, namespace: string) =>
  ofKind(manifests, roleRef.kind).some(
    ({ metadata, rules }) =>
      metadata.name === roleRef.name &&
      metadata.namespace === namespace &&
      rules.every((rule: Manifest) => usesOwnConstraints(rule, manifests)),
  );

/** But for the one role that OpenShift has for pods that are not root, for the accounts of the binding's own namespace. */
const isOurs = ({ kind, metadata, roleRef, subjects }: Manifest) =>
  !(
    kind === 'RoleBinding' &&
    roleRef.name === 'system:openshift:scc:nonroot-v2' &&
    subjects.every((subject: Manifest) => subject.kind === 'Group' && subject.name === `system:serviceaccounts:${metadata.namespace}`)
  );

/** What scanners of ConfigMaps report, references to the environment too. */
const secretLine = /^\s*-?\s*["']?[\w.-]*(password|passwd|token|secret_?key|api_?key)["']?\s*[:=]\s*\S/i;
