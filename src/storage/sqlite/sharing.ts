/**
 * Who carries out a short search when many arrive at once: the serving thread and the reading thread in turns, so
 * that two cores answer. One that comes alone stays here, where it is answered soonest.
 */

/** Short searches that may be underway on the reading thread: one long search after them must not find a queue. */
const SHORT_THERE_MAX = 8;

export interface Sharing {
  /** Whether the search that has just arrived is for the reading thread. */
  isForThere(): boolean;
  /** Counts work of the reading thread while it lasts. */
  there<Result>(kind: 'short' | 'long', work: Promise<Result>): Promise<Result>;
}

/** `nextTurn` calls back once the requests that have arrived by now are under way. */
export function createSharing(nextTurn: (work: () => void) => void = setImmediate): Sharing {
  const underWay = { short: 0, long: 0 };
  let here = 0;
  return {
    isForThere() {
      if (here + underWay.short > 0 && underWay.long === 0 && underWay.short < SHORT_THERE_MAX) return true;
      if (here++ === 0) {
        nextTurn(() => {
          here = 0;
        });
      }
      return false;
    },
    async there(kind, work) {
      underWay[kind]++;
      try {
        return await work;
      } finally {
        underWay[kind]--;
      }
    },
  };
}
