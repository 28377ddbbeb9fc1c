import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { Duration } from 'cdk8s';
import { Collector, EndpointChecks, GatewaySink, Placement, SecretKey } from '../../lib';
import { gateway, synthesized } from '../collector/synthesized';
import { declared, seen } from './declared';
import { CertificateAuthority } from './harness/certificates';
import { RealCollector } from './harness/collector';
import { containerOf } from './harness/container';
import { freePort } from './harness/free-port';
import { afterTheFile, eventually, scratchFolder } from './harness/program';
import { Receiver } from './received';

/**
 * Servers on the loopback that answer in all ways there are, and a real collector of two pods that asks them every five seconds. Not on 127.0.0.1: there the
 * harness takes an endpoint for one that is listened on.
 */
const asked: Record<string, number> = {};

async function listening(server: TcpServer): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.2', done));
  afterTheFile(async () => {
    server.close();
    (server as Server).closeAllConnections?.();
  });
  return (server.address() as AddressInfo).port;
}

const answering = (status: number, headers: Record<string, string> = {}) =>
  listening(
    createServer((request, response) => {
      const what = `${request.method} ${status}`;
      asked[what] = (asked[what] ?? 0) + 1;
      response.writeHead(status, headers).end('answer');
    }),
  );

let collector: Collector;
let received: Receiver;
let urls: Record<string, string>;
let ports: Record<'open' | 'closed' | 'tls', number>;
let beforeTheFirst: { points: number; asked: number };

beforeAll(async () => {
  const authority = await CertificateAuthority.create(scratchFolder('checked'));
  await authority.sign('soon', { commonName: 'soon', usage: ['serverAuth'], names: ['IP:127.0.0.2', 'DNS:soon.example'], days: 2 });
  const certificate = { cert: readFileSync(authority.path('soon.crt')), key: readFileSync(authority.path('soon.key')) };
  const secure = await listening(createSecureServer(certificate, (_, response) => response.end('answer')));
  const ok = await answering(200);
  ports = { open: await listening(createTcpServer()), closed: await freePort(), tls: await listening(createTlsServer(certificate)) };
  const at = (port: number, path = '') => `http://127.0.0.2:${port}/${path}`;
  urls = {
    ok: at(ok, 'health?of="all"&price=$5'),
    broken: at(await answering(500)),
    locked: at(await answering(401)),
    empty: at(await answering(202)),
    moved: at(await answering(302, { location: at(ok) })),
    resets: at(await listening(createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())))),
    closed: at(ports.closed),
    secure: `https://127.0.0.2:${secure}/`,
  };
  const often = { interval: Duration.seconds(5) };
  const host = '127.0.0.2';
  const { objects, collector: made } = synthesized(
    (scope) =>
      new Collector(scope, 'Collector', {
        role: 'checks',
        clusterName: 'prod',
        namespace: 'observability',
        sources: [
          new EndpointChecks({
            http: [
              ...['ok', 'broken', 'moved', 'resets', 'closed'].map((name) => ({ ...often, url: urls[name] })),
              { ...often, url: urls.empty, expectedStatus: [204] },
              { ...often, url: urls.locked, expectedStatus: [401, 403] },
              { ...often, url: urls.secure, caCertificate: SecretKey.of('checked', 'ca.crt') },
            ],
            tcp: [
              { ...often, host, port: ports.open },
              { ...often, host, port: ports.closed },
            ],
            tls: [{ ...often, host, port: ports.tls }],
          }),
        ],
        sinks: [new GatewaySink({ gateway })],
        placement: Placement.statefulSet(2),
        ownTelemetry: gateway.otlpHttp,
      }),
  );
  collector = made;
  received = await Receiver.start();
  const secrets = { checked: { 'ca.crt': readFileSync(authority.path('ca.crt'), 'utf8') } };
  const start = (podName: string) =>
    RealCollector.start({ container: containerOf(objects, 'checks', undefined, { podName, secrets }), addresses: received.addresses });
  await start('checks-1');
  await sleep(7000);
  beforeTheFirst = { points: checked().length, asked: Object.keys(asked).length };
  await start('checks-0');
  await eventually('three rounds', async () => of('tcpcheck.status').length >= 6 && of('httpcheck.duration').length >= 3 * 8, 60);
}, 120_000);

const checked = () => received.points().filter(({ metric }) => !metric.startsWith('otelcol'));
const of = (metric: string) => checked().filter((point) => point.metric === metric);
const nameOf = (url: unknown) => Object.entries(urls).find(([, known]) => known === url)?.[0];

test('[cluster-agent] EndpointChecks gives exactly what it declares: name, instrument, unit and attributes', () => {
  expect(seen(checked())).toEqual(declared(collector.metrics));
});

test('[cluster-agent] of two pods only the first asks', () => {
  expect(beforeTheFirst).toEqual({ points: 0, asked: 0 });
});

test('[cluster-agent] a status is 1 where the answer is an expected one, and there is one a round', () => {
  const statuses = of('httpcheck.status').map(({ attributes, value }) => [
    `${attributes['http.method']} ${nameOf(attributes['http.url'])} ${attributes['http.status_code']} ${attributes['http.status_class']}`,
    value,
  ]);
  expect(Object.fromEntries(statuses)).toEqual({
    'GET ok 200 2xx': 1,
    'GET empty 202 2xx': 0,
    'GET broken 500 5xx': 0,
    'GET locked 401 4xx': 1,
    'GET moved 200 2xx': 1,
    'GET secure 200 2xx': 1,
  });
  const times = of('httpcheck.status').filter(({ attributes }) => nameOf(attributes['http.url']) === 'broken');
  expect(new Set(times.map(({ time }) => time)).size).toBe(times.length);
  // Two may be under way.
  expect(Math.abs(asked['GET 500'] - times.length)).toBeLessThan(2);
});

test('[cluster-agent] no answer says why, in words that are the same each time', () => {
  const errors = of('httpcheck.error').map(({ attributes }) => `${nameOf(attributes['http.url'])}: ${attributes['error.message']}`);
  expect([...new Set(errors)].sort()).toEqual([
    `closed: Get "${urls.closed}": dial tcp 127.0.0.2:${ports.closed}: connect: connection refused`,
    `resets: Get "${urls.resets}": read tcp ${new URL(urls.resets).host}: read: connection reset by peer`,
  ]);
});

test('[cluster-agent] a port is open or not', () => {
  const statuses = of('tcpcheck.status').map(({ attributes, value }) => [attributes['tcpcheck.endpoint'], value]);
  expect(Object.fromEntries(statuses)).toEqual({ [`127.0.0.2:${ports.open}`]: 1, [`127.0.0.2:${ports.closed}`]: 0 });
  expect(of('tcpcheck.error').map(({ attributes }) => attributes['error.code'])).toContain('connection_refused');
});

test('[cluster-agent] a certificate that ends in two days says so, with HTTP and without', () => {
  const days = [...of('httpcheck.tls.cert_remaining'), ...of('tlscheck.time_left')].map(({ metric, value }) => [
    metric,
    Math.ceil(value / 86_400),
  ]);
  expect(Object.fromEntries(days)).toEqual({ 'httpcheck.tls.cert_remaining': 2, 'tlscheck.time_left': 2 });
  expect(of('tlscheck.time_left')[0].resource['tlscheck.target']).toBe(`127.0.0.2:${ports.tls}`);
});
