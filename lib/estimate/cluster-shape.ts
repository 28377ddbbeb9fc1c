import type { SignalShares } from '../collector/kept-share';
import { type Checks, integer, number, record, required } from '../kubernetes/checks';
import { Countable } from '../telemetry/countable';

/** How large a cluster is, and how much its applications say. What is left out is taken to be as in a usual cluster of that many pods. */
export interface ClusterShape {
  /** Nodes. */
  readonly nodes: number;
  /** Pods on each of them, those of the stack too. */
  readonly podsPerNode: number;
  /**
   * Containers of a pod.
   * @default - four in three pods
   */
  readonly containersPerPod?: number;
  /**
   * Whole disks of a node; partitions do not count.
   * @default 1
   */
  readonly disksPerNode?: number;
  /**
   * How many of the containers set a request of CPU, or a limit of memory, and so on: of the four together, from 0 to 1.
   * @default 0.5
   */
  readonly shareOfRequestsAndLimits?: number;
  /**
   * PersistentVolumeClaims that pods mount.
   * @default - one for nine pods
   */
  readonly claims?: number;
  /**
   * Deployments.
   * @default - one for three pods
   */
  readonly deployments?: number;
  /**
   * DaemonSets.
   * @default 8
   */
  readonly daemonSets?: number;
  /**
   * StatefulSets.
   * @default - one for 22 pods
   */
  readonly statefulSets?: number;
  /**
   * Jobs, the finished ones too.
   * @default - one for 22 pods
   */
  readonly jobs?: number;
  /**
   * CronJobs.
   * @default - one for 45 pods
   */
  readonly cronJobs?: number;
  /**
   * HorizontalPodAutoscalers.
   * @default - one for 18 pods
   */
  readonly autoscalers?: number;
  /**
   * Resources that ResourceQuotas bound, over all quotas.
   * @default 8
   */
  readonly quotas?: number;
  /**
   * Namespaces.
   * @default 10
   */
  readonly namespaces?: number;
  /**
   * API servers that can be scraped.
   * @default 1
   */
  readonly apiServers?: number;
  /**
   * Pods of the store.
   * @default 1
   */
  readonly stores?: number;
  /**
   * Targets annotated for the Prometheus agent.
   * @default 0
   */
  readonly annotatedTargets?: number;
  /**
   * Targets of ServiceMonitors, PodMonitors, Probes and ScrapeConfigs that the target allocator hands out.
   * @default 0
   */
  readonly monitoredTargets?: number;
  /**
   * Samples that each target gives, annotated or monitored.
   * @default 200
   */
  readonly samplesPerTarget?: number;
  /**
   * Lines that a pod writes, on average of all and of the whole day.
   * @default 0.1
   */
  readonly logLinesPerPodPerSecond?: number;
  /**
   * Entries of the journal of a node that Journald takes.
   * @default 0.1
   */
  readonly journalEntriesPerNodePerSecond?: number;
  /**
   * Lines that the files of a LogFiles get on each node.
   * @default 0.1
   */
  readonly fileLinesPerNodePerSecond?: number;
  /**
   * How many of all log records are stored, from 0 to 1, where processors drop some.
   * @default - what the processors are known to keep; of `Drop.logs` and `Sample.logs` nothing is known
   */
  readonly shareOfLogsKept?: number;
  /**
   * How many of the spans that applications send are stored, from 0 to 1, where traces are sampled.
   * @default - what the processors are known to keep: the share of `Sample.traces`, and the largest one of the policies of tail sampling
   */
  readonly shareOfTracesKept?: number;
  /**
   * Services whose spans SpanMetrics and ServiceGraph count.
   * @default - as many as Deployments
   */
  readonly services?: number;
  /**
   * Names that spans of a service have, each with its kind and status, for SpanMetrics.
   * @default 10
   */
  readonly operationsPerService?: number;
  /**
   * Pairs of services of which one calls the other, for ServiceGraph.
   * @default - two for each service
   */
  readonly callsBetweenServices?: number;
  /**
   * Nodes that an agent runs on, by the name of the agent, where it does not run on all: `{ 'node-agent': 8, 'node-agent-gpu': 2 }`.
   * @default - each agent runs on all nodes
   */
  readonly nodesOfAgents?: { readonly [agent: string]: number };
  /**
   * Spans that applications send, for each pod of the cluster.
   * @default 0.05
   */
  readonly spansPerPodPerSecond?: number;
  /**
   * Points of metrics that applications send by OTLP, for each pod of the cluster.
   * @default 0
   */
  readonly pointsPerPodPerMinute?: number;
  /**
   * Log records that applications send by OTLP, for each pod of the cluster, besides what their containers write.
   * @default 0
   */
  readonly logRecordsPerPodPerSecond?: number;
  /**
   * Events of Kubernetes.
   * @default - one for twenty pods
   */
  readonly eventsPerMinute?: number;
}

/** How much of each signal is stored, where the shape says it. */
export const keptOfShape = ({ shareOfLogsKept, shareOfTracesKept }: ClusterShape): SignalShares => ({
  logs: shareOfLogsKept,
  traces: shareOfTracesKept,
});

/** What an agent of some nodes sees of what lies on nodes. */
export function countsOfNodes(shape: ClusterShape, nodes: number): Readonly<Record<Countable, number>> {
  const all = countsOf(shape);
  return { ...all, ...Object.fromEntries(onNodes.map((thing) => [thing, (all[thing] * nodes) / shape.nodes])) };
}

const onNodes = [
  Countable.NODE,
  Countable.DISK,
  Countable.POD,
  Countable.CONTAINER,
  Countable.REQUEST_OR_LIMIT,
  Countable.CLAIM,
  Countable.TARGET,
  Countable.SAMPLE,
  Countable.LOG_LINE,
  Countable.FILE_LINE,
  Countable.JOURNAL_ENTRY,
];

/** How many there are of each. */
export function countsOf(shape: ClusterShape): Readonly<Record<Countable, number>> {
  const pods = podsOf(shape);
  const containers = pods * (shape.containersPerPod ?? 4 / 3);
  const oneFor = (of: number) => Math.ceil(pods / of);
  const deployments = shape.deployments ?? oneFor(3);
  const services = shape.services ?? deployments;
  return {
    [Countable.CLUSTER]: 1,
    [Countable.NODE]: shape.nodes,
    [Countable.DISK]: shape.nodes * (shape.disksPerNode ?? 1),
    [Countable.POD]: pods,
    [Countable.CONTAINER]: containers,
    [Countable.REQUEST_OR_LIMIT]: containers * (shape.shareOfRequestsAndLimits ?? 0.5),
    [Countable.CLAIM]: shape.claims ?? oneFor(9),
    [Countable.DEPLOYMENT]: deployments,
    [Countable.DAEMON_SET]: shape.daemonSets ?? 8,
    [Countable.STATEFUL_SET]: shape.statefulSets ?? oneFor(22.5),
    [Countable.JOB]: shape.jobs ?? oneFor(22.5),
    [Countable.CRON_JOB]: shape.cronJobs ?? oneFor(45),
    [Countable.AUTOSCALER]: shape.autoscalers ?? oneFor(18),
    [Countable.QUOTA]: shape.quotas ?? 8,
    [Countable.NAMESPACE]: shape.namespaces ?? 10,
    [Countable.API_SERVER]: shape.apiServers ?? 1,
    [Countable.STORE]: shape.stores ?? 1,
    [Countable.TARGET]: shape.annotatedTargets ?? 0,
    [Countable.SAMPLE]: (shape.annotatedTargets ?? 0) * (shape.samplesPerTarget ?? 200),
    [Countable.MONITORED_TARGET]: shape.monitoredTargets ?? 0,
    [Countable.MONITORED_SAMPLE]: (shape.monitoredTargets ?? 0) * (shape.samplesPerTarget ?? 200),
    [Countable.LOG_LINE]: pods * 60 * (shape.logLinesPerPodPerSecond ?? 0.1),
    [Countable.FILE_LINE]: shape.nodes * 60 * (shape.fileLinesPerNodePerSecond ?? 0.1),
    [Countable.JOURNAL_ENTRY]: shape.nodes * 60 * (shape.journalEntriesPerNodePerSecond ?? 0.1),
    [Countable.OPERATION]: services * (shape.operationsPerService ?? 10),
    [Countable.CALL]: shape.callsBetweenServices ?? services * 2,
    [Countable.EVENT]: shape.eventsPerMinute ?? pods / 20,
  };
}

/** What applications send by OTLP a minute. */
export const sentByApplications = (shape: ClusterShape) => ({
  logs: podsOf(shape) * 60 * (shape.logRecordsPerPodPerSecond ?? 0),
  metrics: podsOf(shape) * (shape.pointsPerPodPerMinute ?? 0),
  traces: podsOf(shape) * 60 * (shape.spansPerPodPerSecond ?? 0.05),
});

const podsOf = ({ nodes, podsPerNode }: ClusterShape) => nodes * podsPerNode;

const objects = integer(0, 1_000_000);
const rate = number(0, 1_000_000);

export const shapeChecks: Checks<ClusterShape> = {
  nodes: required(integer(1, 100_000)),
  podsPerNode: required(number(0, 1000)),
  containersPerPod: number(1, 100),
  disksPerNode: number(0, 1000),
  shareOfRequestsAndLimits: number(0, 1),
  claims: objects,
  deployments: objects,
  daemonSets: objects,
  statefulSets: objects,
  jobs: objects,
  cronJobs: objects,
  autoscalers: objects,
  quotas: objects,
  namespaces: objects,
  apiServers: integer(0, 100),
  stores: integer(0, 1000),
  annotatedTargets: objects,
  monitoredTargets: objects,
  samplesPerTarget: objects,
  logLinesPerPodPerSecond: rate,
  journalEntriesPerNodePerSecond: rate,
  fileLinesPerNodePerSecond: rate,
  shareOfLogsKept: number(0, 1),
  shareOfTracesKept: number(0, 1),
  services: objects,
  operationsPerService: objects,
  callsBetweenServices: objects,
  nodesOfAgents: record(integer(0, 100_000)),
  spansPerPodPerSecond: rate,
  pointsPerPodPerMinute: rate,
  logRecordsPerPodPerSecond: rate,
  eventsPerMinute: rate,
};
