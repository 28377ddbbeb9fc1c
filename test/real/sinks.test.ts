import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { Size } from 'cdk8s';
import { Component, ConfigValue, Drop, OtlpProtocol, OtlpSink, Signal, Volume } from '../../lib';
import { freePort } from './harness/free-port';
import { eventually } from './harness/program';
import { logs, Processing, spans } from './processing';
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

beforeAll(async () => {
  vendor = await Receiver.start();
  other = await Receiver.start();
}, 60_000);

afterEach(async () => {
  await running?.stop();
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
  running = await Processing.start([], {
    sinks: [new OtlpSink({ endpoint: 'http://otlp.vendor.example:4318' })],
    queue: { storage, logs: mib, metrics: mib, traces: mib },
    addresses: { 'otlp.vendor.example:4318': `127.0.0.1:${port}` },
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
  await vendorBack.close();
  const kept = sent.filter((body) => vendorBack.text.includes(body));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(sent.length);
}, 60_000);

/** Keeps the bytes of what is sent, which hold texts as they are. */
class Vendor {
  text = '';
  private readonly server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) {
      parts.push(part);
    }
    const body = Buffer.concat(parts);
    this.text += (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('latin1');
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });

  async listen(port: number): Promise<void> {
    await new Promise<void>((done) => this.server.listen(port, '127.0.0.1', done));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
