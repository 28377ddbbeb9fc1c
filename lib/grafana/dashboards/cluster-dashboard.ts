import type { Dashboard, PlacedPanel } from '../dashboard';
import { defaultFolder } from '../dashboard';
import { Panel } from '../panel';
import * as queries from './cluster-queries';
import { clusterDashboardUid, clusterPanels as id } from './panel-ids';

/** Page one, for whoever is on call: is the cluster well, and if not, where to look? */
const firstScreen: PlacedPanel[] = [
  {
    id: id.nodesNotReady,
    panel: Panel.stat({
      title: 'Nodes not ready',
      description: 'Nodes whose kubelet says that it cannot run pods, or has not been heard of. Red: two or more. Rule KubeNodeNotReady.',
      query: queries.nodesNotReady,
      thresholds: { warning: 1, critical: 2 },
      width: 3,
    }),
  },
  {
    id: id.podsNotWell,
    panel: Panel.stat({
      title: 'Pods not well',
      description:
        'Pods that have been pending, failed or not ready for ten minutes, without those of Jobs. Red: see "Not well" below. Rule KubePodCrashLooping.',
      query: queries.podsNotWell,
      thresholds: { warning: 1, critical: 10 },
      width: 3,
    }),
  },
  {
    id: id.cpuUsed,
    panel: Panel.stat({
      title: 'CPU used',
      description: 'Of what pods may use on all nodes. Red: pods wait for CPU; see "CPU by namespace". No rule: a busy node is no fault.',
      query: queries.cpuUsed,
      unit: 'percentunit',
      thresholds: { warning: 0.8, critical: 0.95 },
      width: 3,
    }),
  },
  {
    id: id.memoryUsed,
    panel: Panel.stat({
      title: 'Memory used',
      description:
        'Working set of all nodes, of what pods may use. Red: the kubelet soon evicts pods. Rule NodeMemoryHighUtilization, for each node.',
      query: queries.memoryUsed,
      unit: 'percentunit',
      thresholds: { warning: 0.8, critical: 0.9 },
      width: 3,
    }),
  },
  {
    id: id.requested,
    panel: Panel.stat({
      title: 'Requested',
      description:
        'CPU and memory that running and waiting pods ask for, of what nodes offer. Red: the next pod finds no place. No rule: add a node in working hours.',
      query: queries.requested,
      unit: 'percentunit',
      thresholds: { warning: 0.9, critical: 1 },
      width: 4,
    }),
  },
  {
    id: id.servicesFailing,
    panel: Panel.stat({
      title: 'Services failing',
      description: 'Services of whose last ten minutes more than 5 % of at least 20 requests failed. Red: users feel it; open Services.',
      query: queries.servicesFailing,
      thresholds: { warning: 1, critical: 3 },
      width: 3,
      link: '/d/obs-services?var-cluster=${cluster}&${__url_time_range}',
    }),
  },
  {
    id: id.newestData,
    panel: Panel.stat({
      title: 'Newest data',
      description:
        'How old the newest row of each signal is: whether this page can be believed. Red: collectors or store do not keep up. Rule IngestionStopped.',
      query: queries.newestData,
      unit: 's',
      thresholds: { warning: 240, critical: 480 },
      width: 5,
    }),
  },
  { id: id.firing, panel: firingAlerts() },
  {
    id: id.cpuByNamespace,
    panel: Panel.timeSeries({
      title: 'CPU by namespace',
      description: 'Cores in use. The eight largest, and all others together. Never red: it tells who.',
      query: queries.cpuByNamespace,
      unit: 'short',
      width: 8,
    }),
  },
  {
    id: id.memoryByNamespace,
    panel: Panel.timeSeries({
      title: 'Memory by namespace',
      description: 'Working set, what the kubelet evicts by. The eight largest, and all others together. Never red: it tells who.',
      query: queries.memoryByNamespace,
      unit: 'bytes',
      width: 8,
    }),
  },
  {
    id: id.unwellWorkloads,
    panel: Panel.table({
      title: 'Not well',
      description:
        'Workloads with pods that have been pending, failed or not ready for ten minutes, and why containers wait. Rules KubePodCrashLooping, KubeWorkloadReplicasMismatch.',
      query: queries.unwellWorkloads,
      width: 14,
      link: '/d/obs-logs?var-cluster=${cluster}&var-namespace=${__data.fields.namespace}&${__url_time_range}',
    }),
  },
  {
    id: id.warningEvents,
    panel: Panel.bars({
      title: 'Warning events by reason',
      description: 'What Kubernetes complains about: the eight commonest reasons. Never red: a count of warnings alone is no fault.',
      query: queries.warningEvents,
      width: 10,
    }),
  },
];

const stack: PlacedPanel[] = [
  {
    id: id.queues,
    panel: Panel.barGauge({
      title: 'Queues of the collectors',
      description:
        'How full they are, by collector, destination and signal. Red: the store does not keep up or is away; when one is full, senders wait, unless its name ends with may-drop. Rules OtelQueueNearFull and OtelOptionalQueueNearFull.',
      query: queries.queues,
      unit: 'percentunit',
      thresholds: { warning: 0.6, critical: 0.85 },
    }),
  },
  {
    id: id.storeDisk,
    panel: Panel.barGauge({
      title: 'Disks of ClickHouse',
      description: 'How full they are. Red: when one is full, nothing is stored any more. Rule ClickHouseDiskSpaceLow.',
      query: queries.storeDisk,
      unit: 'percentunit',
      thresholds: { warning: 0.8, critical: 0.9 },
    }),
  },
];

const nodes: PlacedPanel[] = [
  {
    id: id.fullestNodeDisks,
    panel: Panel.barGauge({
      title: 'Fullest disks of nodes',
      description: 'The file system of the kubelet. Red: the kubelet ends pods to get room. Rule NodeFilesystemAlmostFull.',
      query: queries.fullestNodeDisks,
      unit: 'percentunit',
      thresholds: { warning: 0.85, critical: 0.97 },
    }),
  },
  {
    id: id.fullestClaims,
    panel: Panel.barGauge({
      title: 'Fullest claims',
      description: 'Volumes of pods, by namespace and claim. Red: what writes to it fails soon; grow the claim, if its class allows.',
      query: queries.fullestClaims,
      unit: 'percentunit',
      thresholds: { warning: 0.85, critical: 0.97 },
    }),
  },
];

const history: PlacedPanel[] = [
  {
    id: id.restarts,
    panel: Panel.table({
      title: 'Restarts',
      description: 'Containers that were restarted in this range, and how they ended last. Never red: one restart is no fault.',
      query: queries.restarts,
      width: 12,
    }),
  },
  {
    id: id.changes,
    panel: Panel.table({
      title: 'What changed',
      description: 'The newest 50 times that something was scaled, or a node came or went. Never red: it tells whether it was us.',
      query: queries.changes,
      width: 12,
    }),
  },
  {
    id: id.apiServer,
    panel: Panel.stat({
      title: 'Good requests to the API server',
      description:
        'Requests that did not end in a server error. Red: nothing can be deployed, and nodes lose touch; look at its log and at etcd.',
      query: queries.apiServer,
      unit: 'percentunit',
      thresholds: { warning: 0.995, critical: 0.99 },
      width: 6,
    }),
  },
];

export const clusterDashboard: Dashboard = {
  uid: clusterDashboardUid,
  title: 'Cluster overview',
  folder: defaultFolder,
  variables: ['cluster'],
  panels: firstScreen,
  rows: [
    { title: 'This stack', panels: stack },
    { title: 'Disks', panels: nodes },
    { title: 'What happened', panels: history },
  ],
};

/** Grafana's own state: no query. */
function firingAlerts(): Panel {
  return Panel.json({
    type: 'alertlist',
    title: 'Firing now',
    description: 'Alerts that fire or are about to. Each opens its rule, with the runbook.',
    gridPos: { w: 8, h: 8 },
    options: {
      viewMode: 'list',
      groupMode: 'default',
      maxItems: 20,
      sortOrder: 3,
      dashboardAlerts: false,
      alertInstanceLabelFilter: '{alertname!="Watchdog"}',
      stateFilter: { firing: true, pending: true, error: true, noData: true, normal: false },
    },
  });
}
