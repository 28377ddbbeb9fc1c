import { Component } from '../component';
import type { CollectorContext } from '../source';

/**
 * Lets one pod of a collector work at a time, and another take over within seconds.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/extension/k8sleaderelector
 */
export function leaderElection(context: CollectorContext): Component {
  return Component.extension({
    componentType: 'k8s_leader_elector',
    config: {
      auth_type: 'serviceAccount',
      lease_name: context.name,
      lease_namespace: context.namespace,
      lease_duration: '15s',
      renew_deadline: '10s',
      retry_period: '2s',
    },
    access: {
      rules: [
        {
          apiGroup: 'coordination.k8s.io',
          resources: ['leases'],
          verbs: ['get', 'create', 'update'],
          onlyIn: context.namespace,
          because: 'replicas elect the one that watches the cluster',
        },
      ],
    },
  });
}
