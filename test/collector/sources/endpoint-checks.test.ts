import { Duration } from 'cdk8s';
import { Placement } from '../../../lib/collector/placement';
import { EndpointChecks, type EndpointChecksProps } from '../../../lib/collector/sources/endpoint-checks';
import { Estimates } from '../../../lib/estimate/estimates';
import { Reach } from '../../../lib/kubernetes/endpoint';
import { SecretKey } from '../../../lib/kubernetes/secret-key';
import { withSources } from '../synthesized';

const checked = (props: EndpointChecksProps, placement?: Placement) =>
  withSources([new EndpointChecks(props)], { ...(placement && { placement }), name: 'agent', namespace: 'observability' });

const names = (metrics: { name: string }[]) => metrics.map(({ name }) => name).sort();
const shop = 'https://shop.example/health';

test('each kind of check has a receiver for each interval', () => {
  const { config } = checked({
    http: [{ url: shop }, { url: 'http://shop.web.svc:8080/', interval: Duration.seconds(15), method: 'HEAD' }],
    tcp: [{ host: 'fd00::1', port: 5432 }],
    tls: [{ host: 'ldap.example', port: 636, interval: Duration.minutes(5) }],
  });
  const delay = '${env:POD_INDEX}00000000s';
  const metrics = { 'httpcheck.tls.cert_remaining': { enabled: true } };
  expect(config.receivers).toEqual({
    http_check: { collection_interval: '60s', initial_delay: delay, metrics, targets: [{ endpoint: shop, method: 'GET', timeout: '10s' }] },
    'http_check/every-15s': {
      collection_interval: '15s',
      initial_delay: delay,
      metrics,
      targets: [{ endpoint: 'http://shop.web.svc:8080/', method: 'HEAD', timeout: '10s' }],
    },
    tcp_check: { collection_interval: '60s', initial_delay: delay, targets: [{ endpoint: '[fd00::1]:5432', dialer: { timeout: '10s' } }] },
    'tls_check/every-300s': {
      collection_interval: '300s',
      initial_delay: delay,
      targets: [{ endpoint: 'ldap.example:636', dialer: { timeout: '10s' } }],
    },
  });
});

test('it declares what its checks can give, certificates only where there are some', () => {
  const given = (props: EndpointChecksProps) => names(checked(props).collector.metrics);
  const http = ['httpcheck.duration', 'httpcheck.error', 'httpcheck.status'];
  expect(given({ http: [{ url: 'http://a/' }] })).toEqual(http);
  expect(given({ http: [{ url: shop }] })).toEqual([...http, 'httpcheck.tls.cert_remaining']);
  expect(given({ tcp: [{ host: 'a', port: 1 }] })).toEqual(['tcpcheck.duration', 'tcpcheck.error', 'tcpcheck.status']);
  expect(given({ tls: [{ host: 'a', port: 1 }] })).toEqual(['tlscheck.time_left']);
});

test('the names of a certificate do not stand in a series', () => {
  const { collector } = checked({ http: [{ url: shop }], tls: [{ host: 'a', port: 1 }] });
  const attributes = collector.metrics.flatMap((metric) => metric.attributes);
  expect(attributes).toContain('http.tls.cn');
  expect(attributes.filter((name) => name.endsWith('.san'))).toEqual([]);
});

test('one pod of a Deployment begins at once; where pods have no numbers, all would ask', () => {
  const http = [{ url: shop }];
  expect(checked({ http }, Placement.deployment(1)).config.receivers.http_check.initial_delay).toBeUndefined();
  for (const placement of [Placement.deployment(2), Placement.daemonSet()]) {
    expect(() => checked({ http }, placement)).toThrow(
      'each would check every address of EndpointChecks; allowed: Placement.statefulSet(n), or Placement.deployment(1)',
    );
  }
});

test('the network is opened to what is checked, and to nothing else', () => {
  const { one } = checked({
    http: [{ url: shop }, { url: 'http://10.1.2.3/', reach: Reach.cidrs('10.1.2.3/32') }],
    tcp: [{ host: 'db.example', port: 5432 }],
  });
  expect(one('NetworkPolicy', 'agent-to-outside').spec.egress).toEqual([
    { ports: [443, 5432].map((port) => ({ port, protocol: 'TCP' })) },
    { to: [{ ipBlock: { cidr: '10.1.2.3/32' } }], ports: [{ port: 80, protocol: 'TCP' }] },
  ]);
});

test('an authority of its own is mounted', () => {
  const { config, pod } = checked({ http: [{ url: shop, caCertificate: SecretKey.of('shop-ca', 'ca.crt') }] });
  expect(config.receivers.http_check.targets[0].tls).toEqual({ ca_file: '/etc/otelcol/secrets/shop-ca/ca.crt' });
  expect(pod.volumes.map(({ name }: { name: string }) => name)).toContain('secret-shop-ca');
});

test('what it gives is estimated, whatever the cluster', () => {
  const interval = Duration.seconds(30);
  const { collector } = checked({
    http: [{ url: shop }, { url: 'http://a/', interval }],
    tcp: [{ host: 'a', port: 1 }],
    tls: [{ host: 'a', port: 1 }],
  });
  const estimate = Estimates.of([collector], { nodes: 50, podsPerNode: 30 });
  expect(estimate.sources.filter(({ signal }) => signal === 'metrics').map(({ rowsPerMinute }) => rowsPerMinute)).toEqual([
    2 + 4 + 1 + 2 + 1,
  ]);
  expect(estimate.notEstimated).toEqual([]);
});

test('several stand in one collector once they have names, each with what it expects', () => {
  const at = (name: string | undefined, host: string, expectedStatus: number[]) =>
    new EndpointChecks({
      name,
      http: [{ url: `http://${host}/`, expectedStatus }],
      tcp: [{ host, port: 1, interval: Duration.seconds(5) }],
    });
  expect(() => withSources([at(undefined, 'a', [200]), at(undefined, 'b', [404])])).toThrow(
    "1 problem\n  sources[0] and sources[1]: given two sources called 'http_check' and 'tcp_check/every-5s'",
  );
  const { config } = withSources([at(undefined, 'a', [200]), at('shop', 'b', [404])]);
  expect(Object.keys(config.receivers).sort()).toEqual(['http_check', 'http_check/shop', 'tcp_check/every-5s', 'tcp_check/shop-every-5s']);
  const conditions = (id: string) => config.processors[id].metric_statements[0];
  expect(conditions('transform/expected-answers')).toContain('"http://a/" and not (datapoint.attributes["http.status_code"] == 200)');
  expect(conditions('transform/expected-answers-shop')).toContain('"http://b/" and not (datapoint.attributes["http.status_code"] == 404)');
});

test.each<[object, string]>([
  [
    { tcp: [{ host: 'pg.shop.svc:5432', port: 5432 }] },
    'tcp[0].host: given "pg.shop.svc:5432"; allowed: a DNS name or an address, without scheme and port',
  ],
  [{ name: 'Shop', tcp: [{ host: 'a', port: 1 }] }, 'name: given "Shop"; allowed: 1 to 40 lower-case letters'],
  [{}, 'http, tcp, tls: given nothing; allowed: an address in one of them'],
  [{ http: [{ url: 'shop.example' }] }, 'http[0].url: given "shop.example"; allowed: a URL with http:// or https://'],
  [{ http: [{ url: 'ftp://shop.example' }] }, 'http[0].url: given "ftp://shop.example"'],
  [{ http: [{ url: 'https://me:secret@shop.example' }] }, 'http[0].url: given'],
  [{ http: [{ url: 'http://shop.example:0/' }] }, 'http[0].url: given "http://shop.example:0/"; allowed: a URL with http:// or https://'],
  [
    { http: [{ url: 'http://shop.example/', caCertificate: SecretKey.of('shop-ca', 'ca.crt') }] },
    'http[0].caCertificate: given an authority, for an address in plain text; allowed: one with https://',
  ],
  [{ http: [{ url: shop, method: 'get' }] }, 'http[0].method: given "get"; allowed: a method in capitals'],
  [{ http: [{ url: shop, expectedStatus: [20] }] }, 'http[0].expectedStatus[0]: given 20; allowed: a whole number from 100 to 599'],
  [{ http: [{ url: shop, expectedStatus: [] }] }, 'http[0].expectedStatus: given a list of 0'],
  [{ http: [{ url: shop }, { url: shop, method: 'HEAD' }] }, `http: given ${shop} twice; allowed: each address once`],
  [
    {
      tcp: [
        { host: 'a', port: 1 },
        { host: 'a', port: 1 },
      ],
    },
    'tcp: given a:1 twice',
  ],
  [{ tls: [{ host: 'https://a', port: 1 }] }, 'tls[0].host: given "https://a"; allowed: a DNS name or an address'],
  [
    { tcp: [{ host: 'a', port: 1, interval: Duration.seconds(1) }] },
    'tcp[0].interval: given 1 second; allowed: a Duration from 5 seconds to 60 minutes',
  ],
  [{ icmp: [] }, 'icmp: given a property that does not exist'],
])('bad input %#: one clear error', (props, message) => {
  expect(() => new EndpointChecks(props as EndpointChecksProps)).toThrow(`EndpointChecks: 1 problem\n  ${message}`);
});
