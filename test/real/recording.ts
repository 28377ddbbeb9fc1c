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

/** Something to see on the panels of what is not well. */
const broken = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'broken', namespace: 'shop' },
  spec: {
    selector: { matchLabels: { app: 'broken' } },
    template: { metadata: { labels: { app: 'broken' } }, spec: pod('broken', 'sleep 3; echo "it broke"; exit 1').spec },
  },
};

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
  /** An order at the checkout, which asks the basket: `place` 0 is the order, 1 the question, 2 the answer. */
  const span = (id: number, place: number) => ({
    traceId: hex(32, id),
    spanId: hex(16, id * 3 + place),
    parentSpanId: place === 0 ? '' : hex(16, id * 3 + place - 1),
    name: place === 0 ? 'POST /orders' : 'GET /baskets/{id}',
    kind: place === 1 ? 3 : 2,
    startTimeUnixNano: String(now - BigInt(20 + (id % 7) * 30 - place * 5) * 1_000_000n),
    endTimeUnixNano: String(now - BigInt(place) * 1_000_000n),
    attributes: attributes({
      'http.request.method': place === 0 ? 'POST' : 'GET',
      'http.route': place === 0 ? '/orders' : '/baskets/{id}',
      'http.response.status_code': id % 10 === 0 ? 500 : 200,
    }),
    status: id % 10 === 0 ? { code: 2, message: 'no stock' } : {},
  });
  const scope = { name: 'shop' };
  return {
    traces: {
      resourceSpans: [
        { resource: resource('checkout'), scopeSpans: [{ scope, spans: ids.flatMap((id) => [span(id, 0), span(id, 1)]) }] },
        { resource: resource('basket'), scopeSpans: [{ scope, spans: ids.map((id) => span(id, 2)) }] },
      ],
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
                spanId: hex(16, id * 3),
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
      broken,
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
      // What the store's stand-in writes is not what a server writes.
      const own = table.name === 'otel_logs' ? " AND ServiceName != 'clickhouse'" : '';
      const rows = await stack.query(
        `SELECT ${writtenColumns(table).join(', ')} FROM otel.${table.name} WHERE ${time} > fromUnixTimestamp(${Math.floor(started / 1000) - 60})${own} ORDER BY ${time} LIMIT 20000`,
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
