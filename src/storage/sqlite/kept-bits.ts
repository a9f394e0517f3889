/**
 * Sets of everything that a search finds, kept in memory by each connection that searches: where few of those that
 * come next in an order match, a page looks them up in the set instead of reading each. Only a shortcut, like
 * kept-orders.ts.
 */
import type { Bits } from './bits.ts';
import type { Connection } from './connection.ts';

/** Words of all sets together, four bytes each. */
const WORDS_MAX = 512 * 1024;
const SETS_MAX = 64;

interface Kept {
  readonly sets: Map<string, Bits>;
  words: number;
}

const kept = new WeakMap<object, Kept>();

export function keptBits({ memory }: Connection, name: string): Bits | undefined {
  return kept.get(memory)?.sets.get(name);
}

export function keepBits({ memory }: Connection, name: string, bits: Bits): void {
  let known = kept.get(memory);
  if (known === undefined) {
    known = { sets: new Map(), words: 0 };
    kept.set(memory, known);
  }
  forget(known, name);
  known.sets.set(name, bits);
  known.words += bits.length;
  while (known.words > WORDS_MAX || known.sets.size > SETS_MAX) {
    forget(known, known.sets.keys().next().value as string);
  }
}

function forget(known: Kept, name: string): void {
  known.words -= known.sets.get(name)?.length ?? 0;
  known.sets.delete(name);
}
