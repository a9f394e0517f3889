/**
 * Everything that a search matches, found out as a set where that is worth while, and remembered for its next pages.
 */
import { allOf, type Bound, isEverything } from './bind.ts';
import type { Bindings } from './bindings.ts';
import { keepBits, keptBits } from './kept-bits.ts';
import { createTrial, TrialOver } from './meter.ts';
import { type RidSet, ridSet } from './rid-sets.ts';
import type { WalkOptions } from './walk.ts';

/** Index rows, in sixteens, that it may take to find out all that match. */
const NARROWED_MAX = { none: 0, once: 1_000, many: 8_000, all: 100_000 } as const;

/** All that match as a set, found out once; undefined where that needs a look at the resources, or takes too long. */
export function narrowing(bindings: Bindings): WalkOptions['narrow'] {
  const { name, types, view, meter } = bindings;
  const where = withoutCodes(bindings.where);
  if (name === undefined || isEverything(where)) return undefined;
  return (effort) => {
    const known = keptBits(view.connection, name);
    if (known !== undefined) return known;
    const key = `${effort}|${name}`;
    if (effort === 'none' || keptBits(view.connection, key) !== undefined) return undefined;
    let found: RidSet | undefined;
    try {
      found = ridSet(where, types, { view, meter: createTrial(meter.whole, NARROWED_MAX[effort]) });
    } catch (error) {
      if (!(error instanceof TrialOver)) throw error;
    }
    // that it costs too much is remembered as the empty set under another name
    if (found === undefined) keepBits(view.connection, key, new Uint32Array());
    else keepBits(view.connection, name, found.bits);
    return found?.bits;
  };
}

/** The same where what is left of the budget is enough for it: else it would end what might end soon by itself. */
export function affordableNarrowing(bindings: Bindings): WalkOptions['narrow'] {
  const narrow = narrowing(bindings);
  return narrow && ((effort) => narrow(bindings.meter.whole.affords(NARROWED_MAX[effort]) ? effort : 'none'));
}

/** Without the places in orders of codes, which the terms beside them nearly tell: what is in the set is tested. */
export function withoutCodes(where: Bound): Bound {
  return where.kind !== 'all'
    ? where
    : allOf(where.of.filter((part) => part.kind !== 'place' || part.key.by !== 'term'));
}
