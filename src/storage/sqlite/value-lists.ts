/**
 * Lists of numbers that are about as large: sixteen for each doubling, for each unit of a parameter, in the order
 * (date, rid). What is above or below a value is read from a handful of them in order, however rare it is among all
 * that has the parameter; only the list that the value itself falls into holds others, too.
 * https://hl7.org/fhir/R4/search.html#quantity
 */
import type { Bound } from './bind.ts';
import { wideList } from './index-keys.ts';
import { startRange } from './intervals.ts';
import { recentOfIndex } from './on-connection.ts';
import { sizeOf, sizeWithin, valueList } from './value-sizes.ts';
import type { View } from './view.ts';

interface ListOf {
  readonly k: number;
  readonly h: number;
}

type NumberBound = Extract<Bound, { kind: 'number' }>;

/** The lists of a parameter between two, each by one look-up. */
const LISTS = `WITH RECURSIVE v(h) AS (
  SELECT min(h) FROM ix WHERE k = ?1 AND h >= ?2 AND h <= ?3
  UNION ALL SELECT (SELECT min(h) FROM ix WHERE k = ?1 AND h > v.h AND h <= ?3) FROM v WHERE v.h IS NOT NULL
  LIMIT ?4) SELECT h FROM v WHERE h IS NOT NULL`;
const ANY_WIDE = 'SELECT 1 FROM ix WHERE k = ? AND h = 0 LIMIT 1';

/** Lists with everything that can satisfy the condition; undefined when any value can, or they are too many. */
export function valueLists({ k, prefix, lo, hi, units }: NumberBound, view: View): ListOf[] | undefined {
  const { limits } = view;
  const { from, to, endCounts } = startRange(prefix, lo, hi);
  if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) return undefined;
  const hashes = units.length > 0 ? ofUnits(k, units, { from, to }, view) : ofAnyUnit(k, { from, to }, view);
  if (hashes === undefined) return undefined;
  const key = valueList(k);
  const lists = hashes.map((h) => ({ k: key, h }));
  // ranges that begin below and end above
  if (endCounts && hasWide(k, view)) lists.push({ k: wideList(k), h: 0 });
  return lists.length > limits.sizesMax ? undefined : lists;
}

/** Whether some values of a parameter are ranges, whose end lies elsewhere than their start. */
export function hasWide(k: number, { connection }: View): boolean {
  return connection.row(ANY_WIDE, wideList(k)) !== undefined;
}

interface Values {
  readonly from: number;
  readonly to: number;
}

function ofUnits(
  k: number,
  units: readonly number[],
  { from, to }: Values,
  view: View,
): readonly number[] | undefined {
  const hashes: number[] = [];
  for (const u of units) {
    const some = listsBetween(k, sizeOf(u, from), sizeOf(u, to), view);
    if (some === undefined || hashes.length + some.length > view.limits.sizesMax) return undefined;
    for (const h of some) hashes.push(h);
  }
  return hashes;
}

function ofAnyUnit(k: number, { from, to }: Values, view: View): readonly number[] | undefined {
  const [least, most] = [sizeWithin(sizeOf(0, from)), sizeWithin(sizeOf(0, to))];
  const all = listsBetween(k, 0, Number.MAX_SAFE_INTEGER, view);
  return all?.filter((h) => sizeWithin(h) >= least && sizeWithin(h) <= most);
}

const knownLists = recentOfIndex<{ readonly hashes: readonly number[] | undefined }>({ countMax: 256 });

/** Lists of a parameter from one to another; undefined when they are too many. */
function listsBetween(k: number, first: number, last: number, view: View): readonly number[] | undefined {
  const { sizesMax } = view.limits;
  return knownLists(view, `${k}|${first}|${last}|${sizesMax}`, () => {
    const rows = view.connection.rows(LISTS, valueList(k), first, last, sizesMax + 1);
    return { hashes: rows.length > sizesMax ? undefined : rows.map(([h]) => h as number) };
  }).hashes;
}
