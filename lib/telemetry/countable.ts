/** What a cluster has many of, and sources give rows for. */
export enum Countable {
  /** The cluster: there is one. For what does not grow with it. */
  CLUSTER = 'cluster',
  /** A node. */
  NODE = 'node',
  /** A whole disk of a node. */
  DISK = 'disk',
  /** A pod. */
  POD = 'pod',
  /** A container that runs. */
  CONTAINER = 'container',
  /** A container that sets one of the four: request or limit, of CPU or memory. */
  REQUEST_OR_LIMIT = 'request or limit',
  /** A PersistentVolumeClaim that a pod mounts. */
  CLAIM = 'claim',
  /** A Deployment. */
  DEPLOYMENT = 'deployment',
  /** A DaemonSet. */
  DAEMON_SET = 'daemon set',
  /** A StatefulSet. */
  STATEFUL_SET = 'stateful set',
  /** A Job that is there, finished or not. */
  JOB = 'job',
  /** A CronJob. */
  CRON_JOB = 'cron job',
  /** A HorizontalPodAutoscaler. */
  AUTOSCALER = 'autoscaler',
  /** A resource that a ResourceQuota bounds. */
  QUOTA = 'quota',
  /** A namespace. */
  NAMESPACE = 'namespace',
  /** An API server. */
  API_SERVER = 'API server',
  /** A pod of the store. */
  STORE = 'store',
  /** A target that is annotated. */
  TARGET = 'target',
  /** A sample that an annotated target gives. */
  SAMPLE = 'sample',
  /** A target that a monitor describes. */
  MONITORED_TARGET = 'monitored target',
  /** A sample that such a target gives. */
  MONITORED_SAMPLE = 'monitored sample',
  /** A line that a container writes within a minute. */
  LOG_LINE = 'log line',
  /** A line that a file of a LogFiles gets on a node within a minute. */
  FILE_LINE = 'line of a file',
  /** An entry of the journal of a node within a minute. */
  JOURNAL_ENTRY = 'journal entry',
  /** A name that spans of a service have, with their kind and status. */
  OPERATION = 'operation',
  /** A service that calls another one: each pair. */
  CALL = 'call between services',
  /** An event of Kubernetes within a minute. */
  EVENT = 'event',
}
