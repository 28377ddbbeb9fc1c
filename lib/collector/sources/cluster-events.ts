import { Countable } from '../../telemetry/countable';
import { Component } from '../component';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { leaderElection } from './leader-election';

/**
 * Kubernetes events as log records: `k8s.event.reason` says what happened, the severity is WARN or INFO. Of several replicas one watches; when another takes over,
 * events of the last hour may come twice, and those within the change not at all.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/k8seventsreceiver
 */
export class ClusterEvents extends Source {
  bind(context: CollectorContext): SourceBinding {
    const events = Component.receiver({
      componentType: 'k8s_events',
      config: { auth_type: 'serviceAccount', k8s_leader_elector: leaderElection(context) },
      access: {
        rules: [{ apiGroup: '', resources: ['events'], verbs: ['list', 'watch'], because: 'k8s_events makes log records of events' }],
      },
    });
    return { receivers: { logs: [events] }, rows: [{ per: Countable.EVENT, logRecords: 1 }] };
  }
}
