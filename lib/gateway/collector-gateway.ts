import { Duration, Size } from 'cdk8s';
import { Cpu, type INetworkPolicyPeer } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { clickHouseCheck, type IClickHouse } from '../clickhouse/clickhouse';
import { ClickHouseSink } from '../clickhouse/clickhouse-sink';
import type { Retention } from '../clickhouse/schema/retention';
import { processorList } from '../collector/binding-checks';
import { Collector, type CollectorProps } from '../collector/collector';
import { ConfigValue } from '../collector/config-value';
import type { IGateway } from '../collector/gateway';
import { kubernetesAttributes } from '../collector/kubernetes-attributes';
import { routeOwnTelemetry } from '../collector/own-telemetry';
import { Placement } from '../collector/placement';
import { Platform } from '../collector/platform';
import { everySignal, Processor } from '../collector/processor';
import { limitsOf, type TimeLimits, timeLimits, withinLimits } from '../collector/processors/time-limits';
import { queueStorage } from '../collector/queue-storage';
import { type SenderProps, senderChecks, senderProblems } from '../collector/senders';
import type { SignalName } from '../collector/signal';
import type { Sink } from '../collector/sink';
import type { Source } from '../collector/source';
import { OtlpReceiver, otlpGrpcPort, otlpHttpPort, tokenGrpcPort, tokenHttpPort } from '../collector/sources/otlp-receiver';
import { type Autoscaling, autoscaling } from '../kubernetes/autoscaling';
import {
  type Checks,
  checkProps,
  duration,
  instance,
  integer,
  labelValue,
  list,
  objectName,
  oneOf,
  required,
  size,
  struct,
} from '../kubernetes/checks';
import { type Endpoint, fromPeer, peerCheck, Reach } from '../kubernetes/endpoint';
import { headlessName, serviceHost, tokenSecretKey, tokenSecretName, workloadName } from '../kubernetes/names';
import { admit, tcp } from '../kubernetes/network-edges';
import { type Problem, Problems } from '../kubernetes/problems';
import { seconds } from '../kubernetes/seconds';
import { SecretKey } from '../kubernetes/secret-key';
import { Volume } from '../kubernetes/volume';
import { warn } from '../kubernetes/warnings';
import { type WorkloadProps, workloadChecks } from '../kubernetes/workload';
import { GatewayMode } from './gateway-mode';
import { defaultOutageBudget, type ExpectedTraffic, expectedTrafficCheck, queueProblems, queueSizes } from './queue-budget';

/** The disk of each replica's queue. */
export interface QueueStorage {
  /** It cannot be changed by applying another YAML: choose it for the longest outage that you want to bridge. */
  readonly size: Size;
  /**
   * The StorageClass of the claims.
   * @default - the cluster's default storage class
   */
  readonly storageClass?: string;
}

/** Properties of a CollectorGateway. */
export interface CollectorGatewayProps extends WorkloadProps, SenderProps {
  /**
   * The store.
   * @default - none: then `sinks` say where telemetry goes
   */
  readonly clickhouse?: IClickHouse;
  /**
   * Stands in `k8s.cluster.name` of everything that has none.
   * @default 'kubernetes', with a warning: two clusters of one name cannot be told apart
   */
  readonly clusterName?: string;
  /**
   * Where the cluster runs. It changes nothing of the default sources; others see it in their CollectorContext.
   * @default Platform.GENERIC
   */
  readonly platform?: Platform;
  /**
   * When senders are answered: when what they sent is in the gateway's queue on disk, or when it is in the store.
   * Between the two the workload changes its kind: read the guide first.
   * @default GatewayMode.DURABLE
   */
  readonly mode?: GatewayMode;
  /**
   * How many pods share the senders; in the durable mode each has a queue of its own, in the synchronous one there are at most as many as the store takes inserts of.
   * @default 2
   */
  readonly replicas?: number;
  /**
   * How many pods there are by how busy they are, instead of `replicas`. In the synchronous mode only: the queue of a pod that is taken away would wait on its disk for its return.
   * @default - `replicas`
   */
  readonly autoscaling?: Autoscaling;
  /**
   * How long the store may be away before senders have to wait. In the durable mode only.
   * @default Duration.hours(1)
   */
  readonly outageBudget?: Duration;
  /**
   * What comes in on a usual day: the queues are sized by it and by `outageBudget`. In the durable mode only.
   * @default - 1,000 log records, 500 spans and 1,000 metric points a second
   */
  readonly expectedTraffic?: ExpectedTraffic;
  /**
   * The disk of the queues, for each pod. In the durable mode only.
   * @default - 20 GiB of the cluster's default storage class
   */
  readonly storage?: QueueStorage;
  /**
   * Where telemetry comes from, in place of the default.
   * @default CollectorGateway.defaultSources()
   */
  readonly sources?: Source[];
  /**
   * How far from now telemetry may be dated; what is not within is dropped and counted (`otelcol_processor_filter_logs.filtered` and its like). `{}` sets no limit.
   * @default - as old as the store keeps it, if that is known, the longest of several, and a day ahead
   */
  readonly timeLimits?: TimeLimits;
  /**
   * What is done with everything before it is stored, in this order.
   * @default - nothing
   */
  readonly processors?: Processor[];
  /**
   * Where telemetry goes, in place of the default.
   * @default CollectorGateway.defaultSinks(clickhouse)
   */
  readonly sinks?: Sink[];
  /**
   * Where telemetry goes besides.
   * @default - nowhere
   */
  readonly furtherSinks?: Sink[];
  /**
   * Who may send, besides the agents of the stack and what `Instrumentation` was told of, on every port that a source listens on over TCP: pods, namespaces and addresses that cdk8s-plus can select.
   * @default - nobody else
   */
  readonly clients?: INetworkPolicyPeer[];
}

/**
 * The `collector` that applications and agents send to: OTLP in, ClickHouse out. It keeps on disk what the store does not take, never gives up,
 * and makes senders wait rather than drop; in the synchronous mode it keeps nothing and says at once what the store did not take. The disk is written without waiting for it: a process or pod that ends costs nothing, a node that loses power its last seconds.
 *
 * @example
 * const gateway = new CollectorGateway(chart, 'Gateway', { clickhouse, clusterName: 'prod-eu', outageBudget: Duration.hours(2) });
 */
export class CollectorGateway extends Collector implements IGateway {
  /** OTLP over gRPC and HTTP, with Kubernetes attributes added to what comes from pods directly. */
  static defaultSources(): Source[] {
    return [new OtlpReceiver()];
  }

  /** All signals into the store. */
  static defaultSinks(clickhouse: IClickHouse): Sink[] {
    return [new ClickHouseSink({ clickhouse })];
  }

  readonly otlpGrpc: Endpoint;
  readonly otlpHttp: Endpoint;
  /** What agents of the stack send, where the gateway asks for tokens: a Secret of this name has to be in the namespace of each. */
  readonly token?: SecretKey;

  /** @throws if a property is wrong or properties contradict each other, with all that is wrong */
  constructor(scope: Construct, id: string, props: CollectorGatewayProps) {
    const settings = checked(scope, id, props);
    super(scope, id, {
      role: workloadName.gateway,
      name: props.name,
      namespace: props.namespace,
      images: props.images,
      networkPolicies: props.networkPolicies,
      resources: props.resources ?? { cpu: Cpu.millis(200), memory: Size.gibibytes(1) },
      clusterName: settings.clusterName,
      platform: props.platform,
      ...routeOwnTelemetry(settings.sources, { host: 'localhost', port: otlpHttpPort.port, reach: Reach.anywhere() }, settings.secured),
      tls: props.tls,
      tokens: settings.tokens,
      oidc: props.oidc,
      expose: props.expose,
      processors: [
        Processor._head(withinLimits(props.timeLimits ?? limitsOf(longestRetention(settings.sinks)))),
        enrichment(props.expose !== undefined),
        ...(props.processors ?? []),
      ],
      sinks: settings.sinks,
      ...settings.delivery,
    });
    this.checkDisk(props);
    const everybody = [this.listening(otlpGrpcPort.name), this.listening(otlpHttpPort.name)];
    const [grpc, http] = props.oidc ? [this.listening(tokenGrpcPort.name), this.listening(tokenHttpPort.name)] : everybody;
    this.otlpGrpc = { ...grpc, host: serviceHost(headlessName(this._identity.name), this._identity.namespace) };
    this.otlpHttp = http;
    this.token = settings.token;
    if (!props.clusterName) {
      warn(
        this,
        'clusterName is not given: telemetry carries k8s.cluster.name=kubernetes. Give each cluster a name of its own before a second one sends to the same store',
      );
    }
    const awaited = Object.values(this._rendering.settings.service.pipelines).map(({ exporters }) =>
      exporters.filter((id) => !id.startsWith('failover/')),
    );
    if (props.mode === GatewayMode.SYNCHRONOUS && awaited.some((exporters) => exporters.length > 1)) {
      warn(
        this,
        'it is synchronous and waits for several sinks: where one fails, senders send again what the others have taken, and it comes twice there',
      );
    }
    if (props.clients?.length && (props.networkPolicies ?? true)) {
      admit(this, this._identity, 'clients', props.clients.flatMap(fromPeer), tcp(this._ports));
    }
  }

  private checkDisk({ outageBudget, storage = defaultStorage }: CollectorGatewayProps): void {
    const problems = Problems.of(this);
    problems.add(...queueProblems(this._rendering.components, outageBudget, storage.size));
    problems.throwIfAny();
  }

  private listening(portName: string): Endpoint {
    const endpoint = this.endpoint(portName);
    const problems = Problems.of(this);
    if (!endpoint) {
      problems.add({
        where: 'sources',
        given: `no source that listens on '${portName}'`,
        allowed: '[...CollectorGateway.defaultSources(), …]: agents and applications send OTLP',
      });
    }
    problems.throwIfAny();
    return endpoint as Endpoint;
  }
}

/**
 * Telemetry of agents comes with Kubernetes attributes; what pods send directly gets them here. The gateway starts without the API server.
 * Over connections from outside comes what is not the connecting pod's: it would be given the attributes of an Ingress controller.
 */
const enrichment = (exposed: boolean) =>
  Processor._head(
    everySignal(kubernetesAttributes({ ownNodeOnly: false, startAfterSync: false, collectorsConnect: true, byConnection: !exposed })),
  );

const defaultStorage: QueueStorage = { size: Size.gibibytes(20) };

type Delivery = Pick<CollectorProps, 'placement' | 'queue' | 'waitForResult'>;

function answeredFromTheDisk(props: CollectorGatewayProps, problems: Problems): Delivery {
  if (props.autoscaling) {
    problems.add({
      where: 'autoscaling',
      given: 'a value, with a queue on disk',
      allowed: `mode: GatewayMode.SYNCHRONOUS, which has no disk: of a pod that is taken away the queue would stay behind on its claim`,
      fix: 'Or give `replicas` for the busiest hour: the queue bridges what comes above it',
    });
  }
  const replicas = props.replicas ?? 2;
  const { outageBudget = defaultOutageBudget, expectedTraffic = {}, storage = defaultStorage } = props;
  const volume = Volume.persistent('queue', storage.size, storage.storageClass);
  return {
    placement: Placement.statefulSet(replicas),
    queue: { storage: queueStorage(ConfigValue.directory(volume)), ...queueSizes(outageBudget, expectedTraffic, replicas) },
  };
}

function answeredFromTheStore(props: CollectorGatewayProps, problems: Problems): Delivery {
  const queueProps = (['outageBudget', 'expectedTraffic', 'storage'] as const).filter((name) => props[name] !== undefined);
  problems.add(
    ...queueProps.map((where) => ({
      where,
      given: `a value, with mode '${GatewayMode.SYNCHRONOUS}'`,
      allowed: 'nothing: this mode has no queue and no disk, senders keep what the store did not take',
      fix: `Leave it out, or take mode '${GatewayMode.DURABLE}'`,
    })),
  );
  const { autoscaling: scaling, replicas = 2 } = props;
  return { placement: scaling ? Placement.autoscaledDeployment(scaling) : Placement.deployment(replicas), waitForResult: true };
}

/** More pods than the store takes inserts of would only be told so by the store, all at once and in the busiest hour. A durable pod waits for its turn with what is on its disk. */
function scalingProblems({ replicas, autoscaling: scaling, mode }: CollectorGatewayProps, sinks: Sink[]): Problem[] {
  if (mode !== GatewayMode.SYNCHRONOUS) {
    return [];
  }
  const most = Math.min(...sinks.map((sink) => (sink as Partial<ClickHouseSink>)._collectorsAtMost ?? 64));
  const tooMany = (where: string, pods: number | undefined): Problem[] =>
    pods === undefined || pods <= most
      ? []
      : [
          {
            where,
            given: String(pods),
            allowed: `at most ${most}: the store takes no more inserts at one time`,
            fix: 'Give the store more memory (its limit of queries follows from it), or fewer pods more CPU each',
          },
        ];
  const both = {
    where: 'replicas',
    given: '`replicas` and `autoscaling`',
    allowed: 'one of the two: autoscaling.minReplicas is where it begins',
  };
  return scaling
    ? [...(replicas === undefined ? [] : [both]), ...tooMany('autoscaling.maxReplicas', scaling.maxReplicas)]
    : tooMany('replicas', replicas);
}

/** Of the stores among the sinks. What one of them keeps for a time that is not known, may be of any age. */
function longestRetention(sinks: readonly Sink[]): Retention | undefined {
  const all = sinks.filter((sink) => sink instanceof ClickHouseSink).map(({ _retention }) => _retention);
  const known = all.filter((retention) => retention !== undefined);
  const longest = (signal: SignalName) =>
    known.reduce<Duration | undefined>(
      (most, { [signal]: kept }) => (kept && (!most || seconds(kept) > seconds(most)) ? kept : most),
      undefined,
    );
  return known.length === all.length ? { logs: longest('logs'), metrics: longest('metrics'), traces: longest('traces') } : undefined;
}

function checked(scope: Construct, id: string, props: CollectorGatewayProps) {
  const problems = Problems.ofNew('CollectorGateway', scope, id);
  problems.add(...checkProps(props, gatewayChecks));
  problems.throwIfAny();
  const synchronous = props.mode === GatewayMode.SYNCHRONOUS;
  const delivery = synchronous ? answeredFromTheStore(props, problems) : answeredFromTheDisk(props, problems);
  problems.add(...senderProblems(props));
  if (!props.clickhouse && !props.sinks) {
    problems.add({ where: 'clickhouse', given: 'nothing', allowed: 'a store, or `sinks` that say where telemetry goes' });
  }
  if (props.clickhouse && props.sinks?.every((sink) => (sink as Partial<ClickHouseSink>)._clickhouse !== props.clickhouse)) {
    problems.add({
      where: 'sinks',
      given: 'sinks of which none is that of `clickhouse`',
      allowed: '[...CollectorGateway.defaultSinks(clickhouse), …], or `furtherSinks` beside the store, or no `clickhouse`',
    });
  }
  problems.throwIfAny();
  const sinks = [...(props.sinks ?? CollectorGateway.defaultSinks(props.clickhouse as IClickHouse)), ...(props.furtherSinks ?? [])];
  const sources = props.sources ?? CollectorGateway.defaultSources();
  problems.add(...scalingProblems(props, sinks));
  problems.throwIfAny();
  const token = (props.tokens ?? props.oidc) && SecretKey.of(tokenSecretName(props.name ?? workloadName.gateway), tokenSecretKey);
  const tokens = token && [...(props.tokens ?? []), token];
  return {
    delivery,
    sources,
    sinks,
    token,
    tokens,
    secured: props.tls !== undefined || tokens !== undefined,
    clusterName: props.clusterName ?? 'kubernetes',
  };
}

const gatewayChecks: Checks<CollectorGatewayProps> = {
  ...workloadChecks(Size.mebibytes(256)),
  ...senderChecks,
  clickhouse: clickHouseCheck,
  clusterName: labelValue,
  platform: oneOf(Platform),
  mode: oneOf(GatewayMode),
  replicas: integer(1, 64),
  autoscaling,
  outageBudget: duration(Duration.minutes(1), Duration.days(7)),
  expectedTraffic: expectedTrafficCheck,
  storage: struct<QueueStorage>({ size: required(size(Size.gibibytes(1), Size.tebibytes(16))), storageClass: objectName }),
  sources: list(instance('a Source', 'bind'), { min: 1 }),
  timeLimits,
  processors: processorList,
  sinks: list(instance('a Sink', 'bind'), { min: 1 }),
  furtherSinks: list(instance('a Sink', 'bind')),
  clients: list(peerCheck),
};
