/**
 * When the index is brought up to date.
 */
import type { Connection } from './connection.ts';
import { isUnavailable } from './failures.ts';
import type { Merger } from './merge.ts';

export interface MergeOptions {
  /** Versions that may gather although writes are waiting. */
  readonly mergeVersions: number;
  /** Index changes of one step, between which waiting writes are served. */
  readonly mergeChanges: number;
  /** How long there must have been nothing to write; infinity: only when versions have gathered. */
  readonly mergeIdleMs: number;
  /** Versions beyond which nothing is written before the index has caught up. */
  readonly behindMax: number;
}

/** Index changes that a command comes to, generously. */
const CHANGES_PER_COMMAND = 40;
/** Pause after a step that failed, such as on a full disk. */
const RETRY_MS = 1_000;

export interface MergeSchedule {
  /** Lets the index catch up as far as it must before a group; false when it cannot now, such as on a full disk. */
  hasRoom(): boolean;
  /** A group of so many commands has been committed. */
  afterGroup(commands: number): void;
  finish(): void;
}

/**
 * Merges when nobody waits; when that never happens, a step after each group, so that it never falls behind. Before
 * each step it waits until it may write.
 */
export function scheduleMerges(
  connection: Connection,
  merger: Merger,
  options: MergeOptions,
  awaitTurn: () => void = () => {},
): MergeSchedule {
  let timer: NodeJS.Timeout | undefined;
  let underway = false;
  let pausedUntil = 0;
  const step = (changes: number): void => {
    if (performance.now() < pausedUntil) return;
    awaitTurn();
    try {
      underway = mergeStep(connection, merger, changes);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      pausedUntil = performance.now() + RETRY_MS;
    }
  };
  const idle = (delayMs: number): void => {
    if (delayMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      step(options.mergeChanges);
      const paused = performance.now() < pausedUntil;
      if (merger.behind() > 0) idle(paused ? RETRY_MS : 0);
    }, delayMs);
  };
  if (merger.behind() > 0) idle(options.mergeIdleMs);
  const isFull = (): boolean => merger.behind() >= options.behindMax;
  return {
    hasRoom() {
      while (isFull() && performance.now() >= pausedUntil) step(options.mergeChanges);
      return !isFull();
    },
    afterGroup(commands) {
      if (underway || merger.behind() >= options.mergeVersions) {
        step(Math.max(options.mergeChanges, commands * CHANGES_PER_COMMAND));
      }
      idle(options.mergeIdleMs);
    },
    finish() {
      clearTimeout(timer);
      pausedUntil = 0;
      do step(options.mergeChanges);
      while (merger.behind() > 0 && performance.now() >= pausedUntil);
    },
  };
}

/**
 * A step of the merge, in a transaction of its own. True when it leaves a bulk half done. Nobody waits for it to
 * be on the disk: the next commit takes it there, and what a power cut takes back is merged again.
 * @throws when the file cannot be written; the step can be tried again
 */
function mergeStep(connection: Connection, merger: Merger, changesMax: number): boolean {
  connection.run('PRAGMA synchronous=NORMAL');
  try {
    return inTransaction(connection, merger, changesMax);
  } finally {
    connection.run('PRAGMA synchronous=FULL');
  }
}

function inTransaction(connection: Connection, merger: Merger, changesMax: number): boolean {
  connection.run('BEGIN IMMEDIATE');
  try {
    const more = merger.run(changesMax);
    connection.run('COMMIT');
    return more;
  } catch (error) {
    if (connection.inTransaction()) connection.run('ROLLBACK');
    merger.reset();
    throw error;
  }
}
