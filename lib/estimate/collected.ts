import { Duration } from 'cdk8s';
import type { Collector } from '../collector/collector';
import type { KeptShare } from '../collector/kept-share';
import { passes } from '../collector/passage';
import { type SignalName, signals } from '../collector/signal';
import type { SourceBinding } from '../collector/source';
import type { Countable } from '../telemetry/countable';
import { seriesOf } from '../telemetry/series';
import { type ClusterShape, countsOf, countsOfNodes, keptOfShape, sentByApplications } from './cluster-shape';
import { countingMore, type Hearing, ownPoints, ownTelemetrySource } from './own-telemetry';

/** What one source gives of one signal. */
export interface Rows {
  readonly collector: string;
  readonly source: string;
  readonly signal: SignalName;
  readonly rowsPerMinute: number;
}

/** What somebody gives, and what is to be known of these numbers. */
export interface Collected {
  readonly rows: Rows[];
  /** Of what there is no number. */
  readonly notEstimated: string[];
  /** What the numbers stand on that nobody said. */
  readonly assumptions: string[];
}

/** What a collector gives: of it what is stored in the end. */
export function collectedBy(collector: Collector, shape: ClusterShape, receiver: Collector | undefined): Collected {
  const { name } = collector._identity;
  const nodes = shape.nodesOfAgents?.[name] ?? shape.nodes;
  const counts = collector._placement._kind === 'DaemonSet' ? countsOfNodes(shape, nodes) : countsOf(shape);
  const given = collector._sources.flatMap(({ name: source, binding }): Rows[] => [
    { collector: name, source, signal: 'logs', rowsPerMinute: logRecords(binding, counts) },
    { collector: name, source, signal: 'metrics', rowsPerMinute: points(binding, counts) },
  ]);
  const hearing = hearingOf(collector, counts, collector._placement._replicas ?? nodes, receiver);
  const told = new Set(given.filter(({ rowsPerMinute }) => rowsPerMinute > 0).map(({ signal }) => signal));
  const of = (what: string) => `${name} / ${what}`;
  return {
    rows: [
      ...given.map((row) => kept(row, collector.keeps, shape)),
      own(collector, shape, collector._placement._replicas ?? nodes, hearing),
    ],
    notEstimated: [
      ...collector._sources.flatMap(({ name: source, binding }) => unknownOf(binding).map((what) => of(`${source}: ${what}`))),
      ...(collector._ownPassage ? countingMore(collector._rendering.settings) : []).map((id) =>
        of(`${ownTelemetrySource}: what ${id} counts`),
      ),
      ...unknownShares(collector.keeps, shape),
      ...collector._furtherCosts.map(of),
    ],
    assumptions: [
      ...sharesIn(name, collector.keeps, shape, [...told]),
      ...collector._sources.flatMap(({ name: source, binding }) => noneOf(binding, counts).map((what) => of(`${source}: ${what}`))),
      ...poolOf(collector, shape),
    ],
  };
}

/** Whom applications are taken to send to: a gateway if there is one, else the first that takes OTLP. */
export function receiverOfApplications(collectors: readonly Collector[]): Collector | undefined {
  const takers = collectors.filter((collector) => signals.some((signal) => takesOtlp(collector, signal)));
  return takers.find(({ _placement }) => _placement._kind !== 'DaemonSet') ?? takers[0];
}

/** What applications send. */
export function sentTo(receiver: Collector | undefined, collectors: readonly Collector[], shape: ClusterShape): Collected {
  const rows = Object.entries(sentByApplications(shape)).map(
    ([signal, rowsPerMinute]): Rows => ({ collector: 'applications', source: 'OTLP', signal: signal as SignalName, rowsPerMinute }),
  );
  const told = rows.filter(({ rowsPerMinute }) => rowsPerMinute > 0).map(({ signal }) => signal);
  const takers = collectors.filter((collector) => told.some((signal) => takesOtlp(collector, signal)));
  const others = takers.filter((other) =>
    told.some((signal) => shareOf(signal, other.keeps, shape) !== shareOf(signal, receiver?.keeps, shape)),
  );
  return {
    rows: rows.map((row) => kept(row, receiver?.keeps, shape)),
    notEstimated: [],
    assumptions: [
      ...sharesIn('applications', receiver?.keeps, shape, told),
      ...(receiver && others.length > 0 ? [`applications: all of them send to ${receiver._identity.name}`] : []),
    ],
  };
}

const takesOtlp = ({ _sources }: Collector, signal: SignalName) =>
  _sources.some(({ binding }) => !binding.wholeTraces && binding.receivers[signal]?.some(({ id }) => id === 'otlp'));

/** In how many pods of a collector a receiver gets something: one that leads or checks for all does in one pod, one of few targets in so many. */
function hearingOf(collector: Collector, counts: Counts, pods: number, receiver: Collector | undefined): Hearing {
  const { receivers = {} } = collector._rendering.settings;
  const isUnused = collector._placement._kind === 'DaemonSet' && receiver !== undefined && receiver !== collector;
  return (id, signal) => {
    const config = receivers[id] as { k8s_leader_elector?: string; initial_delay?: string } | undefined;
    if (id === 'otlp' && isUnused) {
      return 0;
    }
    if (config?.k8s_leader_elector || config?.initial_delay) {
      return 1;
    }
    const binding = collector._sources.find((source) => source.binding.receivers[signal]?.some((receiver) => receiver.id === id))?.binding;
    const targets = binding && namesOf(binding).includes('up') ? seriesIn(binding, 'up') : undefined;
    return targets ? Math.min(pods, Math.max(1, targets.count * counts[targets.per])) : pods;
  };
}

function own(collector: Collector, shape: ClusterShape, pods: number, hearing: Hearing): Rows {
  const { _ownPassage: passage, _rendering: rendering, _identity: identity } = collector;
  const sent = passage ? ownPoints(rendering.settings, pods, hearing).filter(({ metric }) => passes(metric, passage)) : [];
  const rowsPerMinute = sum(sent.map(({ points }) => points));
  return kept({ collector: identity.name, source: ownTelemetrySource, signal: 'metrics', rowsPerMinute }, passage?.keeps, shape);
}

const kept = (row: Rows, keeps: KeptShare | undefined, shape: ClusterShape): Rows => ({
  ...row,
  rowsPerMinute: row.rowsPerMinute * shareOf(row.signal, keeps, shape),
});

/** What the shape says goes over what the processors do. */
const shareOf = (signal: SignalName, keeps: KeptShare | undefined, shape: ClusterShape) =>
  keptOfShape(shape)[signal] ?? keeps?._shares[signal] ?? 1;

const unknownShares = (keeps: KeptShare | undefined, shape: ClusterShape) =>
  (keeps?._unknown ?? []).filter(({ signal }) => keptOfShape(shape)[signal] === undefined).map(({ what }) => what);

const sharesIn = (name: string, keeps: KeptShare | undefined, shape: ClusterShape, told: readonly SignalName[]) =>
  signals
    .filter((signal) => told.includes(signal) && shareOf(signal, keeps, shape) !== 1)
    .map((signal) => `${name}: ${percent(shareOf(signal, keeps, shape))} % of ${signal} are kept`);

/** Whoever has several agents says how many nodes each has. */
function poolOf({ _placement, _identity: { name } }: Collector, shape: ClusterShape): string[] {
  const isPool = Object.keys(_placement._pool?.nodeSelector ?? {}).length > 0;
  return isPool && shape.nodesOfAgents?.[name] === undefined
    ? [`${name}: it runs on all nodes, though it selects some: \`nodesOfAgents\` says on how many`]
    : [];
}

type Counts = Readonly<Record<Countable, number>>;

const logRecords = ({ rows = [] }: SourceBinding, counts: Counts) => sum(rows.map((row) => (row.logRecords ?? 0) * counts[row.per]));

/** Of each metric as the source itself says, or as is known of its name. */
function points(binding: SourceBinding, counts: Counts): number {
  const unnamed = (binding.rows ?? []).filter(({ metrics }) => metrics === undefined).map((row) => (row.points ?? 0) * counts[row.per]);
  const named = namesOf(binding).map((metric) => {
    const series = seriesIn(binding, metric);
    return series ? series.count * counts[series.per] : 0;
  });
  return ((sum(unnamed) + sum(named)) * 60_000) / (binding.interval ?? Duration.minutes(1)).toMilliseconds();
}

/** How many series one metric of a source has: undefined if nobody says. */
function seriesIn(binding: SourceBinding, metric: string): { readonly per: Countable; readonly count: number } | undefined {
  const own = binding.rows?.find(({ metrics }) => metrics?.includes(metric));
  return own ? { per: own.per, count: own.points ?? 0 } : seriesOf(metric);
}

const namesOf = (binding: SourceBinding) => (binding.metrics ?? []).map(({ name }) => name);

function unknownOf(binding: SourceBinding): string[] {
  const said = binding.notCounted ?? [];
  const { logs = [], metrics = [], traces = [] } = binding.receivers;
  if (!binding.metrics && !binding.rows && [...logs, ...metrics, ...traces].length > 0) {
    return said.length > 0 ? said : ['it does not say what it gives'];
  }
  const unknown = namesOf(binding).filter((metric) => !seriesIn(binding, metric));
  return [...(unknown.length > 0 ? [unknown.join(', ')] : []), ...said];
}

/** What a source would give of things that this cluster has none of. */
function noneOf(binding: SourceBinding, counts: Counts): string[] {
  const per = [
    ...(binding.rows ?? []).map((row) => row.per),
    ...namesOf(binding).flatMap((metric) => seriesIn(binding, metric)?.per ?? []),
  ];
  const things = [...new Set(per)];
  return things.length > 0 && things.every((thing) => counts[thing] === 0) ? [`nothing, as the shape has no ${things.join(', no ')}`] : [];
}

const percent = (share: number) => Number((share * 100).toPrecision(3));
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
