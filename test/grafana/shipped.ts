import { allPanels, dashboardModel } from '../../lib/grafana/dashboard';
import { shippedDashboards } from '../../lib/grafana/dashboards/shipped-dashboards';

/** A query of a shipped panel, as Grafana's JSON holds it. */
export interface ShippedQuery {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly sql: string;
  readonly format: number;
}

/** What the plugin's `format` numbers mean. */
export const formats = { series: 0, table: 1, logs: 2 };

/** All queries of all panels, those in rows too, read from the JSON that Grafana gets. */
export function shippedQueries(): ShippedQuery[] {
  return shippedDashboards.flatMap((dashboard) => {
    const model = dashboardModel(dashboard, 'otel') as { panels: any[] };
    return model.panels
      .flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel]))
      .flatMap((panel) =>
        (panel.targets ?? []).map((target: any) => ({
          id: panel.id,
          name: `${dashboard.title} / ${panel.title}`,
          type: panel.type,
          sql: target.rawSql,
          format: target.format,
        })),
      );
  });
}

export const shippedPanelIds = (): number[] => shippedDashboards.flatMap((dashboard) => allPanels(dashboard).map(({ id }) => id as number));
