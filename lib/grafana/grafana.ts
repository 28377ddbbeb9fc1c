import type { AlertRuleProps } from './alert-rule';
import type { DashboardProps } from './dashboard';

/** Where dashboards and alert rules go to: GrafanaStack. */
export interface IGrafana {
  /**
   * Adds a dashboard of your own. The drop-down for the cluster is always there; panels whose queries are not written by hand are narrowed by it.
   * @throws if a property is wrong, the uid is taken, or a panel reads a metric that no producer gives
   */
  addDashboard(props: DashboardProps): void;
  /**
   * Adds an alert rule of your own.
   * @throws if a property is wrong, the name is taken, or the rule reads a metric that no producer gives
   */
  addAlertRule(props: AlertRuleProps): void;
}
