/** Numbers of panels, part of addresses and of what alert rules link to: a number is never used again for another panel. */
export const clusterDashboardUid = 'obs-cluster';
export const servicesDashboardUid = 'obs-services';
export const logsDashboardUid = 'obs-logs';

export const clusterPanels = {
  firing: 101,
  nodesNotReady: 102,
  podsNotWell: 103,
  cpuUsed: 104,
  memoryUsed: 105,
  requested: 106,
  servicesFailing: 107,
  newestData: 108,
  cpuByNamespace: 109,
  memoryByNamespace: 110,
  unwellWorkloads: 111,
  warningEvents: 112,
  restarts: 113,
  fullestNodeDisks: 114,
  apiServer: 115,
  changes: 116,
  fullestClaims: 117,
  queues: 118,
  storeDisk: 119,
} as const;

export const servicesPanels = {
  services: 1001,
  requests: 1002,
  errors: 1003,
  duration: 1004,
  operations: 1007,
  newestErrors: 1009,
  dependencies: 1011,
  versions: 1012,
  statusCodes: 1014,
} as const;

export const logsPanels = {
  volume: 1201,
  errors: 1202,
  lines: 1203,
  newPatterns: 1204,
  topPatterns: 1205,
  byWorkload: 1206,
  withoutSeverity: 1207,
  nodes: 1208,
} as const;
