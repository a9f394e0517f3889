/**
 * Sets of everything that a search finds, kept in memory by each connection that searches: where few of those that
 * come next in an order match, a page looks them up in the set instead of reading each. Only a shortcut, like
 * kept-orders.ts.
 */
import type { Bits } from './bits.ts';
import type { Connection } from './connection.ts';
import { recentOfConnection } from './on-connection.ts';

/** Words of all sets together, four bytes each. */
const WORDS_MAX = 512 * 1024;
const SETS_MAX = 64;

const setsOf = recentOfConnection<Bits>({
  countMax: SETS_MAX,
  sizeMax: WORDS_MAX,
  sizeOf: ({ length }) => length,
});

export function keptBits(connection: Connection, name: string): Bits | undefined {
  return setsOf(connection).get(name);
}

export function keepBits(connection: Connection, name: string, bits: Bits): void {
  setsOf(connection).put(name, bits);
}
