import { type ApiObject, Lazy, Size } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Container, EnvVar, PodSpec } from '../../imports/kubernetes';
import { labels, selectorLabels, type WorkloadIdentity } from '../kubernetes/labels';
import { partName } from '../kubernetes/names';
import { object } from '../kubernetes/object';
import { containerSecurity, podTemplate } from '../kubernetes/pod-template';
import { quantity, type Resources, resourceRequirements } from '../kubernetes/resources';
import { randomSecrets, type SecretKey } from '../kubernetes/secret-key';
import { grafanaPort, paths } from './settings';

/** The user of the official image. */
const grafanaUser = 472;

/** A file of provisioning: where it lies, and what is in it. What is added after the constructor shows at synth. */
export interface ProvisioningFile {
  readonly folder: 'alerting' | 'dashboards' | 'datasources' | 'plugins';
  readonly name: string;
  readonly content: () => string;
}

/** A dashboard's file, and the ConfigMap that holds it. */
export interface DashboardFile {
  readonly configMap: string;
  /** Below the folder of all dashboards. */
  readonly path: string;
}

export interface GrafanaObjectsInput {
  readonly identity: WorkloadIdentity;
  readonly image: string;
  readonly resources: Resources;
  readonly environment: EnvVar[];
  readonly files: readonly ProvisioningFile[];
  readonly dashboards: () => readonly DashboardFile[];
  /** Secrets that are read as files. */
  readonly secretFiles: readonly SecretKey[];
  /** Secrets whose values nobody has to know. */
  readonly randomSecrets: readonly SecretKey[];
  readonly storage: { readonly size: Size; readonly storageClass?: string };
}

export interface GrafanaObjects {
  readonly workload: ApiObject;
  readonly service: ApiObject;
  readonly claim: ApiObject;
  readonly configMap: ApiObject;
}

export const dashboardKey = 'dashboard.json';

/** Where a Secret's value lies in the pod. */
export const secretPath = ({ name, key }: SecretKey): string => `${paths.secrets}/${name}/${key}`;

export function createGrafanaObjects(scope: Construct, input: GrafanaObjectsInput): GrafanaObjects {
  return {
    configMap: provisioning(scope, input),
    claim: claim(scope, input),
    service: service(scope, input),
    workload: deployment(scope, input),
  };
}

const metadata = (identity: WorkloadIdentity, name = identity.name) => ({ name, namespace: identity.namespace, labels: labels(identity) });

const provisioningName = ({ name }: WorkloadIdentity) => partName(name, 'provisioning');

function provisioning(scope: Construct, { identity, files }: GrafanaObjectsInput): ApiObject {
  const data = Object.fromEntries(files.map(({ name, content }) => [name, Lazy.any({ produce: content })]));
  return object(scope, 'Provisioning', 'v1/ConfigMap', { metadata: metadata(identity, provisioningName(identity)), data });
}

function claim(scope: Construct, { identity, storage }: GrafanaObjectsInput): ApiObject {
  return object(scope, 'Claim', 'v1/PersistentVolumeClaim', {
    metadata: metadata(identity),
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storage.storageClass,
      resources: { requests: { storage: quantity(storage.size) } },
    },
  });
}

function service(scope: Construct, { identity }: GrafanaObjectsInput): ApiObject {
  return object(scope, 'Service', 'v1/Service', {
    metadata: metadata(identity),
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(identity),
      ports: [{ name: 'http', port: grafanaPort, targetPort: 'http', protocol: 'TCP' }],
    },
  });
}

/** One pod, and the old one gone before the new one starts: two would spoil the database that they share. */
function deployment(scope: Construct, input: GrafanaObjectsInput): ApiObject {
  const { identity } = input;
  return object(scope, 'Resource', 'apps/v1/Deployment', {
    metadata: { ...metadata(identity), annotations: randomSecrets(input.randomSecrets) },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selectorLabels(identity) },
      template: podTemplate({
        workload: identity,
        user: grafanaUser,
        // Data sources and alerting are read at the start only. Dashboards are not among them: Grafana reads a changed file by itself.
        configuration: () => input.files.map(({ content }) => content()),
        containers: [container(input)],
        volumes: volumes(input),
        pod: { tolerations: soonElsewhere },
      }),
    },
  });
}

/** A node that dies takes the alarm for it along: 30 seconds instead of five minutes. */
const soonElsewhere: PodSpec['tolerations'] = ['not-ready', 'unreachable'].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 30,
}));

function container({ image, environment, resources, secretFiles }: GrafanaObjectsInput): Container {
  return {
    name: 'grafana',
    image,
    imagePullPolicy: 'IfNotPresent',
    env: environment,
    ports: [{ name: 'http', containerPort: grafanaPort, protocol: 'TCP' }],
    // A first start makes the database and downloads the plugin.
    startupProbe: { httpGet: { path: '/healthz', port: grafanaPort }, periodSeconds: 5, failureThreshold: 120 },
    livenessProbe: { httpGet: { path: '/healthz', port: grafanaPort }, periodSeconds: 10, failureThreshold: 6 },
    // Asks the database too.
    readinessProbe: { httpGet: { path: '/api/health', port: grafanaPort }, periodSeconds: 10 },
    resources: resourceRequirements(resources),
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: 'data', mountPath: paths.data },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'provisioning', mountPath: paths.provisioning, readOnly: true },
      { name: 'dashboards', mountPath: paths.dashboards, readOnly: true },
      ...secretNames(secretFiles).map((name) => ({ name: `secret-${name}`, mountPath: `${paths.secrets}/${name}`, readOnly: true })),
    ],
  };
}

const secretNames = (keys: readonly SecretKey[]): string[] => [...new Set(keys.map(({ name }) => name))].sort();

function volumes({ identity, files, dashboards, secretFiles }: GrafanaObjectsInput): PodSpec['volumes'] {
  return [
    { name: 'data', persistentVolumeClaim: { claimName: identity.name } },
    { name: 'tmp', emptyDir: { sizeLimit: quantity(Size.mebibytes(128)) } },
    {
      name: 'provisioning',
      configMap: { name: provisioningName(identity), items: files.map(({ folder, name }) => ({ key: name, path: `${folder}/${name}` })) },
    },
    {
      name: 'dashboards',
      projected: {
        sources: Lazy.any({
          produce: () =>
            dashboards().map(({ configMap, path }) => ({ configMap: { name: configMap, items: [{ key: dashboardKey, path }] } })),
        }),
      },
    },
    ...secretNames(secretFiles).map((name) => ({
      name: `secret-${name}`,
      secret: { secretName: name, items: secretFiles.filter((key) => key.name === name).map(({ key }) => ({ key, path: key })) },
    })),
  ];
}
