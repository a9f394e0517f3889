/**
 * All resources of some types in the order of values that no index has in order, such as references: four bytes each,
 * and a value for some of them, so that a page is found by its position without reading far. What was written since it
 * was made stands beside it.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { firstIndex } from '../first-index.ts';
import { type Bits, hasBit } from './bits.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import { indexedByRids, rowsByRids } from './kept-hits.ts';
import type { Meter } from './meter.ts';
import {
  comparePositions,
  LEAST_RID,
  MOST_RID,
  type OrderKey,
  type Position,
  positionOf,
  type SortValue,
} from './order.ts';
import type { SortNames } from './sort-names.ts';
import type { Chunk } from './stream.ts';
import type { View } from './view.ts';

export type GatheredOrderKey = Extract<OrderKey, { readonly by: 'gathered' }>;

export interface Making {
  readonly key: GatheredOrderKey;
  readonly types: readonly number[];
  readonly view: View;
  readonly names: SortNames;
  readonly meter: Meter;
}

export interface ValueOrder {
  /** The commit that it was made as of. */
  readonly made: number;
  /** In order: those with a value, then the others. */
  readonly rids: Int32Array;
  /** How many have a value. */
  readonly valued: number;
  /** The value of the first of every so many, of those that have one. */
  readonly samples: readonly SortValue[];
  readonly every: number;
  /** Written since; where these stood in `rids` counts no more. */
  readonly moved: ReadonlySet<number>;
  /** Where they stand now, in order. */
  readonly placed: readonly Position[];
}

export interface Reading {
  readonly key: OrderKey;
  readonly view: View;
  readonly names: SortNames;
}

type Compare = (a: Position, b: Position) => number;

/** What comes behind a position, of a set where one is given: at least `size` unless that is the end. */
export function readValueOrder(
  order: ValueOrder,
  after: Position | undefined,
  size: number,
  bits: Bits | undefined,
  reading: Reading,
): Chunk {
  const { key, view, names } = reading;
  const { rids, moved, placed } = order;
  const compare = comparePositions([key]);
  const from = after && { values: [after.values[0] as SortValue], rid: after.rid };
  const isAsked = (rid: number): boolean => bits === undefined || hasBit(bits, rid);
  let at = from === undefined ? 0 : indexBehind(order, from, compare, reading);
  const candidates: Candidate[] = [];
  let last: Position | undefined;
  while (last === undefined && at < rids.length) {
    const part: number[] = [];
    for (; at < rids.length && part.length < size; at++) {
      const rid = rids[at] as number;
      if (isAsked(rid) && !moved.has(rid)) part.push(rid);
    }
    // what came since the page's commit has no place that is known
    candidates.push(...indexedByRids(part, view));
    const end = candidates.at(-1);
    if (end !== undefined && at < rids.length) last = positionOf(end, [key], names);
  }
  const others = placed.filter(
    (one) =>
      isAsked(one.rid) &&
      (from === undefined || compare(one, from) > 0) &&
      (last === undefined || compare(one, last) <= 0),
  );
  if (others.length === 0) return { candidates, end: last };
  const late = indexedByRids(
    others.map(({ rid }) => rid),
    view,
  );
  const all = [...candidates, ...late].map((one) => ({ one, position: positionOf(one, [key], names) }));
  all.sort((a, b) => compare(a.position, b.position));
  return { candidates: all.map(({ one }) => one), end: last };
}

/** The rids of what has a value, of a set where one is given. */
export function membersAt(
  order: ValueOrder,
  value: SortValue,
  bits: Bits | undefined,
  reading: Reading,
): number[] {
  const { key } = reading;
  const compare = comparePositions([key]);
  const [first, last] = key.descending ? [MOST_RID, LEAST_RID] : [LEAST_RID, MOST_RID];
  const start = { values: [value], rid: first };
  const end = { values: [value], rid: last };
  const from = indexBehind(order, start, compare, reading);
  const to = value === null ? order.rids.length : indexBehind(order, end, compare, reading);
  const members: number[] = [];
  for (let at = from; at < to; at++) {
    const rid = order.rids[at] as number;
    if ((bits === undefined || hasBit(bits, rid)) && !order.moved.has(rid)) members.push(rid);
  }
  for (const one of order.placed) {
    if (one.values[0] === value && (bits === undefined || hasBit(bits, one.rid))) members.push(one.rid);
  }
  return members;
}

/** Where what comes behind a position begins. */
function indexBehind(order: ValueOrder, after: Position, compare: Compare, reading: Reading): number {
  const { rids, valued, samples, every } = order;
  if (after.values[0] === null) return behindUnvalued(order, after.rid, reading.key.descending);
  const next = firstIndex(0, samples.length, (at) => {
    const sample = { values: [samples[at] as SortValue], rid: rids[at * every] as number };
    return compare(sample, after) > 0;
  });
  if (next === 0) return 0;
  return behindWithin(order, (next - 1) * every, Math.min(next * every, valued), after, {
    compare,
    reading,
  });
}

function behindUnvalued({ rids, valued }: ValueOrder, rid: number, descending: boolean): number {
  const isBehind = (one: number): boolean => (descending ? one < rid : one > rid);
  return firstIndex(valued, rids.length, (at) => isBehind(rids[at] as number));
}

/** Between two samples: by the rid where it stands there still, and otherwise by the values of some. */
function behindWithin(
  order: ValueOrder,
  from: number,
  to: number,
  after: Position,
  { compare, reading }: { readonly compare: Compare; readonly reading: Reading },
): number {
  const stands = order.rids.subarray(from, to).indexOf(after.rid);
  if (stands >= 0) {
    const position = positionAt(order, from + stands, reading);
    if (position !== undefined && compare(position, after) === 0) return from + stands + 1;
  }
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    let at = middle;
    let position: Position | undefined;
    while (at < high && position === undefined) position = positionAt(order, at++, reading);
    if (position === undefined || compare(position, after) > 0) high = middle;
    else low = at;
  }
  return low;
}

/** Undefined where it was written since, so that nothing tells any more why it stands there. */
function positionAt(order: ValueOrder, at: number, { key, view, names }: Reading): Position | undefined {
  const rid = order.rids[at] as number;
  if (order.moved.has(rid)) return undefined;
  const [row] = rowsByRids([rid], view);
  // what the page does not show may be as it was when it was put in order
  if (row === undefined || (row[4] as number) > order.made || (row[9] as number) > 1) return undefined;
  return positionOf(candidateOf(row), [key], names);
}
