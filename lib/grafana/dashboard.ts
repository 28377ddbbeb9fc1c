import { type Checks, instance, list, oneOf, required, struct, text } from '../kubernetes/checks';
import type { Problem } from '../kubernetes/problems';
import type { Panel } from './panel';
import { variableModels } from './queries/variable-models';
import type { VariableName } from './queries/variables';

/** What a dashboard can be narrowed down to, besides the cluster. */
export enum DashboardVariable {
  /** Namespaces, from what is stored. */
  NAMESPACE = 'namespace',
  /** Services, from what is stored. */
  SERVICE = 'service',
}

/** Panels below the first screen. Nothing in a row is queried until somebody opens it. */
export interface DashboardRow {
  /** The heading. */
  readonly title: string;
  /** What stands under the heading. */
  readonly panels: Panel[];
}

/** Properties of a dashboard. */
export interface DashboardProps {
  /** Part of its address: `/d/UID`. Links and alert rules hang on it. */
  readonly uid: string;
  /** Shown on top, and in lists. */
  readonly title: string;
  /**
   * Grafana's folder that it stands in.
   * @default 'Observability'
   */
  readonly folder?: string;
  /** From left to right, then down; as many in a line as fit. */
  readonly panels: Panel[];
  /**
   * Panels under headings, below `panels`.
   * @default - none
   */
  readonly rows?: DashboardRow[];
  /**
   * Drop-downs at the top, besides the one for the cluster. They narrow every query that is not written by hand.
   * @default - none
   */
  readonly variables?: DashboardVariable[];
}

export const defaultFolder = 'Observability';

/** A panel with the number that links to it name; without one, it is counted. */
export interface PlacedPanel {
  readonly id?: number;
  readonly panel: Panel;
}

/** A dashboard, before it is written down. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly folder: string;
  readonly variables: readonly VariableName[];
  readonly panels: readonly PlacedPanel[];
  readonly rows: readonly { readonly title: string; readonly panels: readonly PlacedPanel[] }[];
}

export function dashboardOf(props: DashboardProps): Dashboard {
  const placed = (panels: readonly Panel[]) => panels.map((panel) => ({ panel }));
  return {
    uid: props.uid,
    title: props.title,
    folder: props.folder ?? defaultFolder,
    variables: ['cluster', ...(props.variables ?? [])],
    panels: placed(props.panels),
    rows: (props.rows ?? []).map(({ title, panels }) => ({ title, panels: placed(panels) })),
  };
}

export const allPanels = (dashboard: Dashboard): PlacedPanel[] => [...dashboard.panels, ...dashboard.rows.flatMap(({ panels }) => panels)];

/**
 * A dashboard as Grafana reads it from a file. Version 41 of the format: 11 to 13 take it as it is.
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function dashboardModel(dashboard: Dashboard, database: string): Record<string, unknown> {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    tags: ['obs'],
    schemaVersion: 41,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: '1m',
    time: { from: 'now-1h', to: 'now' },
    annotations: { list: [] },
    links: [
      {
        type: 'dashboards',
        title: 'Observability',
        tags: ['obs'],
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        icon: 'external link',
        tooltip: '',
        url: '',
        targetBlank: false,
      },
    ],
    templating: { list: variableModels(dashboard.variables) },
    panels: panelModels(dashboard, database),
  };
}

function panelModels(dashboard: Dashboard, database: string): Record<string, unknown>[] {
  let counted = 0;
  const numbered = ({ id, panel }: PlacedPanel) => ({
    id: id ?? ++counted,
    model: panel._model({ variables: dashboard.variables, database }),
    size: panel._size,
  });
  const models: Record<string, unknown>[] = [];
  let bottom = place(dashboard.panels.map(numbered), 0, models);
  for (const row of dashboard.rows) {
    const panels: Record<string, unknown>[] = [];
    place(row.panels.map(numbered), bottom + 1, panels);
    models.push({
      id: rowIds + models.length,
      type: 'row',
      title: row.title,
      collapsed: true,
      gridPos: { x: 0, y: bottom, w: columns, h: 1 },
      panels,
    });
    bottom += 1;
  }
  return models;
}

const columns = 24;

/** Rows are panels to Grafana; their numbers lie apart from those that links name. */
const rowIds = 10_000;

/** Puts panels side by side until a line is full. Returns the first free line. */
function place(
  panels: readonly { id: number; model: Record<string, unknown>; size: { width: number; height: number } }[],
  top: number,
  into: Record<string, unknown>[],
): number {
  let x = 0;
  let y = top;
  let lineHeight = 0;
  for (const { id, model, size } of panels) {
    if (x + size.width > columns) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    into.push({ ...model, id, gridPos: { x, y, w: size.width, h: size.height } });
    x += size.width;
    lineHeight = Math.max(lineHeight, size.height);
  }
  return y + lineHeight;
}

const dashboardUid = text({ max: 40, pattern: /^[A-Za-z0-9_-]+$/, allowed: "1 to 40 letters, digits, '-' and '_'" });
const title = text({ max: 100 });
/** Grafana takes `/` in the name of a folder for a folder in a folder. */
const folderName = text({ max: 100, pattern: /^[^/\\]+$/, allowed: "1 to 100 characters without '/' and '\\'" });
const panels = list(instance('a Panel: Panel.timeSeries(…), Panel.json(…)', 'metrics', '_model'));

export const dashboardChecks: Checks<DashboardProps> = {
  uid: required(dashboardUid),
  title: required(title),
  folder: folderName,
  panels: required(panels),
  rows: list(struct<DashboardRow>({ title: required(title), panels: required(panels) })),
  variables: list(oneOf(DashboardVariable)),
};

/** What is wrong with a dashboard beside others: names that are taken, and an empty page. */
export function dashboardProblems(props: DashboardProps, others: readonly Dashboard[]): Problem[] {
  const same = others.find(({ uid }) => uid === props.uid);
  const sameTitle = others.find(({ title: other, folder }) => other === props.title && folder === (props.folder ?? defaultFolder));
  const count = props.panels.length + (props.rows ?? []).flatMap((row) => row.panels).length;
  return [
    ...(same ? [{ where: 'uid', given: `"${props.uid}", which is the dashboard "${same.title}"`, allowed: 'a uid of its own' }] : []),
    ...(sameTitle
      ? [
          {
            where: 'title',
            given: `"${props.title}", which another dashboard of the folder "${sameTitle.folder}" has`,
            allowed: 'a title of its own within its folder',
          },
        ]
      : []),
    ...(count === 0 ? [{ where: 'panels', given: 'no panel', allowed: 'one or more, here or in `rows`' }] : []),
  ];
}
