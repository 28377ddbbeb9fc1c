import type { Size } from 'cdk8s';
import type { Endpoint } from '../kubernetes/endpoint';
import type { WorkloadIdentity } from '../kubernetes/labels';
import { type Problem, shown } from '../kubernetes/problems';
import { mebibytes } from '../kubernetes/resources';
import { Component } from './component';
import { ConfigValue } from './config-value';
import { askedReader } from './scaling';

/** What every collector of the stack has. */

export const healthPort = 13133;

export const healthCheck = Component.extension({
  componentType: 'health_check',
  config: { endpoint: ConfigValue._listenForProbes('health', healthPort) },
});

/**
 * Refuses work before the kernel ends the process. In MiB of the container's limit, not in percent of what the process believes to have.
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/processor/memorylimiterprocessor
 */
export function memoryLimiter(memory: Size): Component {
  const limit = mebibytes(memory);
  return Component.processor({
    componentType: 'memory_limiter',
    config: { check_interval: '1s', limit_mib: Math.floor(limit * 0.8), spike_limit_mib: Math.floor(limit * 0.2) },
  });
}

/** Go's own target, at which it collects garbage harder: below the limiter's limit nothing is refused in vain. */
export const goMemoryLimit = (memory: Size): string => `${Math.floor(mebibytes(memory) * 0.8)}MiB`;

/** Telemetry that has no cluster yet comes from this one; what another cluster's agents sent keeps its own. */
export function clusterIdentity(clusterName: string): Component {
  return Component.processor({
    componentType: 'resource',
    name: 'cluster',
    config: { attributes: [{ key: 'k8s.cluster.name', value: clusterName, action: 'insert' }] },
  });
}

/**
 * `service.telemetry`: logs on stderr for `kubectl logs`; metrics by OTLP, so that nobody has to find and scrape the pod, and where `asked` for those who have to know at once too.
 * @see https://opentelemetry.io/docs/collector/internal-telemetry/
 */
export function serviceTelemetry(workload: WorkloadIdentity, clusterName: string, to: Endpoint | undefined, asked = false): unknown {
  const attributes = {
    'service.name': workload.name,
    'service.namespace': workload.namespace,
    'service.instance.id': ConfigValue.podField('POD_NAME', 'metadata.name'),
    'k8s.cluster.name': clusterName,
    'k8s.namespace.name': workload.namespace,
    'k8s.pod.name': ConfigValue.podField('POD_NAME', 'metadata.name'),
    'k8s.pod.uid': ConfigValue.podField('POD_UID', 'metadata.uid'),
    'k8s.node.name': ConfigValue.podField('K8S_NODE_NAME', 'spec.nodeName'),
  };
  const readers = [...(to ? [sendingReader(to)] : []), ...(asked ? [askedReader] : [])];
  return {
    resource: { attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })) },
    logs: { level: 'info', encoding: 'json' },
    metrics: { level: 'basic', ...(readers.length > 0 ? { readers } : {}) },
  };
}

const sendingReader = (to: Endpoint) => ({
  periodic: {
    interval: 60_000,
    exporter: {
      otlp: {
        protocol: 'http/protobuf',
        endpoint: ConfigValue.connect(to, to.tls ? 'https' : 'http'),
        certificate: to.caCertificate && ConfigValue.secretFile(to.caCertificate),
      },
    },
  },
});

/** What exports own metrics can be told of no other name. */
export const serviceTelemetryProblems = (to: Endpoint | undefined): Problem[] =>
  to?.serverName
    ? [
        {
          where: 'ownTelemetry.serverName',
          given: shown(to.serverName),
          allowed: `a certificate for ${to.host}: what sends own metrics checks no other name`,
          fix: "Or give it an OtlpReceiver, and `host: 'localhost'` with its port here: then they go through its sinks",
        },
      ]
    : [];
