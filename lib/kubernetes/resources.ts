import { Size, SizeRoundingBehavior } from 'cdk8s';
import type { Cpu } from 'cdk8s-plus-27';
import type { ResourceRequirements } from '../../imports/kubernetes';
import { type Check, instance, required, size, struct } from './checks';

/** What a container gets. Memory is request and limit alike; CPU is a request only, as throttling helps nobody at 3 a.m. */
export interface Resources {
  /** Reserved; there is no limit of CPU. */
  readonly cpu: Cpu;
  /** Reserved, and the limit. */
  readonly memory: Size;
}

/** @internal */
export function resourceRequirements(resources: Resources, ephemeralStorage: Size = Size.mebibytes(512)): ResourceRequirements {
  const memory = quantity(resources.memory);
  return {
    requests: { cpu: resources.cpu.amount, memory, 'ephemeral-storage': '64Mi' },
    limits: { memory, 'ephemeral-storage': quantity(ephemeralStorage) },
  };
}

/** A Size as Kubernetes writes it: the largest unit without a fraction. */
export function quantity(of: Size): string {
  const kib = Math.round(of.toKibibytes({ rounding: SizeRoundingBehavior.NONE }));
  const units = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
  let value = kib;
  let unit = 0;
  while (value % 1024 === 0 && value > 0 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit]}`;
}

export function cores(cpu: Cpu): number {
  const amount = String(cpu.amount);
  return amount.endsWith('m') ? Number(amount.slice(0, -1)) / 1000 : Number(amount);
}

export const mebibytes = (of: Size): number => of.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR });

export const bytes = (of: Size): number => Math.floor(of.toKibibytes({ rounding: SizeRoundingBehavior.NONE })) * 1024;

export function resourcesBetween(min: Size, max: Size): Check {
  return struct<Resources>({ cpu: required(cpu), memory: required(size(min, max)) });
}

const cpu: Check = (value, where) => {
  const isCpu = instance('a Cpu of cdk8s-plus, e.g. Cpu.millis(500), from 10m to 256', 'amount')(value, where);
  if (isCpu.length > 0) {
    return isCpu;
  }
  const given = value as Cpu;
  return cores(given) >= 0.01 && cores(given) <= 256 ? [] : [{ where, given: String(given.amount), allowed: 'a Cpu from 10m to 256' }];
};
