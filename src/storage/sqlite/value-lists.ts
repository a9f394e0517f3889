/**
 * Lists of numbers that are about as large: sixteen for each doubling, for each unit of a parameter, in the order
 * (date, rid). What is above or below a value is read from a handful of them in order, however rare it is among all
 * that has the parameter; only the list that the value itself falls into holds others, too.
 * https://hl7.org/fhir/R4/search.html#quantity
 */
import type { Bound } from './bind.ts';
import { wideList } from './index-keys.ts';
import { startRange } from './intervals.ts';
import { sizeOf, valueList } from './value-sizes.ts';
import type { View } from './view.ts';

interface ListOf {
  readonly k: number;
  readonly h: number;
}

type NumberBound = Extract<Bound, { kind: 'number' }>;

/** The lists of a unit between two, each by one look-up. */
const LISTS = `WITH RECURSIVE v(h) AS (
  SELECT min(h) FROM ix WHERE k = ?1 AND h >= ?2 AND h <= ?3
  UNION ALL SELECT (SELECT min(h) FROM ix WHERE k = ?1 AND h > v.h AND h <= ?3) FROM v WHERE v.h IS NOT NULL
  LIMIT ?4) SELECT h FROM v WHERE h IS NOT NULL`;
const ANY_WIDE = 'SELECT 1 FROM ix WHERE k = ? AND h = 0 LIMIT 1';

/** Lists with everything that can satisfy the condition; undefined when it names no unit, or they are too many. */
export function valueLists({ k, prefix, lo, hi, units }: NumberBound, view: View): ListOf[] | undefined {
  const { connection, limits } = view;
  const { from, to, endCounts } = startRange(prefix, lo, hi);
  if (units.length === 0 || (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY))
    return undefined;
  const lists: ListOf[] = [];
  const key = valueList(k);
  for (const u of units) {
    const left = limits.listsMax - lists.length;
    const rows = connection.rows(LISTS, key, sizeOf(u, from), sizeOf(u, to), left + 1);
    if (rows.length > left) return undefined;
    for (const [h] of rows) lists.push({ k: key, h: h as number });
  }
  // ranges that begin below and end above
  if (endCounts && connection.row(ANY_WIDE, wideList(k)) !== undefined) lists.push({ k: wideList(k), h: 0 });
  return lists.length > limits.listsMax ? undefined : lists;
}
