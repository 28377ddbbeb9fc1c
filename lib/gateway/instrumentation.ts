import { type ApiObject, JsonPatch } from 'cdk8s';
import { EnvFieldPaths, EnvValue, type Workload } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import type { Container, EnvVar, NetworkPolicyPeer } from '../../imports/kubernetes';
import type { IGateway } from '../collector/gateway';
import { type Checks, checkProps, instance, labelValue } from '../kubernetes/checks';
import { fromPeer, peerOf } from '../kubernetes/endpoint';
import { recommendedNameLabel } from '../kubernetes/labels';
import { admit, tcp } from '../kubernetes/network-edges';
import { Problems } from '../kubernetes/problems';
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
}

/**
 * Makes applications send their telemetry: sets the environment that every OpenTelemetry SDK reads on each container, and lets the pods in at the gateway.
 * A variable that a container sets itself is left as it is, with a warning.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 *
 * @example
 * Instrumentation.of(gateway).workload(checkout, { serviceNamespace: 'shop', team: 'shop' });
 */
export class Instrumentation {
  /** Instrumentation that sends to a gateway, or to the agent of the node. */
  static of(gateway: IGateway): Instrumentation {
    return new Instrumentation(gateway);
  }

  private constructor(private readonly gateway: IGateway) {}

  /** A workload of cdk8s-plus; call it when the workload has its containers. */
  workload(workload: Workload, props: InstrumentProps = {}): void {
    check(workload, props);
    const name = props.serviceName ?? workload.metadata.getLabel(recommendedNameLabel) ?? workload.name;
    for (const container of workload.containers) {
      for (const variable of this.environment(name, container.name, container.image, props)) {
        if (container.env.variables[variable.name]) {
          keptAsItIs(workload, container.name, variable.name);
        } else {
          container.env.addVariable(
            variable.name,
            variable.field ? EnvValue.fromFieldRef(variable.field) : EnvValue.fromValue(variable.value ?? ''),
          );
        }
      }
    }
    this.admit(workload, workload.metadata.namespace, fromPeer(workload));
  }

  /** Any object with a pod template: Deployment, StatefulSet, DaemonSet, Job. */
  apiObject(workload: ApiObject, props: InstrumentProps = {}): void {
    check(workload, props);
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
      const env: EnvVar[] = [
        ...added.map(({ name: of, value, field }) =>
          field ? { name: of, valueFrom: { fieldRef: { fieldPath: field } } } : { name: of, value },
        ),
        ...known,
      ];
      workload.addJsonPatch(JsonPatch.add(`/spec/template/spec/containers/${index}/env`, env));
    });
    const labels = template.metadata?.labels ?? {};
    this.admit(workload, workload.metadata.namespace, Object.keys(labels).length > 0 ? [peerOf(workload.metadata.namespace, labels)] : []);
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
    const { host, port, tls } = this.gateway.otlpHttp;
    return [
      // Before the attributes: Kubernetes completes $(NAME) only from variables that stand further up.
      { name: 'OTEL_POD_NAME', field: EnvFieldPaths.POD_NAME },
      { name: 'OTEL_POD_NAMESPACE', field: EnvFieldPaths.POD_NAMESPACE },
      { name: 'OTEL_POD_UID', field: EnvFieldPaths.POD_UID },
      { name: 'OTEL_NODE_NAME', field: EnvFieldPaths.NODE_NAME },
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `${tls ? 'https' : 'http'}://${host}:${port}` },
      { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http/protobuf' },
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

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly field?: EnvFieldPaths;
}

const checks: Checks<InstrumentProps> = {
  serviceName: labelValue,
  serviceNamespace: labelValue,
  serviceVersion: labelValue,
  deploymentEnvironment: labelValue,
  team: labelValue,
};

function check(workload: IConstruct, props: InstrumentProps): void {
  const problems = Problems.of(workload);
  problems.add(...instance('a workload', 'node')(workload, 'workload'), ...checkProps(props, checks));
  problems.throwIfAny();
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
