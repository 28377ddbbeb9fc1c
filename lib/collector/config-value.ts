import type { Container } from '../../imports/kubernetes';
import { instance, integer, kubernetesName, refuse, required, text } from '../kubernetes/checks';
import { type Endpoint, endpointCheck } from '../kubernetes/endpoint';
import { secretVariable } from '../kubernetes/names';
import type { Problem } from '../kubernetes/problems';
import { type SecretKey, secretKey } from '../kubernetes/secret-key';
import type { ServerTls } from '../kubernetes/server-tls';
import type { Volume } from '../kubernetes/volume';
import type { Needs } from './needs';

/**
 * A value inside a collector's configuration that says what the pod needs for it: a port, a mount, an environment variable, an open connection.
 * Ports, mounts, environment and network policies are found by rendering the configuration, so they cannot disagree with it.
 */
export class ConfigValue {
  /**
   * A Secret's value. It reaches the collector through the environment and stands in no ConfigMap.
   * @throws if it is no SecretKey
   */
  static secret(key: SecretKey): ConfigValue {
    refuse('ConfigValue.secret', { key }, { key: required(secretKey) });
    return new ConfigValue((needs) => {
      const name = needs.variable({
        name: secretVariable(key.name, key.key),
        valueFrom: { secretKeyRef: { name: key.name, key: key.key } },
      });
      return `\${env:${name}}`;
    }, true);
  }

  /** @internal A Secret's value that nobody has to know; `namespace`: where the Secret is that it is the same as. */
  static _randomSecret(key: SecretKey, namespace?: string): ConfigValue {
    const value = ConfigValue.secret(key);
    return new ConfigValue((needs) => {
      needs.randomSecrets.set(`${key.name}/${key.key}`, { ...key, namespace });
      return value._render(needs);
    }, true);
  }

  /**
   * A field of the pod, e.g. `ConfigValue.podField('K8S_NODE_NAME', 'spec.nodeName')`.
   * @throws if the variable's name or the path is none
   * @see https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
   */
  static podField(environmentVariable: string, fieldPath: string): ConfigValue {
    refuse(
      'ConfigValue.podField',
      { environmentVariable, fieldPath },
      { environmentVariable: required(variableName), fieldPath: required(text()) },
    );
    return new ConfigValue((needs) => `\${env:${needs.variable({ name: environmentVariable, valueFrom: { fieldRef: { fieldPath } } })}}`);
  }

  /**
   * An address to listen on, on all interfaces and both address families: the container and the Service get the port.
   * @param portName at most 15 characters
   * @param tls what is answered with there: who connects by the collector's `endpoint` then speaks TLS. The component has to be told of it too
   * @throws if the name or the number is none of a port
   */
  static listen(portName: string, port: number, tls?: ServerTls): ConfigValue {
    refuse('ConfigValue.listen', { portName, port }, { portName: required(kubernetesName(15)), port: required(integer(1, 65_535)) });
    return new ConfigValue((needs) => {
      needs.listen({ name: portName, port, service: true, tls });
      return `:${port}`;
    });
  }

  /**
   * The address of a peer, `host:port` or `scheme://host:port`: the network is opened to it.
   * @throws if it is no Endpoint
   */
  static connect(to: Endpoint, scheme?: string): ConfigValue {
    refuse(
      'ConfigValue.connect',
      { to, scheme },
      { to: required(endpointCheck), scheme: text({ pattern: /^[a-z][a-z0-9+.-]*$/, allowed: 'a scheme, e.g. https' }) },
    );
    return new ConfigValue((needs) => {
      needs.connect(to);
      const host = to.host.includes(':') ? `[${to.host}]` : to.host;
      return `${scheme ? `${scheme}://` : ''}${host}:${to.port}`;
    });
  }

  /** A value that leads to connections without spelling their address: discovery, a peer whose address only the pod knows. The network is opened to `endpoint`. */
  // biome-ignore lint/suspicious/noExplicitAny: jsii has no other word for texts and values
  static reaching(value: any, endpoint: Endpoint): ConfigValue {
    return new ConfigValue((needs) => {
      needs.connect(endpoint);
      return renderText(value, needs);
    }, isSecret(value));
  }

  /**
   * The path of a volume, or of a folder within it: the volume is mounted there.
   * @throws if it is no Volume
   */
  static directory(volume: Volume, subPath?: string): ConfigValue {
    refuse(
      'ConfigValue.directory',
      { volume, subPath },
      { volume: required(instance('Volume.persistent(…), .node(…), .ephemeral(…) or .memory(…)', '_mountPath')), subPath: text() },
    );
    return new ConfigValue((needs) => {
      needs.mount(volume);
      return subPath ? `${volume._mountPath}/${subPath}` : volume._mountPath;
    });
  }

  /**
   * The path of a file that holds a Secret's value, for settings that take a file: certificates.
   * @throws if it is no SecretKey
   */
  static secretFile(key: SecretKey): ConfigValue {
    refuse('ConfigValue.secretFile', { key }, { key: required(secretKey) });
    return new ConfigValue((needs) => {
      const path = `/etc/otelcol/secrets/${key.name}/${key.key}`;
      needs.secretFile(path, key);
      return path;
    });
  }

  /** Texts and values, one after the other. */
  // biome-ignore lint/suspicious/noExplicitAny: jsii has no other word for texts and values
  static concat(...parts: any[]): ConfigValue {
    return new ConfigValue((needs) => parts.map((part) => renderText(part, needs)).join(''), parts.some(isSecret));
  }

  /** @internal The port of probes: the kubelet's, not a Service's. */
  static _listenForProbes(portName: string, port: number): ConfigValue {
    return new ConfigValue((needs) => {
      needs.listen({ name: portName, port, service: false });
      return `:${port}`;
    });
  }

  /** @internal The host of a listener on all addresses, whose port stands apart, for what the collector says of itself. */
  static _listenBesidePort(portName: string, port: number): ConfigValue {
    return new ConfigValue((needs) => {
      needs.listen({ name: portName, port, service: true, own: true });
      return '';
    });
  }

  /** @internal A port that only the pod itself reaches. */
  static _listenLocally(portName: string, port: number): ConfigValue {
    return new ConfigValue((needs) => {
      needs.listen({ name: portName, port, service: false });
      return `localhost:${port}`;
    });
  }

  /** @internal A value that only holds once `container` has succeeded, which needs `endpoints` open. */
  static _startAfter(value: ConfigValue, container: Container, endpoints: readonly Endpoint[]): ConfigValue {
    return new ConfigValue((needs) => {
      needs.startAfter(container);
      for (const endpoint of endpoints) {
        needs.connect(endpoint);
      }
      return value._render(needs);
    }, value._secret);
  }

  /** @internal A value of a component that reads Secrets from environment variables, by names of its own. */
  static _withVariables(value: ConfigValue, variables: Readonly<Record<string, SecretKey>>): ConfigValue {
    return new ConfigValue((needs) => {
      for (const [name, { name: secret, key }] of Object.entries(variables)) {
        needs.variable({ name, valueFrom: { secretKeyRef: { name: secret, key } } });
      }
      return value._render(needs);
    }, value._secret);
  }

  /** @internal A value that cannot be: it is reported with all else that is wrong with the collector. */
  static _refused(problem: Problem): ConfigValue {
    return new ConfigValue((needs) => {
      needs.refuse(problem);
      return '';
    });
  }

  private constructor(
    private readonly render: (needs: Needs) => string,
    /** @internal Whether a Secret's value is part of it. */
    readonly _secret = false,
  ) {}

  /** @internal */
  _render(needs: Needs): string {
    return this.render(needs);
  }
}

const variableName = text({ pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, allowed: "a variable's name: letters, digits and '_', no digit first" });

export const isSecret = (value: unknown): boolean => value instanceof ConfigValue && value._secret;

/** @internal A text as the collector reads it: `$` starts a reference there, so that a literal one is written twice. */
export function renderText(value: unknown, needs: Needs): string {
  return value instanceof ConfigValue ? value._render(needs) : String(value).replaceAll('$', '$$$$');
}
