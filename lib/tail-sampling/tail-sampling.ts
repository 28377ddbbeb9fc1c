import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { clickHouseCheck, type IClickHouse } from '../clickhouse/clickhouse';
import { ClickHouseSink } from '../clickhouse/clickhouse-sink';
import { Collector } from '../collector/collector';
import { Component } from '../collector/component';
import { routeOwnTelemetry } from '../collector/own-telemetry';
import { Placement } from '../collector/placement';
import { Processor } from '../collector/processor';
import { Signal } from '../collector/signal';
import type { Sink } from '../collector/sink';
import type { CollectorContext, Source, SourceBinding } from '../collector/source';
import { OtlpReceiver, otlpGrpcPort } from '../collector/sources/otlp-receiver';
import { type Checks, checkProps, duration, instance, integer, labelValue, list, required } from '../kubernetes/checks';
import { type Endpoint, endpointCheck } from '../kubernetes/endpoint';
import { headlessName, serviceHost, workloadName } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { type WorkloadProps, workloadChecks } from '../kubernetes/workload';
import { keptByPolicies, type SamplingPolicy, samplingPolicy } from './sampling-policy';

/** What a TailSampling can be told within a stack. */
export interface TailSamplingOptions extends WorkloadProps {
  /** Which traces are kept: those that one of these keeps. */
  readonly keep: SamplingPolicy[];
  /**
   * How many pods share the traces.
   * @default 2
   */
  readonly replicas?: number;
  /**
   * How long after its first span a trace is decided on: what comes later follows the decision. Longer than most traces take; they are in memory meanwhile.
   * @default Duration.seconds(30)
   */
  readonly decisionWait?: Duration;
  /**
   * New traces a second on a usual day, over all pods: room is kept for twice as many. When there are more, the oldest are dropped before they are decided on, and counted.
   * @default 500
   */
  readonly tracesPerSecond?: number;
}

/** Properties of TailSampling. */
export interface TailSamplingProps extends TailSamplingOptions {
  /**
   * Where kept traces are stored, and its own metrics.
   * @default - `sinks` say it
   */
  readonly clickhouse?: IClickHouse;
  /**
   * Where kept traces go, in place of the store.
   * @default - ClickHouseSink
   */
  readonly sinks?: Sink[];
  /**
   * Where kept traces go besides, e.g. `serviceGraph.sink`.
   * @default - nowhere
   */
  readonly furtherSinks?: Sink[];
  /**
   * What comes besides the traces, e.g. `serviceGraph.source`.
   * @default - nothing
   */
  readonly furtherSources?: Source[];
  /**
   * Where its own metrics go, by OTLP over HTTP in plain text.
   * @default - to the store; without one they are served on localhost:8888 in the pod
   */
  readonly ownTelemetry?: Endpoint;
  /** Stands in `k8s.cluster.name` of everything that has none; that of the gateway. */
  readonly clusterName: string;
}

/**
 * Decides on whole traces: the second tier of sampling. A gateway sends spans here through a `TailSamplingSink`, which sends all spans of a trace to one pod.
 * A pod that ends in peace decides on what it has; one that is killed loses the spans of `decisionWait`.
 *
 * @example
 * const sampling = new TailSampling(chart, 'TailSampling', { clickhouse, clusterName: 'prod-eu', keep: [SamplingPolicy.errors(), SamplingPolicy.ratio(0.1)] });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/tailsamplingprocessor
 */
export class TailSampling extends Collector {
  /** Where spans are sent by trace: names each pod. */
  readonly tracesEndpoint: Endpoint;

  /** @throws if a property is wrong or properties contradict each other, with all that is wrong */
  constructor(scope: Construct, id: string, props: TailSamplingProps) {
    checked(scope, id, props);
    super(scope, id, {
      role: workloadName.tailSampling,
      name: props.name,
      namespace: props.namespace,
      images: props.images,
      networkPolicies: props.networkPolicies,
      resources: props.resources ?? { cpu: Cpu.millis(200), memory: Size.gibibytes(1) },
      clusterName: props.clusterName,
      // By its own pipelines to the store, as no gateway has to exist yet.
      ...routeOwnTelemetry(
        [new BalancedTraces(), ...(props.furtherSources ?? [])],
        props.ownTelemetry,
        props.clickhouse !== undefined && props.ownTelemetry === undefined,
      ),
      processors: [Processor._of({ processors: { traces: [allByTheirIds, sampling(props)] }, keeps: keptByPolicies(props.keep) })],
      sinks: [
        ...(props.sinks ?? [new ClickHouseSink({ clickhouse: props.clickhouse as IClickHouse, signals: [Signal.TRACES, Signal.METRICS] })]),
        ...(props.furtherSinks ?? []),
      ],
      placement: Placement.statefulSet(props.replicas ?? 2),
    });
    const { name, namespace } = this._identity;
    this.tracesEndpoint = { ...(this.endpoint(otlpGrpcPort.name) as Endpoint), host: serviceHost(headlessName(name), namespace) };
  }
}

/** Spans that come by trace. */
class BalancedTraces extends OtlpReceiver {
  override bind(context: CollectorContext): SourceBinding {
    const { receivers, ...binding } = super.bind(context);
    return { ...binding, receivers: { traces: receivers.traces }, wholeTraces: true };
  }
}

/**
 * Keeps all and writes so into their trace state: then shares are told by the traces' ids, as `Sample.traces` tells them before and behind. Without it the tier would choose by a hash of its own, and write
 * a share that contradicts the id: a sampler behind it would drop the trace as inconsistent.
 */
const allByTheirIds = Component.processor({
  componentType: 'probabilistic_sampler',
  name: 'all',
  config: { mode: 'equalizing', sampling_percentage: 100 },
});

function sampling({ keep, decisionWait = Duration.seconds(30), tracesPerSecond = 500, replicas = 2 }: TailSamplingProps): Component {
  const perSecond = Math.ceil(tracesPerSecond / replicas);
  const held = Math.ceil(perSecond * decisionWait.toSeconds({ integral: false }) * 2);
  return Component.processor({
    componentType: 'tail_sampling',
    // Spans say in their trace state how many they stand for, and the store counts so many.
    featureGates: ['processor.tailsamplingprocessor.usetracestate'],
    config: {
      decision_wait: `${decisionWait.toMilliseconds()}ms`,
      num_traces: held,
      expected_new_traces_per_sec: perSecond,
      // Late spans of a trace follow what was decided, for ten times as many traces.
      decision_cache: { sampled_cache_size: held * 10, non_sampled_cache_size: held * 10 },
      policies: keep.map(({ _name, _config }) => ({ name: _name, ..._config })),
    },
  });
}

function checked(scope: Construct, id: string, props: TailSamplingProps): void {
  const problems = Problems.ofNew('TailSampling', scope, id);
  problems.add(...checkProps(props, checks));
  problems.throwIfAny();
  if ((props.clickhouse === undefined) === (props.sinks === undefined)) {
    const given = props.sinks ? '`clickhouse` and `sinks`' : 'nothing';
    problems.add({ where: 'clickhouse', given, allowed: 'a store, or `sinks` that say where traces go' });
  }
  const names = props.keep.map(({ _name }) => _name);
  for (const twice of new Set(names.filter((name, index) => names.indexOf(name) !== index))) {
    problems.add({ where: 'keep', given: `'${twice}' twice`, allowed: 'each policy once' });
  }
  problems.throwIfAny();
}

const checks: Checks<TailSamplingProps> = {
  ...workloadChecks(Size.mebibytes(256)),
  keep: required(list(samplingPolicy, { min: 1 })),
  clickhouse: clickHouseCheck,
  sinks: list(instance('a Sink', 'bind'), { min: 1 }),
  furtherSinks: list(instance('a Sink', 'bind')),
  furtherSources: list(instance('a Source', 'bind')),
  clusterName: required(labelValue),
  replicas: integer(1, 64),
  decisionWait: duration(Duration.seconds(1), Duration.minutes(30)),
  tracesPerSecond: integer(1, 1_000_000),
  ownTelemetry: endpointCheck,
};
