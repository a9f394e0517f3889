/**
 * Sets of everything that a search finds, kept in memory by each connection that searches: where few of those that
 * come next in an order match, a page looks them up in the set instead of reading each. Only a shortcut, like
 * kept-orders.ts.
 */
import { createRecent, type Recent } from '../recent.ts';
import type { Bits } from './bits.ts';
import type { Connection } from './connection.ts';

/** Words of all sets together, four bytes each. */
const WORDS_MAX = 512 * 1024;
const SETS_MAX = 64;

const kept = new WeakMap<object, Recent<Bits>>();

export function keptBits({ memory }: Connection, name: string): Bits | undefined {
  return kept.get(memory)?.get(name);
}

export function keepBits({ memory }: Connection, name: string, bits: Bits): void {
  let sets = kept.get(memory);
  if (sets === undefined) {
    sets = createRecent({ countMax: SETS_MAX, sizeMax: WORDS_MAX, sizeOf: ({ length }) => length });
    kept.set(memory, sets);
  }
  sets.put(name, bits);
}
