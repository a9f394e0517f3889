/**
 * Writes that have begun, so that indexing again can wait for those that are indexed for former search parameters.
 */
import type { Store } from '../storage/store.ts';

export interface WritesUnderWay {
  /** The same store, seen. */
  readonly store: Store;
  /** Resolves when all writes that have begun by now are over. */
  quiet(): Promise<void>;
}

export function watchWrites(store: Store): WritesUnderWay {
  const underWay = new Set<Promise<unknown>>();
  const seen = <Result>(write: Promise<Result>): Promise<Result> => {
    underWay.add(write);
    const over = (): void => void underWay.delete(write);
    write.then(over, over);
    return write;
  };
  return {
    store: {
      ...store,
      transact: (commands, preconditions) => seen(store.transact(commands, preconditions)),
      amend: (amendment) => seen(store.amend(amendment)),
    },
    async quiet() {
      await Promise.allSettled(underWay);
    },
  };
}
