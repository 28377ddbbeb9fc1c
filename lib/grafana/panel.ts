import { type Check, type Checks, checkProps, instance, integer, list, number, record, required, struct, text } from '../kubernetes/checks';
import { type Problem, shown, throwIfAny } from '../kubernetes/problems';
import type { Metric } from '../telemetry/metric';
import { dataSource } from './data-source';
import { clickHousePlugin } from './plugin';
import { metricCheck, type Query } from './queries/query';
import { QueryShape } from './queries/query-shape';
import type { VariableName } from './queries/variables';

/** Where a value becomes bad. If `critical` is below `warning`, less is worse. */
export interface Thresholds {
  /** Orange from here on. */
  readonly warning: number;
  /** Red from here on. */
  readonly critical: number;
}

/** Properties of a Panel. */
export interface PanelProps {
  /** Shown on top. */
  readonly title: string;
  /** What it shows, and what to do when it is red: the text behind the panel's information sign. */
  readonly description: string;
  /** What it shows. */
  readonly query: Query;
  /**
   * The unit of its values, by Grafana's name: `s`, `bytes`, `percentunit`, `reqps`.
   * @default - a plain number
   */
  readonly unit?: string;
  /**
   * Units of single columns of a table.
   * @default - `unit`
   */
  readonly columnUnits?: Record<string, string>;
  /**
   * From which values on it turns yellow or red.
   * @default - all values are good
   */
  readonly thresholds?: Thresholds;
  /**
   * Of 24 columns.
   * @default - as its kind needs
   */
  readonly width?: number;
  /**
   * An address that a click on a value opens, e.g. `/d/obs-logs?var-service=${__data.fields.service}`.
   * @default - none
   */
  readonly link?: string;
  /**
   * Options of Grafana's panel of this kind, over those that are set here.
   * @default - none
   */
  // biome-ignore lint/suspicious/noExplicitAny: options of Grafana's panels are data of any shape
  readonly options?: Record<string, any>;
}

/** One panel of a dashboard. */
export class Panel {
  /**
   * Lines over time, one a series.
   * @throws if a property is wrong, with all that is wrong; or if the query's rows are of a shape that it cannot show
   */
  static timeSeries(props: PanelProps): Panel {
    return made('timeSeries', props, kinds.timeSeries);
  }

  /**
   * Bars over time, stacked: for counts.
   * @throws if a property is wrong, with all that is wrong; or if the query's rows are of a shape that it cannot show
   */
  static bars(props: PanelProps): Panel {
    return made('bars', props, kinds.bars);
  }

  /**
   * One number, or one for each row.
   * @throws if a property is wrong, with all that is wrong; or if the query's rows are of a shape that it cannot show
   */
  static stat(props: PanelProps): Panel {
    return made('stat', props, kinds.stat);
  }

  /**
   * One horizontal bar for each row.
   * @throws if a property is wrong, with all that is wrong; or if the query's rows are of a shape that it cannot show
   */
  static barGauge(props: PanelProps): Panel {
    return made('barGauge', props, kinds.barGauge);
  }

  /**
   * Rows and columns as they come.
   * @throws if a property is wrong, with all that is wrong; or if the query's rows are of a shape that it cannot show
   */
  static table(props: PanelProps): Panel {
    return made('table', props, kinds.table);
  }

  /**
   * Lines of logs.
   * @throws if a property is wrong, with all that is wrong; or if the query's rows are of a shape that it cannot show
   */
  static logs(props: PanelProps): Panel {
    return made('logs', props, kinds.logs);
  }

  /**
   * A panel in Grafana's own JSON, for everything else. Its id and place are given by the dashboard.
   * @param metrics that it reads
   * @throws if the model has no title or type, or something of `metrics` is no Metric
   */
  // biome-ignore lint/suspicious/noExplicitAny: a model of Grafana's is data of any shape
  static json(model: any, metrics: Metric[] = []): Panel {
    const problems = [...record(anything)(model, 'model'), ...list(metricCheck)(metrics, 'metrics')];
    throwIfAny(
      'Panel.json',
      problems.length > 0
        ? problems
        : checkProps({ title: model.title, type: model.type }, { title: required(title), type: required(text()) }),
    );
    const { w, h } = model.gridPos ?? {};
    return new Panel(model.title, { width: w ?? 12, height: h ?? 8 }, metrics, () => model);
  }

  private constructor(
    /** Shown on top. */
    readonly title: string,
    /** @internal */
    readonly _size: Size,
    /** The metrics that it reads. */
    readonly metrics: Metric[],
    private readonly model: (page: Page) => Record<string, unknown>,
  ) {}

  /** @internal As Grafana reads it. */
  _model(page: Page): Record<string, unknown> {
    return this.model(page);
  }

  /** @internal */
  static _of(title: string, size: Size, metrics: Metric[], model: (page: Page) => Record<string, unknown>): Panel {
    return new Panel(title, size, metrics, model);
  }
}

/** What a panel is told of the dashboard that it stands in. */
interface Page {
  readonly variables: readonly VariableName[];
  readonly database: string;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What panels of one kind have in common. */
interface Kind extends Size {
  readonly type: string;
  /** Shapes that it can show, the best first. */
  readonly shapes: readonly QueryShape[];
  readonly options: Record<string, unknown>;
  /** How a series is drawn. */
  readonly custom?: Record<string, unknown>;
}

const rowsAsValues = { reduceOptions: { values: true, calcs: [], fields: '/^value$/' } };
const legend = { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] };
const overTime = {
  type: 'timeseries',
  shapes: [QueryShape.TIME_SERIES],
  width: 12,
  height: 8,
  options: { legend, tooltip: { mode: 'multi', sort: 'desc' } },
};

const kinds = {
  timeSeries: { ...overTime, custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'auto', spanNulls: 300_000 } },
  bars: {
    ...overTime,
    custom: { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0, showPoints: 'never', stacking: { mode: 'normal', group: 'A' } },
  },
  stat: {
    type: 'stat',
    shapes: [QueryShape.TABLE, QueryShape.TIME_SERIES],
    width: 4,
    height: 4,
    options: { ...rowsAsValues, colorMode: 'value', graphMode: 'none', textMode: 'auto' },
  },
  barGauge: {
    type: 'bargauge',
    shapes: [QueryShape.TABLE],
    width: 12,
    height: 8,
    options: { ...rowsAsValues, orientation: 'horizontal', displayMode: 'basic' },
  },
  table: { type: 'table', shapes: [QueryShape.TABLE], width: 24, height: 8, options: { showHeader: true, cellHeight: 'sm' } },
  logs: {
    type: 'logs',
    shapes: [QueryShape.LOGS],
    width: 24,
    height: 16,
    options: { showTime: true, wrapLogMessage: true, enableLogDetails: true, dedupStrategy: 'none', sortOrder: 'Descending' },
  },
} satisfies Record<string, Kind>;

/** Numbers of the plugin for what a query's rows mean. */
const formats = { [QueryShape.TIME_SERIES]: 0, [QueryShape.TABLE]: 1, [QueryShape.ALERT]: 1, [QueryShape.LOGS]: 2 };

/** A query as a panel or a rule holds it. */
export function target(refId: string, sql: string, shape: QueryShape, builderOptions?: object): Record<string, unknown> {
  const queryType = shape === QueryShape.ALERT ? QueryShape.TABLE : shape;
  return {
    refId,
    datasource: dataSource,
    // Log context and live view work for queries of the builder only; what runs is the SQL in either case.
    ...(builderOptions ? { editorType: 'builder', builderOptions } : { editorType: 'sql' }),
    queryType,
    format: formats[shape],
    rawSql: sql,
    pluginVersion: clickHousePlugin.version,
  };
}

function made(factory: string, props: PanelProps, kind: Kind): Panel {
  const problems = checkProps(props, panelChecks);
  throwIfAny(`Panel.${factory}`, problems.length > 0 ? problems : shapeProblems(props.query, kind));
  const shape = props.query._shape(kind.shapes) as QueryShape;
  return Panel._of(
    props.title,
    { width: props.width ?? kind.width, height: kind.height },
    props.query.metrics,
    ({ variables, database }) => ({
      type: kind.type,
      title: props.title,
      description: props.description,
      datasource: dataSource,
      // Two samples: below that every second point of a series would be missing.
      interval: '2m',
      maxDataPoints: 600,
      targets: [target('A', props.query._sql({ shape, variables }), shape, props.query._builderOptions?.(database))],
      fieldConfig: { defaults: fieldDefaults(props, kind, shape), overrides: columnUnits(props) },
      options: {
        ...kind.options,
        ...(kind.type === 'stat' && shape === QueryShape.TIME_SERIES
          ? { reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' } }
          : {}),
        ...props.options,
      },
    }),
  );
}

function shapeProblems(query: Query, kind: Kind): Problem[] {
  return query._shape(kind.shapes)
    ? []
    : [{ where: 'query', given: `a query of shape ${query._shapes.join(', ')}`, allowed: `one of shape ${kind.shapes.join(', ')}` }];
}

function fieldDefaults(props: PanelProps, kind: Kind, shape: QueryShape): Record<string, unknown> {
  const labels = props.query._labels(shape) ?? [];
  const field = shape === QueryShape.TIME_SERIES ? '__field.labels' : '__data.fields';
  return {
    ...(props.unit ? { unit: props.unit } : {}),
    ...(labels.length > 0 && kind.type !== 'table' ? { displayName: labels.map((label) => `\${${field}.${label}}`).join(' ') } : {}),
    ...(kind.custom ? { custom: { ...kind.custom, ...(props.thresholds ? { thresholdsStyle: { mode: 'line' } } : {}) } } : {}),
    color: { mode: props.thresholds && kind.type !== 'timeseries' ? 'thresholds' : 'palette-classic-by-name' },
    thresholds: { mode: 'absolute', steps: steps(props.thresholds) },
    noValue: '-',
    ...(props.link ? { links: [{ title: 'Open', url: props.link }] } : {}),
  };
}

function steps(thresholds: Thresholds | undefined): object[] {
  if (!thresholds) {
    return [{ color: 'green', value: null }];
  }
  const { warning, critical } = thresholds;
  return critical > warning
    ? [
        { color: 'green', value: null },
        { color: 'orange', value: warning },
        { color: 'red', value: critical },
      ]
    : [
        { color: 'red', value: null },
        { color: 'orange', value: critical },
        { color: 'green', value: warning },
      ];
}

const columnUnits = (props: PanelProps): object[] =>
  Object.entries(props.columnUnits ?? {}).map(([column, unit]) => ({
    matcher: { id: 'byName', options: column },
    properties: [{ id: 'unit', value: unit }],
  }));

const title = text({ max: 100 });
const unit = text({ max: 60 });
const anything: Check = () => [];

const thresholdsCheck: Check = (value, where) => {
  const problems = struct<Thresholds>({ warning: required(number(-1e15, 1e15)), critical: required(number(-1e15, 1e15)) })(value, where);
  const { warning, critical } = (value ?? {}) as Thresholds;
  return problems.length === 0 && warning === critical ? [{ where, given: `${warning} twice`, allowed: 'two different values' }] : problems;
};

const panelChecks: Checks<PanelProps> = {
  title: required(title),
  description: required((value, where) =>
    typeof value === 'string' && value.trim() !== '' && value.length <= 1000
      ? []
      : [{ where, given: shown(value), allowed: 'a text of 1 to 1000 characters' }],
  ),
  query: required(instance('a Query: Query.rate(…), Query.sql(…), Spans.rate(…)', 'metrics', '_sql')),
  unit,
  columnUnits: record(unit),
  thresholds: thresholdsCheck,
  width: integer(1, 24),
  link: text({ max: 2000, pattern: /^(\/|https?:\/\/)/, allowed: 'an address that begins with / or http(s)://' }),
  options: record(anything),
};
