import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Container } from '../../imports/kubernetes';
import { goMemoryLimit } from '../collector/fixed-components';
import { type Endpoint, Reach } from '../kubernetes/endpoint';
import { labels, selectorLabels, type WorkloadIdentity } from '../kubernetes/labels';
import { serviceHost } from '../kubernetes/names';
import { object } from '../kubernetes/object';
import { containerSecurity, disruptionBudget, podTemplate, spread } from '../kubernetes/pod-template';
import { type Resources, resourceRequirements } from '../kubernetes/resources';

/** The user of the official image. */
const imageUser = 65532;
const folder = '/etc/target-allocator';
const file = 'targetallocator.yaml';
const portName = 'http';
const portNumber = 8080;

export interface TargetAllocatorObjectsInput {
  readonly identity: WorkloadIdentity;
  readonly image: string;
  readonly resources: Resources;
  readonly replicas: number;
  readonly configuration: string;
}

export interface TargetAllocatorObjects {
  readonly configMap: ApiObject;
  readonly service: ApiObject;
  readonly workload: ApiObject;
}

export function createTargetAllocatorObjects(scope: Construct, input: TargetAllocatorObjectsInput): TargetAllocatorObjects {
  const { identity, configuration } = input;
  if (input.replicas > 1) {
    disruptionBudget(scope, identity);
  }
  return {
    configMap: object(scope, 'ConfigMap', 'v1/ConfigMap', { metadata: metadata(identity), data: { [file]: configuration } }),
    service: object(scope, 'Service', 'v1/Service', {
      metadata: metadata(identity),
      spec: {
        type: 'ClusterIP',
        selector: selectorLabels(identity),
        ports: [{ name: portName, port: portNumber, targetPort: portName, protocol: 'TCP' }],
      },
    }),
    workload: deployment(scope, input),
  };
}

/** A function of names: whoever asks there can be made first. */
export const allocatorEndpoint = (identity: WorkloadIdentity, isolated: boolean): Endpoint => ({
  host: serviceHost(identity.name, identity.namespace),
  port: portNumber,
  reach: Reach._workload(identity, isolated),
});

const metadata = (identity: WorkloadIdentity) => ({ name: identity.name, namespace: identity.namespace, labels: labels(identity) });

function deployment(scope: Construct, input: TargetAllocatorObjectsInput): ApiObject {
  const { identity, replicas, configuration } = input;
  return object(scope, 'Resource', 'apps/v1/Deployment', {
    metadata: metadata(identity),
    spec: {
      replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(identity) },
      template: podTemplate({
        workload: identity,
        user: imageUser,
        token: true,
        configuration,
        containers: [container(input)],
        volumes: [{ name: 'config', configMap: { name: identity.name } }],
        pod: replicas > 1 ? { topologySpreadConstraints: spread(identity) } : {},
      }),
    },
  });
}

function container({ image, resources }: TargetAllocatorObjectsInput): Container {
  const probe = (path: string) => ({ httpGet: { path, port: portNumber }, periodSeconds: 10 });
  return {
    name: 'target-allocator',
    image,
    // A Secret that it may not read is no news, and needs no stack trace.
    args: [`--config-file=${folder}/${file}`, '--zap-stacktrace-level=panic'],
    env: [{ name: 'GOMEMLIMIT', value: goMemoryLimit(resources.memory) }],
    ports: [{ name: portName, containerPort: portNumber, protocol: 'TCP' }],
    livenessProbe: { ...probe('/livez'), failureThreshold: 6 },
    // It says that it is ready before it has seen a single monitor: 21 s later it had. Whoever asks before stops scraping.
    readinessProbe: { ...probe('/readyz'), initialDelaySeconds: 45 },
    resources: resourceRequirements(resources),
    securityContext: containerSecurity(),
    volumeMounts: [{ name: 'config', mountPath: folder, readOnly: true }],
  };
}
