/**
 * Lists of the index in the order (date, rid), and how many rows they have: counted up to a bound, so that
 * asking costs the same at any size, and remembered for a while.
 */

import type { Bound } from './bind.ts';
import type { Connection } from './connection.ts';
import { SHAPE_LIST, TYPE_LIST } from './index-keys.ts';
import type { Meter } from './meter.ts';
import { listsWithout, shapeLists } from './presence.ts';
import { presenceShapes } from './shapes.ts';
import { valueLists } from './value-lists.ts';
import { valueList } from './value-sizes.ts';
import type { View } from './view.ts';

/** The list of a term, between two dates. */
export interface List {
  readonly k: number;
  readonly h: number;
}

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

const REMEMBERED_MAX = 20_000;
/** Versions written after which a count is taken again: a wrong one makes a plan slower, never wrong. */
const REMEMBERED_VERSIONS = 5_000;

const COUNT = 'SELECT count(*) FROM (SELECT 1 FROM ix WHERE k = ? AND h = ? LIMIT ?)';

interface Remembered {
  readonly rows: number;
  readonly seq: number;
}

const remembered = new WeakMap<Connection['memory'], Map<string, Remembered>>();

export function countTerm(view: View, k: number, h: number): number {
  const key = `${k}|${h}`;
  const known = ofLate(key, view);
  if (known !== undefined) return known;
  const rows = view.connection.row(COUNT, k, h, view.limits.countedMax + 1)?.[0] as number;
  remember(key, rows, view);
  return rows;
}

/** Rows that a FROM clause has, or one more than `most`, which is remembered: those of a long range. */
export function countRange(
  from: string,
  args: readonly (number | string)[],
  most: number,
  view: View,
): number {
  const key = `${from}|${most}|${args.join('|')}`;
  const known = ofLate(key, view);
  if (known !== undefined) return known;
  const sql = `SELECT count(*) FROM (SELECT 1 FROM ${from} LIMIT ?)`;
  const rows = view.connection.row(sql, ...args, most + 1)?.[0] as number;
  if (rows > most) remember(key, rows, view);
  return rows;
}

function ofLate(key: string, { connection, snapshot }: View): number | undefined {
  const last = remembered.get(connection.memory)?.get(key);
  return last !== undefined && Math.abs(snapshot - last.seq) < REMEMBERED_VERSIONS ? last.rows : undefined;
}

function remember(key: string, rows: number, { connection, snapshot }: View): void {
  let known = remembered.get(connection.memory);
  if (known === undefined) {
    known = new Map();
    remembered.set(connection.memory, known);
  }
  if (known.size >= REMEMBERED_MAX) known.clear();
  known.set(key, { rows, seq: snapshot });
}

const COUNT_ALL = 'SELECT count(*) FROM ix WHERE k = ? AND h = ?';
/** Rows that are counted for the price of looking at a candidate. */
export const COUNTED_PER_CANDIDATE = 16;
/** Rows up to which they decide which thread counts. */
const COUNTED_FEW = 320_000;
/** As measured over millions: then nobody but other long searches waits. */
const COUNTED_MANY_PER_CANDIDATE = 64;

/** What it costs to count the rows of a list, in candidates: five million take a third of what a search may. */
export function costOfCounted(rows: number): number {
  const many = Math.max(0, rows - COUNTED_FEW);
  return Math.ceil((rows - many) / COUNTED_PER_CANDIDATE + many / COUNTED_MANY_PER_CANDIDATE);
}

/** Rows that are counted at this cost. */
export function countedFor(cost: number): number {
  const few = COUNTED_FEW / COUNTED_PER_CANDIDATE;
  return Math.min(cost, few) * COUNTED_PER_CANDIDATE + Math.max(0, cost - few) * COUNTED_MANY_PER_CANDIDATE;
}

/** Rows in all of the lists, of late: counted to the end where that is not remembered. */
export function countWhole(lists: readonly List[], view: View, meter: Meter): number {
  let sum = 0;
  for (const { k, h } of lists) {
    const short = countTerm(view, k, h);
    const key = `${k}|${h}|whole`;
    let rows = short > view.limits.countedMax ? ofLate(key, view) : short;
    if (rows === undefined) {
      rows = view.connection.row(COUNT_ALL, k, h)?.[0] as number;
      meter.spend(costOfCounted(rows));
      remember(key, rows, view);
    }
    sum += rows;
  }
  return sum;
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

/** Rows in all of the lists, or one more than `most`. */
export function countUpTo(lists: readonly List[], most: number, { connection }: View): number {
  let rows = 0;
  for (const { k, h } of lists) {
    rows += connection.row(COUNT, k, h, most + 1 - rows)?.[0] as number;
    if (rows > most) break;
  }
  return rows;
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

const COUNT_MANY = `SELECT count(*) FROM (SELECT 1 FROM json_each(?) j CROSS JOIN ix p ON p.k = ? AND p.h = j.value
  LIMIT ?)`;
const countedMany = new WeakMap<readonly number[], Map<number, Remembered>>();

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

/** By one statement, once for the same list of terms. */
function countMany(
  k: number,
  hashes: readonly number[],
  most: number,
  { connection, snapshot }: View,
): number {
  const known = countedMany.get(hashes) ?? new Map<number, Remembered>();
  countedMany.set(hashes, known);
  const last = known.get(k);
  if (last !== undefined && Math.abs(snapshot - last.seq) < REMEMBERED_VERSIONS) return last.rows;
  const rows = connection.row(COUNT_MANY, `[${hashes.join()}]`, k, most + 1)?.[0] as number;
  known.set(k, { rows, seq: snapshot });
  return rows;
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

/** Rows in all of the lists, of long ones as many as are counted to compare them. */
export function countLists(lists: readonly List[], view: View): number {
  let rows = 0;
  const { countedMax, listsMax } = view.limits;
  for (const { k, h } of lists) {
    rows += countTerm(view, k, h);
    // of many it is enough to know that they are long
    if (lists.length > listsMax && rows > MANY * countedMax) break;
  }
  return rows;
}

/** How long many lists together are counted to be. */
const MANY = 4;

const TYPES_OF = 'SELECT t FROM keys WHERE k = ?';

/** Whether the lists of a key hold resources of these types only. */
export function isOfTypes(k: number, types: readonly number[], { connection }: View): boolean {
  // those of shapes are chosen by the types
  if (k === TYPE_LIST || k === SHAPE_LIST) return true;
  return connection.rows(TYPES_OF, k).every(([t]) => types.includes(t as number));
}
