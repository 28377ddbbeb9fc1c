import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import type { KubernetesObjects } from '../../imports/kubernetes';
import type { CustomResources } from './custom-resources';

const clusterScoped = new Set(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'PriorityClass', 'SecurityContextConstraints']);

type Objects = KubernetesObjects & CustomResources;

/**
 * Creates a Kubernetes object from plain data, checked at compile time against the API server's own schema. The only place that does so:
 * what is created here is a raw ApiObject, so that patches of users lose no field, whether or not this library knows it.
 */
export function object<K extends keyof Objects>(
  scope: Construct,
  id: string,
  type: K,
  body: Omit<Objects[K], 'apiVersion' | 'kind'>,
): ApiObject {
  const split = type.lastIndexOf('/');
  return create(scope, id, type.slice(0, split), type.slice(split + 1), body);
}

function create(
  scope: Construct,
  id: string,
  apiVersion: string,
  kind: string,
  body: { metadata?: { name?: string; namespace?: string } },
): ApiObject {
  const name = body.metadata?.name;
  if (!name) {
    throw new Error(`${scope.node.path}/${id}: a ${kind} without a name`);
  }
  const chartNamespace = Chart.of(scope).namespace;
  const namespace = body.metadata?.namespace ?? chartNamespace;
  refuseSecond(scope, id, kind, name, clusterScoped.has(kind) ? undefined : namespace);
  const created = new ApiObject(scope, id, { ...body, apiVersion, kind, metadata: { ...body.metadata, name, namespace } });
  if (clusterScoped.has(kind) && chartNamespace) {
    // cdk8s stamps the chart's namespace on every object, on cluster-scoped ones too.
    created.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  }
  return created;
}

function refuseSecond(scope: Construct, id: string, kind: string, name: string, namespace: string | undefined): void {
  const same = outermostChart(scope)
    .node.findAll()
    .find(
      (other) =>
        ApiObject.isApiObject(other) &&
        other.kind === kind &&
        other.metadata.name === name &&
        (clusterScoped.has(kind) || other.metadata.namespace === namespace),
    );
  if (same) {
    const where = namespace ? `${namespace}/${name}` : name;
    throw new Error(
      `${scope.node.path}/${id}: ${kind} ${where} exists already, made by ${same.node.path}. Kubernetes would keep only the last of the two: give one of the constructs another \`name\` or \`namespace\``,
    );
  }
}

/** Objects of one chart go to one cluster; another chart of the app may be another cluster's. */
export function outermostChart(scope: Construct): Chart {
  const chart = Chart.of(scope);
  return chart.node.scope && chart.node.scopes.slice(0, -1).some(Chart.isChart) ? outermostChart(chart.node.scope) : chart;
}
