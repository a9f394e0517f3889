/**
 * Candidates that are few: the condition that the fewest resources can satisfy finds them all, whatever the
 * order of the search.
 */

import { assertNever } from '../../fhir/types.ts';
import { latitudeBand } from '../../search/near.ts';
import type { Bound } from './bind.ts';
import { firstSince } from './commit-times.ts';
import { hashOf, longList, orderOfStart, textBounds, wideList } from './index-keys.ts';
import { SHORT_MS, SPAN_CLASSES, spanOfClass, startRange } from './intervals.ts';
import { countRange, countTerm } from './list-lengths.ts';
import { listsOf } from './lists.ts';
import type { Meter } from './meter.ts';
import type { OrderKey } from './order.ts';
import { unitsOf } from './units.ts';
import { ridsWithout } from './unvalued.ts';
import type { View } from './view.ts';

/** A way to find every resource that can satisfy a predicate, and perhaps others. */
export interface Collector {
  /** What it reads, for explain. */
  readonly reads: string;
  /** Index rows it reads, at most `collectedMax`. */
  readonly rows: number;
  rids(): Iterable<number>;
  /** The same, each once, where that is sooner told. */
  readonly ascending?: (() => Uint32Array) | undefined;
}

export interface CollectContext {
  readonly view: View;
  readonly types: readonly number[];
  readonly meter: Meter;
}

/** The collector with the fewest rows; undefined when each would find too many. */
export function chooseCollector(where: Bound, context: CollectContext): Collector | undefined {
  switch (where.kind) {
    case 'all': {
      let best: Collector | undefined;
      for (const part of where.of) {
        const one = chooseCollector(part, context);
        if (one !== undefined && (best === undefined || one.rows < best.rows)) best = one;
      }
      return best;
    }
    case 'any':
      return together(where.of, context);
    case 'terms':
      return termCollector(where, context);
    case 'id':
      return idCollector(where.ids, context);
    case 'self':
      return selfCollector(where.hashes, context);
    case 'text':
      return textCollector(where, context);
    case 'date':
      return dateCollector(where, context);
    case 'number':
      return numberCollector(where, context);
    case 'near':
      return nearCollector(where, context);
    case 'updated':
      return updatedCollector(where, context);
    case 'not':
    case 'present':
      return listCollector(where, context);
    case 'place':
      return where.value === null ? unvaluedCollector(where.key, context) : undefined;
    case 'types':
    case 'chain':
    case 'has':
      return undefined;
    default:
      return assertNever(where);
  }
}

function unvaluedCollector(key: OrderKey, context: CollectContext): Collector | undefined {
  const rids = ridsWithout({ ...context, key, evenMany: false });
  if (rids === undefined || rids.length > context.view.limits.collectedMax) return undefined;
  return { reads: 'what has no value', rows: rids.length, rids: () => rids };
}

function together(parts: readonly Bound[], context: CollectContext): Collector | undefined {
  const members: Collector[] = [];
  let rows = 0;
  for (const part of parts) {
    const one = chooseCollector(part, context);
    if (one === undefined) return undefined;
    members.push(one);
    rows += one.rows;
    if (rows > context.view.limits.collectedMax) return undefined;
  }
  return {
    reads: `any of (${members.map((one) => one.reads).join(', ')})`,
    rows,
    *rids() {
      for (const one of members) yield* one.rids();
    },
  };
}

/** Lists of what has no value, or other ones. */
function listCollector(where: Bound, { view, types }: CollectContext): Collector | undefined {
  if (view.limits.collectedMax < 0) return undefined;
  const set = listsOf(where, types, view);
  const rows = set === undefined ? Number.POSITIVE_INFINITY : set.rows + set.lists.length;
  if (set === undefined || rows > view.limits.collectedMax) return undefined;
  return {
    reads: `ix(${set.lists.length} lists)`,
    rows,
    *rids() {
      for (const { k, h } of set.lists) {
        for (const row of view.connection.rows(RIDS_OF_TERM, k, h)) yield row[0] as number;
      }
    },
  };
}

const RIDS_OF_TERM = 'SELECT rid FROM ix WHERE k = ? AND h = ?';

/** Lists that are looked up at once, each about a sixteenth of what a candidate costs. */
const LOOKED_UP_MAX = 60_000;
const LISTS_PER_CANDIDATE = 16;
/** More lists are read at once rather than counted first. */
const COUNTED_LISTS = 64;

/** Parameters whose lists of these hashes were too long: those of a chain are the same ones for many pages. */
const longOf = new WeakMap<readonly number[], Set<number>>();

function termCollector(
  { k, hashes }: Extract<Bound, { kind: 'terms' }>,
  { view, meter }: CollectContext,
): Collector | undefined {
  const { connection, limits } = view;
  const reads = `ix(k=${k}, ${hashes.length} terms)`;
  if (hashes.length > LOOKED_UP_MAX || limits.collectedMax < 0) return undefined;
  if (hashes.length > COUNTED_LISTS) {
    if (longOf.get(hashes)?.has(k) === true) return undefined;
    meter.spend(Math.ceil(hashes.length / LISTS_PER_CANDIDATE));
    const found: number[] = [];
    for (const h of hashes) {
      const left = limits.collectedMax - found.length;
      for (const row of connection.rows(`${RIDS_OF_TERM} LIMIT ?`, k, h, left + 1))
        found.push(row[0] as number);
      if (found.length <= limits.collectedMax) continue;
      longOf.set(hashes, (longOf.get(hashes) ?? new Set()).add(k));
      return undefined;
    }
    return { reads, rows: found.length, rids: () => found };
  }
  let rows = 0;
  for (const h of hashes) {
    // looking up a list costs as much as reading a row
    rows += 1 + countTerm(view, k, h);
    if (rows > limits.collectedMax) return undefined;
  }
  return {
    reads,
    rows,
    *rids() {
      for (const h of hashes) {
        for (const row of connection.rows(RIDS_OF_TERM, k, h)) yield row[0] as number;
      }
    },
  };
}

function idCollector(ids: readonly string[], context: CollectContext): Collector | undefined {
  const names = context.types.map((t) => context.view.typeName(t));
  if (names.length * ids.length > context.view.limits.collectedMax) return undefined;
  return selfCollector(
    names.flatMap((name) => ids.map((id) => hashOf(name, id))),
    context,
  );
}

function selfCollector(hashes: readonly number[], { view }: CollectContext): Collector | undefined {
  if (hashes.length > view.limits.collectedMax) return undefined;
  return {
    reads: `res_h(${hashes.length})`,
    rows: hashes.length,
    rids: () => ridsOfSelves(hashes, view),
    ascending: () => ridsOfSelves(hashes, view),
  };
}

const RIDS_OF_SELVES = `SELECT group_concat(r.rid) FROM json_each(?) j
  CROSS JOIN res r INDEXED BY res_h ON r.h = j.value`;

/** Those of a chain or a `_has` are the same list for many pages. */
const selves = new WeakMap<readonly number[], { readonly rids: Uint32Array; readonly seq: number }>();

/** Also of what was deleted. */
function ridsOfSelves(hashes: readonly number[], { connection, snapshot }: View): Uint32Array {
  const known = selves.get(hashes);
  if (known?.seq === snapshot) return known.rids;
  const rids = listedAscending(connection.row(RIDS_OF_SELVES, `[${hashes.join()}]`)?.[0]);
  selves.set(hashes, { rids, seq: snapshot });
  return rids;
}

/** The numbers of a list between commas, each once. */
function listedAscending(list: unknown): Uint32Array {
  if (typeof list !== 'string') return new Uint32Array();
  const all = Uint32Array.from(list.split(',').map(Number)).sort();
  let count = 0;
  for (const rid of all) if (count === 0 || all[count - 1] !== rid) all[count++] = rid;
  return all.subarray(0, count);
}

/** A range of one index table, as the condition of a WHERE clause. */
export interface Range {
  readonly from: string;
  readonly args: readonly (number | string)[];
}

/** Counts the ranges up to the bound. */
export function rangesCollector(reads: string, ranges: readonly Range[], view: View): Collector | undefined {
  let rows = 0;
  for (const { from, args } of ranges) {
    rows += 1 + countRange(from, args, view.limits.collectedMax, view);
    if (rows > view.limits.collectedMax) return undefined;
  }
  return {
    reads,
    rows,
    *rids() {
      for (const { from, args } of ranges) {
        for (const row of view.connection.rows(`SELECT rid FROM ${from}`, ...args)) yield row[0] as number;
      }
    },
    ascending: () => {
      const lists = ranges.map(
        ({ from, args }) => view.connection.row(`SELECT group_concat(rid) FROM ${from}`, ...args)?.[0],
      );
      return listedAscending(lists.filter((list) => list !== null).join() || undefined);
    },
  };
}

function textCollector(
  where: Extract<Bound, { kind: 'text' }>,
  { view }: CollectContext,
): Collector | undefined {
  if (where.op === 'contains' || where.op === 'suffix' || where.value === '') return undefined;
  // a value that is longer than what is indexed finds more and loses nothing
  const { from, to } = textBounds(where.op === 'exact' ? 'prefix' : where.op, where.value);
  const texts = 'ixs WHERE k = ? AND s >= ? AND s < ?';
  return rangesCollector(`ixs(k=${where.k})`, [{ from: texts, args: [where.k, from, to] }], view);
}

function dateCollector(
  where: Extract<Bound, { kind: 'date' }>,
  { view }: CollectContext,
): Collector | undefined {
  const { k, prefix, lo, hi } = where;
  const { from, to, endCounts } = startRange(prefix, lo, hi);
  if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) return undefined;
  const ranges: Range[] = [
    { from: 'ixd WHERE k = ? AND lo >= ? AND lo < ?', args: [k, endCounts ? from - SHORT_MS : from, to] },
  ];
  if (endCounts) {
    // those that start earlier and last longer, by class
    for (let spanClass = 1; spanClass <= SPAN_CLASSES; spanClass++) {
      const first = where.primary === true ? orderOfStart(from - spanOfClass(spanClass)) : 0;
      const end = where.primary === true ? orderOfStart(to) : Number.MAX_SAFE_INTEGER;
      ranges.push({
        from: 'ix WHERE k = ? AND h = ? AND d >= ? AND d <= ?',
        args: [longList(k), spanClass, first, end],
      });
    }
  }
  return rangesCollector(`ixd(k=${k})`, ranges, view);
}

function numberCollector(
  where: Extract<Bound, { kind: 'number' }>,
  { view }: CollectContext,
): Collector | undefined {
  const { k, prefix, lo, hi } = where;
  const { from, to, endCounts } = startRange(prefix, lo, hi);
  if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) return undefined;
  const units = where.units.length > 0 ? where.units : unitsOf(k, view);
  if (units === undefined) return undefined;
  const ranges = units.map(
    (u): Range => ({ from: 'ixq WHERE k = ? AND u = ? AND lo >= ? AND lo < ?', args: [k, u, from, to] }),
  );
  if (endCounts) ranges.push({ from: 'ix WHERE k = ? AND h = 0', args: [wideList(k)] });
  return rangesCollector(`ixq(k=${k})`, ranges, view);
}

function nearCollector(
  where: Extract<Bound, { kind: 'near' }>,
  { view }: CollectContext,
): Collector | undefined {
  const { lo, hi } = latitudeBand(where.latitude, where.radiusM);
  const units = unitsOf(where.k, view);
  if (units === undefined) return undefined;
  const from = 'ixq WHERE k = ? AND u = ? AND lo >= ? AND lo <= ?';
  const ranges = units.map((u): Range => ({ from, args: [where.k, u, lo, hi] }));
  return rangesCollector(`ixq(k=${where.k})`, ranges, view);
}

function updatedCollector(
  where: Extract<Bound, { kind: 'updated' }>,
  { view, types }: CollectContext,
): Collector | undefined {
  const { from, to } = startRange(where.prefix, where.lo, where.hi);
  const first = from === Number.NEGATIVE_INFINITY ? 1 : firstSince(view, from);
  const end = to === Number.POSITIVE_INFINITY ? view.snapshot + 1 : firstSince(view, to);
  const ranges = types.map(
    (t): Range => ({
      from: 'res INDEXED BY res_t WHERE t = ? AND seq >= ? AND seq < ?',
      args: [t, first, end],
    }),
  );
  return rangesCollector('res_t(seq)', ranges, view);
}
