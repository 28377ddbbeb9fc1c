import { ApiObject, JsonPatch } from 'cdk8s';
import { EnvFieldPaths, EnvValue, type ISecret, Secret, Volume, type Workload } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import type { Container, EnvVar, NetworkPolicyPeer, PodSpec } from '../../imports/kubernetes';
import { gatewayCheck, type IGateway } from '../collector/gateway';
import { type Checks, checkProps, instance, labelValue, refuse, required } from '../kubernetes/checks';
import { fromPeer, peerOf } from '../kubernetes/endpoint';
import { recommendedNameLabel } from '../kubernetes/labels';
import { admit, tcp } from '../kubernetes/network-edges';
import { type Problem, Problems } from '../kubernetes/problems';
import { type SecretKey, secretKey } from '../kubernetes/secret-key';
import { warn } from '../kubernetes/warnings';

/** What an application's telemetry says about it. Values of the OpenTelemetry semantic conventions. */
export interface InstrumentProps {
  /**
   * `service.name`
   * @default - the label `app.kubernetes.io/name`, or the workload's name
   */
  readonly serviceName?: string;
  /**
   * `service.namespace`: what several services belong to.
   * @default - none
   */
  readonly serviceNamespace?: string;
  /**
   * `service.version`
   * @default - each container's image tag
   */
  readonly serviceVersion?: string;
  /**
   * `deployment.environment.name`
   * @default - none
   */
  readonly deploymentEnvironment?: string;
  /**
   * `team`: who is asked when it breaks.
   * @default - none
   */
  readonly team?: string;
  /**
   * What it sends as `Authorization: Bearer …`, where the gateway asks for tokens: one of the gateway's `tokens`, in a Secret of the application's namespace.
   * @default - none
   */
  readonly token?: SecretKey;
}

/**
 * Makes applications send their telemetry: sets the environment that every OpenTelemetry SDK reads on each container, and lets the pods in at the gateway.
 * A variable that a container sets itself is left as it is, with a warning. Where the gateway has an authority of its own, its certificate is mounted too.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 *
 * @example
 * Instrumentation.of(gateway).workload(checkout, { serviceNamespace: 'shop', team: 'shop' });
 */
export class Instrumentation {
  /**
   * Instrumentation that sends to a gateway, or to the agent of the node.
   * @throws if it is none
   */
  static of(gateway: IGateway): Instrumentation {
    refuse('Instrumentation.of', { gateway }, { gateway: required(gatewayCheck) });
    return new Instrumentation(gateway);
  }

  private constructor(private readonly gateway: IGateway) {}

  /**
   * A workload of cdk8s-plus; call it when the workload has its containers.
   * @throws if a property is wrong, the workload is instrumented already, or the gateway asks for what an SDK cannot give
   */
  workload(workload: Workload, props: InstrumentProps = {}): void {
    this.check(workload, props);
    const name = props.serviceName ?? workload.metadata.getLabel(recommendedNameLabel) ?? workload.name;
    for (const container of workload.containers) {
      for (const variable of this.environment(name, container.name, container.image, props)) {
        if (container.env.variables[variable.name]) {
          keptAsItIs(workload, container.name, variable.name);
        } else {
          container.env.addVariable(variable.name, plusValue(workload, variable));
        }
      }
    }
    const { caCertificate: authority } = this.gateway.otlpHttp;
    if (authority) {
      const secret = Secret.fromSecretName(workload, 'GatewayAuthority', authority.name);
      const volume = Volume.fromSecret(workload, 'GatewayAuthorityVolume', secret, {
        name: authorityVolume,
        items: { [authority.key]: { path: authority.key } },
      });
      for (const container of workload.containers) {
        container.mount(authorityFolder, volume, { readOnly: true });
      }
    }
    this.admit(workload, workload.metadata.namespace, fromPeer(workload));
    instrumented.add(ApiObject.of(workload));
  }

  /**
   * Any object with a pod template: Deployment, StatefulSet, DaemonSet, Job.
   * @throws if a property is wrong, the workload is instrumented already, or the gateway asks for what an SDK cannot give
   */
  apiObject(workload: ApiObject, props: InstrumentProps = {}): void {
    this.check(workload, props);
    const spec = workload.toJson().spec;
    const template = spec?.template;
    const containers: Container[] = template?.spec?.containers ?? [];
    if (containers.length === 0) {
      const problems = Problems.of(workload);
      problems.add({
        where: 'spec.template.spec.containers',
        given: 'no containers',
        allowed: 'an object with a pod template that has containers',
      });
      problems.throwIfAny();
    }
    const name = props.serviceName ?? template.metadata?.labels?.[recommendedNameLabel] ?? workload.name;
    containers.forEach((container, index) => {
      const known = container.env ?? [];
      const added = this.environment(name, container.name, container.image ?? '', props).filter((variable) => {
        const set = known.some((other) => other.name === variable.name);
        if (set) {
          keptAsItIs(workload, container.name, variable.name);
        }
        return !set;
      });
      const env: EnvVar[] = [...added.map(plainVariable), ...known];
      workload.addJsonPatch(JsonPatch.add(`/spec/template/spec/containers/${index}/env`, env));
    });
    this.mountAuthority(workload, template.spec);
    const labels = template.metadata?.labels ?? {};
    this.admit(workload, workload.metadata.namespace, Object.keys(labels).length > 0 ? [peerOf(workload.metadata.namespace, labels)] : []);
    instrumented.add(workload);
  }

  private check(workload: IConstruct, props: InstrumentProps): void {
    const problems = Problems.of(workload);
    problems.add(...instance('a workload', 'node')(workload, 'workload'), ...checkProps(props, checks));
    problems.throwIfAny();
    problems.add(...twice(workload), ...sdkProblems(this.gateway, props));
    problems.throwIfAny();
  }

  private mountAuthority(workload: ApiObject, pod: PodSpec): void {
    const { caCertificate: authority } = this.gateway.otlpHttp;
    if (!authority) {
      return;
    }
    const secret = { secretName: authority.name, items: [{ key: authority.key, path: authority.key }] };
    workload.addJsonPatch(JsonPatch.add('/spec/template/spec/volumes', [...(pod.volumes ?? []), { name: authorityVolume, secret }]));
    pod.containers.forEach(({ volumeMounts = [] }, index) => {
      const mounts = [...volumeMounts, { name: authorityVolume, mountPath: authorityFolder, readOnly: true }];
      workload.addJsonPatch(JsonPatch.add(`/spec/template/spec/containers/${index}/volumeMounts`, mounts));
    });
  }

  private environment(service: string, container: string, image: string, props: InstrumentProps): Variable[] {
    const version = props.serviceVersion ?? tagOf(image);
    const attributes: [string, string | undefined][] = [
      ['service.namespace', props.serviceNamespace],
      ['service.version', version],
      ['service.instance.id', `$(OTEL_POD_UID)/${container}`],
      ['deployment.environment.name', props.deploymentEnvironment],
      ['team', props.team],
      ['k8s.container.name', container],
      ['k8s.namespace.name', '$(OTEL_POD_NAMESPACE)'],
      ['k8s.node.name', '$(OTEL_NODE_NAME)'],
      ['k8s.pod.name', '$(OTEL_POD_NAME)'],
      ['k8s.pod.uid', '$(OTEL_POD_UID)'],
    ];
    const { host, port, tls, caCertificate } = this.gateway.otlpHttp;
    return [
      // Before the attributes: Kubernetes completes $(NAME) only from variables that stand further up.
      { name: 'OTEL_POD_NAME', field: EnvFieldPaths.POD_NAME },
      { name: 'OTEL_POD_NAMESPACE', field: EnvFieldPaths.POD_NAMESPACE },
      { name: 'OTEL_POD_UID', field: EnvFieldPaths.POD_UID },
      { name: 'OTEL_NODE_NAME', field: EnvFieldPaths.NODE_NAME },
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `${tls ? 'https' : 'http'}://${host}:${port}` },
      { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http/protobuf' },
      ...(caCertificate ? [{ name: 'OTEL_EXPORTER_OTLP_CERTIFICATE', value: `${authorityFolder}/${caCertificate.key}` }] : []),
      ...(props.token
        ? [
            { name: tokenVariable, secret: props.token },
            // A value of this variable is a URL's: a blank is written %20.
            { name: 'OTEL_EXPORTER_OTLP_HEADERS', value: `Authorization=Bearer%20$(${tokenVariable})` },
          ]
        : []),
      { name: 'OTEL_SERVICE_NAME', value: service },
      { name: 'OTEL_RESOURCE_ATTRIBUTES', value: attributes.flatMap(([key, value]) => (value ? [`${key}=${value}`] : [])).join(',') },
    ];
  }

  /** The gateway's side. The application's own stays as it is: a policy for its way out would close all other ways. */
  private admit(workload: Workload | ApiObject, namespace: string | undefined, from: NetworkPolicyPeer[]): void {
    const { reach, port } = this.gateway.otlpHttp;
    if (!reach._server) {
      return;
    }
    const problems = Problems.of(workload);
    if (!namespace) {
      problems.add({
        where: 'namespace',
        given: 'nothing',
        allowed: 'a namespace',
        fix: 'Give the chart or the workload one: the policy that lets its pods in at the gateway has to name it',
      });
    }
    if (from.length === 0) {
      problems.add({
        where: 'spec.template.metadata.labels',
        given: 'nothing',
        allowed: 'labels',
        fix: 'The policy that lets its pods in at the gateway knows them by their labels',
      });
    }
    problems.throwIfAny();
    admit(workload, reach._server, `${namespace}-${workload.name}`, from, tcp([port]));
  }
}

/** The objects of workloads, however they were handed in. */
const instrumented = new WeakSet<ApiObject>();

/** A second time would change nothing: what the first set would be taken for the workload's own. */
const twice = (workload: IConstruct): Problem[] =>
  instrumented.has(ApiObject.of(workload))
    ? [
        {
          where: 'workload',
          given: `${workload.node.path}, which is instrumented already`,
          allowed: 'once for each workload, with all properties and one gateway: leave out one of the calls',
        },
      ]
    : [];

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly field?: EnvFieldPaths;
  readonly secret?: SecretKey;
}

const tokenVariable = 'OTEL_GATEWAY_TOKEN';
const authorityVolume = 'gateway-authority';
const authorityFolder = '/etc/opentelemetry/gateway-authority';

function plainVariable({ name, value, field, secret }: Variable): EnvVar {
  if (secret) {
    return { name, valueFrom: { secretKeyRef: { name: secret.name, key: secret.key } } };
  }
  return field ? { name, valueFrom: { fieldRef: { fieldPath: field } } } : { name, value };
}

function plusValue(workload: Workload, { value = '', field, secret }: Variable): EnvValue {
  if (secret) {
    // A construct of that id is there already for the second container.
    const known = workload.node.tryFindChild('GatewayToken') as ISecret | undefined;
    return EnvValue.fromSecretValue({ secret: known ?? Secret.fromSecretName(workload, 'GatewayToken', secret.name), key: secret.key });
  }
  return field ? EnvValue.fromFieldRef(field) : EnvValue.fromValue(value);
}

const checks: Checks<InstrumentProps> = {
  serviceName: labelValue,
  serviceNamespace: labelValue,
  serviceVersion: labelValue,
  deploymentEnvironment: labelValue,
  team: labelValue,
  token: secretKey,
};

/** What SDKs cannot do, the agent of the node can. */
function sdkProblems(gateway: IGateway, props: InstrumentProps): Problem[] {
  const fix = 'Or send to the agent of the node: Instrumentation.of(nodeAgent)';
  const { serverName } = gateway.otlpHttp;
  return [
    ...(gateway.token && !props.token
      ? [
          {
            where: 'token',
            given: 'nothing',
            allowed: "a SecretKey: one of the gateway's `tokens`, as it refuses whom it does not know",
            fix,
          },
        ]
      : []),
    ...(serverName
      ? [{ where: 'gateway', given: `a certificate for ${serverName}`, allowed: "one for the names of the gateway's Services", fix }]
      : []),
  ];
}

/** The tag of an image; a digest is no version that people know. */
function tagOf(image: string): string | undefined {
  const tag = image.split('@')[0].match(/:([A-Za-z0-9._-]+)$/)?.[1];
  return tag === 'latest' ? undefined : tag;
}

function keptAsItIs(workload: IConstruct, container: string, variable: string): void {
  warn(
    workload,
    `container '${container}' sets ${variable} itself: it stays as it is, and telemetry may go elsewhere or be named otherwise`,
  );
}
