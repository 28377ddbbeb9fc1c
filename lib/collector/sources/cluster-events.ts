import { type Checks, instance, refuse } from '../../kubernetes/checks';
import type { Volume } from '../../kubernetes/volume';
import { Countable } from '../../telemetry/countable';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { leaderElection } from './leader-election';

/** Properties of ClusterEvents. */
export interface ClusterEventsProps {
  /**
   * Where the place is kept up to which events were read: with one, a pod that starts again goes on there. For a collector of one replica, as each
   * has a place of its own: another that took over would tell again what was told. Rendered, not run.
   * @default - none: events that come while no pod watches are not seen
   */
  readonly position?: Volume;
}

/**
 * Kubernetes events as log records: `k8s.event.reason` says what happened, the severity is WARN or INFO. What goes on and is counted up by Kubernetes is told again
 * once a minute at most. Of several replicas one watches; events within the seconds until another takes over are not seen.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/k8seventsreceiver
 */
export class ClusterEvents extends Source {
  private readonly position?: Volume;

  /** @throws if a property is wrong */
  constructor(props: ClusterEventsProps = {}) {
    super();
    refuse<ClusterEventsProps>('ClusterEvents', props, checks);
    this.position = props.position;
  }

  bind(context: CollectorContext): SourceBinding {
    const events = Component.receiver({
      componentType: 'k8s_events',
      config: {
        auth_type: 'serviceAccount',
        k8s_leader_elector: leaderElection(context),
        dedup_interval: '60s',
        storage: this.position && positionStorage(this.position, context),
      },
      access: {
        rules: [{ apiGroup: '', resources: ['events'], verbs: ['list', 'watch'], because: 'k8s_events makes log records of events' }],
      },
    });
    return { receivers: { logs: [events] }, rows: [{ per: Countable.EVENT, logRecords: 1 }] };
  }
}

const positionStorage = (position: Volume, { placement }: CollectorContext): Component =>
  Component.extension({
    componentType: 'file_storage',
    name: 'events',
    config: {
      directory:
        placement._replicas === 1
          ? ConfigValue.directory(position)
          : ConfigValue._refused({
              where: 'placement',
              given: 'several replicas, and ClusterEvents with a `position`, of which each would have its own',
              allowed: 'one replica; or no `position`',
            }),
      create_directory: true,
    },
  });

const checks: Checks<ClusterEventsProps> = {
  position: instance('Volume.persistent(…), .node(…), .ephemeral(…) or .memory(…)', '_mountPath'),
};
