/**
 * How many rows lists of the index have: counted up to a bound, so that asking costs the same at any size, and
 * remembered for a while.
 */

import type { Connection } from './connection.ts';
import type { Meter } from './meter.ts';
import type { View } from './view.ts';

/** The list of a term, between two dates. */
export interface List {
  readonly k: number;
  readonly h: number;
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

export function ofLate(key: string, { connection, snapshot }: View): number | undefined {
  const last = remembered.get(connection.memory)?.get(key);
  return last !== undefined && Math.abs(snapshot - last.seq) < REMEMBERED_VERSIONS ? last.rows : undefined;
}

export function remember(key: string, rows: number, { connection, snapshot }: View): void {
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

/** Rows in all of the lists, or one more than `most`. */
export function countUpTo(lists: readonly List[], most: number, { connection }: View): number {
  let rows = 0;
  for (const { k, h } of lists) {
    rows += connection.row(COUNT, k, h, most + 1 - rows)?.[0] as number;
    if (rows > most) break;
  }
  return rows;
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
export const MANY = 4;

const COUNT_MANY = `SELECT count(*) FROM (SELECT 1 FROM json_each(?) j CROSS JOIN ix p ON p.k = ? AND p.h = j.value
  LIMIT ?)`;
const countedMany = new WeakMap<readonly number[], Map<number, Remembered>>();

/** By one statement, once for the same list of terms. */
export function countMany(
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
