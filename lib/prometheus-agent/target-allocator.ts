import { type ApiObject, Duration, Size } from 'cdk8s';
import { Cpu, type INetworkPolicyPeer, type IPodSelector, type NetworkPolicyPeerConfig } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { claimedTargetsCheck } from '../collector/claimed-targets';
import { collectorsAround } from '../collector/namesakes';
import { mergeAccess, serviceAccount } from '../kubernetes/access';
import {
  type Checks,
  checkProps,
  integer,
  kubernetesName,
  labelKey,
  labelValue,
  list,
  nearest,
  record,
  required,
  text,
  wholeSeconds,
} from '../kubernetes/checks';
import { type Endpoint, Reach } from '../kubernetes/endpoint';
import { Images } from '../kubernetes/images';
import type { WorkloadIdentity } from '../kubernetes/labels';
import { targetAllocatorName } from '../kubernetes/names';
import { allowConnections, isolate } from '../kubernetes/network-edges';
import { podSelector } from '../kubernetes/peer';
import { type Problem, Problems } from '../kubernetes/problems';
import { type Resources, resourcesBetween } from '../kubernetes/resources';
import { warn } from '../kubernetes/warnings';
import { identityOf, type WorkloadProps, workloadChecks } from '../kubernetes/workload';
import { allocationRights, allocationText } from './target-allocation';
import { allocatorEndpoint, createTargetAllocatorObjects } from './target-allocator-objects';

/** What a target allocator looks for, and how it runs. */
export interface TargetAllocatorOptions {
  /**
   * Labels that a ServiceMonitor, PodMonitor, Probe or ScrapeConfig has to have.
   * @default - none: all of them count
   */
  readonly labels?: Record<string, string>;
  /**
   * The namespaces whose monitors and targets count; rights are given in these alone.
   * @default - all
   */
  readonly namespaces?: string[];
  /**
   * Namespaces whose monitors do not count.
   * @default - none
   */
  readonly exceptNamespaces?: string[];
  /**
   * How often targets are scraped whose monitor does not say it, in whole seconds.
   * @default Duration.minutes(1)
   */
  readonly scrapeInterval?: Duration;
  /**
   * How many pods answer; all of them say the same. With one, an agent that starts while it is away waits for it.
   * @default 2
   */
  readonly replicas?: number;
  /**
   * CPU and memory.
   * @default - 50m and 512 MiB
   */
  readonly resources?: Resources;
}

/** Properties of a TargetAllocator. */
export interface TargetAllocatorProps extends WorkloadProps, TargetAllocatorOptions {
  /** The name of the collector whose pods share the targets; it is in the same namespace. */
  readonly collector: string;
  /**
   * Pods that somebody else scrapes, as `namespace/label=value`: what `targets` of a Collector says.
   * @default - none
   */
  readonly except?: string[];
  /**
   * Annotations whose value `true` means that somebody else scrapes a pod, or the pods of a Service: `prometheus.io/scrape`.
   * @default - none
   */
  readonly exceptAnnotated?: string[];
}

/**
 * Finds what ServiceMonitors, PodMonitors, Probes and ScrapeConfigs describe, and shares the targets out among the pods of a collector: the target allocator of the OpenTelemetry
 * operator, without the operator. The custom resources have to be known to the cluster; a kind that it does not know when the allocator starts is left out.
 *
 * Monitors that read a Secret, a ConfigMap or a file of the collector, for a password or an authority, are left out and named in its log: it has no right to read any.
 * @see https://github.com/open-telemetry/opentelemetry-operator/tree/main/cmd/otel-allocator
 *
 * @example
 * const allocator = new TargetAllocator(chart, 'TargetAllocator', { collector: 'scraper' });
 * new Collector(chart, 'Scraper', {
 *   role: 'scraper',
 *   clusterName: 'prod-eu',
 *   sources: [new AllocatedTargets({ allocator: allocator.endpoint })],
 *   sinks: [new GatewaySink({ gateway })],
 *   placement: Placement.statefulSet(2),
 * });
 */
export class TargetAllocator extends Construct implements INetworkPolicyPeer {
  /** Where collectors ask. */
  readonly endpoint: Endpoint;
  /** The Deployment. */
  readonly workload: ApiObject;
  /** The account of its pods, with exactly the rights that it needs. */
  readonly serviceAccount: ApiObject;
  /** The object that holds its configuration. */
  readonly configMap: ApiObject;
  /** Its address. */
  readonly service: ApiObject;
  private readonly identity: WorkloadIdentity;

  /** @throws if a property is wrong or properties contradict each other, with all that is wrong */
  constructor(scope: Construct, id: string, props: TargetAllocatorProps) {
    super(scope, id);
    this.check(props);
    this.identity = identityOf(this, props, targetAllocatorIdentity(props.collector));
    const isolated = props.networkPolicies ?? true;
    const allocation = {
      collector: { name: props.collector, namespace: this.identity.namespace, program: 'opentelemetry-collector' },
      labels: props.labels ?? {},
      namespaces: props.namespaces ?? [],
      exceptNamespaces: props.exceptNamespaces ?? [],
      scrapeInterval: props.scrapeInterval ?? Duration.minutes(1),
      except: props.except ?? [],
      exceptAnnotated: props.exceptAnnotated ?? [],
    };
    this.serviceAccount = serviceAccount(this, this.identity, mergeAccess([{ rules: allocationRights(allocation) }]));
    const objects = createTargetAllocatorObjects(this, {
      identity: this.identity,
      image: (props.images ?? Images.upstream())._reference('targetAllocator'),
      resources: props.resources ?? defaultResources,
      replicas: props.replicas ?? 2,
      configuration: allocationText(allocation),
    });
    this.configMap = objects.configMap;
    this.service = objects.service;
    this.workload = objects.workload;
    this.endpoint = allocatorEndpoint(this.identity, isolated);
    if (isolated) {
      isolate(this, this.identity);
    }
    warn(this, () => this.nobodyAsks(props.collector));
    allowConnections(this, this.identity, [{ host: 'kubernetes.default.svc', port: 443, reach: Reach.apiServer() }], isolated);
  }

  /** @see https://cdk8s.io/docs/latest/plus/cdk8s-plus-27/network-policy/ */
  toNetworkPolicyPeerConfig(): NetworkPolicyPeerConfig {
    return { podSelector: this.toPodSelector()?.toPodSelectorConfig() };
  }

  toPodSelector(): IPodSelector | undefined {
    return podSelector(this, this.identity);
  }

  /** A collector of that name may be made elsewhere: no error. */
  private nobodyAsks(collector: string): string | undefined {
    const { namespace } = this.identity;
    const names = collectorsAround(this).flatMap(({ _identity }) => (_identity.namespace === namespace ? _identity.name : []));
    return names.includes(collector)
      ? undefined
      : `no collector '${collector}' is made in the namespace '${namespace}': unless there is one already, no pod gets targets; ${names.length > 0 ? nearest(collector, names) : 'none is made there at all'}`;
  }

  private check(props: TargetAllocatorProps): void {
    const problems = Problems.of(this);
    problems.add(...checkProps(props, targetAllocatorChecks));
    problems.throwIfAny();
    problems.add(...namespaceProblems(props));
    problems.throwIfAny();
  }
}

/** Measured with 5,000 pods, each a target: 234 MiB, and half a per cent of a core. */
const defaultResources: Resources = { cpu: Cpu.millis(50), memory: Size.mebibytes(512) };

export const targetAllocatorIdentity = (collector: string) => ({
  name: targetAllocatorName(collector),
  component: 'target-allocator',
  program: 'opentelemetry-target-allocator',
});

function namespaceProblems({ namespaces, exceptNamespaces }: TargetAllocatorProps): Problem[] {
  return namespaces && exceptNamespaces
    ? [
        {
          where: 'exceptNamespaces',
          given: '`namespaces` and `exceptNamespaces`',
          allowed: 'one of the two',
          fix: 'Leave those that do not count out of `namespaces`',
        },
      ]
    : [];
}

const namespaceList = list(kubernetesName(), { min: 1 });

export const targetAllocatorOptionChecks: Checks<TargetAllocatorOptions> = {
  labels: record(labelValue, labelKey),
  namespaces: namespaceList,
  exceptNamespaces: namespaceList,
  scrapeInterval: wholeSeconds(Duration.seconds(1), Duration.days(1)),
  replicas: integer(1, 16),
  resources: resourcesBetween(Size.mebibytes(64), Size.tebibytes(4)),
};

const targetAllocatorChecks: Checks<TargetAllocatorProps> = {
  ...workloadChecks(Size.mebibytes(64)),
  ...targetAllocatorOptionChecks,
  name: kubernetesName(),
  collector: required(kubernetesName(40)),
  except: claimedTargetsCheck,
  exceptAnnotated: list(text({ pattern: /^[A-Za-z0-9./_-]+$/, allowed: 'the key of an annotation, e.g. prometheus.io/scrape' })),
};
