import { Component } from '../component';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { selectMetrics } from './metric-selection';
import { nodeOnly } from './node-only';

/** Partitions and device mappings count what their disk counts already. */
const notWholeDisks = ['^(loop|ram|zram|fd|sr|dm-|md)\\d+$', '^([shv]d|xvd)[a-z]+\\d+$', '^(nvme\\d+n\\d+|mmcblk\\d+)p\\d+$'];

/**
 * The node's CPU, load, memory, page faults, disks and uptime: what /proc shows, which in a container is the node's own. No folder of the node is mounted.
 * File systems and network interfaces would be the container's own there; KubeletMetrics gives the node's.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/hostmetricsreceiver
 */
export class HostMetrics extends Source {
  bind(context: CollectorContext): SourceBinding {
    const scrapers = {
      cpu: selectMetrics('host_metrics/cpu', ['system.cpu.time', 'system.cpu.logical.count']),
      disk: selectMetrics('host_metrics/disk', [
        'system.disk.io',
        'system.disk.io_time',
        'system.disk.operation_time',
        'system.disk.operations',
        'system.disk.weighted_io_time',
      ]),
      load: selectMetrics('host_metrics/load', ['system.cpu.load_average.5m']),
      memory: selectMetrics('host_metrics/memory', ['system.memory.usage']),
      paging: selectMetrics('host_metrics/paging', ['system.paging.faults']),
      system: selectMetrics('host_metrics/system', ['system.uptime']),
    };
    const config = Object.fromEntries(Object.entries(scrapers).map(([name, selection]) => [name, { metrics: selection.config }]));
    const disk = { ...config.disk, exclude: { match_type: 'regexp', devices: notWholeDisks } };
    const host = Component.receiver({
      componentType: 'host_metrics',
      config: { collection_interval: nodeOnly(context, 'HostMetrics', '60s'), scrapers: { ...config, disk } },
    });
    return {
      receivers: { metrics: [host] },
      metrics: Object.values(scrapers).flatMap((selection) => selection.metrics),
    };
  }
}
