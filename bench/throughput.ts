import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RealCollector } from '../test/real/harness/collector';
import { containerOf } from '../test/real/harness/container';
import { ControlPlane } from '../test/real/harness/control-plane';
import type { Engine } from '../test/real/harness/engine';
import { eventually } from '../test/real/harness/program';
import { cri } from '../test/real/log-agent';
import { accountsOf, login, secrets, startStore } from '../test/real/stack';
import { type Contender, contenders } from './contenders';
import { cpuSeconds, peakMebibytes } from './measured';
import { type Run, report } from './report';

/**
 * `npm run bench`: log files of a node, through the node agent and a gateway, into the store, once for each gateway's settings and several times over; writes docs/benchmarks.md.
 * It measures and asserts nothing but that every line arrived once: what comes out is for people, on their own machine.
 */
const files = 20;
const linesPerFile = 8_000;
const rounds = 3;
const lines = files * linesPerFile;

let plane: ControlPlane;
let engine: Engine;
let program: string;

beforeAll(async () => {
  program = execFileSync(join(__dirname, 'collector.sh'), { encoding: 'utf8' }).trim();
  plane = await ControlPlane.start();
  await plane.apply(accountsOf(contenders[0].objects));
  engine = await startStore(contenders[0].objects);
}, 300_000);

/** What a web application writes: half of it JSON. */
const line = (file: number, index: number): string =>
  index % 2 === 0
    ? `10.1.${file}.${index % 250} - - "GET /api/v1/orders/${index * 7919} HTTP/1.1" ${index % 50 === 0 ? 500 : 200} ${index % 9000} "-" "client/1.${index % 9}" ${index % 800}ms`
    : `{"level":"${index % 33 === 0 ? 'warn' : 'info'}","msg":"order placed","order":${index * 7919},"customer":"c-${index % 5000}","amount":${index % 977}.50,"trace":"${String(index).padStart(32, 'a')}"}`;

async function run({ name, objects }: Contender): Promise<Run> {
  await engine.execute('TRUNCATE TABLE otel.otel_logs', login('admin'));
  const gateway = await RealCollector.start({
    program,
    container: containerOf(objects, 'collector', 'otel-collector', { secrets }),
    addresses: { 'clickhouse.observability.svc:8123': engine.address },
    inCluster: await plane.inCluster('collector', 'observability'),
  });
  const agent = await RealCollector.prepare({
    program,
    container: containerOf(objects, 'node-agent', 'otel-collector', { secrets }),
    addresses: {
      'collector-headless.observability.svc:4317': gateway.address(4317),
      'collector.observability.svc:4318': gateway.address(4318),
    },
    inCluster: await plane.inCluster('node-agent', 'observability-agents'),
  });
  const now = new Date().toISOString();
  for (let file = 0; file < files; file++) {
    const path = agent.path(`/var/log/pods/shop_web-${file}_${file}/app/0.log`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      cri(
        Array.from({ length: linesPerFile }, (_, index) => line(file, index)),
        'stdout',
        now,
      ),
    );
  }
  const before = cpuSeconds(gateway);
  const start = Date.now();
  await agent.start();
  const arrived = async () => Number((await engine.query<{ n: string }>('SELECT count() AS n FROM otel.otel_logs', login('reader')))[0].n);
  await eventually(`${name}: ${lines} rows`, async () => (await arrived()) >= lines, 120);
  const seconds = (Date.now() - start) / 1000;
  const measured = {
    seconds,
    gateway: { cpuSeconds: cpuSeconds(gateway) - before, mebibytes: peakMebibytes(gateway) },
    agent: { cpuSeconds: cpuSeconds(agent), mebibytes: peakMebibytes(agent) },
  };
  const twice = (await arrived()) - lines;
  if (twice !== 0) {
    throw new Error(`${name}: ${twice} rows more than lines`);
  }
  await agent.stop();
  await gateway.stop();
  return measured;
}

test('throughput', async () => {
  const runs = new Map<Contender, Run[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    // In turns forwards and backwards, as the machine is not the same all the time.
    for (const contender of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      runs.get(contender)?.push(await run(contender));
    }
  }
  writeFileSync(join(__dirname, '../docs/benchmarks.md'), report(runs, lines));
}, 3_600_000);
