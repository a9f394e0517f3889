/**
 * The order of several keys where the index is in the order of the first one: resources are read in its order, and
 * the few that are equal in it are put in order by the others. Where many are equal, the index is read in the order
 * of the next key instead, and whether a resource belongs to them is one look-up for each row.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import type { SQLInputValue } from 'node:sqlite';
import { assertNever } from '../../fhir/types.ts';
import { type Bound, isEverything } from './bind.ts';
import type { Bindings } from './bindings.ts';
import type { Found, Page } from './found.ts';
import { fewOfMembers, isValueOrder, termOfValue, valueMembers } from './gathered-walk.ts';
import { type Group, type Search, searchGroup } from './groups.ts';
import type { Hit } from './hits.ts';
import { TYPE_LIST } from './index-keys.ts';
import { groupName, keptOrder } from './kept-orders.ts';
import { countWhole } from './list-lengths.ts';
import { listsOf, typeLists } from './lists.ts';
import { createTrial, TrialOver } from './meter.ts';
import { type OrderKey, postedSources, type SortValue } from './order.ts';
import { NO_CONDITION, type SqlCondition } from './sql-condition.ts';
import type { Segment, StreamOptions } from './stream.ts';
import { unitsOf } from './units.ts';
import { liveOf } from './view.ts';
import { fewWithout } from './without-value.ts';

export type StreamedPage = Page & Partial<Pick<StreamOptions, 'behind' | 'isLarge'>>;

export interface Streamed extends Found {
  /** Where it ended before the page was full: many have this value. */
  readonly large?: { readonly value: SortValue };
}

export interface Ways {
  readonly stream: (segments: readonly Segment[], bindings: Bindings, page: StreamedPage) => Streamed;
  readonly search: Search;
}

export function pageByPlaces(
  segments: readonly Segment[],
  bindings: Bindings,
  page: Page,
  { stream, search }: Ways,
): Found {
  const { after, limit } = page;
  const { view, name } = bindings;
  // no index lists what has no value, except by date
  const nullIsListed = bindings.sort[0]?.by === 'primary';
  const start = after && { value: after.values[0] as SortValue };
  const sizes = new Map<SortValue, Size>();
  const isLarge = (value: SortValue): boolean => {
    if (value === null && !nullIsListed) return true;
    const size = sizes.get(value) ?? sizeOfGroup(value, bindings, limit);
    sizes.set(value, size);
    // who goes from page to page reads it to its end: to put it in order once is less than to read far for each page
    const isOrdered = start !== undefined && name !== undefined && size.walked > DENSE * limit;
    return size.rows > (isOrdered ? view.limits.groupMax : size.most);
  };
  /** As `search`; undefined when it looks at so much that putting all in order is the shorter way. */
  const tried = (value: SortValue, part: Page): Found | undefined => {
    const size = sizes.get(value);
    const group = groupAt(value, bindings);
    if (size === undefined || size.rows > view.limits.groupMax)
      return searchGroup(group, bindings, part, search);
    const rows = Math.max(WALKED * size.walked, (size.rows * RESOURCE_COST) / ROW_COST);
    try {
      return searchGroup(group, { ...bindings, meter: createTrial(bindings.meter, rows) }, part, search);
    } catch (error) {
      if (!(error instanceof TrialOver)) throw error;
      sizes.set(value, { ...size, most: size.rows });
      return undefined;
    }
  };
  let behind: { readonly value: SortValue } | undefined;
  const isKept = start !== undefined && isKeptGroup(start.value, bindings);
  let large = start !== undefined && !isKept && isLarge(start.value) ? start : undefined;
  let from = after;
  const hits: Hit[] = [];
  for (;;) {
    if (large === undefined) {
      const rest = { ...page, after: from, limit: limit + 1 - hits.length, behind, isLarge };
      const found = stream(segments, bindings, rest);
      hits.push(...found.hits);
      if (hits.length > limit) return { hits: hits.slice(0, limit), more: hits[limit - 1]?.position };
      if (found.more !== undefined) return { hits, more: found.more };
      large = found.large;
      if (large === undefined) return { hits, more: undefined };
    }
    const { value } = large;
    const resumes = behind === undefined && from !== undefined && value === from.values[0];
    const part = { ...page, after: resumes ? from : undefined, limit: limit + 1 - hits.length };
    const found = tried(value, part);
    large = undefined;
    if (found === undefined) {
      // what was found before it stays
      const last = hits.at(-1);
      if (last === undefined) continue;
      from = last.position;
      behind = undefined;
      continue;
    }
    hits.push(...found.hits);
    if (hits.length > limit) return { hits: hits.slice(0, limit), more: hits[limit - 1]?.position };
    // it ended early
    if (found.more !== undefined) return { hits, more: found.more };
    if (value === null) return { hits, more: undefined };
    behind = { value };
  }
}

function isKeptGroup(value: SortValue, { name, view }: Bindings): boolean {
  const group = groupName(name, value);
  return group !== undefined && keptOrder(view.connection, group) !== undefined;
}

/** Rows for each resource of a page up to which reading in the order of the next key costs no more than any page. */
const DENSE = 3;
/** What a row of the index costs, and a resource that is read and put in order. */
const ROW_COST = 1.5;
const RESOURCE_COST = 8;
/** So many times what was expected may be walked: what has several values lies on the way more than once. */
const WALKED = 4;
/** Share of all that matches, when no list tells. */
const UNKNOWN_SHARE = 1 / 8;

interface Size {
  /** Resources with the value, one more than are put in order together at most. */
  readonly rows: number;
  /** From how many on they are read in the order of the next key. */
  readonly most: number;
  /** Rows of the next key that a page takes, about. */
  readonly walked: number;
}

/**
 * The more are equal in the first key, the sooner reading in the order of the next one fills a page, and the longer it
 * takes to put them in order.
 */
function sizeOfGroup(value: SortValue, bindings: Bindings, limit: number): Size {
  const { sort, view, types } = bindings;
  const live = liveOf(types, view);
  const key = sort[0] as OrderKey;
  const isDate = key.by === 'primary';
  const share = isDate ? 1 : shareOf(bindings, live);
  const most = Math.sqrt((limit * live) / (share * (ROW_COST + RESOURCE_COST * share)));
  const { groupMax } = view.limits;
  let rows = 0;
  if (isValueOrder(key)) rows = valueMembers(key, value, bindings)?.length ?? 0;
  for (const { from, args } of isDate ? dateRanges(value, bindings) : placeRanges(key, value, bindings)) {
    const sql = `SELECT count(*) FROM (SELECT 1 FROM ${from} LIMIT ?)`;
    rows += view.connection.row(sql, ...args, groupMax + 1 - rows)?.[0] as number;
    if (rows > groupMax) break;
  }
  // nothing can be read in the order of such a key
  if (sort[1]?.by === 'gathered') return { rows, most: groupMax, walked: Number.POSITIVE_INFINITY };
  return { rows, most: Math.min(groupMax, Math.ceil(most)), walked: (limit * live) / (rows * share) };
}

/** How many of all resources match, about. */
function shareOf({ where, types, view, meter }: Bindings, live: number): number {
  if (isEverything(where)) return 1;
  const set = listsOf(where, types, view);
  if (set === undefined) return UNKNOWN_SHARE;
  return Math.min(1, Math.max(1, countWhole(set.lists, view, meter)) / Math.max(1, live));
}

/** The rows with the date in the lists that are read. */
function dateRanges(value: SortValue, { where, types, view }: Bindings): readonly PlaceRange[] {
  const { lists } = listsOf(where, types, view) ?? typeLists(types, view);
  return lists.map(({ k, h }) => ({ from: 'ix WHERE k = ? AND h = ? AND d = ?', args: [k, h, value ?? 0] }));
}

function groupAt(value: SortValue, bindings: Bindings): Group {
  const key = bindings.sort[0] as OrderKey;
  const { names } = bindings;
  const is: Bound = { kind: 'place', key, value, names, sql: placeSql(key, value, bindings) };
  if (isValueOrder(key)) {
    return { is, indexed: termOfValue(key, value, bindings), value, few: fewOfMembers(key, value, bindings) };
  }
  return { is, value, few: value === null ? fewWithout(key, bindings) : undefined };
}

function placeSql(key: OrderKey, value: SortValue, bindings: Bindings): SqlCondition {
  const ranges = placeRanges(key, value, bindings);
  if (ranges.length === 0) return NO_CONDITION;
  const looks = ranges.map(({ from }) => `EXISTS (SELECT 1 FROM ${from} AND rid = p.rid)`);
  return { sql: `(${looks.join(' OR ')})`, args: ranges.flatMap(({ args }) => args) };
}

interface PlaceRange {
  /** Table and condition. */
  readonly from: string;
  readonly args: readonly SQLInputValue[];
}

/** The rows of the index that have a value; none where it has no such rows. */
function placeRanges(
  key: OrderKey,
  value: SortValue,
  { view, types }: Pick<Bindings, 'view' | 'types'>,
): readonly PlaceRange[] {
  if (key.by === 'primary') {
    const from = `ix WHERE k = ${TYPE_LIST} AND h = ? AND d = ?`;
    return types.map((t) => ({ from, args: [t, value ?? 0] }));
  }
  if (value === null) return [];
  return (postedSources(key) ?? []).flatMap(({ by, k }): readonly PlaceRange[] => {
    switch (by) {
      case 'text':
        return [{ from: 'ixs WHERE k = ? AND s = ?', args: [k, value] }];
      case 'date':
        return [{ from: 'ixd WHERE k = ? AND lo = ?', args: [k, value] }];
      case 'number': {
        const from = 'ixq WHERE k = ? AND u = ? AND lo = ?';
        return (unitsOf(k, view) ?? []).map((u) => ({ from, args: [k, u, value] }));
      }
      case 'term':
        return [];
      default:
        return assertNever(by);
    }
  });
}
