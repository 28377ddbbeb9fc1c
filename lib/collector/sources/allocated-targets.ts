import { type Checks, refuse, required } from '../../kubernetes/checks';
import { type Endpoint, endpointCheck } from '../../kubernetes/endpoint';
import { Countable } from '../../telemetry/countable';
import { Metric } from '../../telemetry/metric';
import { scrapeMetrics } from '../../telemetry/scraped-metrics';
import { Component } from '../component';
import { ConfigValue } from '../config-value';
import { clientTls } from '../sinks/otlp-exporter';
import { type CollectorContext, Source, type SourceBinding } from '../source';
import { anyTarget } from './pod-targets';
import { limiting } from './scrape-limits';
import { valuesOnly } from './scraping';

/** Properties of AllocatedTargets. */
export interface AllocatedTargetsProps {
  /** Where the target allocator answers: `endpoint` of a TargetAllocator, or of one that is there already. It has to know the collector's pods. */
  readonly allocator: Endpoint;
}

/**
 * Metrics of what ServiceMonitors, PodMonitors, Probes and ScrapeConfigs describe: a target allocator finds the targets and tells each pod of the collector which are its own.
 * PrometheusAgent has it with `targetAllocator`. What other sources claim only the allocator can leave out: its `except` says it, and PrometheusAgent writes that.
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/prometheusreceiver#opentelemetry-operator
 */
export class AllocatedTargets extends Source {
  /** @throws if a property is wrong */
  constructor(private readonly props: AllocatedTargetsProps) {
    super();
    refuse<AllocatedTargetsProps>('AllocatedTargets', props, checks);
  }

  bind(context: CollectorContext): SourceBinding {
    const { allocator } = this.props;
    const receiver = Component.receiver({
      componentType: 'prometheus',
      name: 'allocated',
      config: {
        // What a monitor does not say itself; its own limits stand.
        config: { global: { scrape_interval: '60s', scrape_timeout: '10s', ...limiting() } },
        target_allocator: {
          endpoint: ConfigValue.connect(allocator, allocator.tls ? 'https' : 'http'),
          tls: allocator.tls ? clientTls(allocator) : undefined,
          interval: '30s',
          collector_id: collectorId(context),
        },
      },
    });
    return {
      receivers: { metrics: [receiver] },
      processors: { metrics: [valuesOnly] },
      metrics: Object.keys(scrapeMetrics).map((name) => Metric.named(name)),
      rows: [
        { per: Countable.MONITORED_TARGET, points: 1, metrics: Object.keys(scrapeMetrics) },
        { per: Countable.MONITORED_SAMPLE, points: 1 },
      ],
    };
  }
}

/** The allocator knows pods by their names. Targets may be anything, on any port. */
function collectorId({ placement }: CollectorContext): ConfigValue {
  return placement._kind === 'DaemonSet'
    ? ConfigValue._refused({
        where: 'placement',
        given: 'a pod on every node, and AllocatedTargets: each would ask the target allocator for targets of all nodes',
        allowed: 'Placement.statefulSet(n) or Placement.deployment(n)',
      })
    : ConfigValue.reaching(ConfigValue.podField('POD_NAME', 'metadata.name'), anyTarget);
}

const checks: Checks<AllocatedTargetsProps> = { allocator: required(endpointCheck) };
