import { Chart, JsonPatch, Size, Testing } from 'cdk8s';
import { Cpu, Deployment, NetworkPolicy } from 'cdk8s-plus-27';
import { parse } from 'yaml';
import { Collector, type CollectorProps } from '../../lib/collector/collector';
import { Component } from '../../lib/collector/component';
import { ConfigValue } from '../../lib/collector/config-value';
import { Placement } from '../../lib/collector/placement';
import { Processor } from '../../lib/collector/processor';
import { Sink, type SinkBinding } from '../../lib/collector/sink';
import { Source, type SourceBinding } from '../../lib/collector/source';
import { Reach } from '../../lib/kubernetes/endpoint';
import { SecretKey } from '../../lib/kubernetes/secret-key';
import { Volume } from '../../lib/kubernetes/volume';

class Audit extends Source {
  constructor(private readonly processors?: Component[]) {
    super();
  }

  bind(): SourceBinding {
    const checkpoints = Component.extension({
      componentType: 'file_storage',
      name: 'checkpoints',
      config: { directory: ConfigValue.directory(Volume.node('/var/lib/audit', { writable: true })) },
    });
    const log = ConfigValue.directory(Volume.node('/var/log/audit'));
    return {
      receivers: {
        logs: [
          Component.receiver({
            componentType: 'file_log',
            config: {
              include: [ConfigValue.concat(log, '/*.log')],
              storage: checkpoints,
              operators: [{ type: 'regex_parser', regex: '^(?P<cost>\\$\\d+)$' }],
            },
            access: { root: true, rules: [{ apiGroup: '', resources: ['pods'], verbs: ['get'], because: 'audit names pods' }] },
          }),
        ],
      },
      processors: this.processors && { logs: this.processors },
    };
  }
}

class Push extends Source {
  bind(): SourceBinding {
    return {
      receivers: {
        logs: [
          Component.receiver({
            componentType: 'otlp',
            config: { protocols: { grpc: { endpoint: ConfigValue.listen('otlp-grpc', 4317) } } },
          }),
        ],
      },
    };
  }
}

class Vendor extends Sink {
  bind(): SinkBinding {
    const key = SecretKey.of('vendor', 'api-key');
    const exporter = Component.exporter({
      componentType: 'otlp_http',
      name: 'vendor',
      config: {
        endpoint: ConfigValue.connect({ host: 'otlp.vendor.example', port: 443, reach: Reach.anywhere() }, 'https'),
        headers: {
          authorization: ConfigValue.concat('Bearer ', ConfigValue.secret(key)),
          node: ConfigValue.podField('K8S_NODE_NAME', 'spec.nodeName'),
        },
      },
    });
    return { exporters: { logs: [exporter] } };
  }
}

/** What no compiler lets pass, and other languages do. */
function answering(binding: unknown): Source {
  class Answering extends Source {
    bind() {
      return binding as SourceBinding;
    }
  }
  return new Answering();
}

const defaults: CollectorProps = {
  role: 'bridge',
  clusterName: 'test',
  namespace: 'team',
  sources: [new Audit(), new Push()],
  sinks: [new Vendor()],
  placement: Placement.deployment(2),
};

function synth(props: Partial<CollectorProps> = {}) {
  const chart = new Chart(Testing.app(), 'test');
  const collector = new Collector(chart, 'Bridge', { ...defaults, ...props });
  const objects = Testing.synth(chart);
  const one = (kind: string, name = 'bridge') => objects.find((object) => object.kind === kind && object.metadata.name === name);
  return { chart, collector, objects, one, config: parse(collector.configText), pod: one(collector.workload.kind)?.spec.template.spec };
}

test('mounts, ports, environment and rights follow from the configuration', () => {
  const { one, pod } = synth();
  const [container] = pod.containers;
  const mounts = container.volumeMounts.map((mount: { name: string }) => ({
    ...mount,
    name: mount.name.replace(/-[0-9a-f]{4}$/, '-HASH'),
  }));
  expect(mounts).toEqual([
    { name: 'config', mountPath: '/etc/otelcol', readOnly: true },
    { name: 'node-var-log-audit-HASH', mountPath: '/var/log/audit', readOnly: true },
    { name: 'node-var-lib-audit-HASH', mountPath: '/var/lib/audit' },
  ]);
  expect(container.ports).toEqual([
    { name: 'otlp-grpc', containerPort: 4317, protocol: 'TCP' },
    { name: 'health', containerPort: 13133, protocol: 'TCP' },
  ]);
  expect(container.env.find(({ name }: { name: string }) => name === 'VENDOR_API_KEY')).toEqual({
    name: 'VENDOR_API_KEY',
    valueFrom: { secretKeyRef: { name: 'vendor', key: 'api-key' } },
  });
  expect(pod.securityContext).toMatchObject({ runAsUser: 0, runAsNonRoot: false });
  expect(one('Service').spec.ports).toEqual([{ name: 'otlp-grpc', port: 4317, targetPort: 'otlp-grpc', protocol: 'TCP' }]);
  expect(one('ClusterRole', 'team-bridge').rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]);
  expect(one('ClusterRole', 'team-bridge').metadata.annotations).toEqual({ 'cdk8s-observability/because': 'pods: audit names pods' });
});

test('a secret stands in no ConfigMap: it reaches the collector by the environment, through a further argument', () => {
  const { collector, pod } = synth();
  expect(collector.configText).not.toMatch(/authorization|VENDOR/);
  expect(pod.containers[0].args).toEqual([
    '--config=/etc/otelcol/config.yaml',
    '--config=yaml:exporters::otlp_http/vendor::headers::authorization: "Bearer ${env:VENDOR_API_KEY}"',
  ]);
});

test('gates that components need are opened, each once', () => {
  const gated = (name: string, ...featureGates: string[]) => Component.processor({ componentType: 'batch', name, featureGates });
  const processors = [Processor.components({ logs: [gated('a', 'zeta.gate', 'alpha.gate'), gated('b', 'alpha.gate')] })];
  expect(synth({ processors }).pod.containers[0].args.at(-1)).toBe('--feature-gates=alpha.gate,zeta.gate');
  expect(() => gated('c', '-alpha.gate')).toThrow('featureGates[0]: given "-alpha.gate"; allowed: the id of a feature gate');
});

test('a literal $ reaches the component as it was written', () => {
  expect(synth().collector.configText).toContain('(?P<cost>\\$$\\d+)$$');
});

test("the limiter and Go's own limit are bound to the container's memory", () => {
  const { config, pod } = synth({ resources: { cpu: Cpu.millis(100), memory: Size.gibibytes(1) } });
  expect(config.processors.memory_limiter).toEqual({ check_interval: '1s', limit_mib: 819, spike_limit_mib: 204 });
  expect(pod.containers[0].env).toContainEqual({ name: 'GOMEMLIMIT', value: '819MiB' });
  expect(pod.containers[0].resources.limits.memory).toBe('1Gi');
});

test('a changed configuration rolls the pods, an unchanged one does not', () => {
  const annotation = (props?: Partial<CollectorProps>) =>
    synth(props).one('Deployment').spec.template.metadata.annotations['cdk8s-observability/configuration'];
  expect(annotation()).toBe(annotation());
  expect(annotation()).not.toBe(annotation({ clusterName: 'other' }));
});

test('a volume per pod needs a StatefulSet', () => {
  class Queue extends Push {
    override bind(): SourceBinding {
      const storage = Component.extension({
        componentType: 'file_storage',
        config: { directory: ConfigValue.directory(Volume.persistent('queue', Size.gibibytes(5))) },
      });
      return { receivers: { logs: [Component.receiver({ componentType: 'file_log', config: { include: ['/a'], storage } })] } };
    }
  }
  const { one } = synth({ sources: [new Queue()], placement: Placement.statefulSet(1) });
  expect(one('StatefulSet').spec.volumeClaimTemplates).toEqual([
    { metadata: { name: 'queue' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } } },
  ]);
  expect(one('Service', 'bridge-headless').spec.clusterIP).toBe('None');
  expect(() => synth({ sources: [new Queue()] })).toThrow(
    "placement: given a Deployment; allowed: Placement.statefulSet(n): the volume 'queue' is a claim of its own for each pod",
  );
});

test.each<[string, Partial<CollectorProps>, string]>([
  [
    'a source twice',
    { sources: [new Push(), new Push()] },
    "1 problem\n  sources[0] and sources[1]: given two sources called 'otlp'; allowed: one of each name: give one of them another with `name`, or leave it out",
  ],
  [
    'signals that no sink takes',
    {
      sinks: [
        new (class extends Sink {
          bind() {
            return { exporters: {} };
          }
        })(),
      ],
    },
    "sinks: given none that takes the logs of 'file_log', 'otlp'; allowed: a sink that takes logs",
  ],
  [
    'two components of one id',
    {
      processors: [
        Processor.components({ logs: [Component.processor({ componentType: 'resource', name: 'cluster', config: { attributes: [] } })] }),
      ],
    },
    "1 problem\n  sources, processors, sinks: given the processor 'resource/cluster' twice; allowed: one of each name: give one of them another with `name`",
  ],
  [
    'two ports of one number',
    {
      sources: [
        new Push(),
        new (class extends Source {
          bind() {
            return {
              receivers: {
                logs: [Component.receiver({ componentType: 'tcp_log', config: { listen_address: ConfigValue.listen('syslog', 4317) } })],
              },
            };
          }
        })(),
      ],
    },
    "given port 4317 ('syslog') and port 4317 ('otlp-grpc'); allowed: a port and a name of its own for each",
  ],
  [
    'a misspelt signal',
    { sources: [answering({ receivers: { log: [] } })] },
    ['sources[0], Answering.bind().receivers.log: given a property that does not exist; did you mean `logs`?'].join('\n'),
  ],
  [
    'a component of the wrong kind',
    { sources: [answering({ receivers: { logs: [Component.exporter({ componentType: 'nop' })] } })] },
    'sources[0], Answering.bind().receivers.logs[0]: given a Component.exporter(…); allowed: Component.receiver(…) or Component.connector(…)',
  ],
  [
    'a source that answers nothing',
    { sources: [answering({})] },
    'sources[0], Answering.bind().receivers: given nothing; allowed: a value: it is required',
  ],
  [
    'a source that answers undefined',
    { sources: [answering(undefined)] },
    'sources[0], Answering.bind(): given undefined; allowed: an object with `receivers`',
  ],
  ['a sink that answers nothing', { sinks: [answering({})] as unknown as Sink[] }, 'sinks[0], Answering.bind().exporters: given nothing'],
  ['not a single receiver', { sources: [answering({ receivers: {} })] }, 'sources: given sources without a single receiver'],
  ['no sources', { sources: [] }, 'sources: given a list of 0; allowed: a list of at least one Source'],
  ['no name for the cluster', { clusterName: '' }, 'clusterName: given ""'],
])('%s is one clear error', (_, props, message) => {
  expect(() => synth(props)).toThrow(message);
});

test("an error within a user's own bind() keeps its stack, and says where it came from", () => {
  class Failing extends Source {
    bind(): SourceBinding {
      throw new TypeError('no such host');
    }
  }
  try {
    synth({ sources: [new Failing()] });
    throw new Error('not refused');
  } catch (error) {
    expect((error as Error).message).toContain('sources[0], Failing.bind(): given an error: no such host');
    expect((error as Error).cause).toBeInstanceOf(TypeError);
  }
});

test('the network is closed but for name lookups and the connections that the configuration names', () => {
  const { one } = synth();
  expect(one('NetworkPolicy').spec).toMatchObject({
    policyTypes: ['Egress', 'Ingress'],
    egress: [{ ports: expect.arrayContaining([{ port: 53, protocol: 'UDP' }]) }],
  });
  expect(one('NetworkPolicy', 'bridge-to-outside').spec.egress).toEqual([
    {
      ports: [
        { port: 443, protocol: 'TCP' },
        { port: 6443, protocol: 'TCP' },
      ],
    },
  ]);
});

test('one switch turns policies off', () => {
  expect(synth({ networkPolicies: false }).objects.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
});

test('any field can be patched', () => {
  const { chart, collector } = synth();
  collector.workload.addJsonPatch(JsonPatch.add('/spec/template/spec/hostUsers', false));
  expect(Testing.synth(chart).find(({ kind }) => kind === 'Deployment').spec.template.spec.hostUsers).toBe(false);
});

test('cdk8s-plus takes a collector as a peer, more than once', () => {
  const { chart, collector } = synth();
  const app = new Deployment(chart, 'App', { containers: [{ image: 'app:1', portNumber: 80 }] });
  const policy = new NetworkPolicy(chart, 'Policy', { selector: app });
  policy.addIngressRule(collector);
  policy.addEgressRule(collector);
  const { spec } = Testing.synth(chart).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name.startsWith('test-policy'));
  expect(spec.ingress[0].from[0]).toEqual({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'team' } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'opentelemetry-collector', 'app.kubernetes.io/instance': 'bridge' } },
  });
});

test.each<[string, () => unknown, string]>([
  ['ConfigValue.secret', () => ConfigValue.secret(undefined as any), 'key: given nothing; allowed: a value: it is required'],
  ['ConfigValue.secretFile', () => ConfigValue.secretFile('tls' as any), 'key: given a text (a secret is never text here)'],
  ['ConfigValue.podField', () => ConfigValue.podField('NODE NAME', 'spec.nodeName'), 'environmentVariable: given "NODE NAME"'],
  ['ConfigValue.connect', () => ConfigValue.connect('gateway:4317' as any), 'to: given "gateway:4317"; allowed: an object with `host`'],
  [
    'ConfigValue.directory',
    () => ConfigValue.directory('/var/log' as any),
    'volume: given "/var/log"; allowed: Volume.persistent(…), .node(…)',
  ],
  ['Reach.pods', () => Reach.pods(undefined as any), 'peer: given nothing'],

  ['Placement.statefulSet', () => Placement.statefulSet(-3), 'replicas: given -3; allowed: a whole number from 1 to 64'],
  ['Placement.deployment', () => Placement.deployment('many' as never), 'replicas: given "many"'],
  ['ConfigValue.listen', () => ConfigValue.listen('A Port Name Far Too Long', 99_999), '2 problems'],
  ['Volume.node', () => Volume.node(undefined as never), 'path: given nothing'],
  ['Volume.node', () => Volume.node('var/log'), 'path: given "var/log"; allowed: an absolute path'],
  ['Volume.persistent', () => Volume.persistent('Queue', '5Gi' as never), '2 problems'],
  ['Volume.persistent', () => Volume.persistent('config', Size.gibibytes(1)), 'name: given "config"'],
  ['Volume.persistent', () => Volume.persistent('node-a', Size.gibibytes(1)), 'name: given "node-a"'],
  ['Volume.memory', () => Volume.memory('x', Size.kibibytes(0)), 'limit: given'],
  ['Reach.cidrs', () => Reach.cidrs(), 'cidrs: given a list of 0; allowed: a list of at least one range of addresses: 10.1.0.0/16'],
  ['Reach.cidrs', () => Reach.cidrs('10.0.0.0/16', '10.0.0.1', 'fd00::/8', '10.0.0.0/33'), '2 problems'],
  [
    'Component.receiver',
    () => Component.receiver({ componentType: 'file_log', access: { hostPidd: true } as never }),
    'access.hostPidd: given a property that does not exist; did you mean `hostPid`?',
  ],
  [
    'Component.receiver',
    () => Component.receiver({ componentType: 'file_log', access: { rules: 'x' as never } }),
    'access.rules: given "x"',
  ],
])('%s says what is wrong with what it was given', (subject, make, message) => {
  expect(make).toThrow(subject);
  expect(make).toThrow(message);
});

test('two volumes have two names, whatever they are called', () => {
  const reading = (...of: Volume[]) =>
    new (class extends Source {
      bind(): SourceBinding {
        const include = of.map((volume) => ConfigValue.concat(ConfigValue.directory(volume), '/*.log'));
        return { receivers: { logs: [Component.receiver({ componentType: 'file_log', config: { include } })] } };
      }
    })();
  const folders = [Volume.node('/a/b'), Volume.node('/a-b'), Volume.node('/config'), Volume.node('/a/b', { mountPath: '/seen/elsewhere' })];
  const others = [
    Volume.memory('config', Size.mebibytes(1)),
    Volume.memory('q', Size.mebibytes(1)),
    Volume.persistent('q', Size.gibibytes(1)),
  ];
  const { pod, one } = synth({ sources: [reading(...folders, ...others)], placement: Placement.statefulSet(1) });
  const claims = one('StatefulSet').spec.volumeClaimTemplates.map(({ metadata }: { metadata: { name: string } }) => metadata);
  const names = [...pod.volumes, ...claims].map(({ name }: { name: string }) => name);
  expect([names.length, new Set(names).size]).toEqual([8, 8]);
});

test('texts stay texts where the collector would read a date or a number', () => {
  const texts = ['2024-01-01', '1_000', '0x1F', 'yes', 'off', '1.5', 'null'];
  for (const clusterName of texts) {
    const { configText } = synth({ clusterName }).collector;
    expect(parse(configText, { version: '1.1' }).processors['resource/cluster'].attributes[0].value).toBe(clusterName);
  }
});

test('what a component may do is not lost when another of the same id comes without', () => {
  const receiver = (access?: { root: boolean }) =>
    new (class extends Source {
      bind(): SourceBinding {
        const signal = access ? 'logs' : 'traces';
        return { receivers: { [signal]: [Component.receiver({ componentType: 'tcp_log', access })] } };
      }
    })();
  const everything = new (class extends Sink {
    bind(): SinkBinding {
      const exporters = [Component.exporter({ componentType: 'nop' })];
      return { exporters: { logs: exporters, traces: exporters } };
    }
  })();
  expect(synth({ sources: [receiver({ root: true }), receiver()], sinks: [everything] }).pod.securityContext.runAsUser).toBe(0);
});
