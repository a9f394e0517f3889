/**
 * The position of a version in time: 42 bits of ms since the epoch, 7 bits of the process, 14 bits of a counter.
 * It orders versions by `lastUpdated` and, within a millisecond, by the order of writing; `lastUpdated` is read
 * from it, so no second field can disagree. Positions of one process only grow, and no two processes share one.
 */

const PROCESS_BITS = 7n;
const COUNTER_BITS = 14n;
const SHIFT = PROCESS_BITS + COUNTER_BITS;
const PER_MS = 1 << Number(COUNTER_BITS);
const MS_MAX = 2 ** 42 - 1;

/** No more processes have a number at once. */
export const PROCESS_COUNT = 1 << Number(PROCESS_BITS);

export interface CommitClock {
  /**
   * `count` consecutive positions at the time of the clock, or at `atLeastMs` when that is later. They share one
   * millisecond unless there are more than 16,384.
   */
  take(count: number, atLeastMs: number): readonly bigint[];
}

/** `now` in ms since the epoch; `process` from 0 below PROCESS_COUNT, different in every running process. */
export function createCommitClock(now: () => number, process: () => number): CommitClock {
  let lastMs = 0;
  let used = 0;
  return {
    take(count, atLeastMs) {
      const timeMs = Math.min(Math.max(Math.trunc(now()), atLeastMs, lastMs), MS_MAX);
      if (timeMs > lastMs) {
        lastMs = timeMs;
        used = 0;
      } else if (used + Math.min(count, PER_MS) > PER_MS) {
        lastMs++;
        used = 0;
      }
      const processBits = BigInt(process() % PROCESS_COUNT) << COUNTER_BITS;
      const positions: bigint[] = [];
      for (let at = 0; at < count; at++) {
        if (used === PER_MS) {
          lastMs++;
          used = 0;
        }
        positions.push((BigInt(lastMs) << SHIFT) | processBits | BigInt(used++));
      }
      return positions;
    },
  };
}

/** The `lastUpdated` of a position, ms. */
export function timeOf(position: bigint): number {
  return Number(position >> SHIFT);
}

/** The first position of a millisecond: every version with `lastUpdated >= timeMs` is at or after it. */
export function firstPositionOf(timeMs: number): bigint {
  return BigInt(Math.min(Math.max(Math.ceil(timeMs), 0), MS_MAX)) << SHIFT;
}
