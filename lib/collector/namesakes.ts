import type { IConstruct } from 'constructs';
import type { WorkloadIdentity } from '../kubernetes/labels';
import { outermostChart } from '../kubernetes/object';
import { warn } from '../kubernetes/warnings';

/** A Collector, known by its members: two copies of a package in one program have two classes. */
interface Known extends IConstruct {
  readonly clusterName: string;
  readonly _identity: WorkloadIdentity;
}

/**
 * Warns where a collector of another chart has the same cluster, namespace and name: one cluster cannot have both, so that these are two clusters, and `k8s.cluster.name`
 * tells nobody which. Two stacks of one cluster have namespaces of their own. A chart is warned once, whatever number of collectors it has.
 */
export function warnOfNamesakes(collector: Known): void {
  const { clusterName, _identity: own } = collector;
  const chart = outermostChart(collector);
  const namesake = collectorsAround(collector).find(
    (other) =>
      other.clusterName === clusterName &&
      other._identity.namespace === own.namespace &&
      other._identity.name === own.name &&
      outermostChart(other) !== chart,
  );
  if (!namesake) {
    return;
  }
  const warning = `clusterName '${clusterName}' is that of the chart '${outermostChart(namesake).node.path}' too, which has collectors of the same names: nobody can tell the telemetry and alerts of the two clusters apart. Give each a name of its own`;
  if (!chart.node.metadata.some(({ data }) => data === warning)) {
    warn(chart, warning);
  }
}

/** All collectors of the app that a construct is in. */
export const collectorsAround = (construct: IConstruct): Known[] =>
  construct.node.root.node.findAll().filter((other): other is Known => '_identity' in other && 'configText' in other);
