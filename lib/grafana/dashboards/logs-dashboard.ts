import type { Dashboard, PlacedPanel } from '../dashboard';
import { defaultFolder } from '../dashboard';
import { Panel } from '../panel';
import * as queries from './logs-queries';
import { logsPanels as id, logsDashboardUid } from './panel-ids';

/** For everybody: what does it say, what is new, who shouts? */
const firstScreen: PlacedPanel[] = [
  {
    id: id.volume,
    panel: Panel.bars({
      title: 'Lines by severity',
      description: 'Lines in each interval. A wall of errors: see what is new below. A gap: see "Nodes without logs".',
      query: queries.volume,
      width: 16,
    }),
  },
  {
    id: id.errors,
    panel: Panel.stat({
      title: 'Errors a minute',
      description: 'In this range, and in the same range a day ago. Many times yesterday: see "New errors".',
      query: queries.errors,
      unit: 'short',
      width: 5,
    }),
  },
  {
    id: id.withoutSeverity,
    panel: Panel.stat({
      title: 'Without severity',
      description: 'Lines that no parser found a severity in: they count as no error. Orange: give their source a parser.',
      query: queries.withoutSeverity,
      unit: 'percentunit',
      thresholds: { warning: 0.5, critical: 0.95 },
      width: 3,
    }),
  },
  {
    id: id.lines,
    panel: Panel.logs({
      title: 'Lines',
      description:
        'The newest 500 lines. The search takes whole words, in any case; all of them have to occur, next to each other as typed.',
      query: queries.lines,
    }),
  },
];

const patterns: PlacedPanel[] = [
  {
    id: id.newPatterns,
    panel: Panel.table({
      title: 'New errors',
      description: 'Errors that were not there in the 24 hours before this range. Numbers and ids are left out of the comparison.',
      query: queries.newPatterns,
    }),
  },
  {
    id: id.topPatterns,
    panel: Panel.table({
      title: 'Commonest lines',
      description: 'What is said most often, and how much of all text it is.',
      query: queries.topPatterns,
      columnUnits: { lines_share: 'percentunit', bytes_share: 'percentunit' },
    }),
  },
];

const sources: PlacedPanel[] = [
  {
    id: id.byWorkload,
    panel: Panel.barGauge({
      title: 'Lines by workload',
      description: 'The ten that write most.',
      query: queries.byWorkload,
      unit: 'short',
    }),
  },
  {
    id: id.nodes,
    panel: Panel.table({
      title: 'Nodes without logs',
      description:
        'Nodes whose agent lives but has read no line of a container for half an hour. Any row: look at the log of that agent, and whether it may read /var/log/pods.',
      query: queries.nodesWithoutLogs,
      width: 12,
    }),
  },
];

export const logsDashboard: Dashboard = {
  uid: logsDashboardUid,
  title: 'Logs',
  folder: defaultFolder,
  variables: ['cluster', 'namespace', 'service', 'severity', 'search'],
  panels: firstScreen,
  rows: [
    { title: 'Patterns', panels: patterns },
    { title: 'Sources', panels: sources },
  ],
};
