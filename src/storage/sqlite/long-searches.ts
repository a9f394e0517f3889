/**
 * Searches that took longer than others should wait for: for a while they are carried out elsewhere at once, without a
 * vain attempt. Only for a while, because what made them long may be over, such as an index that was behind an import.
 */

export interface LongSearches {
  isEmpty(): boolean;
  has(key: string): boolean;
  /** `isPassing`: what made it long is known to pass soon. */
  add(key: string, isPassing: boolean): void;
}

const SEARCHES_MAX = 1_000;
/** An attempt in vain looks at 1,000 rows, or at 20,000: a thousandth of this time. */
const FOR_MS = 10_000;
const PASSING_MS = 250;

/** `now`: ms of a clock, which may be put back. */
export function createLongSearches(now: () => number): LongSearches {
  const until = new Map<string, number>();
  return {
    isEmpty: () => until.size === 0,
    has(key) {
      const end = until.get(key);
      if (end === undefined) return false;
      const leftMs = end - now();
      if (leftMs > 0 && leftMs <= FOR_MS) return true;
      until.delete(key);
      return false;
    },
    add(key, isPassing) {
      if (until.size >= SEARCHES_MAX) until.clear();
      until.set(key, now() + (isPassing ? PASSING_MS : FOR_MS));
    },
  };
}
