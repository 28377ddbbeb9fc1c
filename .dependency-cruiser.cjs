// Which file may import which. The house is drawn in docs/architecture.md: chart → roles, clickhouse, grafana → collector → telemetry, kubernetes.

/** What a floor of lib/ may import besides itself. */
const floors = {
  kubernetes: [],
  telemetry: ['kubernetes'],
  collector: ['telemetry', 'kubernetes'],
  clickhouse: ['collector', 'telemetry', 'kubernetes'],
  'tail-sampling': ['clickhouse', 'collector', 'telemetry', 'kubernetes'],
  gateway: ['clickhouse', 'collector', 'telemetry', 'kubernetes'],
  'node-agent': ['collector', 'telemetry', 'kubernetes'],
  'cluster-agent': ['collector', 'telemetry', 'kubernetes'],
  'prometheus-agent': ['clickhouse', 'collector', 'telemetry', 'kubernetes'],
  grafana: ['clickhouse', 'collector', 'telemetry', 'kubernetes'],
  estimate: ['clickhouse', 'collector', 'grafana', 'telemetry', 'kubernetes'],
  'smoke-test': ['clickhouse', 'collector', 'telemetry', 'kubernetes'],
  cli: ['kubernetes'],
};

const downwards = Object.entries(floors).map(([floor, below]) => ({
  name: `${floor}-imports-downwards`,
  comment: `lib/${floor}/ may import ${below.map((name) => `lib/${name}/`).join(', ') || 'no other folder of lib/'}: imports point downwards only.`,
  severity: 'error',
  from: { path: `^lib/${floor}/` },
  to: { path: '^lib/', pathNot: `^lib/(${[floor, ...below].join('|')})/` },
}));

/** Files that may name the types of Kubernetes objects: what builds pods and objects. Nothing that the public surface shows mentions them. */
const objectBuilders = [
  ...['access', 'custom-resources', 'endpoint', 'network-edges', 'object', 'pod-template', 'resources'].map((file) => `kubernetes/${file}`),
  ...['collector-objects', 'config-value', 'needs'].map((file) => `collector/${file}`),
  'gateway/instrumentation',
  'prometheus-agent/target-allocator-objects',
  ...['clickhouse-client', 'clickhouse-objects'].map((file) => `clickhouse/${file}`),
  ...['grafana-objects', 'plugin', 'secret-variables', 'settings'].map((file) => `grafana/${file}`),
];

module.exports = {
  forbidden: [
    ...downwards,
    {
      name: 'every-folder-has-its-place',
      comment: 'A new folder of lib/: say in .dependency-cruiser.cjs what it may import.',
      severity: 'error',
      from: { path: '^lib/[^/]+/', pathNot: `^lib/(${Object.keys(floors).join('|')})/` },
      to: {},
    },
    {
      name: 'no-circles',
      comment: 'Two files that import each other cannot be understood one by one. Types count.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'the-surface-is-for-users',
      comment: 'lib/index.ts and the chart are the top: inside lib/ import the module itself.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/index\\.ts$' },
      to: { path: '^lib/(index|observability-chart)\\.ts$' },
    },
    {
      name: 'nobody-needs-the-command-line',
      comment: 'Nothing imports the program of the command line.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/cli/' },
      to: { path: '^lib/cli/' },
    },
    {
      name: 'lib-stands-alone',
      comment: 'What is published must not need tests, examples or checks.',
      severity: 'error',
      from: { path: '^(lib|imports)/' },
      to: { path: '^(test|examples|checks|docs)/' },
    },
    {
      name: 'examples-use-the-package',
      comment: 'An example imports what its reader would: the package by its name.',
      severity: 'error',
      from: { path: '^examples/.+\\.ts$' },
      to: { path: '^(lib/(?!index\\.ts)|imports|test)' },
    },
    {
      name: 'generated-types-stay-inside',
      comment:
        'Only files that build Kubernetes objects name the generated types: add one to the list in .dependency-cruiser.cjs with thought.',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^lib/(${objectBuilders.join('|')})\\.ts$` },
      to: { path: '^imports/kubernetes\\.ts$' },
    },
    {
      name: 'synthesis-is-pure',
      comment: 'Props in, YAML out: no file, network, clock or machine is read. Hashes are pure.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/cli/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'one-yaml-serializer-a-format',
      comment:
        'Collector text, what the target allocator is told, Grafana files and printed Secrets: each format has its escaping, and one file that knows it.',
      severity: 'error',
      from: {
        path: '^lib/',
        pathNot: '^lib/(collector/rendering|prometheus-agent/target-allocation|grafana/files/provisioning-file|cli/credentials)\\.ts$',
      },
      to: { path: 'node_modules/yaml/' },
    },
    {
      name: 'one-xml-serializer',
      comment: 'The configuration of ClickHouse is the only XML.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/clickhouse/configuration/xml\\.ts$' },
      to: { path: 'node_modules/[^/]*xml[^/]*/' },
    },
    {
      name: 'only-declared-dependencies',
      comment: 'lib/ runs on what package.json declares as dependencies and peerDependencies.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'resolvable',
      comment: 'This import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^cdk8s-observability$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|^build/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'] },
  },
};
