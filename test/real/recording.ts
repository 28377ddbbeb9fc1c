import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { shippedImages } from '../../lib/kubernetes/images';
import { writtenColumns } from '../../lib/telemetry/table';
import { tables } from '../../lib/telemetry/tables';
import { busybox } from './harness/cluster';
import { NodeStack } from './node-stack';
import { quickstart } from './stack';

/**
 * `npm run record`: runs the quickstart on a real node with applications beside it, and keeps the rows that the real collectors wrote, for the tests of panels and rules.
 * Not part of any other run: what it writes is committed.
 */
const folder = join(__dirname, '../fixtures/recorded');
const minutes = 7;

const pod = (name: string, command: string, annotations?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { 'app.kubernetes.io/name': name }, annotations },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'main',
        image: busybox,
        command: ['sh', '-c', command],
        ports: [{ name: 'metrics', containerPort: 9100 }],
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
      },
    ],
  },
});

const attributes = (values: Record<string, string | number>) =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));

/** A request through two services, and a log line of the one that failed: every tenth fails. */
function requests(round: number): { traces: object; logs: object } {
  const now = BigInt(Date.now()) * 1_000_000n;
  const resource = (service: string) => ({
    attributes: attributes({
      'service.name': service,
      'service.namespace': 'shop',
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': `${service}-0`,
    }),
  });
  const hex = (digits: number, value: number) => value.toString(16).padStart(digits, '0');
  const ids = Array.from({ length: 5 }, (_, index) => round * 5 + index + 1);
  const span = (id: number, service: string) => {
    const server = service === 'checkout';
    const start = now - BigInt(20 + (id % 7) * 30) * 1_000_000n;
    return {
      traceId: hex(32, id),
      spanId: hex(16, server ? id * 2 : id * 2 + 1),
      parentSpanId: server ? '' : hex(16, id * 2),
      name: server ? 'POST /orders' : 'GET /baskets/{id}',
      kind: 2,
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(now),
      attributes: attributes({
        'http.request.method': server ? 'POST' : 'GET',
        'http.route': server ? '/orders' : '/baskets/{id}',
        'http.response.status_code': id % 10 === 0 ? 500 : 200,
      }),
      status: id % 10 === 0 ? { code: 2, message: 'no stock' } : {},
    };
  };
  const scope = { name: 'shop' };
  return {
    traces: {
      resourceSpans: ['checkout', 'basket'].map((service) => ({
        resource: resource(service),
        scopeSpans: [{ scope, spans: ids.map((id) => span(id, service)) }],
      })),
    },
    logs: {
      resourceLogs: [
        {
          resource: resource('checkout'),
          scopeLogs: [
            {
              scope,
              logRecords: ids.map((id) => ({
                timeUnixNano: String(now),
                severityNumber: id % 10 === 0 ? 17 : 9,
                severityText: id % 10 === 0 ? 'ERROR' : 'INFO',
                body: { stringValue: id % 10 === 0 ? `order ${id} failed: no stock` : `order ${id} placed` },
                traceId: hex(32, id),
                spanId: hex(16, id * 2),
              })),
            },
          ],
        },
      ],
    },
  };
}

test(
  'records',
  async () => {
    const stack = await NodeStack.start(quickstart());
    const started = Date.now();
    await stack.cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }]);
    await stack.cluster.apply([
      pod('talker', 'i=0; while :; do echo "line $i of the talker"; i=$((i+1)); sleep 2; done'),
      pod(
        'exporter',
        "mkdir -p /tmp/w; printf '# TYPE shop_orders_total counter\\nshop_orders_total 41\\n' >/tmp/w/metrics; httpd -f -p 9100 -h /tmp/w",
        { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100' },
      ),
    ]);
    for (let round = 0; Date.now() - started < minutes * 60_000; round++) {
      for (const [signal, request] of Object.entries(requests(round))) {
        const post = [
          'curl',
          '-sS',
          '--fail',
          '-X',
          'POST',
          '-H',
          'content-type: application/json',
          '--data-binary',
          '@-',
          `http://collector.observability:4318/v1/${signal}`,
        ];
        await stack.cluster.onNode(post, { input: JSON.stringify(request) });
      }
      await sleep(5000);
    }
    await sleep(15_000);
    mkdirSync(folder, { recursive: true });
    for (const table of tables.filter(({ name }) => name.startsWith('otel_') && name !== 'otel_traces_trace_id_ts')) {
      const time = table.timeColumn;
      const rows = await stack.query(
        `SELECT ${writtenColumns(table).join(', ')} FROM otel.${table.name} WHERE ${time} > fromUnixTimestamp(${Math.floor(started / 1000) - 60}) ORDER BY ${time} LIMIT 20000`,
      );
      writeFileSync(join(folder, `${table.name}.jsonl.gz`), gzipSync(rows.map((row) => JSON.stringify(row)).join('\n'), { level: 9 }));
    }
    const [{ engine }] = await stack.query('SELECT version() AS engine');
    const description = {
      collector: shippedImages.collector.tag,
      kubernetes: '1.36.3',
      engine,
      from: Math.floor(started / 1000),
      to: Math.floor(Date.now() / 1000),
    };
    writeFileSync(join(folder, 'recording.json'), `${JSON.stringify(description, null, 2)}\n`);
  },
  (minutes + 15) * 60_000,
);
