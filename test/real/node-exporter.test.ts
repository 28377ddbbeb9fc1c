import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'cdk8s';
import { Reach, ScrapeJob } from '../../lib';
import { scrapeMetrics } from '../../lib/telemetry/scraped-metrics';
import { freePort } from './harness/free-port';
import { Program, scratchFolder } from './harness/program';
import { Processing } from './processing';

let exporter: Program;
let processing: Processing | undefined;
let port: number;

const page = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

beforeAll(async () => {
  port = await freePort();
  const scratch = scratchFolder('node-exporter');
  mkdirSync(scratch, { recursive: true });
  exporter = Program.start(['prometheus-node-exporter', `--web.listen-address=127.0.0.1:${port}`], { log: join(scratch, 'log'), env: {} });
  await exporter.until('it answers', async () => (await page()).includes('node_memory_MemTotal_bytes'));
}, 60_000);

afterAll(async () => {
  await processing?.stop();
  await exporter.stop();
});

test("[prometheus-agent] a job of one's own against node_exporter: the metrics that it allows, what every scrape says, and nothing else", async () => {
  const allowed = ['node_load1', 'node_load15', 'node_memory_MemTotal_bytes', 'node_cpu_seconds_total'];
  const job = new ScrapeJob({
    name: 'node-exporter',
    interval: Duration.seconds(1),
    targets: [{ host: '127.0.0.1', port, reach: Reach.anywhere() }],
    metricAllow: ['node_load1(5)?', 'node_memory_MemTotal_bytes', 'node_cpu_seconds_total'],
  });
  processing = await Processing.start([], { sources: [job] });
  const received = await processing.received((so) => so.points().filter(({ metric }) => metric === 'node_load1').length >= 2);
  const points = received.points();
  expect([...new Set(points.map(({ metric }) => metric))].sort()).toEqual([...allowed, ...Object.keys(scrapeMetrics)].sort());
  const total = /^node_memory_MemTotal_bytes (.*)$/m.exec(await page())?.[1];
  expect(points.find(({ metric }) => metric === 'node_memory_MemTotal_bytes')).toMatchObject({ kind: 'gauge', value: Number(total) });
  const cpu = points.filter(({ metric }) => metric === 'node_cpu_seconds_total');
  expect(new Set(cpu.map(({ kind }) => kind))).toEqual(new Set(['sum']));
  expect(new Set(cpu.map(({ attributes }) => attributes.mode))).toContain('iowait');
  expect(points.filter(({ metric }) => metric === 'up').every(({ value }) => value === 1)).toBe(true);
}, 60_000);
