/**
 * What every write needs: collections, clock, dictionary of terms, and how often and how long to try again.
 */
import type { MongoClient } from 'mongodb';
import { StoreUnavailableError } from '../store.ts';
import type { CommitClock } from './commit-clock.ts';
import type { Collections } from './connect.ts';
import { hasWaited, nameOf } from './failures.ts';
import type { Locks } from './locks.ts';
import type { TermDictionary } from './term-dictionary.ts';

export interface Writer {
  readonly client: MongoClient;
  readonly collections: Collections;
  readonly clock: CommitClock;
  readonly dictionary: TermDictionary;
  readonly locks: Locks;
  readonly region: string;
  attempts(): Attempts;
}

/** One write's attempts: waits between them grow, and end at a deadline. */
export interface Attempts {
  /**
   * Waits for the next attempt. When a machine has slept or a process was stopped, the time is over before anything
   * was tried again: what was answered at once, such as a conflict, gets a few attempts more.
   * @throws StoreUnavailableError once the time is over
   */
  next(cause?: unknown): Promise<void>;
  /** ms that are left. */
  left(): number;
}

/** Attempts after the time is over, see `next`. */
const LATE_MAX = 3;

const WAIT_MS_MIN = 2;
const WAIT_MS_MAX = 250;

/**
 * `elapsed` counts ms from any start and never goes back; `random` is in [0, 1). Once `isClosed`, nothing is tried
 * again.
 */
export function createAttempts(
  waitMs: number,
  elapsed: () => number,
  random: () => number,
  isClosed: () => boolean = () => false,
): Attempts {
  const end = elapsed() + waitMs;
  let spread = WAIT_MS_MIN;
  let late = 0;
  return {
    async next(cause) {
      if (isClosed()) throw new StoreUnavailableError('the store is closed', { cause });
      if (elapsed() >= end && (hasWaited(cause) || ++late > LATE_MAX)) {
        throw new StoreUnavailableError(
          `MongoDB did not carry this out within ${waitMs} ms${cause === undefined ? '' : ` (${nameOf(cause)})`}`,
          { cause },
        );
      }
      // half fixed, half random, so that those who collided once do not collide again
      await new Promise((resolve) => setTimeout(resolve, spread / 2 + (random() * spread) / 2));
      spread = Math.min(spread * 2, WAIT_MS_MAX);
    },
    left: () => Math.max(0, end - elapsed()),
  };
}
