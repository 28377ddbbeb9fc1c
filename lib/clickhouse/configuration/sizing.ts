import { Size } from 'cdk8s';
import { cores, mebibytes, type Resources } from '../../kubernetes/resources';

const mebibyte = 1024 * 1024;

/** What the server and its users may take, in bytes where it is memory. All of it follows from the size of one container. */
export interface Sizing {
  /** Of everything in the server. The rest of the container is for the page cache, threads and what the allocator holds back. */
  readonly serverMemory: number;
  readonly markCache: number;
  readonly primaryIndexCache: number;
  readonly indexMarkCache: number;
  readonly textIndexTokensCache: number;
  readonly textIndexHeaderCache: number;
  readonly textIndexPostingsCache: number;
  readonly queryConditionCache: number;
  readonly compiledExpressionCache: number;
  /** Threads that merge; twice as many merges may wait for them. */
  readonly mergeThreads: number;
  /** Rows that a merge holds at once. */
  readonly mergeBlockRows: number;
  /** Parts larger than this are not merged any more. */
  readonly largestMerge: number;
  readonly concurrentQueries: number;
  /** However many read, there is room for those who insert. */
  readonly concurrentSelects: number;
  readonly queryThreads: number;
  /** Of one query of a reader. */
  readonly readerQueryMemory: number;
  /** Of all queries of readers together: what is left is for inserts and merges. */
  readonly readerMemory: number;
}

/**
 * Caches of a server come with sizes for a large machine; in a small container each of them alone would fill it.
 * @see https://clickhouse.com/docs/operations/server-configuration-parameters/settings
 */
export function sizing(resources: Resources): Sizing {
  const memory = mebibytes(resources.memory) * mebibyte;
  const gibibytes = memory / (1024 * mebibyte);
  const share = (part: number, mebibytesAtMost: number) => Math.min(Math.floor(memory * part), mebibytesAtMost * mebibyte);
  const serverMemory = Math.floor(memory * (gibibytes < 4 ? 0.75 : 0.85));
  const concurrentQueries = Math.min(200, Math.floor(25 + 10 * gibibytes));
  return {
    serverMemory,
    markCache: share(1 / 16, 5120),
    primaryIndexCache: share(1 / 16, 5120),
    indexMarkCache: share(1 / 32, 5120),
    textIndexTokensCache: share(1 / 64, 1024),
    textIndexHeaderCache: share(1 / 64, 1024),
    textIndexPostingsCache: share(1 / 32, 2048),
    queryConditionCache: share(1 / 64, 100),
    compiledExpressionCache: share(1 / 64, 128),
    mergeThreads: Math.min(16, Math.max(2, Math.floor(gibibytes))),
    mergeBlockRows: gibibytes < 8 ? 4096 : 8192,
    largestMerge: share(2.5, 150 * 1024),
    concurrentQueries,
    concurrentSelects: Math.floor(concurrentQueries / 2),
    queryThreads: Math.max(2, Math.ceil(2 * cores(resources.cpu))),
    readerQueryMemory: Math.floor(serverMemory / 4),
    readerMemory: Math.floor(serverMemory / 2),
  };
}

/** Less does not hold inserts, merges and a query at the same time. */
export const minMemory = Size.gibibytes(2);
