import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { Duration, Size } from 'cdk8s';
import {
  type CollectorContext,
  Component,
  ConfigValue,
  Drop,
  ObjectStorageSink,
  OtlpProtocol,
  OtlpSink,
  Placement,
  PrometheusRemoteWriteSink,
  SecretKey,
  ServiceGraph,
  Signal,
  SpanMetrics,
  Volume,
} from '../../lib';
import { CertificateAuthority } from './harness/certificates';
import { freePort } from './harness/free-port';
import { eventually, scratchFolder } from './harness/program';
import { gauges, logs, Processing, spans } from './processing';
import { Receiver } from './received';

const lastOf = (received: Receiver) => received.lines().some(({ body }) => body === 'the last');
const bodies = (received: Receiver) =>
  received
    .lines()
    .map(({ body }) => body)
    .sort();

let vendor: Receiver;
let other: Receiver;
let running: Processing | undefined;
const vendors: Vendor[] = [];

beforeAll(async () => {
  vendor = await Receiver.start();
  other = await Receiver.start();
}, 60_000);

afterEach(async () => {
  await running?.stop();
  await Promise.all(vendors.splice(0).map((away) => away.close()));
});

test('[sinks] each gets what is routed to it by signal, namespace and processors of its own, and the first everything', async () => {
  running = await Processing.start([Drop.logs({ body: '^for nobody$' })], {
    sinks: [
      new OtlpSink({ endpoint: 'http://otlp.vendor.example:4318/', signals: [Signal.TRACES] }),
      new OtlpSink({
        name: 'security',
        endpoint: 'http://otlp.security.example:4317',
        protocol: OtlpProtocol.GRPC,
        namespaces: ['pay*', 'vault'],
        processors: [Drop.logs({ body: '^not for security$' })],
        dropsWhenFull: false,
      }),
    ],
    addresses: { 'otlp.vendor.example:4318': vendor.http, 'otlp.security.example:4317': other.grpc },
  });
  await running.send('traces', spans([{ name: 'GET /', trace: '1'.repeat(32) }]));
  await running.send(
    'logs',
    logs([
      ['of the shop'],
      ['of payments', { namespace: 'payments' }],
      ['not for security', { namespace: 'payments' }],
      ['for nobody', { namespace: 'payments' }],
      ['of the vault', { namespace: 'vault' }],
      ['of the vaults', { namespace: 'vaults' }],
      ['the last', { namespace: 'payments' }],
    ]),
  );
  const everything = await running.received((so) => lastOf(so) && so.spans().length > 0);
  expect(bodies(everything)).toEqual(['not for security', 'of payments', 'of the shop', 'of the vault', 'of the vaults', 'the last']);
  await other.until(lastOf);
  expect(bodies(other)).toEqual(['of payments', 'of the vault', 'the last']);
  expect(other.spans()).toEqual([]);
  await vendor.until((so) => so.spans().length > 0);
  expect(vendor.spans().map(({ name }) => name)).toEqual(['GET /']);
  expect(vendor.lines()).toEqual([]);
}, 60_000);

test('[sinks] a vendor that is away: its queue fills and is dropped from, nobody waits, and nothing comes twice to the first', async () => {
  const storage = Component.extension({
    componentType: 'file_storage',
    name: 'queue',
    config: { directory: ConfigValue.directory(Volume.node('/queue', { writable: true })), create_directory: true },
  });
  const mib = Size.mebibytes(1);
  const port = await freePort();
  const counts = await Receiver.start();
  running = await Processing.start([], {
    sinks: [new OtlpSink({ endpoint: 'http://otlp.vendor.example:4318' })],
    queue: { storage, logs: mib, metrics: mib, traces: mib },
    addresses: { 'otlp.vendor.example:4318': `127.0.0.1:${port}`, 'nowhere.observability.svc:4318': counts.http },
  });
  const sent = Array.from({ length: 60 }, (_, index) => `line ${String(index).padStart(2, '0')} ${'x'.repeat(100_000)}`);
  for (const body of sent) {
    await running.send('logs', logs([[body]]));
  }
  await running.send('logs', logs([['the last']]));
  const everything = await running.received(lastOf);
  expect(bodies(everything)).toEqual([...sent, 'the last']);
  // What was in the queue comes when the vendor is back, and so does what is new.
  const vendorBack = new Vendor();
  await vendorBack.listen(port);
  await eventually('the vendor gets new records', async () => {
    await (running as Processing).send('logs', logs([['after the outage']]));
    return vendorBack.text.includes('after the outage');
  });
  const kept = sent.filter((body) => vendorBack.text.includes(body));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(sent.length);
  // The collector tells its counts once more when it ends.
  await running.stop();
  await counts.until((so) => so.points().length > 0);
  const refused = counts.points().filter(({ metric }) => metric === 'otelcol_exporter_enqueue_failed_log_records');
  expect(refused.some(({ value, attributes }) => value > 0 && attributes.exporter === 'otlp_http/sink-logs-may-drop')).toBe(true);
}, 60_000);

test('[sinks] objects in a bucket: one of what was there when the collector ended, by signal and hour, gzipped, signed with the keys', async () => {
  const port = await freePort();
  const storage = new Vendor();
  await storage.listen(port);
  running = await Processing.start([], {
    sinks: [
      new ObjectStorageSink({
        bucket: 'acme-telemetry',
        region: 'eu-central-1',
        prefix: 'prod',
        endpoint: 'http://objects.acme.example:9000',
        keys: { accessKeyId: SecretKey.of('objects', 'id'), secretAccessKey: SecretKey.of('objects', 'key') },
        signals: [Signal.LOGS],
      }),
    ],
    addresses: { 'objects.acme.example:9000': `127.0.0.1:${port}` },
    secrets: { objects: { id: 'AKIDTEST', key: 'of a test' } },
  });
  await running.send('logs', logs([['to be kept'], ['the last']]));
  await running.received(lastOf);
  await running.stop();
  const [{ method, path, headers }] = storage.requests;
  expect(storage.requests).toHaveLength(1);
  expect(method).toBe('PUT');
  expect(decodeURIComponent(path ?? '')).toMatch(
    /^\/acme-telemetry\/prod\/logs\/year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d\/processing-0_logs_\d+\.binpb\.gz/,
  );
  expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDTEST\/\d+\/eu-central-1\/s3\/aws4_request/);
  expect(storage.text).toContain('to be kept');
}, 60_000);

test("[sinks] Prometheus' remote write: points of pods stay series of their own, with the tenant's header", async () => {
  const port = await freePort();
  const authority = await CertificateAuthority.create(scratchFolder('certificates'));
  await authority.sign('mimir', { commonName: 'mimir', usage: ['serverAuth'], names: ['IP:127.0.0.1'] });
  const pem = (file: string) => readFileSync(authority.path(file), 'utf8');
  const prometheus = new Vendor({ cert: pem('mimir.crt'), key: pem('mimir.key') });
  await prometheus.listen(port);
  running = await Processing.start([], {
    sinks: [
      new PrometheusRemoteWriteSink({
        endpoint: 'https://mimir.acme.example/api/v1/push',
        headers: { 'X-Scope-OrgID': SecretKey.of('mimir', 'tenant') },
        caCertificate: SecretKey.of('mimir', 'ca'),
      }),
    ],
    addresses: { 'mimir.acme.example:443': `127.0.0.1:${port}` },
    secrets: { mimir: { tenant: 'acme', ca: pem('ca.crt') } },
  });
  await running.send('metrics', gauges(['queue.depth'], { queue: 'orders' }));
  await eventually('a request is there', async () => prometheus.requests.length > 0);
  const [{ method, path, headers }] = prometheus.requests;
  expect({ method, path }).toEqual({ method: 'POST', path: '/api/v1/push' });
  expect(headers).toMatchObject({ 'content-encoding': 'snappy', 'x-scope-orgid': 'acme', 'x-prometheus-remote-write-version': '0.1.0' });
  // Texts that are new to snappy stand in it as they are.
  for (const text of ['queue_depth', 'orders', 'k8s_cluster', 'checkout']) {
    expect(prometheus.text).toContain(text);
  }
}, 60_000);

test('[sinks] metrics of all spans, by the dimensions that were asked for, each time what is new', async () => {
  const spanMetrics = new SpanMetrics({ dimensions: ['http.route'], interval: Duration.seconds(2) });
  running = await Processing.start([], { sources: [spanMetrics.source], sinks: [spanMetrics.sink] });
  const all = [0, 1, 2, 3, 4].map((index) => ({
    name: 'GET',
    trace: `${index}`.repeat(32),
    of: { 'http.route': index < 3 ? '/cart' : '/pay' },
  }));
  await running.send('traces', spans(all.map((span) => ({ ...span, trace: span.trace.replaceAll('0', 'a') }))));
  const calls = (so: Receiver) =>
    so
      .points()
      .filter(({ metric }) => metric === SpanMetrics.calls.name)
      .map(({ attributes, value }) => [attributes['http.route'], attributes['span.name'], attributes['span.kind'], value]);
  const expected = [
    ['/cart', 'GET', 'SPAN_KIND_SERVER', 3],
    ['/pay', 'GET', 'SPAN_KIND_SERVER', 2],
  ];
  const once = await running.received((so) => calls(so).length >= 2);
  expect(calls(once).sort()).toEqual(expected);
  const [duration] = once.points().filter(({ metric }) => metric === SpanMetrics.duration.name);
  expect(duration).toMatchObject({ kind: 'exponentialHistogram', resource: { 'service.name': 'checkout' } });
  await running.send('traces', spans([{ name: 'GET', trace: 'b'.repeat(32), of: { 'http.route': '/cart' } }]));
  const twice = await running.received((so) => calls(so).length >= 3);
  expect(calls(twice)[2]).toEqual(['/cart', 'GET', 'SPAN_KIND_SERVER', 1]);
}, 60_000);

test('[sinks] who calls whom, from pairs of spans: how often, and how often in vain', async () => {
  const serviceGraph = new ServiceGraph({ interval: Duration.seconds(2), wait: Duration.seconds(5) });
  running = await Processing.start([], { sources: [serviceGraph.source], sinks: [serviceGraph.sink] });
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = (service: string, trace: string, ids: { spanId: string; parentSpanId?: string }, kind: number, failed: boolean) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeSpans: [
      {
        spans: [
          {
            traceId: trace,
            ...ids,
            name: 'call',
            kind,
            startTimeUnixNano: `${now}`,
            endTimeUnixNano: `${now + 5_000_000n}`,
            status: failed ? { code: 2 } : {},
          },
        ],
      },
    ],
  });
  // Three calls of checkout to payment, one of them in vain; the sides of a call come in two requests.
  for (const [index, digit] of ['a', 'b', 'c'].entries()) {
    const trace = digit.repeat(32);
    const failed = index === 0;
    await running.send('traces', {
      resourceSpans: [span('payment', trace, { spanId: '2'.repeat(16), parentSpanId: '1'.repeat(16) }, 2, failed)],
    });
    await running.send('traces', { resourceSpans: [span('checkout', trace, { spanId: '1'.repeat(16) }, 3, failed)] });
  }
  const calls = (so: Receiver, name: string) => {
    const points = so.points().filter(({ metric }) => metric === name);
    const latest = new Map(
      points.map(({ attributes, value }) => [`${attributes.client} > ${attributes.server}, failed: ${attributes.failed}`, value]),
    );
    return Object.fromEntries(latest);
  };
  const counted = { 'checkout > payment, failed: false': 2, 'checkout > payment, failed: true': 1 };
  const received = await running.received((so) => Object.keys(calls(so, ServiceGraph.requests.name)).length === 2);
  expect(calls(received, ServiceGraph.requests.name)).toEqual(counted);
  expect(calls(received, ServiceGraph.failures.name)).toEqual({ 'checkout > payment, failed: true': 1 });
  const names = new Set(received.points().map(({ metric }) => metric));
  expect([...names].sort()).toEqual(
    serviceGraph.source
      .bind({ placement: Placement.deployment(1) } as CollectorContext)
      .metrics?.map(({ name }) => name)
      .sort(),
  );
}, 60_000);

/** Keeps the bytes of what is sent, which hold texts as they are. */
class Vendor {
  text = '';
  readonly requests: { method?: string; path?: string; headers: IncomingHttpHeaders }[] = [];
  private readonly server: Server;

  constructor(tls?: { cert: string; key: string }) {
    const keep: RequestListener = async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) {
        parts.push(part);
      }
      const body = Buffer.concat(parts);
      this.text += (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body).toString('latin1');
      this.requests.push({ method: request.method, path: request.url, headers: request.headers });
      response.writeHead(200).end();
    };
    vendors.push(this);
    this.server = tls ? createSecureServer(tls, keep) : createServer(keep);
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((done) => this.server.listen(port, '127.0.0.1', done));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
