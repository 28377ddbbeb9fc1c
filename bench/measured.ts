import { readFileSync } from 'node:fs';
import type { RealCollector } from '../test/real/harness/collector';

/** Ticks of the kernel's clock in a second, as it tells them to programs. */
const ticksPerSecond = 100;

/** Seconds of CPU that a process has used, of all its threads. */
export function cpuSeconds({ pid }: RealCollector): number {
  // The name of the program may hold anything; what follows its parenthesis are numbers.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The most memory that a process had at one time, in MiB. */
export function peakMebibytes({ pid }: RealCollector): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};
