import type { Duration, Size } from 'cdk8s';
import type { Images } from '../kubernetes/images';
import type { SecretKey } from '../kubernetes/secret-key';
import type { ServerTls } from '../kubernetes/server-tls';
import type { Countable } from '../telemetry/countable';
import type { Metric } from '../telemetry/metric';
import type { Component } from './component';
import type { OidcSenders } from './oidc';
import type { Placement } from './placement';
import type { Platform } from './platform';

/** Components by the signal whose pipelines they stand in. */
export interface Signals {
  /**
   * In the pipeline of logs.
   * @default - none
   */
  readonly logs?: Component[];
  /**
   * In the pipeline of metrics.
   * @default - none
   */
  readonly metrics?: Component[];
  /**
   * In the pipeline of traces.
   * @default - none
   */
  readonly traces?: Component[];
}

/** Where sinks keep on disk what they could not send yet: as much of each signal as stands here, then they make senders wait, unless they drop (`dropsWhenFull`). */
export interface SinkQueue {
  /** A `file_storage` extension. */
  readonly storage: Component;
  /** How many bytes of logs. */
  readonly logs: Size;
  /** How many bytes of metrics. */
  readonly metrics: Size;
  /** How many bytes of traces. */
  readonly traces: Size;
}

/** What sources and sinks are told of the collector that they stand in. */
export interface CollectorContext {
  /** The cluster's name, as it stands in `k8s.cluster.name`. */
  readonly clusterName: string;
  /** The collector's own namespace and name. */
  readonly namespace: string;
  /** The collector's own name. */
  readonly name: string;
  /** Namespaces whose collectors are this stack's own, so that nobody collects what they write about collecting. */
  readonly stackNamespaces: string[];
  /** Where the cluster runs. */
  readonly platform: Platform;
  /** Scrape targets that sources of this collector claim, and those that it was told of: see `targets` of a SourceBinding. AnnotatedTargets leaves these out, and the target allocator of a PrometheusAgent. */
  readonly claimedTargets: string[];
  /** How many pods there are and what tells them apart: sources that several pods would give several times go by it. */
  readonly placement: Placement;
  /** Where images of init containers come from. */
  readonly images: Images;
  /**
   * Where sinks keep what they could not send yet.
   * @default - sinks queue in memory
   */
  readonly queue?: SinkQueue;
  /**
   * Whether who sends is answered only when the sinks have taken it: they report what fails, and do not try again themselves.
   * @default false
   */
  readonly waitForResult?: boolean;
  /**
   * What sources answer with on ports that others send to.
   * @default - they take plain text
   */
  readonly tls?: ServerTls;
  /**
   * Tokens of those who may send there.
   * @default - whom the network lets through
   */
  readonly tokens?: SecretKey[];
  /**
   * Whose tokens are taken on the ports of OTLP; `tokens` then come in on ports of their own.
   * @default - nobody's
   */
  readonly oidc?: OidcSenders;
}

/** How many rows a source gives, for estimates of what they cost. */
export interface SourceRows {
  /** Of what it gives them: of each so many. */
  readonly per: Countable;
  /**
   * Log records a minute.
   * @default 0
   */
  readonly logRecords?: number;
  /**
   * Points each time that metrics are taken: of each of `metrics`, or in all where none are named.
   * @default 0
   */
  readonly points?: number;
  /**
   * Names of the metrics that the points are of.
   * @default - of metrics whose names are not known beforehand
   */
  readonly metrics?: string[];
}

/** What a source is made of. */
export interface SourceBinding {
  /** Where each signal comes from. */
  readonly receivers: Signals;
  /**
   * For this source only: it gets a pipeline of its own, joined to the rest by a `forward` connector.
   * @default - none
   */
  readonly processors?: Signals;
  /**
   * The metrics that it gives.
   * @default - none that are known beforehand
   */
  readonly metrics?: Metric[];
  /**
   * Scrape targets that it claims, as `namespace/label=value,label=value` of pods, `*` for any namespace, `@` before the key of an annotation.
   * AnnotatedTargets leaves them out, and the target allocator of a PrometheusAgent; a ScrapeJob asks what it names all the same. A claim is of the whole pod, whatever ports it has.
   * @default - none
   */
  readonly targets?: string[];
  /**
   * How many rows it gives, for estimates.
   * @default - of the library's own metrics it is known; what is not is listed as not estimated
   */
  readonly rows?: SourceRows[];
  /**
   * What it gives that nobody can say the number of: estimates list it.
   * @default - nothing
   */
  readonly notCounted?: string[];
  /**
   * How often its metrics are taken, for estimates.
   * @default Duration.minutes(1)
   */
  readonly interval?: Duration;
  /**
   * Whether all spans of a trace come to one pod of the collector: what it takes to decide on whole traces.
   * @default false
   */
  readonly wholeTraces?: boolean;
  /**
   * What was chosen and may not be what was meant.
   * @default - nothing
   */
  readonly warnings?: string[];
}

/** Where telemetry comes from. Subclass it for a source of your own, in any language: ports, mounts, storage, environment and policies follow from the configuration. */
export abstract class Source {
  /** What it is made of, in the collector that asks. It is asked twice: the second time it is told what other sources claim. */
  abstract bind(context: CollectorContext): SourceBinding;
}
