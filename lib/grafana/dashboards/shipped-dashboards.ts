import type { Dashboard } from '../dashboard';
import { clusterDashboard } from './cluster-dashboard';
import { logsDashboard } from './logs-dashboard';
import { servicesDashboard } from './services-dashboard';

/** Every dashboard of the library. */
export const shippedDashboards: readonly Dashboard[] = [clusterDashboard, servicesDashboard, logsDashboard];
