import type { Table } from './table';
import { logs, logVolume } from './tables/logs';
import { metricTables } from './tables/metrics';
import { requests, traces, traceTimes } from './tables/traces';
import { values } from './tables/values';

/** Every table of the store, those that views read before those that they feed. */
export const tables: readonly Table[] = [logs, logVolume, traces, traceTimes, requests, values, ...Object.values(metricTables)];
