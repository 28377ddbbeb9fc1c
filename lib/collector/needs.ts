import type { Container, EnvVar } from '../../imports/kubernetes';
import type { Endpoint } from '../kubernetes/endpoint';
import type { Problem } from '../kubernetes/problems';
import type { RandomSecret, SecretKey } from '../kubernetes/secret-key';
import type { ServerTls } from '../kubernetes/server-tls';
import type { Volume } from '../kubernetes/volume';
import type { Component } from './component';

/** A port that a configuration listens on. */
export interface Listener {
  readonly name: string;
  readonly port: number;
  /** Whether others connect to it through a Service; the port of probes is for the kubelet alone. */
  readonly service: boolean;
  /** Whether it answers with what the collector says of itself, and takes no telemetry. */
  readonly own?: boolean;
  /** What it answers with, where it speaks TLS. */
  readonly tls?: ServerTls;
}

interface Listening extends Listener {
  readonly component: string;
}

/** What a configuration was found to need while it was rendered. Everything around the collector follows from here, nothing is listed twice. */
export class Needs {
  readonly environment = new Map<string, EnvVar>();
  readonly listeners = new Map<number, Listening>();
  readonly volumes = new Map<string, Volume>();
  readonly secretFiles = new Map<string, SecretKey>();
  readonly endpoints: Endpoint[] = [];
  readonly initContainers = new Map<string, Container>();
  readonly extensions = new Map<string, Component>();
  readonly randomSecrets = new Map<string, RandomSecret>();
  readonly problems: Problem[] = [];
  /** Things that are there twice, under one name. They follow from two sources or sinks of one name, where there are such. */
  readonly clashes: Problem[] = [];
  /** Receivers, exporters and connectors that share their names with others that are to be told apart. */
  readonly twice: Component[] = [];
  /** What is being rendered. */
  component = '';

  /** What cannot be; found in the pipelines of several signals, it is one problem. */
  refuse(problem: Problem): void {
    addOnce(this.problems, problem);
  }

  clash(given: string, allowed: string): void {
    addOnce(this.clashes, { where: 'sources, processors, sinks', given, allowed });
  }

  variable(variable: EnvVar): string {
    this.once(this.environment, variable.name, variable, `the environment variable ${variable.name}`);
    return variable.name;
  }

  listen(listener: Listener): void {
    const other = [...this.listeners.values()].find((known) => (known.port === listener.port) !== (known.name === listener.name));
    if (other) {
      this.refuse({
        where: 'sources',
        given: `port ${listener.port} ('${listener.name}') and port ${other.port} ('${other.name}')`,
        allowed: 'a port and a name of its own for each',
      });
      return;
    }
    const same = this.listeners.get(listener.port);
    if (same && same.name === listener.name && same.component !== this.component) {
      this.refuse({
        where: 'sources',
        given: `port ${listener.port} for '${same.component}' and for '${this.component}'`,
        allowed: 'another port for one of them',
      });
      return;
    }
    this.once(this.listeners, listener.port, { ...listener, component: this.component }, `port ${listener.port}`);
  }

  /** Where telemetry comes in. */
  taking(): Listener[] {
    return [...this.listeners.values()].filter(({ service, own }) => service && !own);
  }

  mount(volume: Volume): void {
    this.once(this.volumes, volume._mountPath, volume, `the mount path ${volume._mountPath}`);
  }

  secretFile(path: string, key: SecretKey): void {
    this.once(this.secretFiles, path, key, `the file ${path}`);
  }

  connect(endpoint: Endpoint): void {
    this.endpoints.push(endpoint);
  }

  startAfter(container: Container): void {
    this.once(this.initContainers, container.name, container, `the init container ${container.name}`);
  }

  /** The same thing asked for twice is one; two things under one key are a mistake that nothing else would show. */
  private once<K, V>(known: Map<K, V>, key: K, value: V, what: string): void {
    const before = known.get(key);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(value)) {
      this.clash(`${what} twice, with different meanings`, 'one meaning');
    }
    known.set(key, value);
  }
}

function addOnce(problems: Problem[], problem: Problem): void {
  if (!problems.some(({ where, given }) => where === problem.where && given === problem.given)) {
    problems.push(problem);
  }
}
