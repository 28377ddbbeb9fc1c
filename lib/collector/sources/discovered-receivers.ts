import { type Checks, instance, list, refuse } from '../../kubernetes/checks';
import { type Problem, throwIfAny } from '../../kubernetes/problems';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { DiscoveredReceiver } from './discovered-receiver';
import { nodeOnly } from './node-only';
import { anyTarget } from './pod-targets';

/** Properties of DiscoveredReceivers. */
export interface DiscoveredReceiversProps {
  /**
   * What pods may ask for. What is not here nobody can start.
   * @default - [DiscoveredReceiver.redis(), DiscoveredReceiver.nginx()], without passwords
   */
  readonly receivers?: DiscoveredReceiver[];
}

/**
 * Receivers for pods of the own node that are annotated: `io.opentelemetry.discovery.metrics/enabled: "true"` and `io.opentelemetry.discovery.metrics/scraper: redis`,
 * for each declared port, or with the port in the name (`io.opentelemetry.discovery.metrics.6379/scraper`) for that one. The annotations are upstream's.
 *
 * Its annotation `config` is not read, and upstream's own `discovery` is not switched on: there, who may make a pod chooses any receiver and its configuration,
 * and it runs with the rights of the agent, who reads logs of all pods and has a token.
 *
 * @example
 * const discovered = new DiscoveredReceivers({
 *   receivers: [DiscoveredReceiver.redis(), DiscoveredReceiver.postgreSql({ username: 'otel', password: SecretKey.of('postgres-monitor', 'password'), namespaces: ['shop'] })],
 * });
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/receivercreator
 */
export class DiscoveredReceivers extends Source {
  private readonly receivers: DiscoveredReceiver[];

  /** @throws if a property is wrong, or two receivers are of one type */
  constructor(props: DiscoveredReceiversProps = {}) {
    super();
    refuse<DiscoveredReceiversProps>('DiscoveredReceivers', props, checks);
    this.receivers = props.receivers ?? [DiscoveredReceiver.redis(), DiscoveredReceiver.nginx()];
    throwIfAny('DiscoveredReceivers', twice(this.receivers));
  }

  bind(context: CollectorContext): SourceBinding {
    const creator = Component.receiver({
      componentType: 'receiver_creator',
      name: 'discovered',
      config: {
        watch_observers: [podObserver(context)],
        receivers: Object.fromEntries(
          this.receivers.map(({ _type, _config, _namespaces }) => [
            _type,
            { rule: asksFor(_type, _namespaces), config: { collection_interval: '60s', ..._config } },
          ]),
        ),
      },
    });
    const metrics = this.receivers.flatMap(({ _metrics }) => _metrics);
    return { receivers: { metrics: [creator] }, metrics: metrics.length > 0 ? metrics : undefined };
  }
}

/** Pods of the own node; what they listen on may be any port. */
function podObserver(context: CollectorContext): Component {
  const node = nodeOnly(context, 'DiscoveredReceivers', ConfigValue.podField('K8S_NODE_NAME', 'spec.nodeName'));
  return Component.extension({
    componentType: 'k8s_observer',
    config: {
      auth_type: 'serviceAccount',
      node: ConfigValue.reaching(node, anyTarget),
      observe_pods: true,
    },
    access: {
      rules: [{ apiGroup: '', resources: ['pods'], verbs: ['list', 'watch'], because: 'k8s_observer finds annotated pods of its node' }],
    },
  });
}

const prefix = 'io.opentelemetry.discovery.metrics';

/** What an annotation says for the port; where it says nothing for it, what it says for the pod. */
const hint = (key: string) =>
  `(("${prefix}." + string(port) + "/${key}") in pod.annotations ? pod.annotations["${prefix}." + string(port) + "/${key}"] : pod.annotations["${prefix}/${key}"])`;

const asksFor = (type: string, namespaces?: readonly string[]) =>
  [
    'type == "port"',
    `${hint('enabled')} == "true"`,
    `${hint('scraper')} == "${type}"`,
    ...(namespaces ? [`pod.namespace in ${JSON.stringify(namespaces)}`] : []),
  ].join(' && ');

function twice(receivers: readonly DiscoveredReceiver[]): Problem[] {
  const types = receivers.map(({ _type }) => _type);
  return [...new Set(types.filter((type, index) => types.indexOf(type) !== index))].map((type) => ({
    where: 'receivers',
    given: `two receivers \`${type}\``,
    allowed: 'one of each type: pods ask for them by it',
  }));
}

const checks: Checks<DiscoveredReceiversProps> = {
  receivers: list(instance('DiscoveredReceiver.redis(), .nginx(), .postgreSql({ … }) or .of({ … })', '_type', '_config'), { min: 1 }),
};
