/**
 * The walk of an order where everything that matches is known as a set: the index is read for rids alone, far ahead of
 * the page, and what was found is kept for the next pages, so that few matches among many rows cost a page no more than
 * many do.
 */
import type { SQLInputValue } from 'node:sqlite';
import { type Bits, listedIn, ridsBehind, unite } from './bits.ts';
import type { Candidate } from './candidate.ts';
import { conditionBits } from './condition-bits.ts';
import { indexedByRids } from './kept-hits.ts';
import { emptyBits } from './kept-sets.ts';
import { COUNTED_PER_CANDIDATE, costOfCounted } from './list-lengths.ts';
import type { Meter } from './meter.ts';
import { recentOfConnection } from './on-connection.ts';
import {
  compareBy,
  comparePositions,
  LEAST_RID,
  MOST_RID,
  type OrderKey,
  type Position,
  positionOf,
  postedSources,
  type SortValue,
} from './order.ts';
import { presenceShapes } from './shapes.ts';
import type { SortNames } from './sort-names.ts';
import type { Chunk } from './stream.ts';
import { liveOf, type View } from './view.ts';

/** An order by one key that is read. */
export interface Ordering {
  readonly key: OrderKey;
  readonly types: readonly number[];
  readonly view: View;
  readonly names: SortNames;
  readonly meter: Meter;
  /** Under which what is found is remembered; undefined when nothing is. */
  readonly name: string | undefined;
}

export interface KnownOrder extends Ordering {
  readonly bits: Bits;
  /** Whether everything in the set has a value of the key. */
  readonly isValued: boolean;
  /** Selects value and rid behind a position, in order; the last argument, which is not among them, is a limit. */
  readonly scan: (after: Position | undefined) => Scan;
}

export interface Scan {
  readonly sql: string;
  readonly args: readonly SQLInputValue[];
}

/** What is in the set and has a value between two positions. */
interface Stretch {
  readonly from: Position | undefined;
  /** The value of the first row. */
  readonly first: SortValue;
  /** In order, each where it comes first: at the value that counts, unless that lies before. */
  readonly rids: Uint32Array;
  /** Undefined at the end of the order. */
  readonly end: Position | undefined;
  /** Rows that were read. */
  readonly rows: number;
  /** Where the first one with a value is among the rids, for those that were looked up last. */
  readonly firstOf: Map<SortValue, number>;
}

/** Rows that are read at least for a page behind the first one, and at most where it goes on like that. */
const AHEAD_ROWS = 2_048;
const AHEAD_ROWS_MAX = 32_768;
/** Matches that a stretch should hold. */
const ENOUGH = 400;

/** Looks through `size` rows for what is in the set, and gives as much of it as is wanted. */
export function readKnown(
  order: KnownOrder,
  start: Position | undefined,
  size: number,
  wanted = size,
): Chunk {
  const { key, view, name } = order;
  if (key.by === 'birth') return readByBirth(order, start, size);
  const begin = name === undefined ? undefined : begins(view.connection).get(name);
  const after = start ?? begin;
  const compare = comparePositions([key]);
  const kept = name === undefined ? undefined : stretches(view.connection).get(name);
  let at = kept === undefined || after === undefined ? undefined : indexBehind(after, kept, compare, order);
  let stretch = at === undefined ? undefined : kept;
  if (stretch === undefined) {
    stretch = readStretch(order, after, size, wider(kept));
    if (stretch === undefined) return { candidates: [], end: undefined };
    if (name !== undefined) {
      stretches(view.connection).put(name, stretch);
      // the next first page begins behind it
      const isFirst =
        start === undefined || (start.rid === begin?.rid && start.values[0] === begin.values[0]);
      if (isFirst && stretch.rids.length === 0 && stretch.end !== undefined)
        begins(view.connection).put(name, stretch.end);
    }
  }
  const { rids, end } = stretch;
  for (at ??= 0; ; ) {
    const part: Uint32Array = rids.subarray(at, at + Math.min(size, wanted));
    at += part.length;
    const placed = placedOf(part, { ...order, ...stretch, after, compare });
    noteFirsts(stretch, rids, at - part.length, { placed, after });
    const isLast = at >= rids.length;
    if (isLast) return { candidates: placed.map(({ candidate }) => candidate), end };
    const last = placed.at(-1);
    if (last === undefined) continue;
    return { candidates: placed.map(({ candidate }) => candidate), end: last.position };
  }
}

/** Where a stretch held few pages, the next one is longer. */
function wider(kept: Stretch | undefined): number {
  if (kept === undefined) return 0;
  return kept.rids.length < ENOUGH ? kept.rows * 2 : kept.rows;
}

/** Where a stretch goes on behind a position; undefined when the position is not in it. */
function indexBehind(
  after: Position,
  { from, rids, end, firstOf }: Stretch,
  compare: Compare,
  { key: { descending }, view }: Ordering,
): number | undefined {
  const side = from === undefined ? 1 : compare(after, from);
  if (side === 0) return 0;
  if (side < 0 || (end !== undefined && compare(after, end) >= 0)) return undefined;
  // before all that have the value: who has to put these in order reads them again
  if (after.rid === (descending ? MOST_RID : LEAST_RID)) return firstOf.get(after.values[0] as SortValue);
  const at = rids.indexOf(after.rid);
  // a version that the page does not see may stand elsewhere
  return at < 0 || !isSeenAt(after.rid, view) ? undefined : at + 1;
}

const COMMIT_OF = 'SELECT seq FROM res WHERE rid = ?';

/** Whether the index has the version that is seen. */
function isSeenAt(rid: number, { connection, indexed }: View): boolean {
  return (connection.row(COMMIT_OF, rid)?.[0] as number) <= indexed;
}

/** Values whose places are remembered, and those of the chunk that was read last. */
const FIRSTS_MAX = 256;

function noteFirsts({ firstOf }: Stretch, rids: Uint32Array, start: number, { placed, after }: Noted): void {
  if (firstOf.size > FIRSTS_MAX) firstOf.clear();
  const isWithin = after !== undefined && after.rid !== LEAST_RID && after.rid !== MOST_RID;
  // of what is equal to it some have been read before
  const begun = isWithin ? after.values[0] : undefined;
  let at = start;
  for (const { candidate, position } of placed) {
    while (rids[at] !== candidate.rid) at++;
    const value = position.values[0] as SortValue;
    if (value !== begun && !firstOf.has(value)) firstOf.set(value, at);
  }
}

interface Noted {
  readonly placed: readonly Placed[];
  readonly after: Position | undefined;
}

type Compare = (a: Position, b: Position) => number;

interface Placing extends KnownOrder, Pick<Stretch, 'from' | 'first'> {
  readonly after: Position | undefined;
  readonly compare: Compare;
}

interface Placed {
  readonly candidate: Candidate;
  readonly position: Position;
}

/** Of several values one counts: what has its place before the stretch was met there. */
function placedOf(rids: Uint32Array, { key, view, names, from, first, after, compare }: Placing): Placed[] {
  const placed: Placed[] = [];
  const found = indexedByRids(rids, view);
  for (const candidate of found) {
    const position = positionOf(candidate, [key], names);
    const value = position.values[0] as SortValue;
    if (value === null || compareBy(key, value, first) < 0) continue;
    const isHere = from === undefined || compare(position, from) > 0;
    if (isHere && (after === undefined || compare(position, after) > 0)) placed.push({ candidate, position });
  }
  return placed;
}

/** `size` is paid for already. */
function readStretch(
  order: KnownOrder,
  after: Position | undefined,
  size: number,
  least: number,
): Stretch | undefined {
  const { bits, key, view, meter, scan } = order;
  const paid = size * COUNTED_PER_CANDIDATE;
  const most = after === undefined ? paid : Math.min(Math.max(paid, least, AHEAD_ROWS), AHEAD_ROWS_MAX);
  const { sql, args } = scan(after);
  const [firstOf, lastOf] = key.descending ? ['max', 'min'] : ['min', 'max'];
  const row = view.connection.row(
    `SELECT group_concat(rid), ${firstOf}(value), ${lastOf}(value), count(*) FROM (${sql})`,
    ...args,
    most,
  ) as [string | null, SortValue, SortValue, number];
  const [list, first, value, rows] = row;
  meter.spend(Math.ceil(Math.max(0, rows - paid) / COUNTED_PER_CANDIDATE));
  if (list === null) return undefined;
  const { rids, last } = listedIn(bits, list);
  const isEnd = rows < most || (rids.size === 0 && !hasValued(order));
  return {
    from: after,
    first,
    rows,
    firstOf: new Map(),
    rids: Uint32Array.from(rids),
    end: isEnd ? undefined : { values: [value], rid: last },
  };
}

function readByBirth({ bits, key, view }: KnownOrder, after: Position | undefined, size: number): Chunk {
  const start = key.descending ? Number.MAX_SAFE_INTEGER : -1;
  const rids = ridsBehind(bits, after === undefined ? start : after.rid, size, key.descending);
  const last = rids.at(-1);
  return {
    candidates: indexedByRids(rids, view),
    end: last === undefined || rids.length < size ? undefined : { values: [last], rid: last },
  };
}

/** Whether anything in the set has a value at all, as far as that is found out for less than is left. */
function hasValued(order: KnownOrder): boolean {
  const valued = order.isValued ? order.bits : valuedBits(order);
  return valued === undefined || order.bits.some((word, at) => (word & (valued[at] as number)) !== 0);
}

/** Everything with a value of the key. */
export function valuedBits({
  key,
  types,
  view,
  meter,
}: Pick<Ordering, 'key' | 'types' | 'view' | 'meter'>): Bits | undefined {
  const sources = postedSources(key);
  if (sources === undefined) return undefined;
  if (!meter.affords(costOfCounted(liveOf(types, view) * sources.length))) return undefined;
  let all: Bits | undefined;
  for (const { k } of sources) {
    const shapes = presenceShapes(k, types, view);
    const bits = conditionBits({ kind: 'present', k, shapes }, { types, view, meter: meter.whole });
    if (bits === undefined || sources.length === 1) return bits;
    all ??= emptyBits(view);
    unite(all, bits);
  }
  return all;
}

/** Where the first one of the set is not before. */
const begins = recentOfConnection<Position>({ countMax: 256 });

const RIDS_MAX = 64 * 1024;
const STRETCHES_MAX = 64;

const stretches = recentOfConnection<Stretch>({
  countMax: STRETCHES_MAX,
  sizeMax: RIDS_MAX,
  sizeOf: ({ rids }) => rids.length,
});
