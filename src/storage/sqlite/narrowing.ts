/**
 * Everything that a search matches, found out as a set where that is worth while, and remembered for its next pages.
 */
import { allOf, type Bound, isEverything } from './bind.ts';
import type { Bindings } from './bindings.ts';
import type { Bits } from './bits.ts';
import { keepBits, keptBits } from './kept-bits.ts';
import { createTrial, TrialOver } from './meter.ts';
import { recentOfConnection } from './on-connection.ts';
import { type RidSet, ridSet } from './rid-sets.ts';
import type { NarrowEffort } from './stream.ts';
import type { WalkOptions } from './walk.ts';

/** Index rows, in sixteens, that it may take to find out all that match. */
const NARROWED_MAX = { none: 0, once: 1_000, many: 8_000, all: 100_000 } as const;

/** All that match as a set, found out once; undefined where that needs a look at the resources, or takes too long. */
export function narrowing(bindings: Bindings): WalkOptions['narrow'] {
  const find = finding(bindings);
  return find && ((effort) => find(NARROWED_MAX[effort]));
}

/** The same where it may take so many rows, in sixteens; with none nothing more than to remember it. */
function finding(bindings: Bindings): ((rowsMax: number) => Bits | undefined) | undefined {
  const { name, types, view, meter } = bindings;
  const where = withoutCodes(bindings.where);
  if (name === undefined || isEverything(where)) return undefined;
  return (rowsMax) => {
    const known = keptBits(view.connection, name);
    if (known !== undefined) return known;
    const key = `${rowsMax}|${name}`;
    if (rowsMax === 0 || keptBits(view.connection, key) !== undefined) return undefined;
    let found: RidSet | undefined;
    try {
      found = ridSet(where, types, { view, meter: createTrial(meter.whole, rowsMax) });
    } catch (error) {
      if (!(error instanceof TrialOver)) throw error;
    }
    // that it costs too much is remembered as the empty set under another name
    if (found === undefined) keepBits(view.connection, key, new Uint32Array());
    else keepBits(view.connection, name, found.bits);
    return found?.bits;
  };
}

/** How much less it may take where little of the budget is left, which else might end what would soon end by itself. */
const LITTLE = 400;
/** Times that a question was asked before of the same state, from which on it is worth while to find out what matches. */
const ASKED_AGAIN = 1;
const ASKED_OFTEN = 3;

const askedOf = recentOfConnection<{ times: number }>({ countMax: 256 });

/** For a page that would take so many rows: where these are many, or where it is asked for again and again. */
export function pageNarrowing(
  bindings: Bindings,
): ((effort: NarrowEffort, rows: number) => Bits | undefined) | undefined {
  const { view, meter } = bindings;
  const name = bindings.replacedName;
  const find = finding({ ...bindings, name });
  // what a transaction found that is rolled back would be kept for another commit of the same number
  if (find === undefined || name === undefined || view.connection.role === 'writer') return undefined;
  let times: number | undefined;
  const ask = (): number => {
    const asked = askedOf(view.connection).get(name) ?? { times: 0 };
    askedOf(view.connection).put(name, asked);
    return asked.times++;
  };
  return (effort, rows) => {
    if (effort === 'none') return find(0);
    times ??= ask();
    const again = times < ASKED_AGAIN ? 'none' : times < ASKED_OFTEN ? 'once' : 'many';
    const most = NARROWED_MAX[rows >= view.limits.narrowedFrom ? effort : again];
    const affords = (some: number): boolean => most >= some && meter.whole.affords(some);
    return find(affords(most) ? most : affords(LITTLE) ? LITTLE : 0);
  };
}

/** Without the places in orders of codes, which the terms beside them nearly tell: what is in the set is tested. */
export function withoutCodes(where: Bound): Bound {
  return where.kind !== 'all'
    ? where
    : allOf(where.of.filter((part) => part.kind !== 'place' || part.key.by !== 'term'));
}
