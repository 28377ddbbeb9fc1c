import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Journald, JournalPriority, Placement, StartAt } from '../../lib';
import { copyProgram, type RealCollector } from './harness/collector';
import { Processing } from './processing';
import type { Receiver } from './received';

const machine = '0123456789abcdef0123456789abcdef';
const journalctl = '/usr/bin/journalctl';
let running: Processing | undefined;

afterEach(async () => {
  await running?.stop();
});

/** An entry in the journal's export format. */
const entry = (fields: Record<string, string>, index: number) =>
  [
    `__REALTIME_TIMESTAMP=${Date.now() - 60_000 + index}000`,
    `__MONOTONIC_TIMESTAMP=${index + 1}`,
    `_BOOT_ID=${machine}`,
    `_MACHINE_ID=${machine}`,
    ...Object.entries(fields).map(([name, value]) => `${name}=${value}`),
    '',
    '',
  ].join('\n');

const entries = [
  { MESSAGE: 'failed to start', PRIORITY: '3', SYSLOG_IDENTIFIER: 'kubelet', _SYSTEMD_UNIT: 'kubelet.service' },
  { MESSAGE: 'started', PRIORITY: '6', SYSLOG_IDENTIFIER: 'kubelet', _SYSTEMD_UNIT: 'kubelet.service' },
  { MESSAGE: 'a detail', PRIORITY: '7', SYSLOG_IDENTIFIER: 'kubelet', _SYSTEMD_UNIT: 'kubelet.service' },
  { MESSAGE: 'of another unit', PRIORITY: '3', SYSLOG_IDENTIFIER: 'sshd', _SYSTEMD_UNIT: 'ssh.service' },
  { MESSAGE: 'no space left', PRIORITY: '2', SYSLOG_IDENTIFIER: 'containerd', _SYSTEMD_UNIT: 'containerd.service' },
];

/** A node's file system, as far as its journalctl needs it, with a journal that systemd itself wrote. */
function layOutNode(collector: RealCollector): void {
  copyProgram(journalctl, collector.path('/host'));
  const journal = collector.path(`/host/var/log/journal/${machine}/system.journal`);
  mkdirSync(dirname(journal), { recursive: true });
  const files = { '/etc/machine-id': machine, '/proc/sys/kernel/random/boot_id': '01234567-89ab-cdef-0123-456789abcdef' };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(collector.path(join('/host', path))), { recursive: true });
    writeFileSync(collector.path(join('/host', path)), `${text}\n`);
  }
  execFileSync('/lib/systemd/systemd-journal-remote', [`--output=${journal}`, '-'], { input: entries.map(entry).join(''), stdio: 'pipe' });
}

test("[logs] with no more rights than its pod has, the node's own journalctl reads the journal of the node from within its file system: units and priorities that were asked for", async () => {
  const units = ['kubelet.service', 'containerd.service'];
  const journal = new Journald({ units, priority: JournalPriority.INFO, startAt: StartAt.BEGINNING, journalctlPath: journalctl });
  running = await Processing.start([], { sources: [journal], placement: Placement.daemonSet(), before: layOutNode, confined: true });
  const received = await running.received((so: Receiver) => so.lines().length >= 3);
  const lines = received.lines().map(({ body, resource, attributes }) => [body, resource['service.name'], attributes['systemd.unit']]);
  expect(lines).toEqual([
    ['failed to start', 'kubelet', 'kubelet.service'],
    ['started', 'kubelet', 'kubelet.service'],
    ['no space left', 'containerd', 'containerd.service'],
  ]);
  expect(confinementOf(running.collector)).toEqual({
    Uid: '0',
    NoNewPrivs: '1',
    CapPrm: sysChroot,
    CapEff: sysChroot,
    CapBnd: sysChroot,
    host: 'ro',
  });
}, 60_000);

/** Bit 18. */
const sysChroot = '0000000000040000';

/** What the kernel says of the running collector. */
function confinementOf({ pid }: RealCollector): Record<string, string | undefined> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const fields = ['Uid', 'NoNewPrivs', 'CapPrm', 'CapEff', 'CapBnd'].map((name) => [
    name,
    new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1],
  ]);
  const host = / \/host (r[ow])[, ]/.exec(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))?.[1];
  return { ...Object.fromEntries(fields), host };
}
