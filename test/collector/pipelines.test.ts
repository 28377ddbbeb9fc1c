import { Chart, Testing } from 'cdk8s';
import { parse } from 'yaml';
import {
  Collector,
  type CollectorProps,
  Component,
  Drop,
  OtlpSink,
  type OtlpSinkProps,
  Placement,
  Processor,
  Sink,
  type SinkBinding,
  Source,
  type SourceBinding,
} from '../../lib';
import { bindSinks } from '../../lib/collector/binding-checks';
import { Problems } from '../../lib/kubernetes/problems';
import { Nowhere } from '../nowhere';

const component = (name: string) => Component.processor({ componentType: 'resource', name, config: { attributes: [] } });

class Logs extends Source {
  constructor(
    private readonly name: string,
    private readonly own: string[] = [],
  ) {
    super();
  }

  bind(): SourceBinding {
    return {
      receivers: {
        logs: [
          Component.receiver({ componentType: 'syslog', name: this.name, config: { protocol: 'rfc5424', udp: { listen_address: ':1' } } }),
        ],
      },
      processors: { logs: this.own.map(component) },
    };
  }
}

function pipelines(props: Partial<CollectorProps>): any {
  const chart = new Chart(Testing.app(), 'test');
  const collector = new Collector(chart, 'Bridge', {
    role: 'bridge',
    clusterName: 'test',
    sources: [new Logs('a')],
    sinks: [new Nowhere()],
    placement: Placement.deployment(1),
    ...props,
  });
  return parse(collector.configText).service.pipelines;
}

test('a source with processors of its own has a pipeline of its own, the limiter first in both', () => {
  expect(pipelines({ sources: [new Logs('a', ['own']), new Logs('b')] })).toEqual({
    'logs/syslog-a': { receivers: ['syslog/a'], processors: ['memory_limiter', 'resource/own'], exporters: ['forward/logs-syslog-a'] },
    logs: { receivers: ['forward/logs-syslog-a', 'syslog/b'], processors: ['memory_limiter', 'resource/cluster'], exporters: ['nop'] },
  });
});

test('processors stand in the order given, behind those of the collector', () => {
  const processors = [
    Processor.components({ logs: [component('first'), component('second')] }),
    Processor.components({ logs: [component('third')] }),
  ];
  expect(pipelines({ processors }).logs.processors).toEqual([
    'memory_limiter',
    'resource/cluster',
    'resource/first',
    'resource/second',
    'resource/third',
  ]);
});

const vendor = (props: Partial<OtlpSinkProps> = {}) => new OtlpSink({ endpoint: 'https://otlp.vendor.example', ...props });

test('a sink that drops when it is full answers to nobody but its connector, and its exporter is called so', () => {
  expect(pipelines({ sinks: [new Nowhere(), vendor()] })).toEqual({
    'logs/to-otlp_http-sink-logs-may-drop': {
      receivers: ['failover/logs-to-otlp-http-sink-logs-may-drop'],
      processors: [],
      exporters: ['otlp_http/sink-logs-may-drop'],
    },
    'logs/to-otlp_http-sink-logs-may-drop-full': {
      receivers: ['failover/logs-to-otlp-http-sink-logs-may-drop'],
      processors: [],
      exporters: ['nop'],
    },
    logs: {
      receivers: ['syslog/a'],
      processors: ['memory_limiter', 'resource/cluster'],
      exporters: ['nop', 'failover/logs-to-otlp-http-sink-logs-may-drop'],
    },
  });
});

test('a sink of one exporter for all signals, or of a connector, is called so too, and stays one', () => {
  const exporter = Component.exporter({ componentType: 'nop' });
  const connector = Component.connector({ componentType: 'forward', name: 'next' });
  const bound = (component: Component) =>
    bindSinks(
      [sinkOf({ exporters: { logs: [component], traces: [component] }, dropsWhenFull: true })],
      {} as never,
      Problems.of(new Chart(Testing.app(), 'test')),
    )[0].exporters;
  const { logs, traces } = bound(exporter);
  expect([logs?.[0].id, traces?.[0] === logs?.[0]]).toEqual(['nop/may-drop', true]);
  expect(bound(connector).logs).toEqual([connector]);
});

test('a sink that others wait for stands in the pipeline itself; with processors of its own behind a forward connector', () => {
  expect(pipelines({ sinks: [vendor({ dropsWhenFull: false })] }).logs.exporters).toEqual(['otlp_http/sink-logs']);
  const own = pipelines({ sinks: [vendor({ dropsWhenFull: false, processors: [Processor.components({ logs: [component('own')] })] })] });
  expect(own['logs/to-otlp_http-sink-logs']).toEqual({
    receivers: ['forward/logs-to-otlp-http-sink-logs'],
    processors: ['resource/own'],
    exporters: ['otlp_http/sink-logs'],
  });
});

test.each<[string, Partial<CollectorProps>, string]>([
  [
    'a receiver twice, once with processors',
    { sources: [new Logs('a', ['own']), new Logs('a')] },
    "1 problem\n  sources[0] and sources[1]: given two sources called 'syslog/a'",
  ],
  [
    'two sinks of one name',
    { sinks: [vendor(), vendor()] },
    "1 problem\n  sinks[0] and sinks[1]: given two sinks called 'otlp_http/sink-logs-may-drop'; allowed: one of each name",
  ],
  [
    'the same twice',
    { processors: [Drop.logs({ namespaces: ['a'] }), Drop.logs({ namespaces: ['a'] })] },
    /1 problem\n.*: given the processor 'filter\/drop-logs-\w{6}' twice; allowed: each once/ as unknown as string,
  ],
  ['no processor', { processors: [{} as Processor] }, 'processors[0]: given an object; allowed: a Processor: Drop.logs(…)'],
  ['what is asked before', { processors: { logs: [] } as unknown as Processor[] }, 'processors: given an object; allowed: a list'],
  [
    'a wrong processor of a sink',
    {
      sinks: [
        sinkWith(
          new (class Wrong extends Processor {
            bind() {
              return { processors: { log: [] } } as never;
            }
          })(),
        ),
      ],
    },
    'sinks[0].processors[0], Wrong.bind().processors.log: given a property that does not exist; did you mean `logs`?',
  ],
])('%s', (_name, props, message) => {
  expect(() => pipelines(props)).toThrow(message);
});

function sinkWith(processor: Processor): Sink {
  return sinkOf({ ...new Nowhere().bind(), processors: [processor] });
}

function sinkOf(binding: SinkBinding): Sink {
  return new (class extends Sink {
    bind(): SinkBinding {
      return binding;
    }
  })();
}
