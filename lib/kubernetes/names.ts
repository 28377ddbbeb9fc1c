/**
 * Every name that the library gives to a Kubernetes object, in one place. Names are a contract: addresses, claims and dashboards of running installations hang on them.
 * They do not depend on the construct tree; a test pins them.
 */

/** The namespace of the stack, where a chart names none. Its pods pass Pod Security "restricted". */
export const stackNamespace = 'observability';

/** The namespace of the node agent, which reads files of the node and so needs Pod Security "privileged". */
export const nodeAgentNamespace = (stack: string) => `${stack}-agents`;

/** Names of workloads, and so of their Services. */
export const workloadName = {
  gateway: 'collector',
  nodeAgent: 'node-agent',
  clusterAgent: 'cluster-agent',
  prometheusAgent: 'prometheus-agent',
  tailSampling: 'tail-sampling',
  clickhouse: 'clickhouse',
  grafana: 'grafana',
  smokeTest: 'smoke-test',
} as const;

/** Cluster-scoped objects carry the namespace, so that two installations in one cluster do not meet. */
export const clusterScopedName = (namespace: string, name: string) => `${namespace}-${name}`;

/** The Service that names single pods of a workload (clusterIP None). */
export const headlessName = (workload: string) => `${workload}-headless`;

/** The address of a Service, without the cluster's domain: pods complete it by their search list, whatever the domain is called. */
export const serviceHost = (service: string, namespace: string) => `${service}.${namespace}.svc`;

/** What brings a store to the schema of the release; its Job carries a hash behind it, as a Job that is there cannot be changed. */
export const schemaName = (store: string) => `${store}-schema`;
export const hashedName = (name: string, hash: string) => `${name}-${hash.slice(0, 10)}`;

/** The login Secret of a user of a workload: one key, `password`. */
export const loginSecretName = (workload: string, user: string) => `${workload}-${user}`;
export const loginSecretKey = 'password';

/** The Secret with the key that a workload encrypts its own database with. */
export const encryptionSecretName = (workload: string) => `${workload}-secret-key`;
export const encryptionSecretKey = 'secret-key';

/** The Service that a workload is reached by from outside of the cluster. */
export const exposedName = (workload: string) => `${workload}-external`;

/** The Secret with the certificate that a workload answers with, where it is asked for here; the Certificate is called the same. */
export const certificateName = (workload: string) => `${workload}-tls`;

/** The Secret with the token of agents that send to a workload. */
export const tokenSecretName = (workload: string) => `${workload}-token`;
export const tokenSecretKey = 'token';

/** The Role by which a workload's pods may use the SecurityContextConstraints made for them, which are called as other cluster-scoped objects. */
export const securityContextName = (workload: string) => `${workload}-security-context`;
/** What tells the pods of a collector which targets of monitors are theirs. */
export const targetAllocatorName = (collector: string) => `${collector}-target-allocator`;

/** A ConfigMap with one part of a workload's files. */
export const partName = (workload: string, part: string) => `${workload}-${part}`;

/** The environment variable that carries a Secret's value into a container. */
export const secretVariable = (secret: string, key: string) => `${secret}_${key}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_');

/** Both sides of an allowed connection. */
export const egressPolicyName = (client: string, server: string) => `${client}-to-${server}`;
export const ingressPolicyName = (server: string, client: string) => `${server}-from-${client}`;
