/**
 * The lists of the index, in the order (date, rid), that hold every match of a condition, and which of several are the
 * shortest (list-lengths.ts).
 */

import type { Bound } from './bind.ts';
import { SHAPE_LIST, TYPE_LIST } from './index-keys.ts';
import { countLists, countMany, countUpTo, type List, MANY, ofLate, remember } from './list-lengths.ts';
import { listsWithout, shapeLists } from './presence.ts';
import { presenceShapes } from './shapes.ts';
import { valueLists } from './value-lists.ts';
import { valueList } from './value-sizes.ts';
import type { View } from './view.ts';

/** Lists that together hold every match of a predicate. */
export interface ListSet {
  readonly lists: readonly List[];
  /** Rows in all, at most `countedMax` + 1 for each list. */
  readonly rows: number;
  /** Whether these are all, where that is not known by their being no more than `countedMax`. */
  readonly isCounted?: boolean;
  /** The part of the predicate that the lists are about. */
  readonly of: Bound;
  /** Whether a resource in the lists satisfies `of`. */
  readonly exact: boolean;
}

/** As `listsOf`, of long lists the shortest by counts of up to `probedMax`. */
export function shortestLists(where: Bound, types: readonly number[], view: View): ListSet | undefined {
  const first = listsOf(where, types, view);
  if (where.kind !== 'all' || first === undefined || first.rows <= view.limits.countedMax) return first;
  let best: { readonly set: ListSet; readonly rows: number } | undefined;
  for (const part of where.of) {
    const set = listsOf(part, types, view);
    if (set === undefined) continue;
    const rows = countUpTo(set.lists, view.limits.probedMax, view);
    if (best === undefined || rows < best.rows) best = { set, rows };
  }
  return best?.set;
}

/** Rows at the end that is read first, by which long lists are compared. */
const COMPARED_ROWS = 256;
const REACHED = {
  descending: 'SELECT d, rid FROM ix WHERE k = ? AND h = ? ORDER BY d DESC, rid DESC LIMIT 1 OFFSET ?',
  ascending: 'SELECT d, rid FROM ix WHERE k = ? AND h = ? AND d > 0 ORDER BY d, rid LIMIT 1 OFFSET ?',
} as const;
const AS_FAR = {
  descending: 'SELECT count(*) FROM (SELECT 1 FROM ix WHERE k = ? AND h = ? AND (d, rid) >= (?, ?) LIMIT ?)',
  ascending:
    'SELECT count(*) FROM (SELECT 1 FROM ix WHERE k = ? AND h = ? AND d > 0 AND (d, rid) <= (?, ?) LIMIT ?)',
} as const;

/**
 * Of conditions of an AND that are one long list each, the one whose rows reach farthest, from the end of the order that
 * is read: what has both is found with the fewest of them, however long the lists are. Undefined where there is nothing
 * to compare.
 */
export function sparsestList(
  where: Bound,
  types: readonly number[],
  view: View,
  descending: boolean,
): ListSet | undefined {
  if (where.kind !== 'all') return undefined;
  const direction = descending ? 'descending' : 'ascending';
  let best: ListSet | undefined;
  for (const part of where.of) {
    const set = part.kind === 'terms' && part.hashes.length === 1 ? listsOf(part, types, view) : undefined;
    if (set === undefined) continue;
    if (best === undefined || reaches(set.lists[0] as List, best.lists[0] as List, direction, view))
      best = set;
  }
  return best;
}

function reaches(one: List, other: List, direction: keyof typeof REACHED, view: View): boolean {
  const key = `${one.k}|${one.h}|${other.k}|${other.h}|${direction}`;
  const known = ofLate(key, view);
  if (known !== undefined) return known < COMPARED_ROWS;
  const { connection } = view;
  const place = connection.row(REACHED[direction], other.k, other.h, COMPARED_ROWS - 1) ?? [0, 0];
  const rows = connection.row(AS_FAR[direction], one.k, one.h, ...place, COMPARED_ROWS)?.[0] as number;
  remember(key, rows, view);
  return rows < COMPARED_ROWS;
}

/** The lists that hold every match of the types; undefined when no lists do, or too many. */
export function listsOf(where: Bound, types: readonly number[], view: View): ListSet | undefined {
  switch (where.kind) {
    case 'terms': {
      if (where.hashes.length > view.limits.listsMax) return undefined;
      const lists = where.hashes.map((h) => ({ k: where.k, h }));
      return { lists, rows: countLists(lists, view), of: where, exact: true };
    }
    case 'number': {
      const implied = where.implied === undefined ? undefined : listsOf(where.implied, types, view);
      const lists = valueLists(where, view);
      if (lists === undefined && implied === undefined) return valuedLists(where, types, view);
      if (lists === undefined) return implied && { ...implied, of: where, exact: false };
      // what has the pair has the code: never more
      const rows = Math.min(countLists(lists, view), implied?.rows ?? Number.POSITIVE_INFINITY);
      return { lists, rows, of: where, exact: false };
    }
    case 'all':
      return shortest([
        ...where.of.map((part) => listsOf(part, types, view)),
        ...rangesOf(where.of, types, view),
      ]);
    case 'any': {
      const sets = where.of.map((part) => listsOf(part, types, view));
      if (sets.length === 0 || sets.some((set) => set === undefined)) return undefined;
      const all = sets as ListSet[];
      const lists = distinct(all.flatMap((set) => set.lists));
      const isSized = all.every(({ of }) => of.kind === 'number');
      if (lists.length > (isSized ? view.limits.sizesMax : view.limits.listsMax)) return undefined;
      const rows = countLists(lists, view);
      const exact = all.every((set, index) => set.exact && set.of === where.of[index]);
      return { lists, rows, of: where, exact };
    }
    case 'present':
      return presenceLists(where, where.shapes.having, where.shapes.mixed, view);
    case 'not':
      return negationLists(where, where.of, types, view);
    default:
      return undefined;
  }
}

export interface ManyLists extends ListSet {
  readonly of: Extract<Bound, { kind: 'terms' }>;
}

/** The lists of a condition of an AND that has many terms, such as the people whom a chain is about: the shortest. */
export function manyLists(where: Bound, view: View): ManyLists | undefined {
  const { countedMax, listsMax, sizesMax } = view.limits;
  let best: ManyLists | undefined;
  for (const part of where.kind === 'all' ? where.of : [where]) {
    if (part.kind !== 'terms' || part.hashes.length <= listsMax || part.hashes.length > sizesMax) continue;
    const { k, hashes } = part;
    const rows = countMany(k, hashes, MANY * countedMax, view);
    if (best !== undefined && best.rows <= rows) continue;
    const isCounted = rows <= MANY * countedMax;
    best = { lists: hashes.map((h) => ({ k, h })), rows, of: part, exact: true, isCounted };
  }
  return best;
}

/** What satisfies two conditions on the only value of a parameter, such as `gt` and `lt`. */
function rangesOf(parts: readonly Bound[], types: readonly number[], view: View): readonly ListSet[] {
  const sets: ListSet[] = [];
  for (const [at, one] of parts.entries()) {
    if (one.kind !== 'number' || one.isSingle !== true) continue;
    for (const other of parts.slice(at + 1)) {
      if (other.kind !== 'number' || other.k !== one.k || other.units.join() !== one.units.join()) continue;
      const [some, others] = [listsOf(one, types, view), listsOf(other, types, view)];
      if (some === undefined || others === undefined) continue;
      const lists = inBoth(some.lists, others.lists, valueList(one.k));
      sets.push({ lists, rows: countLists(lists, view), of: one, exact: false });
    }
  }
  return sets;
}

/** Those of values by size that are in both, and the others, where values lie that are ranges. */
function inBoth(some: readonly List[], others: readonly List[], key: number): List[] {
  const [sizes, known] = [new Set(some.map(({ h }) => h)), distinct([...some, ...others])];
  const those = new Set(others.map(({ h }) => h));
  return known.filter(({ k, h }) => k !== key || (sizes.has(h) && those.has(h)));
}

/** What any value satisfies, or all but one: whatever has a value. */
function valuedLists(
  where: Extract<Bound, { kind: 'number' }>,
  types: readonly number[],
  view: View,
): ListSet | undefined {
  // what is posted beside the values themselves has no shape of its own
  if (where.units.length > 0) return undefined;
  const { having, mixed } = presenceShapes(where.k, types, view);
  const set = presenceLists(where, having, mixed, view);
  return set && { ...set, exact: false };
}

function presenceLists(
  of: Bound,
  sure: readonly number[],
  mixed: readonly number[],
  view: View,
): ListSet | undefined {
  const lists = shapeLists(sure, mixed);
  if (lists.length > view.limits.shapesMax) return undefined;
  return { lists, rows: countLists(lists, view), of, exact: mixed.length === 0 };
}

/** What has other terms, or none, or no value. */
function negationLists(
  of: Bound,
  excluded: Bound,
  types: readonly number[],
  view: View,
): ListSet | undefined {
  switch (excluded.kind) {
    case 'present':
      return presenceLists(of, excluded.shapes.lacking, excluded.shapes.mixed, view);
    case 'terms': {
      const without = listsWithout(excluded, types, view);
      return without && { ...without, rows: countLists(without.lists, view), of };
    }
    // none of several: what lacks one of them
    case 'any': {
      const set = shortest(excluded.of.map((part) => negationLists(of, part, types, view)));
      return set && { ...set, exact: set.exact && excluded.of.length === 1 };
    }
    default:
      return undefined;
  }
}

export function typeLists(types: readonly number[], view: View): ListSet {
  const lists = types.map((t) => ({ k: TYPE_LIST, h: t }));
  return { lists, rows: countLists(lists, view), of: { kind: 'types', types }, exact: true };
}

function shortest(sets: readonly (ListSet | undefined)[]): ListSet | undefined {
  let best: ListSet | undefined;
  for (const set of sets) if (set !== undefined && (best === undefined || set.rows < best.rows)) best = set;
  return best;
}

function distinct(lists: readonly List[]): List[] {
  return [...new Map(lists.map((list) => [`${list.k}|${list.h}`, list])).values()];
}

const TYPES_OF = 'SELECT t FROM keys WHERE k = ?';

/** Whether the lists of a key hold resources of these types only. */
export function isOfTypes(k: number, types: readonly number[], { connection }: View): boolean {
  // those of shapes are chosen by the types
  if (k === TYPE_LIST || k === SHAPE_LIST) return true;
  return connection.rows(TYPES_OF, k).every(([t]) => types.includes(t as number));
}
