import { Size } from 'cdk8s';
import type { Construct } from 'constructs';
import { type Checks, checkProps, instance, labelValue, list, oneOf, required } from '../kubernetes/checks';
import { type Problem, Problems } from '../kubernetes/problems';
import { workloadChecks } from '../kubernetes/workload';
import { processorList } from './binding-checks';
import { Collector } from './collector';
import { gatewayCheck, type IGateway } from './gateway';
import { routeOwnTelemetry } from './own-telemetry';
import { Platform } from './platform';
import type { Source } from './source';

/** What the agents have in common: props that every one of them takes, and how they stand to their gateway. */

export const agentChecks = {
  ...workloadChecks(Size.mebibytes(128)),
  gateway: required(gatewayCheck),
  clusterName: labelValue,
  platform: oneOf(Platform),
  sources: list(instance('a Source', 'bind'), { min: 1 }),
  processors: processorList,
};

/** Refuses wrong properties before the base class sees them. */
export function checkedAgent<P extends { readonly gateway: IGateway; readonly clusterName?: string }>(
  className: string,
  scope: Construct,
  id: string,
  props: P,
  checks: Checks<P>,
  contradictions: (props: P) => Problem[] = () => [],
): void {
  const problems = Problems.ofNew(className, scope, id);
  problems.add(...checkProps(props, checks));
  problems.throwIfAny();
  if (!props.clusterName && !props.gateway.clusterName) {
    problems.add({ where: 'clusterName', given: 'nothing', allowed: 'the name of this cluster: the gateway is in another' });
  }
  problems.add(...contradictions(props));
  problems.throwIfAny();
}

/** An agent's sources, and how its own metrics reach the gateway. */
export const agentSources = (gateway: IGateway, sources: Source[]) =>
  routeOwnTelemetry(sources, gateway.otlpHttp, gateway.otlpHttp.tls || gateway.token !== undefined);

/** The namespaces whose collectors belong together, as far as the gateway is known to stand in one. */
export function stackNamespaces(own: string, gateway: IGateway): string[] {
  return [...new Set([own, ...(gateway instanceof Collector ? [gateway._identity.namespace] : [])])].sort();
}
