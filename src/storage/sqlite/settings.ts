/**
 * What can be set on a SQLite store, and its bounds.
 */

import type { CheckReport } from './integrity.ts';
import { PLAN_LIMITS, type PlanLimits } from './plan-limits.ts';

export interface SqliteStoreOptions {
  /** Path of the database file; it is made when missing, its folder is not. */
  readonly path: string;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Write on a thread of its own (the default). Without it, opening costs less and each write blocks. */
  readonly threads?: boolean;
  /** Page cache of the connection that writes: with a quarter of it, an import takes a fifth more processor time. */
  readonly cacheBytes?: number;
  /** Page cache of the connection that reads where requests are served; threads that read take less. */
  readonly readCacheBytes?: number;
  /** Characters of current versions that are kept in memory after a read, two bytes each at most; 0 keeps none. */
  readonly keptCharsMax?: number;
  /**
   * Memory for the rows that pages show again and again, as they are stored, of each of the two threads that answer
   * most searches; 0 keeps none.
   */
  readonly shownBytesMax?: number;
  /** How long a connection waits for another one. */
  readonly busyTimeoutMs?: number;
  /** Most requests that become durable together. */
  readonly groupRequestsMax?: number;
  /** Most commands that become durable together, unless one request has more. */
  readonly groupCommandsMax?: number;
  /** Requests that may wait for the writer; more are refused. */
  readonly writesWaitingMax?: number;
  /** Versions that may gather before the index is brought up to date although writes are waiting. */
  readonly mergeVersions?: number;
  /** Index changes of one step, between which waiting writes are served. */
  readonly mergeChanges?: number;
  /** How long the writer must have had nothing to do before it brings the index up to date. */
  readonly mergeIdleMs?: number;
  /** Versions that the index may be behind: then writers wait for it, or are refused while it cannot catch up. */
  readonly behindMax?: number;
  /** Size of the write-ahead log at which its pages are moved into the database. */
  readonly walBytes?: number;
  /** Size of the write-ahead log at which writers wait until it has been emptied. */
  readonly walBytesMax?: number;
  /** Index rows that a search may look at on the serving thread; longer ones move to the reading thread. */
  readonly examinedHereMax?: number;
  /** Index rows that a search may look at on the thread that many share; longer ones wait for each other only. */
  readonly examinedSharedMax?: number;
  /** Index rows that a search may look at in all: then its page ends early, or it is refused. */
  readonly examinedMax?: number;
  /** Index rows that a conditional criterion may look at while it is checked inside a write. */
  readonly examinedInWriteMax?: number;
  /** Processor time that a search may take at most: as with `examinedMax`. */
  readonly searchCpuMsMax?: number;
  /** Searches beyond `examinedSharedMax` that may wait for each other; more are refused. */
  readonly heavyWaitingMax?: number;
  /** Resources from which on references are read before anybody asks for a total that needs them. */
  readonly aheadResourcesMin?: number;
  /** How long hardly anything must have been written before. */
  readonly aheadIdleMs?: number;
  /** Long reads that may wait for the reading thread; more are refused. */
  readonly readsWaitingMax?: number;
  /** Largest file that is checked before it is used when the last stop was not clean; larger ones meanwhile. */
  readonly checkFirstBytesMax?: number;
  /** Told what becomes of the check of a large file. */
  readonly onFileCheck?: (report: CheckReport) => void;
  /** Numbers that search plans are chosen by; those that are absent keep their default. */
  readonly plans?: Partial<PlanLimits>;
}

const DEFAULTS = {
  threads: true,
  cacheBytes: 32 * 1024 * 1024,
  // the system keeps the pages too: with four times as much, searches of a million take as long
  readCacheBytes: 8 * 1024 * 1024,
  keptCharsMax: 4 * 1024 * 1024,
  shownBytesMax: 4 * 1024 * 1024,
  busyTimeoutMs: 5_000,
  groupRequestsMax: 64,
  groupCommandsMax: 2_000,
  writesWaitingMax: 10_000,
  mergeVersions: 8_000,
  mergeChanges: 2_000,
  mergeIdleMs: 100,
  behindMax: 50_000,
  walBytes: 64 * 1024 * 1024,
  walBytesMax: 256 * 1024 * 1024,
  examinedHereMax: 1_000,
  examinedSharedMax: 20_000,
  examinedMax: 300_000,
  searchCpuMsMax: 10_000,
  heavyWaitingMax: 32,
  aheadResourcesMin: 200_000,
  aheadIdleMs: 500,
  examinedInWriteMax: 20_000,
  readsWaitingMax: 1_000,
  checkFirstBytesMax: 64 * 1024 * 1024,
  onFileCheck: () => undefined,
} as const satisfies Partial<SqliteStoreOptions>;

/**
 * For loading millions. A page of the index is written once for all the rows that a bulk has for it, so larger bulks
 * write less; searches meanwhile look through more versions that the index does not have yet, and take more memory.
 */
export const LOADING = {
  mergeVersions: 64_000,
  mergeChanges: 8_000,
  behindMax: 192_000,
  cacheBytes: 128 * 1024 * 1024,
  walBytes: 256 * 1024 * 1024,
  walBytesMax: 1024 * 1024 * 1024,
  // a log of that size takes a slow disk longer than anybody would wait for an answer
  busyTimeoutMs: 300_000,
} as const satisfies Partial<SqliteStoreOptions>;

export type Settings = Required<Omit<SqliteStoreOptions, 'plans'>> & { readonly plans: PlanLimits };

export function settingsOf(options: SqliteStoreOptions): Settings {
  return { ...DEFAULTS, ...options, plans: { ...PLAN_LIMITS, ...options.plans } };
}
