import { Chart, Testing } from 'cdk8s';
import type { Construct } from 'constructs';
import { parse } from 'yaml';
import { Collector, type CollectorProps } from '../../lib/collector/collector';
import type { IGateway } from '../../lib/collector/gateway';
import { Placement } from '../../lib/collector/placement';
import type { Source } from '../../lib/collector/source';
import { Reach } from '../../lib/kubernetes/endpoint';
import { warningsOf } from '../../lib/kubernetes/warnings';
import { Nowhere } from '../nowhere';

/** A gateway as another cluster has it: nothing of it is rendered here. */
export const gateway: IGateway = {
  clusterName: 'prod',
  otlpGrpc: { host: 'collector-headless.observability.svc', port: 4317, reach: Reach.anywhere() },
  otlpHttp: { host: 'collector.observability.svc', port: 4318, reach: Reach.anywhere() },
};

/** A role, or any collector, and the plain data that it gives. */
export function synthesized<C extends Collector>(make: (scope: Construct) => C) {
  const chart = new Chart(Testing.app(), 'test');
  const collector = make(chart);
  const objects = Testing.synth(chart);
  const one = (kind: string, name?: string) =>
    objects.find((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  const workload = one(collector.workload.kind);
  return {
    collector,
    objects,
    one,
    workload,
    pod: workload.spec.template.spec,
    config: parse(collector.configText),
    warnings: warningsOf(chart),
  };
}

/** A collector of these sources alone. */
export function withSources(sources: Source[], props: Partial<CollectorProps> = {}) {
  return synthesized(
    (scope) =>
      new Collector(scope, 'Collector', {
        role: 'test',
        clusterName: 'prod',
        sources,
        sinks: [new Nowhere()],
        placement: Placement.statefulSet(1),
        ...props,
      }),
  );
}
