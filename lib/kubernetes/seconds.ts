import type { Duration } from 'cdk8s';

/** With fractions: cdk8s takes a part of a unit for an error where it is not told so. */
export const seconds = (of: Duration): number => of.toMilliseconds({ integral: false }) / 1000;
