/**
 * What can match as a set of rids, by which an order is read for rids alone: of few that were found in another way, and
 * of all that many lists have. Whatever is in it is tested.
 */
import type { Bound } from './bind.ts';
import type { Bindings } from './bindings.ts';
import { type Bits, setBit } from './bits.ts';
import type { Collector } from './collect.ts';
import { conditionBits } from './condition-bits.ts';
import { keepBits, keptBits } from './kept-bits.ts';
import { emptyBits } from './kept-sets.ts';
import { COUNTED_PER_CANDIDATE } from './list-lengths.ts';
import type { View } from './view.ts';

/** Of all that a collector finds, kept for the search as long as the state of the index. */
export function bitsOf(few: Collector, bindings: Bindings): () => Bits {
  const { view, meter } = bindings;
  return kept('few', bindings, () => {
    meter.spend(Math.ceil(few.rows / COUNTED_PER_CANDIDATE));
    const bits = emptyBits(view);
    for (const rid of few.ascending?.() ?? few.rids()) setBit(bits, rid);
    return bits;
  });
}

/** Rows, of which each stands for sixteen of the order, for the price of putting all of them in order. */
export function triedAmong({ rows }: Collector, { limits }: View): number {
  return Math.max(limits.fewRows, Math.ceil(rows / 2));
}

/** The same of the lists of many terms. */
export function bitsOfLists(where: Extract<Bound, { kind: 'terms' }>, bindings: Bindings): () => Bits {
  const { view, meter, types } = bindings;
  const make = (): Bits => conditionBits(where, { view, meter: meter.whole, types }) ?? emptyBits(view);
  return kept('lists', bindings, make);
}

function kept(what: string, { view, replacedName }: Bindings, make: () => Bits): () => Bits {
  let bits: Bits | undefined;
  return () => {
    if (bits !== undefined) return bits;
    // never in a transaction that may be rolled back
    const isKept = replacedName !== undefined && view.connection.role === 'reader';
    const name = isKept ? `${what}|${replacedName}` : undefined;
    bits = (name === undefined ? undefined : keptBits(view.connection, name)) ?? make();
    if (name !== undefined) keepBits(view.connection, name, bits);
    return bits;
  };
}
