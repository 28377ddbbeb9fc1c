import { checkProps, nearest } from '../kubernetes/checks';
import type { Problem } from '../kubernetes/problems';
import type { Metric } from '../telemetry/metric';
import { metricCatalogue } from '../telemetry/metric-catalogue';
import { type AlertRuleProps, alertRuleProblems, type PlacedRule } from './alert-rule';
import { shippedRules } from './alerts/shipped-rules';
import {
  allPanels,
  type Dashboard,
  type DashboardProps,
  dashboardChecks,
  dashboardOf,
  dashboardProblems,
  type PlacedPanel,
} from './dashboard';
import { shippedDashboards } from './dashboards/shipped-dashboards';
import { Panel } from './panel';

/** The dashboards and rules of one Grafana, before they are written down. */
export class Content {
  readonly dashboards: Dashboard[] = [];
  readonly rules: PlacedRule[] = [];
  /** What of the library's own content is not there, and why. */
  readonly leftOut: string[] = [];
  /** Names of shipped rules that are not there. */
  readonly rulesLeftOut: string[] = [];
  private readonly given: Set<string> | undefined;

  /** @param metrics that producers give; without them, all content is taken to have what it reads */
  constructor(metrics: readonly Metric[] | undefined, runbookBaseUrl: string) {
    this.given = metrics && new Set(metrics.map(({ name }) => name));
    for (const dashboard of shippedDashboards) {
      this.dashboards.push(this.withoutMissing(dashboard));
    }
    for (const { props, group, shownOn } of shippedRules) {
      const missing = this.missing(props.query.metrics);
      if (missing.length > 0) {
        this.leftOut.push(`rule ${props.name}: nobody gives ${missing.join(', ')}`);
        this.rulesLeftOut.push(props.name);
      } else {
        this.rules.push({ props: { ...props, runbook: `${runbookBaseUrl}/${props.name}.md` }, group, shownOn });
      }
    }
  }

  /** Adds a dashboard, unless something is wrong with it. */
  addDashboard(props: DashboardProps): { problems: Problem[]; dashboard?: Dashboard } {
    const wrong = checkProps(props, dashboardChecks);
    const problems = wrong.length > 0 ? wrong : [...dashboardProblems(props, this.dashboards), ...this.panelProblems(props)];
    if (problems.length > 0) {
      return { problems };
    }
    const dashboard = dashboardOf(props);
    this.dashboards.push(dashboard);
    return { problems, dashboard };
  }

  /** Adds a rule, unless something is wrong with it. */
  addRule(props: AlertRuleProps): Problem[] {
    const wrong = alertRuleProblems(props, [...this.rules.map((rule) => rule.props.name), ...this.rulesLeftOut]);
    const metrics = wrong.length > 0 ? [] : [...props.query.metrics, ...(props.unless?.metrics ?? [])];
    const problems = [...wrong, ...this.metricProblems('query', metrics)];
    if (problems.length === 0) {
      this.rules.push({ props, group: 'own rules' });
    }
    return problems;
  }

  /** Names of the metrics that panels and rules read. */
  reads(): Set<string> {
    const ofPanels = this.dashboards.flatMap(allPanels).flatMap(({ panel }) => panel.metrics);
    const ofRules = this.rules.flatMap(({ props }) => [...props.query.metrics, ...(props.unless?.metrics ?? [])]);
    return new Set([...ofPanels, ...ofRules].map(({ name }) => name));
  }

  private withoutMissing(dashboard: Dashboard): Dashboard {
    const notShown: string[] = [];
    const present = (panels: readonly PlacedPanel[]) =>
      panels.filter(({ panel }) => {
        const missing = this.missing(panel.metrics);
        if (missing.length > 0) {
          notShown.push(`${panel.title}: nobody gives ${missing.join(', ')}`);
        }
        return missing.length === 0;
      });
    const panels = present(dashboard.panels);
    const rows = dashboard.rows.map((row) => ({ ...row, panels: present(row.panels) })).filter((row) => row.panels.length > 0);
    this.leftOut.push(...notShown.map((line) => `panel ${dashboard.title} / ${line}`));
    return { ...dashboard, panels: [...panels, ...notShownPanel(dashboard, notShown)], rows };
  }

  /** Metrics of a user's own (`Metric.custom`) come from applications, and no collector can say whether they do. */
  private missing(metrics: readonly Metric[]): string[] {
    return this.given === undefined
      ? []
      : metrics.map(({ name }) => name).filter((name) => name in metricCatalogue() && !this.given?.has(name));
  }

  private panelProblems(props: DashboardProps): Problem[] {
    const rows = (props.rows ?? []).map((row, index) => ({ where: `rows[${index}].panels`, panels: row.panels }));
    return [{ where: 'panels', panels: props.panels }, ...rows].flatMap(({ where, panels }) =>
      panels.flatMap((panel, index) => this.metricProblems(`${where}[${index}] "${panel.title}"`, panel.metrics)),
    );
  }

  private metricProblems(where: string, metrics: readonly Metric[]): Problem[] {
    return this.missing(metrics).map((name) => ({
      where,
      given: `the metric ${name}, which no producer gives`,
      allowed: closeTo(name, [...(this.given ?? [])]),
      fix: 'Switch its source on, or name who gives it in `producers`',
    }));
  }
}

function closeTo(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near.startsWith('did you mean') ? near : `one of the ${names.length} metrics that producers give`;
}

/** Tells the reader of a dashboard what he misses. Number 99 of its hundred. */
function notShownPanel(dashboard: Dashboard, lines: readonly string[]): PlacedPanel[] {
  if (lines.length === 0) {
    return [];
  }
  const id = Math.floor((dashboard.panels[0].id ?? 0) / 100) * 100 + 99;
  const content = ['Without these metrics some panels are left out:', '', ...lines.map((line) => `- ${line}`)].join('\n');
  return [
    {
      id,
      panel: Panel.json({
        type: 'text',
        title: 'Not shown here',
        description: 'Panels without a source.',
        gridPos: { w: 24, h: 4 },
        options: { mode: 'markdown', content },
      }),
    },
  ];
}
