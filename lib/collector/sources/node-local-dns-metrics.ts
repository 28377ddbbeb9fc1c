import { Countable } from '../../telemetry/countable';
import { coreDnsMetrics } from '../../telemetry/node-programs-metrics';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { programOfNode } from './node-pods';

/**
 * Questions, answers, latency and cache of NodeLocal DNSCache, on clusters that have it: a CoreDNS on every node that pods ask first.
 * @see https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
 */
export class NodeLocalDnsMetrics extends Source {
  bind(context: CollectorContext): SourceBinding {
    return programOfNode(context, {
      name: 'node-local-dns',
      namespaces: ['kube-system'],
      label: 'k8s-app=node-local-dns',
      port: 9253,
      metrics: coreDnsMetrics,
      // CoreDNS has the same names; there are as many as nodes of this one.
      rows: [
        { per: Countable.NODE, points: 3, metrics: ['coredns_dns_requests_total', 'coredns_dns_responses_total'] },
        { per: Countable.NODE, points: 2, metrics: ['coredns_cache_hits_total'] },
        {
          per: Countable.NODE,
          points: 1,
          metrics: ['coredns_cache_misses_total', 'coredns_dns_request_duration_seconds', 'coredns_forward_healthcheck_broken_total'],
        },
      ],
    });
  }
}
