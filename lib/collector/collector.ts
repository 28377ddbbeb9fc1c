import { type ApiObject, Size } from 'cdk8s';
import { Cpu, type INetworkPolicyPeer, type IPodSelector, type NetworkPolicyPeerConfig } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { needsToken, serviceAccount } from '../kubernetes/access';
import {
  boolean,
  type Checks,
  checkProps,
  instance,
  kubernetesName,
  labelValue,
  list,
  oneOf,
  required,
  size,
  struct,
} from '../kubernetes/checks';
import { type Endpoint, endpointCheck, Reach } from '../kubernetes/endpoint';
import { Images, imageReference } from '../kubernetes/images';
import type { WorkloadIdentity } from '../kubernetes/labels';
import { serviceHost } from '../kubernetes/names';
import { admit, allowConnections, isolate, tcp } from '../kubernetes/network-edges';
import { podSelector } from '../kubernetes/peer';
import { type Problem, Problems } from '../kubernetes/problems';
import type { Resources } from '../kubernetes/resources';
import { warn } from '../kubernetes/warnings';
import { identityOf, type WorkloadProps, workloadChecks } from '../kubernetes/workload';
import { Metric } from '../telemetry/metric';
import { ownMetrics } from '../telemetry/metric-catalogue';
import { type BoundSink, bindProcessors, bindSinks, bindSources, processorList } from './binding-checks';
import { claimedTargetsCheck } from './claimed-targets';
import { createCollectorObjects } from './collector-objects';
import { undistributed } from './distributions';
import type { Exposure } from './exposure';
import { filesReadTwice } from './files-twice';
import { clusterIdentity, healthCheck, memoryLimiter, serviceTelemetry, serviceTelemetryProblems } from './fixed-components';
import { givenTwice } from './given-twice';
import type { KeptShare } from './kept-share';
import { warnOfNamesakes } from './namesakes';
import { furtherCosts, type Passage, passageOf, passageOfSinks, remaining } from './passage';
import type { Placement } from './placement';
import { plainTextWarnings } from './plain-texts';
import { Platform } from './platform';
import { admitToPlatform, refusedByPlatform } from './platform-admission';
import { platformFacts } from './platform-facts';
import { everySignal, Processor, type ProcessorBinding } from './processor';
import { type Rendering, render } from './rendering';
import { scale, scalingProblems } from './scaling';
import { type SenderProps, senderChecks, senderProblems, senderWarnings } from './senders';
import type { Sink } from './sink';
import type { CollectorContext, SinkQueue, Source, SourceBinding } from './source';
import { untakenProblems } from './untaken';
import { tornTraces } from './whole-traces';

/** Says which metrics exist: a role of this library, or a statement about what another cluster sends. */
export interface ITelemetryProducer {
  /** The metrics that it gives. */
  readonly metrics: Metric[];
}

/** Properties of a Collector. */
export interface CollectorProps extends WorkloadProps, SenderProps {
  /** The part that it plays in the stack; the default of `name`. */
  readonly role: string;
  /** Stands in `k8s.cluster.name` of everything that passes and has none. */
  readonly clusterName: string;
  /**
   * Where the cluster runs: sources go by it.
   * @default Platform.GENERIC
   */
  readonly platform?: Platform;
  /** Where telemetry comes from; all of it, as nothing is added later. */
  readonly sources: Source[];
  /**
   * What is done with everything, in this order, behind the memory limiter.
   * @default - nothing
   */
  readonly processors?: Processor[];
  /** Where telemetry goes. */
  readonly sinks: Sink[];
  /** As what, and how many times, it runs. */
  readonly placement: Placement;
  /**
   * Where sinks keep what they could not send yet.
   * @default - in memory: it is lost with the pod
   */
  readonly queue?: SinkQueue;
  /**
   * Whether who sends to it is answered only when the sinks have taken what was sent, and gets an error where they have not. It cannot be together with `queue`.
   * @default false: senders are answered when it is in the queue
   */
  readonly waitForResult?: boolean;
  /**
   * Namespaces of this stack: what its collectors write there is not collected.
   * @default - the collector's own
   */
  readonly stackNamespaces?: string[];
  /**
   * Pods that other collectors scrape, as `namespace/label=value,label=value`: `targets` of theirs.
   * @default - only what its own sources claim is left out
   */
  readonly claimedTargets?: string[];
  /**
   * Where the collector sends its own metrics, by OTLP over HTTP. A certificate there is for the host: `serverName` is refused.
   * @default - nowhere: they are served on localhost:8888 in the pod
   */
  readonly ownTelemetry?: Endpoint;
  /**
   * The image, if it is not the official one of this release: it has to hold the components that are used. Of official images it is known whether they do.
   * @default - the official image
   */
  readonly image?: string;
}

/**
 * Any OpenTelemetry Collector. The four roles of the stack only choose sources, processors, sinks and placement. Pipelines, ports, mounts, environment,
 * rights and network policies follow from the configuration.
 *
 * @example
 * const collector = new Collector(chart, 'Bridge', {
 *   role: 'bridge',
 *   clusterName: 'prod-eu',
 *   sources: [new OtlpReceiver()],
 *   sinks: [new GatewaySink({ gateway })],
 *   placement: Placement.deployment(2),
 * });
 */
export class Collector extends Construct implements INetworkPolicyPeer, ITelemetryProducer {
  /** The metrics that its sources give, and its own if it sends them. */
  readonly metrics: Metric[];
  /** Deployment, StatefulSet or DaemonSet. */
  readonly workload: ApiObject;
  /** The account of its pods, with exactly the rights that its components ask for. */
  readonly serviceAccount: ApiObject;
  /** The object that holds the configuration. */
  readonly configMap: ApiObject;
  /** The address of all pods; where nothing is listened on, only the names of single pods. */
  readonly service: ApiObject;
  /** The configuration as the ConfigMap holds it. */
  readonly configText: string;
  /** What stands in `k8s.cluster.name`. */
  readonly clusterName: string;
  /** Scrape targets that its sources claim. */
  readonly targets: string[];
  /** Regular expressions of the names of metrics that do not get through, here or further on. */
  readonly removedMetrics?: string[];
  /** How much of what it gets is stored in the end, for estimates. */
  readonly keeps?: KeptShare;
  /** @internal */
  readonly _identity: WorkloadIdentity;
  /** @internal */
  readonly _rendering: Rendering;
  /** @internal What each of its sources gives, by the name of its class. */
  readonly _sources: readonly { readonly name: string; readonly binding: SourceBinding }[];
  /** @internal */
  readonly _placement: Placement;
  /** @internal Of what it says of itself; undefined where it sends that nowhere. */
  readonly _ownPassage?: Passage;
  /** @internal What its sinks do besides storing. */
  readonly _furtherCosts: readonly string[];
  private readonly isolated: boolean;

  /** @throws if a property is wrong or properties contradict each other, with all that is wrong */
  constructor(scope: Construct, id: string, props: CollectorProps) {
    super(scope, id);
    this.check(props);
    this._identity = identityOf(this, props, { name: props.role, component: props.role, program: 'opentelemetry-collector' });
    this.clusterName = props.clusterName;
    const resources = props.resources ?? defaultResources;
    const platform = props.platform ?? Platform.GENERIC;
    const { bindings, processors, sinks } = this.bind(props);
    const behind = passageOfSinks(sinks);
    const passage = passageOf(processors, behind);
    this.removedMetrics = passage.removedMetrics.length > 0 ? [...passage.removedMetrics] : undefined;
    this.keeps = passage.keeps;
    this._furtherCosts = furtherCosts(sinks);
    this._sources = bindings.map((binding, index) => ({
      name: props.sources[index].constructor.name,
      binding: { ...binding, metrics: binding.metrics && remaining(binding.metrics, passage) },
    }));
    this._placement = props.placement;
    // What it says of itself passes its own processors only where it sends it to itself.
    this._ownPassage = props.ownTelemetry && (props.ownTelemetry.host === 'localhost' ? passage : behind);
    const own = this._ownPassage ? remaining(ownMetrics.map(Metric.named), this._ownPassage) : [];
    const given = remaining(
      bindings.flatMap((binding) => binding.metrics ?? []),
      passage,
    );
    this.metrics = [...new Map([...given, ...own].map((metric) => [metric.name, metric])).values()];
    this.targets = bindings.flatMap((binding) => binding.targets ?? []);
    this._rendering = this.renderConfiguration(props, resources, bindings, processors, sinks);
    const ofSources = bindings.flatMap((binding) => binding.warnings ?? []);
    // What two sources do alike is said once.
    for (const warning of new Set([...ofSources, ...senderWarnings(props), ...plainTextWarnings(this._rendering.components)])) {
      warn(this, warning);
    }
    warnOfNamesakes(this);
    this.configText = this._rendering.text;
    props.tls?._createCertificate(this, this._identity);
    this.serviceAccount = serviceAccount(this, this._identity, this._rendering.access);
    const objects = createCollectorObjects(this, {
      identity: this._identity,
      rendering: this._rendering,
      placement: props.placement,
      resources,
      image: imageOf(props),
      token: needsToken(this._rendering.access),
      virtualNodes: platformFacts[platform].virtualNodes,
    });
    admitToPlatform(this, this._identity, platform, this._rendering);
    this.configMap = objects.configMap;
    this.workload = objects.workload;
    this.service = objects.service;
    this.isolated = props.networkPolicies ?? true;
    if (this.isolated) {
      isolate(this, this._identity);
    }
    allowConnections(this, this._identity, this.connections(), this.isolated);
    scale(this, this._identity, props.placement, this._rendering, this.isolated);
    if (props.expose) {
      this.expose(props.expose);
    }
  }

  /** The address of a port that a source listens on, by the port's name: `otlp-grpc`, `otlp-http`, and with `oidc` `token-grpc`, `token-http`. */
  endpoint(portName: string): Endpoint | undefined {
    const listener = [...this._rendering.needs.listeners.values()].find((candidate) => candidate.name === portName);
    return (
      listener && {
        host: serviceHost(this._identity.name, this._identity.namespace),
        port: listener.port,
        ...listener.tls?._client,
        reach: Reach._workload(this._identity, this.isolated),
      }
    );
  }

  /** @internal What its components listen on for others. The port that KEDA asks is nobody else's. */
  get _ports(): number[] {
    return this._rendering.needs.taking().map(({ port }) => port);
  }

  /** @see https://cdk8s.io/docs/latest/plus/cdk8s-plus-27/network-policy/ */
  toNetworkPolicyPeerConfig(): NetworkPolicyPeerConfig {
    return { podSelector: this.toPodSelector()?.toPodSelectorConfig() };
  }

  toPodSelector(): IPodSelector | undefined {
    return podSelector(this, this._identity);
  }

  private check(props: CollectorProps): void {
    const problems = Problems.of(this);
    problems.add(...checkProps(props, collectorChecks));
    problems.throwIfAny();
    problems.add(...senderProblems(props), ...queueProblems(props), ...serviceTelemetryProblems(props.ownTelemetry));
    problems.throwIfAny();
  }

  private bind(props: CollectorProps): { bindings: SourceBinding[]; processors: Required<ProcessorBinding>; sinks: BoundSink[] } {
    const problems = Problems.of(this);
    const context = this.context(props);
    const identity = Processor._head(everySignal(clusterIdentity(props.clusterName)));
    const bound = {
      bindings: bindSources(props.sources, context, problems),
      processors: bindProcessors([identity, ...(props.processors ?? [])], context, problems),
      sinks: bindSinks(props.sinks, context, problems),
    };
    problems.throwIfAny();
    return bound;
  }

  private context(props: CollectorProps): CollectorContext {
    const { namespace, name } = this._identity;
    return {
      clusterName: props.clusterName,
      platform: props.platform ?? Platform.GENERIC,
      namespace,
      name,
      stackNamespaces: props.stackNamespaces ?? [namespace],
      claimedTargets: props.claimedTargets ?? [],
      placement: props.placement,
      images: props.images ?? Images.upstream(),
      queue: props.queue,
      waitForResult: props.waitForResult,
      tls: props.tls,
      tokens: props.tokens,
      oidc: props.oidc,
    };
  }

  private renderConfiguration(
    props: CollectorProps,
    resources: Resources,
    sources: SourceBinding[],
    { processors }: ProcessorBinding,
    sinks: BoundSink[],
  ): Rendering {
    const rendering = render({
      sources,
      limiter: memoryLimiter(resources.memory),
      processors,
      sinks,
      extensions: [healthCheck],
      telemetry: serviceTelemetry(this._identity, props.clusterName, props.ownTelemetry, props.placement._autoscaling?.queue !== undefined),
    });
    const problems = Problems.of(this);
    problems.add(...placementProblems(props.placement, rendering), ...undistributed(imageOf(props), rendering.components));
    problems.add(...untakenProblems(props, rendering.needs), ...scalingProblems(props.placement, rendering));
    problems.add(...filesReadTwice(sources, rendering.settings));
    problems.add(...tornTraces(sources, props.placement, rendering.components));
    problems.add(...refusedByPlatform(props.platform ?? Platform.GENERIC, props.placement, rendering));
    problems.add(...rendering.needs.problems, ...givenTwice(rendering.needs, sources, sinks));
    if (Object.keys(rendering.settings.service.pipelines).length === 0 && rendering.needs.problems.length === 0) {
      problems.add({ where: 'sources', given: 'sources without a single receiver', allowed: 'sources that give logs, metrics or traces' });
    }
    problems.throwIfAny();
    return rendering;
  }

  private expose(exposure: Exposure): void {
    const problems = Problems.of(this);
    const port = (name: string) => this.endpoint(name)?.port ?? 0;
    for (const name of exposure._ports.filter((candidate) => port(candidate) === 0)) {
      problems.add({ where: 'expose', given: `no source that listens on '${name}'`, allowed: 'sources: [new OtlpReceiver(), …]' });
    }
    problems.throwIfAny();
    exposure._create(this, this._identity, port);
    if (this.isolated) {
      admit(this, this._identity, 'outside', exposure._from?._peers ?? [], tcp(exposure._ports.map(port)));
    }
  }

  private connections(): Endpoint[] {
    const { needs, access } = this._rendering;
    const apiServer: Endpoint = { host: 'kubernetes.default.svc', port: 443, reach: Reach.apiServer() };
    // No policy stands between a pod and itself.
    return [...needs.endpoints, ...(needsToken(access) ? [apiServer] : [])].filter(({ host }) => host !== 'localhost');
  }
}

const defaultResources: Resources = { cpu: Cpu.millis(200), memory: Size.mebibytes(512) };
const minMemory = Size.mebibytes(128);
const queueSize = size(Size.mebibytes(1), Size.tebibytes(1));

const imageOf = ({ image, images = Images.upstream() }: CollectorProps) => image ?? images._reference('collector');

/** The collector refuses it: what is on disk is sent after a restart, when nobody waits for the result any more. */
const queueProblems = ({ queue, waitForResult }: CollectorProps): Problem[] =>
  queue && waitForResult
    ? [
        {
          where: 'waitForResult',
          given: 'true, and a `queue` on disk',
          allowed: 'one of the two: what is on disk is answered before it is sent',
        },
      ]
    : [];

function placementProblems(placement: Placement, { needs }: Rendering): Problem[] {
  const claims = [...needs.volumes.values()].filter((volume) => volume._kind === 'persistent');
  return placement._kind === 'StatefulSet'
    ? []
    : claims.map((volume) => ({
        where: 'placement',
        given: `a ${placement._kind}`,
        allowed: `Placement.statefulSet(n): the volume '${volume._name}' is a claim of its own for each pod`,
      }));
}

const collectorChecks: Checks<CollectorProps> = {
  ...workloadChecks(minMemory),
  ...senderChecks,
  role: required(kubernetesName(40)),
  clusterName: required(labelValue),
  platform: oneOf(Platform),
  sources: required(list(instance('a Source', 'bind'), { min: 1 })),
  processors: processorList,
  sinks: required(list(instance('a Sink', 'bind'), { min: 1 })),
  placement: required(instance('Placement.deployment(n), .autoscaledDeployment({ … }), .statefulSet(n) or .daemonSet()', '_kind')),
  queue: struct<SinkQueue>({
    storage: required(instance('a file_storage extension', 'id', '_kind')),
    logs: required(queueSize),
    metrics: required(queueSize),
    traces: required(queueSize),
  }),
  waitForResult: boolean,
  stackNamespaces: list(kubernetesName()),
  claimedTargets: claimedTargetsCheck,
  ownTelemetry: endpointCheck,
  image: imageReference,
};
