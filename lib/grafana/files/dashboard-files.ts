import { partName } from '../../kubernetes/names';
import { checksum } from '../../kubernetes/pod-template';
import type { Dashboard } from '../dashboard';
import type { DashboardFile } from '../grafana-objects';
import { paths } from '../settings';
import { literals } from './interpolation';

/** A folder of Grafana as a folder of files. The digest keeps names apart that differ in what a path cannot hold. */
const directory = (folder: string): string => `${slug(folder)}-${checksum(folder).slice(0, 8)}`;

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

export const dashboardFileOf = (workload: string, { uid, folder }: Dashboard): DashboardFile => ({
  configMap: partName(workload, `dashboard-${slug(uid)}`),
  path: `${directory(folder)}/${uid}.json`,
});

/** Where a dashboard's file lies in the pod. */
export const dashboardPath = (workload: string, dashboard: Dashboard): string =>
  `${paths.dashboards}/${dashboardFileOf(workload, dashboard).path}`;

/** One provider for each folder. By title alone: a folder that somebody has made by hand is used, and not made a second time. */
export function providersFile(dashboards: readonly Dashboard[]): object {
  const folders = [...new Set(dashboards.map(({ folder }) => folder))];
  return {
    apiVersion: 1,
    providers: folders.map((folder) =>
      literals({
        name: folder,
        orgId: 1,
        folder,
        type: 'file',
        disableDeletion: false,
        allowUiUpdates: false,
        updateIntervalSeconds: 30,
        options: { path: `${paths.dashboards}/${directory(folder)}` },
      }),
    ),
  };
}
