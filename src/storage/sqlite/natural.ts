/**
 * Candidates in the order of the primary date: one scan of lists that are in this order already, with the
 * other conditions probed on the way. A bound on the primary date bounds the scan.
 */
import { type Bound, partsOf, withoutPart } from './bind.ts';
import { dateOfOrder, longList, orderOfStart } from './index-keys.ts';
import { indexSegment, type Narrow, type ScanPart } from './index-segment.ts';
import { SHORT_MS, SPAN_CLASSES, spanOfClass, startRange, sureRange } from './intervals.ts';
import type { List } from './list-lengths.ts';
import type { ListSet } from './lists.ts';
import { mergeLists, PLACES } from './merged-lists.ts';
import type { Meter } from './meter.ts';
import { recentOfIndex } from './on-connection.ts';
import type { Position } from './order.ts';
import { rangeSql } from './range-sql.ts';
import { NO_CONDITION, type SqlCondition } from './sql-condition.ts';
import type { Segment } from './stream.ts';
import { isUndated } from './text-lists.ts';
import type { View } from './view.ts';

/** Part of a list: dates in [from, to). */
export interface Part extends List {
  readonly from: number;
  readonly to: number;
}

const END = Number.MAX_SAFE_INTEGER;

export interface Natural {
  readonly segments: readonly Segment[];
  /** The stretches behind them, for counting. */
  readonly stretches: readonly Stretch[];
  readonly reads: string;
}

/** Parts of lists that are scanned together, and what is left to be tested in them. */
export interface Stretch {
  readonly parts: readonly Part[];
  readonly where: Bound;
}

export interface NaturalOptions {
  /** The whole predicate, types included. */
  readonly where: Bound;
  /** Holds every match of it. */
  readonly set: ListSet;
  readonly types: readonly number[];
  readonly view: View;
  readonly meter: Meter;
  readonly descending: boolean;
  /** Everything that matches, where it is worth while to know it; see `Segment.narrow`. */
  readonly narrow?: Narrow | undefined;
  /** Whether others are among them. */
  readonly isLoose?: boolean;
}

export function naturalOrder(options: NaturalOptions): Natural {
  const { where, set, types, view, descending } = options;
  const dates = primaryDates(where);
  const { k, from, to } = dates;
  const rest = set.exact ? withoutPart(where, set.of) : where;
  const first = from === undefined ? 0 : orderOfStart(from - SHORT_MS);
  const last = to === undefined ? END : orderOfStart(to);
  const between = (start: number, end: number, left: Bound): Stretch => ({
    parts: nonEmpty(set.lists.map((list) => ({ ...list, from: start, to: end }))),
    where: left,
  });
  const sure = ordersTypes(k, types, view) ? sureBounds(dates, first, last) : undefined;
  // where the date alone decides, it need not be looked at again
  const main =
    sure === undefined
      ? [between(first, last, rest)]
      : [
          ...(hasAny(dates, first, sure.from, view) ? [between(first, sure.from, rest)] : []),
          between(sure.from, sure.to, withoutDates(rest, dates)),
          between(sure.to, last, rest),
        ];
  // what started earlier and lasts longer: the lists of long intervals, with every condition probed
  const long: Stretch = { parts: longParts(k, from, Math.min(first, last)), where };
  const stretches = (
    descending
      ? [...main.reverse(), long]
      : [dated(long), ...main.map(dated), undated(long), ...main.map(undated)]
  ).filter(({ parts }) => parts.length > 0);
  return {
    segments: stretches.map((stretch) => segmentOf(stretch, options)),
    stretches,
    reads: `ix(${set.lists.length} lists)${k === undefined ? '' : ' between dates'}`,
  };
}

const TYPE_OF_DATE = 'SELECT r.t FROM ixd p CROSS JOIN res r ON r.rid = p.rid WHERE p.k = ? LIMIT 1';

/** Whether the order of everything in the lists is that of this parameter; each type has one of its own. */
function ordersTypes(k: number | undefined, types: readonly number[], { connection }: View): boolean {
  if (k === undefined || types.length !== 1) return false;
  return connection.row(TYPE_OF_DATE, k)?.[0] === types[0];
}

const knownAny = recentOfIndex<{ readonly isAny: boolean }>({ countMax: 256 });

/** Whether anything that starts between two orders lasts long enough to satisfy one of the conditions that ask for it. */
function hasAny(bounds: DateBounds, first: number, end: number, view: View): boolean {
  if (first >= end || first === 0) return first < end;
  const name = JSON.stringify([bounds.parts, first, end]);
  return knownAny(view, name, () => ({ isAny: lastsLong(bounds, first, end, view) })).isAny;
}

function lastsLong({ parts }: DateBounds, first: number, end: number, { connection }: View): boolean {
  // another value of a resource may be the one that satisfies it
  return parts.every(({ k, prefix, lo, hi, isSingle }) => {
    if (isSingle !== true) return true;
    const { sql, args } = rangeSql(prefix, lo, hi);
    const any = `SELECT 1 FROM ixd WHERE k = ? AND lo >= ? AND lo < ? AND (${sql}) LIMIT 1`;
    return connection.row(any, k, dateOfOrder(first), dateOfOrder(end), ...args) !== undefined;
  });
}

function withoutDates(where: Bound, { parts }: DateBounds): Bound {
  return parts.reduce(withoutPart, where);
}

/** Orders between which every date that is asked for is satisfied. */
function sureBounds(
  { parts }: DateBounds,
  first: number,
  last: number,
): { readonly from: number; readonly to: number } | undefined {
  if (parts.length === 0) return undefined;
  // order 0 is both no date and an open start
  let from = Math.max(first, 1);
  let to = last;
  for (const { prefix, lo, hi } of parts) {
    const sure = sureRange(prefix, lo, hi);
    if (sure === undefined) return undefined;
    if (sure.from > Number.NEGATIVE_INFINITY) from = Math.max(from, orderOfStart(sure.from));
    if (sure.to < Number.POSITIVE_INFINITY) to = Math.min(to, orderOfStart(sure.to));
  }
  return from < to ? { from, to } : undefined;
}

/** Order 0, no date, comes last in either direction, so an ascending scan takes it out. */
function dated({ parts, where }: Stretch): Stretch {
  return { parts: nonEmpty(parts.map((part) => ({ ...part, from: Math.max(part.from, 1) }))), where };
}

function undated({ parts, where }: Stretch): Stretch {
  return { parts: nonEmpty(parts.map((part) => ({ ...part, to: Math.min(part.to, 1) }))), where };
}

function nonEmpty(parts: readonly Part[]): Part[] {
  return parts.filter((part) => part.from < part.to);
}

/** Bounds of the primary date that all matches have. */
interface DateBounds {
  readonly k?: number;
  readonly from?: number;
  readonly to?: number;
  /** The conditions that make the bounds. */
  readonly parts: readonly DateCondition[];
}

type DateCondition = Extract<Bound, { kind: 'date' }>;

function primaryDates(where: Bound): DateBounds {
  let bounds: DateBounds = { parts: [] };
  for (const part of partsOf(where)) {
    if (part.kind !== 'date' || part.primary !== true) continue;
    if (bounds.k !== undefined && bounds.k !== part.k) continue;
    const { from, to } = startRange(part.prefix, part.lo, part.hi);
    const froms = [bounds.from, from].filter((time) => time !== undefined && time > Number.NEGATIVE_INFINITY);
    const tos = [bounds.to, to].filter((time) => time !== undefined && time < Number.POSITIVE_INFINITY);
    bounds = {
      k: part.k,
      parts: [...bounds.parts, part],
      ...(froms.length === 0 ? {} : { from: Math.max(...(froms as number[])) }),
      ...(tos.length === 0 ? {} : { to: Math.min(...(tos as number[])) }),
    };
  }
  return bounds;
}

/** The classes of long intervals, each as far back as it can reach, up to where the main scan begins. */
function longParts(k: number | undefined, from: number | undefined, to: number): Part[] {
  if (k === undefined || from === undefined) return [];
  const parts: Part[] = [];
  for (let spanClass = 1; spanClass <= SPAN_CLASSES; spanClass++) {
    parts.push({ k: longList(k), h: spanClass, from: orderOfStart(from - spanOfClass(spanClass)), to });
  }
  return nonEmpty(parts);
}

function segmentOf({ parts, where }: Stretch, options: NaturalOptions): Segment {
  const { descending, view, meter, set, types, narrow, isLoose } = options;
  const noDates = parts.every((part) => part.to === 1);
  const [{ from, to }] = parts as [Part];
  // those of long intervals begin each at another date, and are few
  const isMany =
    parts.length > view.limits.unitedMax && parts.every((part) => part.from === from && part.to === to);
  const sql = isMany ? PLACES : scanSql(parts.length, descending);
  const known = narrow && {
    narrow,
    isLoose,
    startOf: (after: Position | undefined) => startOf(after, descending, noDates),
    from: Math.min(...parts.map((part) => part.from)),
    to,
    descending,
    isUndated: () => isUndated(types, view),
    meter,
  };
  const scan = {
    sql,
    known,
    behind: (after: Position | undefined, size: number, probe: SqlCondition): ScanPart | undefined => {
      const start = startOf(after, descending, noDates);
      if (start === undefined) return undefined;
      if (isMany) return behindInMany(parts, start, size, { descending, view, meter, set, probe });
      return { sql, args: parts.flatMap((part) => [part.k, part.h, ...boundsOf(part, start, descending)]) };
    },
  };
  return indexSegment(scan, where, view);
}

/** Lists that are looked into for the price of a row, and rows of lists that are put in order for it. */
const LISTS_PER_ROW = 16;
const SORTED_PER_ROW = 64;
/** The same of rows that are looked up in other lists, too. */
const PROBED_PER_ROW = 4;
/** Rows that are put in order in the time in which the first ones of a page are found, and of a list in that of a look into it. */
const SHORT_ROWS = 600;
const SHORT_LIST_ROWS = 10;

interface ManyOptions extends Pick<NaturalOptions, 'descending' | 'view' | 'meter' | 'set'> {
  readonly probe: SqlCondition;
}

function behindInMany(
  parts: readonly Part[],
  start: readonly [number, number],
  size: number,
  { descending, view, meter, set, probe }: ManyOptions,
): ScanPart | undefined {
  const isCounted = set.isCounted ?? set.rows <= view.limits.countedMax;
  const areShort = isCounted && set.rows <= SHORT_ROWS + parts.length * SHORT_LIST_ROWS;
  // of more the first ones may be enough
  const isProbed = areShort && probe.sql !== '' && set.rows <= SHORT_ROWS;
  const perRow = isProbed ? PROBED_PER_ROW : SORTED_PER_ROW;
  meter.spend(Math.ceil(parts.length / LISTS_PER_ROW + (areShort ? set.rows / perRow : 0)));
  const [last, ...after] = boundsOf(parts[0] as Part, start, descending) as [number, number, number];
  const listed = { lists: parts, areShort, probe: isProbed ? probe : NO_CONDITION };
  const merged = mergeLists(listed, { after, last, descending }, size, view.connection);
  return merged && { ...merged, isPlaced: true, isProbed };
}

/**
 * The one bound on each side: of two on the same side SQLite may choose the one that a page far behind has to run
 * through all rows before.
 */
function boundsOf({ from, to }: Part, [d, rid]: readonly [number, number], descending: boolean): number[] {
  if (descending) return d < to ? [from, d, rid] : [from, to, -1];
  return d >= from ? [to - 1, d, rid] : [to - 1, from, -1];
}

/** Date and rid to continue behind; undefined when a position lies behind the whole stretch. */
function startOf(
  after: Position | undefined,
  descending: boolean,
  noDates: boolean,
): [d: number, rid: number] | undefined {
  const d = after?.values[0] as number | null | undefined;
  if (descending) return after === undefined ? [END, END] : [d ?? 0, after.rid];
  // ascending, a position with a date lies before everything without one
  if (after === undefined || (noDates && d !== null)) return [-1, -1];
  if (!noDates && d === null) return undefined;
  return [d ?? 0, after.rid];
}

/** A union of lists in order, each resource once. */
function scanSql(count: number, descending: boolean): string {
  const bounds = descending ? 'd >= ? AND (d, rid) < (?, ?)' : 'd <= ? AND (d, rid) > (?, ?)';
  const one = `SELECT d, rid FROM ix WHERE k = ? AND h = ? AND ${bounds}`;
  const order = descending ? '1 DESC, 2 DESC' : '1, 2';
  return `${Array.from({ length: count }, () => one).join(' UNION ')} ORDER BY ${order} LIMIT ?`;
}
