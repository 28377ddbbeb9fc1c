import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContainerLogs, LogFiles, LogParser, Multiline } from '../../lib';
import type { Engine } from './harness/engine';
import { cri, LogAgent } from './log-agent';

// What files of a node go through in bad times, and the rows that have to come out of it, written by hand.
let engine: Engine;

beforeAll(async () => {
  engine = await LogAgent.startStore();
}, 120_000);

const pod = (name: string, container = 'app') => `/var/log/pods/torture_${name}_5f0a/${container}`;
const ofPod = (name: string) => `Pod = '${name}'`;
const time = '2026-11-25T00:00:00.123456789Z';
const bodies = async (agent: LogAgent, name: string, atLeast: number) => (await agent.rows(ofPod(name), atLeast)).map(({ body }) => body);
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `number ${from + index}`);
const sorted = (lines: readonly string[]) => [...lines].sort();

/** A line as the runtime cuts it: 16 KiB a part, whatever stands there. */
function inParts(line: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < line.length; at += 16_384) {
    const tag = at + 16_384 < line.length ? 'P' : 'F';
    parts.push(Buffer.from(`${time} stdout ${tag} `), line.subarray(at, at + 16_384), Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

test('[logs] torture: parts of lines, a line of a mebibyte, characters cut in two, bytes that are none, a clock before 1970', async () => {
  const agent = await LogAgent.prepare(engine, [new ContainerLogs()]);
  const mebibyte = `${'x'.repeat(16_383)}ä${'y'.repeat(1024 * 1024 - 16_385)}`;
  const longer = Array.from({ length: 2_500 }, (_, index) => `${String(index).padStart(5, '0')}${'z'.repeat(1_019)}`).join('');
  agent.write(`${pod('long')}/0.log`, inParts(Buffer.from(mebibyte)));
  agent.write(`${pod('longer')}/0.log`, Buffer.concat([inParts(Buffer.from(longer)), Buffer.from(cri(['and the next line']))]));
  agent.write(`${pod('parts')}/0.log`, `${time} stdout P one \n${time} stdout P and \n${time} stdout F two\n${time} stdout F \n`);
  const bad = [Buffer.from(`${time} stdout F a`), Buffer.from([0xff, 0xfe]), Buffer.from('b'), Buffer.from([0xc3]), Buffer.from('\n')];
  agent.write(`${pod('bad')}/0.log`, Buffer.concat([...bad, Buffer.from(`${time} stdout F ${'\0'.repeat(3)}\n`)]));
  agent.write(`${pod('old')}/0.log`, cri(['before 1970'], 'stdout', '1969-12-31T23:59:59.5Z'));
  agent.write(`${pod('old')}/0.log`, cri(['an unset clock'], 'stdout', '1970-01-01T00:00:05Z'));
  agent.write(`${pod('torn')}/0.log`, `45.9Z stdout F the head is gone\n${cri(['whole'])}`);
  await agent.collector.start();

  expect(await bodies(agent, 'parts', 2)).toEqual(['', 'one and two']);
  expect(await bodies(agent, 'bad', 2)).toEqual(['\0\0\0', 'a\ufffdb\ufffd']);
  const [long, ...noMore] = await bodies(agent, 'long', 1);
  expect([long === mebibyte, noMore]).toEqual([true, []]);
  const split = await agent.rows(ofPod('longer'), 4, 'Body');
  expect([split.map(({ body }) => body.length < 1_100_000), split.map(({ body }) => body).join('')]).toEqual([
    [true, true, true, true],
    `${longer}and the next line`,
  ]);
  const old = await agent.rows(ofPod('old'), 2, 'Body');
  expect(old.map(({ body, attributes }) => [body, attributes['log.original_time']])).toEqual([
    ['an unset clock', '1970-01-01T00:00:05Z'],
    ['before 1970', '1969-12-31T23:59:59.5Z'],
  ]);
  expect(old.filter(({ time }) => Math.abs(Date.parse(`${String(time).replace(' ', 'T')}Z`) - Date.now()) > 120_000)).toEqual([]);
  expect(await bodies(agent, 'torn', 1)).toEqual(['whole']);
  // What has lost its head has lost its pod, too.
  expect((await agent.rows("Body LIKE '%the head is gone'", 1)).map(({ body }) => body)).toEqual(['45.9Z stdout F the head is gone']);
  await agent.collector.stop();
});

test('[logs] torture: Java traces between lines of JSON', async () => {
  const agent = await LogAgent.prepare(engine, [
    new ContainerLogs({ multiline: [Multiline.startsWith('^(\\{|\\d{4}-|[\\w.]+Exception)')], parse: [LogParser.json()] }),
  ]);
  const traces = ['java.lang.IllegalStateException: no', '\tat a.B.c(B.java:1)', 'Caused by: java.io.IOException', '\t... 3 more'];
  agent.write(
    `${pod('java')}/0.log`,
    cri(['{"level":"info","msg":"before"}', ...traces, '{"level":"error","msg":"after"}', '2026-11-25 WARN plain']),
  );
  await agent.collector.start();
  const rows = await agent.rows(ofPod('java'), 4, 'Body');
  await agent.collector.stop();
  expect(rows.map(({ body, severity }) => [body, severity])).toEqual([
    ['2026-11-25 WARN plain', 'WARN'],
    ['after', 'ERROR'],
    ['before', 'INFO'],
    [traces.join('\n'), ''],
  ]);
});

test('[logs] torture: rotation while the agent is away loses nothing; what was rotated twice and compressed is not read', async () => {
  const agent = await LogAgent.prepare(engine, [new ContainerLogs()]);
  const log = `${pod('rotated')}/0.log`;
  agent.write(log, cri(numbered(0, 1000)));
  await agent.collector.start();
  expect(await bodies(agent, 'rotated', 1000)).toHaveLength(1000);
  await agent.collector.stop();
  agent.write(log, cri(numbered(1000, 1500)));
  agent.rename(log, `${log}.20261125-010000`);
  agent.write(log, cri(numbered(1500, 2000)));
  await agent.collector.start();
  expect(sorted(await bodies(agent, 'rotated', 2000))).toEqual(sorted(numbered(0, 2000)));
  // While it runs: renamed between two looks, and compressed at once.
  agent.write(log, cri(numbered(2000, 2500)));
  rmSync(agent.collector.path(`${log}.20261125-010000`));
  agent.rename(log, `${log}.20261125-020000`);
  agent.write(log, cri(numbered(2500, 3000)));
  expect(sorted(await bodies(agent, 'rotated', 3000))).toEqual(sorted(numbered(0, 3000)));
  await agent.collector.stop();
  // Away for two rotations: the older of the two is compressed by then.
  agent.write(log, cri(numbered(3000, 3500)));
  agent.rename(log, `${log}.20261125-030000.gz`);
  rmSync(agent.collector.path(`${log}.20261125-020000`));
  agent.write(log, cri(numbered(3500, 4000)));
  await agent.collector.start();
  const after = await bodies(agent, 'rotated', 3500);
  await agent.collector.stop();
  expect(sorted(after)).toEqual(sorted([...numbered(0, 3000), ...numbered(3500, 4000)]));
});

test('[logs] torture: files that are emptied and begun anew, with the same first lines or others', async () => {
  const agent = await LogAgent.prepare(engine, [
    new ContainerLogs(),
    new LogFiles({ paths: ['/var/log/app/*.log'], serviceName: 'emptied' }),
  ]);
  const header = `# ${'header '.repeat(200)}`;
  const [same, container] = ['/var/log/app/same.log', `${pod('emptied')}/0.log`];
  agent.write(same, `${header}\n${numbered(0, 100).join('\n')}\n`);
  agent.write(container, cri(numbered(0, 100)));
  await agent.collector.start();
  await agent.rows("ServiceName = 'emptied'", 101);
  expect(await bodies(agent, 'emptied', 100)).toHaveLength(100);
  agent.truncate(same);
  agent.write(same, `${header}\n${numbered(100, 110).join('\n')}\n`);
  agent.truncate(container);
  agent.write(container, cri(numbered(100, 110), 'stdout', '2026-11-25T01:00:00.000000001Z'));
  const rows = await agent.rows("ServiceName = 'emptied'", 112);
  expect(sorted(rows.map(({ body }) => body).filter((body) => !body.startsWith('#')))).toEqual(sorted(numbered(0, 110)));
  expect(sorted(await bodies(agent, 'emptied', 110))).toEqual(sorted(numbered(0, 110)));
  await agent.collector.stop();
});

test('[logs] torture: 10,000 files are each read once, also after a restart, within the memory of the agent', async () => {
  const agent = await LogAgent.prepare(engine, [new ContainerLogs()]);
  const file = (index: number) => `${pod(`many-${index >> 2}`, `c${index % 4}`)}/0.log`;
  const at = (index: number) => `2026-11-25T00:00:00.${String(index).padStart(9, '0')}Z`;
  for (let index = 0; index < 10_000; index++) {
    agent.write(file(index), cri([`a ${index}`, `b ${index} ${'x'.repeat(300)}`], 'stdout', at(index)));
  }
  const many = "Pod LIKE 'many-%'";
  await agent.collector.start();
  await agent.rows(`${many} AND Body = 'a 9999'`, 1, 'Body', 60);
  await sleep(6000);
  expect([await agent.number('count()', many), await agent.number('uniqExact(Body)', many)]).toEqual([20_000, 20_000]);
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${agent.collector.pid}/status`, 'utf8'))?.[1]) / 1024;
  console.log(`10,000 files: ${Math.round(peak)} MiB at most`);
  expect(peak).toBeLessThan(400);
  await agent.collector.stop();
  for (let index = 0; index < 10_000; index += 100) {
    agent.write(file(index), cri([`c ${index}`], 'stdout', at(index)));
  }
  await agent.collector.start();
  await agent.rows(`${many} AND Body LIKE 'c %'`, 100, 'Body', 60);
  await sleep(6000);
  expect([await agent.number('count()', many), await agent.number('uniqExact(Body)', many)]).toEqual([20_100, 20_100]);
  await agent.collector.stop();
});
