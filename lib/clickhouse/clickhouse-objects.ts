import { type ApiObject, Size } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Container, PodSpec, Probe } from '../../imports/kubernetes';
import { labels, selectorLabels, type WorkloadIdentity } from '../kubernetes/labels';
import { headlessName } from '../kubernetes/names';
import { object } from '../kubernetes/object';
import { containerSecurity, podTemplate } from '../kubernetes/pod-template';
import { quantity, type Resources, resourceRequirements } from '../kubernetes/resources';
import { randomSecrets, type SecretKey } from '../kubernetes/secret-key';
import type { ClickHouseUser } from './clickhouse';
import { clickHouseImageUser, clickHouseProgram, smallContainer } from './clickhouse-client';
import { hashesQuery, passwordsPath } from './configuration/password-hashes';
import { clickHousePath } from './configuration/server-configuration';
import { clickHousePort } from './ports';

export interface ClickHouseObjectsInput {
  readonly identity: WorkloadIdentity;
  readonly image: string;
  readonly resources: Resources;
  readonly storage: { readonly size: Size; readonly storageClass?: string };
  readonly passwords: Record<ClickHouseUser, SecretKey>;
  /** Configuration files by name. */
  readonly files: Record<string, string>;
}

export interface ClickHouseObjects {
  readonly configMap: ApiObject;
  readonly workload: ApiObject;
  readonly service: ApiObject;
  readonly headlessService: ApiObject;
}

export function createClickHouseObjects(scope: Construct, input: ClickHouseObjectsInput): ClickHouseObjects {
  return {
    configMap: object(scope, 'ConfigMap', 'v1/ConfigMap', { metadata: metadata(input), data: input.files }),
    service: object(scope, 'Service', 'v1/Service', { metadata: metadata(input), spec: { type: 'ClusterIP', ...serving(input) } }),
    headlessService: object(scope, 'HeadlessService', 'v1/Service', {
      metadata: { ...metadata(input), name: headlessName(input.identity.name) },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, ...serving(input) },
    }),
    workload: statefulSet(scope, input),
  };
}

const metadata = ({ identity }: ClickHouseObjectsInput) => ({
  name: identity.name,
  namespace: identity.namespace,
  labels: labels(identity),
});

const serving = ({ identity }: ClickHouseObjectsInput) => ({
  selector: selectorLabels(identity),
  ports: (['http', 'native'] as const).map((name) => ({ name, port: clickHousePort[name], targetPort: name, protocol: 'TCP' })),
});

function statefulSet(scope: Construct, input: ClickHouseObjectsInput): ApiObject {
  const { identity, storage } = input;
  return object(scope, 'Resource', 'apps/v1/StatefulSet', {
    metadata: { ...metadata(input), annotations: randomSecrets(Object.values(input.passwords)) },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      // In order, a pod that never gets ready would keep a repaired template from ever being tried.
      podManagementPolicy: 'Parallel',
      serviceName: headlessName(identity.name),
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      selector: { matchLabels: selectorLabels(identity) },
      template: template(input),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: storage.storageClass,
            resources: { requests: { storage: quantity(storage.size) } },
          },
        },
      ],
    },
  });
}

function template(input: ClickHouseObjectsInput) {
  return podTemplate({
    workload: input.identity,
    user: clickHouseImageUser,
    configuration: [input.files, hashesQuery],
    initContainers: [hashes(input)],
    containers: [server(input)],
    volumes: volumes(input),
    // Longer than what a stopping server takes: seconds until no address leads to it, half a minute for what runs, then what is in memory.
    pod: { terminationGracePeriodSeconds: 90 },
  });
}

/** Hashes the passwords, each time the pod starts: the server itself never sees them. */
function hashes({ image }: ClickHouseObjectsInput): Container {
  return {
    name: 'password-hashes',
    image,
    command: [clickHouseProgram, 'local', '--query', hashesQuery],
    resources: resourceRequirements(smallContainer),
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: 'passwords', mountPath: passwordsPath, readOnly: true },
      { name: 'hashes', mountPath: clickHousePath.hashes },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

function server({ image, resources }: ClickHouseObjectsInput): Container {
  return {
    name: 'clickhouse',
    image,
    // Not the image's start script: it writes into the configuration, which is read-only.
    command: [clickHouseProgram, 'server', `--config-file=${clickHousePath.configuration}/${clickHousePath.serverFile}`],
    // Kubernetes is the one that starts it again.
    env: [{ name: 'CLICKHOUSE_WATCHDOG_ENABLE', value: '0' }],
    ports: Object.entries(clickHousePort).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    ...probes,
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    resources: resourceRequirements(resources, Size.gibibytes(1)),
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: 'config', mountPath: clickHousePath.configuration, readOnly: true },
      { name: 'hashes', mountPath: clickHousePath.hashes, readOnly: true },
      { name: 'data', mountPath: clickHousePath.data },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

const ping: Probe = { httpGet: { path: '/ping', port: 'http' } };

/** Alive is who takes a connection: a server that is busy, or waits for others, must not be restarted for it. Loading many parts takes minutes. */
const probes: Pick<Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> = {
  startupProbe: { ...ping, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 180 },
  livenessProbe: { tcpSocket: { port: 'native' }, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
  readinessProbe: { ...ping, periodSeconds: 5, timeoutSeconds: 5 },
};

function volumes({ identity, passwords }: ClickHouseObjectsInput): PodSpec['volumes'] {
  const sources = Object.entries(passwords).map(([user, { name, key }]) => ({ secret: { name, items: [{ key, path: user }] } }));
  return [
    { name: 'config', configMap: { name: identity.name } },
    { name: 'passwords', projected: { defaultMode: 0o440, sources } },
    { name: 'hashes', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
  ];
}
