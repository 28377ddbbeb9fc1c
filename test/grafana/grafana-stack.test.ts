import { Duration, Size } from 'cdk8s';
import { Cpu, Pods } from 'cdk8s-plus-27';
import { RuleState, Severity } from '../../lib/grafana/alert-rule';
import { shippedRules } from '../../lib/grafana/alerts/shipped-rules';
import { ContactPoint } from '../../lib/grafana/contact-point';
import { allPanels, DashboardVariable } from '../../lib/grafana/dashboard';
import { shippedDashboards } from '../../lib/grafana/dashboards/shipped-dashboards';
import { Panel } from '../../lib/grafana/panel';
import { Plugins } from '../../lib/grafana/plugin';
import { Query } from '../../lib/grafana/queries/query';
import { QueryShape } from '../../lib/grafana/queries/query-shape';
import { Spans } from '../../lib/grafana/queries/spans';
import { Images } from '../../lib/kubernetes/images';
import { SecretKey } from '../../lib/kubernetes/secret-key';
import { warningsOf } from '../../lib/kubernetes/warnings';
import { Instrument } from '../../lib/telemetry/instrument';
import { Metric } from '../../lib/telemetry/metric';
import { dashboard, environment, find, manifests, provisioned, stack } from './stack';

const slack = ContactPoint.slack({ name: 'team', url: SecretKey.of('slack', 'webhook-url') });

test('its objects', () => {
  expect(manifests(stack()).map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
    'ServiceAccount observability/grafana',
    'ConfigMap observability/grafana-provisioning',
    'PersistentVolumeClaim observability/grafana',
    'Service observability/grafana',
    'Deployment observability/grafana',
    'ConfigMap observability/grafana-dashboard-obs-cluster',
    'ConfigMap observability/grafana-dashboard-obs-services',
    'ConfigMap observability/grafana-dashboard-obs-logs',
    'NetworkPolicy observability/grafana',
    'NetworkPolicy observability/grafana-to-outside',
  ]);
});

test('two runs give the same bytes', () => {
  expect(JSON.stringify(manifests(stack()))).toBe(JSON.stringify(manifests(stack())));
});

test('one pod, the old one gone before the new one starts, and soon elsewhere when its node dies', () => {
  const { spec } = find(manifests(stack()), 'Deployment', 'grafana');
  expect([spec.replicas, spec.strategy]).toEqual([1, { type: 'Recreate' }]);
  expect(spec.template.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 472, fsGroup: 472 });
  expect(spec.template.spec.tolerations.map(({ key, tolerationSeconds }: any) => [key, tolerationSeconds])).toEqual([
    ['node.kubernetes.io/not-ready', 30],
    ['node.kubernetes.io/unreachable', 30],
  ]);
});

test('settings: no default password, nobody unknown, nothing sent, nothing loaded while it runs', () => {
  expect(environment(manifests(stack()))).toMatchInlineSnapshot(`
{
  "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
  "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
  "GF_ANALYTICS_FEEDBACK_LINKS_ENABLED": "false",
  "GF_ANALYTICS_REPORTING_ENABLED": "false",
  "GF_AUTH_ANONYMOUS_ENABLED": "false",
  "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": "/etc/grafana/dashboards/observability-a37c9310/obs-cluster.json",
  "GF_LOG_CONSOLE_FORMAT": "json",
  "GF_LOG_MODE": "console",
  "GF_NEWS_NEWS_FEED_ENABLED": "false",
  "GF_PATHS_DATA": "/var/lib/grafana/data",
  "GF_PATHS_PLUGINS": "/var/lib/grafana/data/plugins",
  "GF_PATHS_PROVISIONING": "/etc/grafana/provisioning",
  "GF_PLUGINS_PLUGIN_ADMIN_ENABLED": "false",
  "GF_PLUGINS_PREINSTALL_AUTO_UPDATE": "false",
  "GF_PLUGINS_PREINSTALL_SYNC": "grafana-clickhouse-datasource@4.20.0",
  "GF_SECURITY_ADMIN_PASSWORD__FILE": "/etc/grafana/secrets/grafana-admin/password",
  "GF_SECURITY_ADMIN_USER": "admin",
  "GF_SECURITY_COOKIE_SAMESITE": "lax",
  "GF_SECURITY_DISABLE_GRAVATAR": "true",
  "GF_SECURITY_SECRET_KEY__FILE": "/etc/grafana/secrets/grafana-secret-key/secret-key",
  "GF_SNAPSHOTS_EXTERNAL_ENABLED": "false",
  "GF_UNIFIED_ALERTING_MAX_ATTEMPTS": "1",
  "GF_USERS_ALLOW_SIGN_UP": "false",
  "GOMEMLIMIT": "819MiB",
  "SECRET_CLICKHOUSE_READER_PASSWORD": "clickhouse-reader/password",
}
`);
});

test('passwords are files of Secrets that `credentials` makes', () => {
  const all = manifests(stack());
  const { metadata, spec } = find(all, 'Deployment', 'grafana');
  expect(metadata.annotations['cdk8s-observability/random-secrets']).toBe('grafana-admin/password\ngrafana-secret-key/secret-key');
  expect(spec.template.spec.volumes.filter(({ secret }: any) => secret).map(({ secret }: any) => secret)).toEqual([
    { secretName: 'grafana-admin', items: [{ key: 'password', path: 'password' }] },
    { secretName: 'grafana-secret-key', items: [{ key: 'secret-key', path: 'secret-key' }] },
  ]);
  expect(environment(all).GF_SECURITY_ADMIN_PASSWORD__FILE).toBe('/etc/grafana/secrets/grafana-admin/password');
});

test('an address by https makes cookies safe; without one a port-forward works', () => {
  expect(environment(manifests(stack({ url: 'https://grafana.acme.example' })))).toMatchObject({
    GF_SERVER_ROOT_URL: 'https://grafana.acme.example',
    GF_SECURITY_COOKIE_SECURE: 'true',
  });
  expect(environment(manifests(stack({ url: 'http://grafana.acme.example:8080/' }))).GF_SERVER_ROOT_URL).toBe(
    'http://grafana.acme.example:8080/',
  );
  expect(environment(manifests(stack())).GF_SECURITY_COOKIE_SECURE).toBeUndefined();
});

test('name, namespace, resources, storage and images reach the YAML', () => {
  const props = {
    name: 'seeing',
    namespace: 'ops',
    resources: { cpu: Cpu.millis(100), memory: Size.gibibytes(2) },
    storage: { size: Size.gibibytes(9), storageClass: 'gp3' },
    images: Images.mirror('registry.acme.example'),
  };
  const all = manifests(stack(props));
  const { spec } = find(all, 'Deployment', 'seeing').spec.template;
  expect(spec.containers[0].image).toMatch(/^registry\.acme\.example\/grafana\/grafana:/);
  expect(spec.containers[0].resources.limits.memory).toBe('2Gi');
  expect(spec.containers[0].env.find(({ name }: any) => name === 'GOMEMLIMIT').value).toBe('1638MiB');
  expect(find(all, 'PersistentVolumeClaim', 'seeing').spec).toMatchObject({
    storageClassName: 'gp3',
    resources: { requests: { storage: '9Gi' } },
  });
  expect(all.every(({ metadata }) => metadata.namespace === 'ops')).toBe(true);
});

test('with images from a mirror, the plugin that still comes from grafana.com is a warning, unless it was chosen', () => {
  const images = Images.mirror('registry.acme.example');
  const warnings = (props: Partial<Parameters<typeof stack>[0]>) =>
    warningsOf(stack(props).grafana).filter((warning) => warning.includes('grafana.com'));
  expect(warnings({ images })).toEqual([expect.stringContaining('images come from registry.acme.example, and Grafana still downloads')]);
  expect([warnings({}), warnings({ images, plugins: Plugins.fromGrafanaCom() })]).toEqual([[], []]);
});

describe('the data source', () => {
  test('fits the schema, as the reader', () => {
    const [source] = provisioned(manifests(stack()), 'datasources.yaml').datasources;
    expect(source).toMatchObject({
      uid: 'obs-clickhouse',
      type: 'grafana-clickhouse-datasource',
      jsonData: {
        host: 'clickhouse.observability.svc',
        port: 8123,
        protocol: 'http',
        secure: false,
        username: 'reader',
        defaultDatabase: 'otel',
        logs: { defaultTable: 'otel_logs', otelEnabled: true },
        traces: { defaultTable: 'otel_traces', otelEnabled: true },
      },
      secureJsonData: { password: '$SECRET_CLICKHOUSE_READER_PASSWORD' },
    });
    expect(environment(manifests(stack())).SECRET_CLICKHOUSE_READER_PASSWORD).toBe('clickhouse-reader/password');
  });

  test('over TLS with an authority of its own', () => {
    const endpoint = {
      ...stack().grafana.endpoint,
      host: 'ch.acme.example',
      port: 8443,
      tls: true,
      caCertificate: SecretKey.of('ca', 'ca.crt'),
    };
    const clickhouse = {
      httpEndpoint: endpoint,
      nativeEndpoint: endpoint,
      database: 'telemetry',
      login: () => ({ username: 'viewer', password: SecretKey.of('ch', 'password') }),
    };
    const all = manifests(stack({ clickhouse }));
    expect(provisioned(all, 'datasources.yaml').datasources[0]).toMatchObject({
      jsonData: { secure: true, tlsAuthWithCACert: true, username: 'viewer', defaultDatabase: 'telemetry' },
      secureJsonData: { tlsCACert: '$SECRET_CA_CA_CRT' },
    });
    expect(environment(all).SECRET_CA_CA_CRT).toBe('ca/ca.crt');
  });
});

describe('plugins', () => {
  const of = (plugins: Plugins) => {
    const all = manifests(stack({ plugins }));
    return {
      env: environment(all),
      image: find(all, 'Deployment', 'grafana').spec.template.spec.containers[0].image,
      egress: find(all, 'NetworkPolicy', 'grafana-to-outside').spec.egress,
    };
  };

  test('from a mirror: its port is opened, and grafana.com is not asked', () => {
    const { env, egress } = of(Plugins.fromUrl('http://mirror.acme.example:8081/plugin.zip'));
    expect(env.GF_PLUGINS_PREINSTALL_SYNC).toBe('grafana-clickhouse-datasource@4.20.0@http://mirror.acme.example:8081/plugin.zip');
    expect(egress).toContainEqual({ ports: [{ port: 8081, protocol: 'TCP' }] });
  });

  test('in an image: nothing is downloaded', () => {
    const { env, image, egress } = of(Plugins.inImage('registry.acme.example/grafana:13.2.0-clickhouse'));
    expect(image).toBe('registry.acme.example/grafana:13.2.0-clickhouse');
    expect(env).toMatchObject({ GF_PLUGINS_PREINSTALL_DISABLED: 'true', GF_PATHS_PLUGINS: '/var/lib/grafana/plugins' });
    expect(env.GF_PLUGINS_PREINSTALL_SYNC).toBeUndefined();
    expect(JSON.stringify(egress)).not.toContain('443');
  });
});

describe('network', () => {
  test('to the store, to where the plugin lies, to contact points; from nobody', () => {
    const all = manifests(stack({ onCall: { contactPoints: [slack] } }));
    expect(find(all, 'NetworkPolicy', 'grafana-to-outside').spec.egress).toEqual([
      { ports: [{ port: 443, protocol: 'TCP' }] },
      { to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 8123, protocol: 'TCP' }] },
    ]);
    expect(find(all, 'NetworkPolicy', 'grafana').spec.ingress).toBeUndefined();
  });

  test('from clients, and to SMTP servers', () => {
    const { chart, grafana } = stack();
    const clients = [Pods.select(chart, 'Ingress', { labels: { app: 'ingress' } })];
    const smtp = { host: 'smtp.acme.example', from: 'alerts@acme.example' };
    const all = manifests(
      stack({ clients, onCall: { smtp, contactPoints: [ContactPoint.email({ name: 'mail', addresses: ['a@acme.example'] })] } }),
    );
    expect(find(all, 'NetworkPolicy', 'grafana-from-clients').spec.ingress[0].ports).toEqual([{ port: 3000, protocol: 'TCP' }]);
    expect(JSON.stringify(find(all, 'NetworkPolicy', 'grafana-to-outside').spec.egress)).toContain('587');
    expect(grafana.toNetworkPolicyPeerConfig().podSelector).toBeDefined();
  });

  test('off', () => {
    expect(manifests(stack({ networkPolicies: false })).some(({ kind }) => kind === 'NetworkPolicy')).toBe(false);
  });
});

describe('producers', () => {
  const everything = [
    ...shippedRules.flatMap(({ props }) => props.query.metrics),
    ...shippedDashboards.flatMap(allPanels).flatMap(({ panel }) => panel.metrics),
  ];
  const without = (...names: string[]) => [{ metrics: everything.filter(({ name }) => !names.includes(name)) }];

  test('with all metrics nothing is left out', () => {
    expect(stack({ producers: [{ metrics: everything }] }).grafana.leftOut).toEqual([]);
    expect(stack().grafana.leftOut).toEqual([]);
  });

  test('a shipped panel or rule without its metric is left out, listed, told on the dashboard, and removed from Grafana', () => {
    const made = stack({ producers: without('k8s.node.memory.available', 'container.cpu.usage', 'k8s.volume.available') });
    expect(made.grafana.leftOut).toEqual([
      'panel Cluster overview / CPU by namespace: nobody gives container.cpu.usage',
      'panel Cluster overview / Fullest claims: nobody gives k8s.volume.available',
      'rule NodeMemoryHighUtilization: nobody gives k8s.node.memory.available',
    ]);
    const all = manifests(made);
    const titles = dashboard(all, 'obs-cluster').panels.map(({ title }: any) => title);
    expect(titles).toContain('Not shown here');
    expect(titles).not.toContain('CPU by namespace');
    expect(find(all, 'ConfigMap', 'grafana-dashboard-obs-cluster').data['dashboard.json']).not.toContain('"title":"Fullest claims"');
    const { groups, deleteRules } = provisioned(all, 'rules.yaml');
    expect(groups.flatMap(({ rules }: any) => rules).map(({ title }: any) => title)).not.toContain('NodeMemoryHighUtilization');
    expect(deleteRules[0].uid).toMatch(/^obs-node-memory-high-utiliz/);
    expect(warningsOf(made.chart).join()).toContain('nobody gives container.cpu.usage');
  });

  test('a panel or rule of the user without its metric is an error that names the nearest', () => {
    const { grafana } = stack({ producers: without('container.cpu.usage') });
    const query = Query.latest(Metric.named('container.cpu.usage'));
    const panel = Panel.timeSeries({ title: 'CPU', description: 'Cores.', query });
    expect(() => grafana.addDashboard({ uid: 'mine', title: 'Mine', panels: [], rows: [{ title: 'More', panels: [panel] }] })).toThrow(
      /rows\[0\]\.panels\[0\] "CPU": given the metric container\.cpu\.usage, which no producer gives; allowed: .*Switch its source on/,
    );
    expect(() =>
      grafana.addAlertRule({ name: 'Busy', severity: Severity.WARNING, summary: 'Busy', runbook: 'https://acme.example', query, above: 1 }),
    ).toThrow(/container\.cpu\.usage/);
  });

  test('metrics of applications are nobody’s to promise', () => {
    const { grafana } = stack({ producers: without() });
    const query = Query.rate(Metric.custom({ name: 'app.orders', instrument: Instrument.SUM, unit: '{order}' }));
    grafana.addDashboard({
      uid: 'mine',
      title: 'Mine',
      panels: [Panel.timeSeries({ title: 'Orders', description: 'Orders a second.', query })],
    });
  });
});

describe('own content', () => {
  const panel = Panel.timeSeries({
    title: 'Requests',
    description: 'Requests a second.',
    query: Spans.rate({ service: 'checkout', by: ['span.name'] }),
  });
  const rule = {
    name: 'CheckoutErrors',
    severity: Severity.CRITICAL,
    summary: 'Checkout fails for {{ $labels.route }}',
    runbook: 'https://acme.example/runbook',
    query: Spans.errorRatio({ service: 'checkout', by: ['http.route'] }),
    above: 0.05,
  };

  test('a dashboard gets a ConfigMap, a place in the pod, a provider of its folder, and the drop-downs that it asks for', () => {
    const made = stack();
    made.grafana.addDashboard({
      uid: 'checkout',
      title: 'Checkout',
      folder: 'Shop',
      panels: [panel],
      variables: [DashboardVariable.NAMESPACE],
    });
    const all = manifests(made);
    const model = dashboard(all, 'checkout');
    expect(model.templating.list.map(({ name }: any) => name)).toEqual(['cluster', 'namespace']);
    expect(model.panels[0].targets[0].rawSql).toContain('${namespace:percentencode}');
    const { providers } = provisioned(all, 'dashboards.yaml');
    expect(providers.map(({ folder }: any) => folder)).toEqual(['Observability', 'Shop']);
    const mounted = find(all, 'Deployment', 'grafana')
      .spec.template.spec.volumes.find(({ name }: any) => name === 'dashboards')
      .projected.sources.at(-1).configMap;
    expect(mounted.name).toBe('grafana-dashboard-checkout');
    expect(`/etc/grafana/dashboards/${mounted.items[0].path}`).toBe(`${providers[1].options.path}/checkout.json`);
  });

  test('a rule, with everything that can be said', () => {
    const made = stack();
    made.grafana.addAlertRule({
      ...rule,
      description: 'See the newest errors.',
      pendingFor: Duration.minutes(3),
      window: Duration.minutes(20),
      unless: Spans.errorRatio({ service: 'payments' }),
      labels: { team: 'shop$1' },
      whenEmpty: RuleState.ALERTING,
      whenFailing: RuleState.OK,
    });
    const { groups } = provisioned(manifests(made), 'rules.yaml');
    const [mine] = groups.at(-1).rules;
    expect(groups.at(-1)).toMatchObject({ name: 'own rules', interval: '1m' });
    expect(mine).toMatchObject({
      title: 'CheckoutErrors',
      for: '180s',
      noDataState: 'Alerting',
      execErrState: 'OK',
      labels: { severity: 'critical', team: 'shop$$1' },
      annotations: { summary: rule.summary, description: 'See the newest errors.', runbook_url: rule.runbook },
    });
    expect(mine.data[0].relativeTimeRange).toEqual({ from: 1260, to: 60 });
    expect(mine.data[0].model.rawSql).toContain('LEFT ANTI JOIN');
    expect(mine.data[1].model.conditions[0].evaluator).toEqual({ type: 'gt', params: [0.05] });
  });

  test('what was removed is removed from Grafana too, and nothing that is there', () => {
    const made = stack({ removedAlertRules: ['OldRule', 'CheckoutErrors'] });
    made.grafana.addAlertRule(rule);
    expect(provisioned(manifests(made), 'rules.yaml').deleteRules.map(({ uid }: any) => uid.replace(/-[0-9a-f]{8}$/, ''))).toEqual([
      'obs-old-rule',
      'obs-watchdog',
    ]);
  });

  test('a changed rule, contact point or store rolls the pod; a changed dashboard is read by itself', () => {
    const checksum = (made: ReturnType<typeof stack>) =>
      find(manifests(made), 'Deployment', 'grafana').spec.template.metadata.annotations['cdk8s-observability/configuration'];
    const withRule = stack();
    withRule.grafana.addAlertRule(rule);
    const withDashboard = (title: string) => {
      const made = stack();
      made.grafana.addDashboard({ uid: 'mine', title, panels: [panel] });
      return made;
    };
    expect(new Set([stack(), withRule, stack({ onCall: { contactPoints: [slack] } })].map(checksum)).size).toBe(3);
    expect(checksum(withDashboard('One'))).toBe(checksum(withDashboard('Two')));
  });

  test('a page that is too large is refused, and a large one told', () => {
    const text = (size: number) => [Panel.json({ type: 'text', title: 'Long', options: { content: 'x'.repeat(size) } })];
    const made = stack();
    expect(() => made.grafana.addDashboard({ uid: 'huge', title: 'Huge', panels: text(950 * 1024) })).toThrow(
      /Huge: 9\d\d KiB as a file; allowed: at most 900 KiB\. Make two/,
    );
    made.grafana.addDashboard({ uid: 'large', title: 'Large', panels: text(300 * 1024) });
    expect(warningsOf(made.chart).join()).toContain('only `kubectl apply --server-side` takes it');
  });

  test('a hand-written query and one for logs', () => {
    const made = stack();
    const sql = (shape: QueryShape) => Query.sql({ sql: 'SELECT 1', shape });
    made.grafana.addDashboard({
      uid: 'mine',
      title: 'Mine',
      panels: [
        Panel.logs({ title: 'Lines', description: 'All.', query: sql(QueryShape.LOGS) }),
        Panel.table({ title: 'Rows', description: 'All.', query: sql(QueryShape.TABLE), columnUnits: { bytes: 'bytes' } }),
      ],
    });
    const [lines, rows] = dashboard(manifests(made), 'mine').panels;
    expect([lines.targets[0].format, rows.targets[0].format]).toEqual([2, 1]);
    expect(rows.fieldConfig.overrides).toEqual([
      { matcher: { id: 'byName', options: 'bytes' }, properties: [{ id: 'unit', value: 'bytes' }] },
    ]);
    expect([lines.id, lines.gridPos, rows.id, rows.gridPos]).toEqual([1, { x: 0, y: 0, w: 24, h: 16 }, 2, { x: 0, y: 16, w: 24, h: 8 }]);
  });
});
