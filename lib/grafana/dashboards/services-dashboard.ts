import type { Dashboard, PlacedPanel } from '../dashboard';
import { defaultFolder } from '../dashboard';
import { Panel } from '../panel';
import { Spans } from '../queries/spans';
import { servicesPanels as id, servicesDashboardUid } from './panel-ids';
import * as queries from './services-queries';

const toLogs = '/d/obs-logs?var-cluster=${cluster}&var-service=${__data.fields.service}&${__url_time_range}';

/** For the owner of an application: are users served, how many, how fast, and how often not? A request is a span where it enters a service. */
const firstScreen: PlacedPanel[] = [
  {
    id: id.services,
    panel: Panel.table({
      title: 'Services',
      description:
        'Requests a second, the share that fails, and how long they take, over the whole range; those that fail most first. Red numbers: open the newest errors below.',
      query: queries.services,
      columnUnits: { rate: 'reqps', errors: 'percentunit', p50: 's', p95: 's', p99: 's' },
      link: toLogs,
    }),
  },
  {
    id: id.requests,
    panel: Panel.timeSeries({
      title: 'Requests',
      description: 'Requests a second by service. A fall to nothing: look at who calls it, at its Ingress and at DNS.',
      query: Spans.rate({ by: ['service.name'] }),
      unit: 'reqps',
      width: 8,
    }),
  },
  {
    id: id.errors,
    panel: Panel.timeSeries({
      title: 'Errors',
      description: 'The share of requests that fail, by service. Red: users feel it; see "Newest errors" and "By version".',
      query: Spans.errorRatio({ by: ['service.name'] }),
      unit: 'percentunit',
      thresholds: { warning: 0.01, critical: 0.05 },
      width: 8,
    }),
  },
  {
    id: id.duration,
    panel: Panel.timeSeries({
      title: 'Duration',
      description:
        'How long requests of the chosen services take: half of them, 95 and 99 of a hundred less than this. A rise: see "Operations" and "Dependencies".',
      query: queries.duration,
      unit: 's',
      width: 8,
    }),
  },
];

const details: PlacedPanel[] = [
  {
    id: id.operations,
    panel: Panel.table({
      title: 'Operations',
      description: 'The 20 operations that take the most time in all.',
      query: queries.operations,
      columnUnits: { rate: 'reqps', errors: 'percentunit', p95: 's', time: 'percentunit' },
    }),
  },
  {
    id: id.statusCodes,
    panel: Panel.bars({
      title: 'Requests by HTTP status',
      description: 'Requests a second by the status that was answered. 5xx: the service failed; 4xx: it was asked wrongly.',
      query: queries.statusCodes,
      unit: 'reqps',
    }),
  },
  {
    id: id.versions,
    panel: Panel.timeSeries({
      title: 'Errors by version',
      description: 'The share of requests that fail, by `service.version`. If only the newest fails, roll it back.',
      query: Spans.errorRatio({ by: ['service.name', 'service.version'] }),
      unit: 'percentunit',
      thresholds: { warning: 0.01, critical: 0.05 },
    }),
  },
];

const causes: PlacedPanel[] = [
  {
    id: id.newestErrors,
    panel: Panel.table({
      title: 'Newest errors',
      description: 'Failed requests by message, the newest first, each with one trace to look at.',
      query: queries.newestErrors,
      link: toLogs,
    }),
  },
  {
    id: id.dependencies,
    panel: Panel.table({
      title: 'Dependencies',
      description: 'Calls to databases, queues and other hosts, from the side of the caller; those that fail most first.',
      query: queries.dependencies,
      columnUnits: { rate: 'reqps', errors: 'percentunit', p95: 's' },
    }),
  },
];

export const servicesDashboard: Dashboard = {
  uid: servicesDashboardUid,
  title: 'Services',
  folder: defaultFolder,
  variables: ['cluster', 'namespace', 'service'],
  panels: firstScreen,
  rows: [
    { title: 'Operations and versions', panels: details },
    { title: 'Causes', panels: causes },
  ],
};
