/**
 * A page of a search: conditions looked up, a path chosen, rows read in the order asked for, all at one moment that
 * the next page shares.
 * https://hl7.org/fhir/R4/search.html
 */
import { NATURAL_SORT, type SearchQuery } from '../../search/query.ts';
import { findAll } from './choose-path.ts';
import { rowsAmong, rowsInOrder } from './choose-rows.ts';
import { hasOpen, isNothing } from './conditions.ts';
import { INDEX_ID } from './connect.ts';
import type { CountCache } from './count-cache.ts';
import { countMatches } from './count-matches.ts';
import { keyOf, type ResourceDocument, type TermDocument, versionsOf } from './documents.ts';
import type { Match } from './filters.ts';
import { resolveWhere, type SearchContext } from './joins.ts';
import type { Total } from './kept-totals.ts';
import type { MongoLimits } from './limits.ts';
import { createOrder, type Place } from './order.ts';
import { type Extent, MEMBERS, type Paging, type PlannedSearch, type Rows } from './planned-search.ts';
import type { Reader } from './reader.ts';
import { createTimedReader } from './timed-reader.ts';
import type { PlacedRow } from './walk.ts';
import { type Pace, placeOfEdge } from './walk-pace.ts';

export async function planSearch(
  reader: Reader,
  counts: CountCache,
  limits: MongoLimits,
  query: SearchQuery,
  paging?: Paging,
): Promise<PlannedSearch> {
  const context: SearchContext = {
    reader,
    counts,
    limits,
    resolved: new Map(),
    findAll,
    allTypes: query.types.length === 0 ? await reader.dictionary.types() : [],
  };
  const condition = await resolveWhere(context, query.where);
  const sort = query.sort.length === 0 ? NATURAL_SORT : query.sort;
  const codes = new Map<number, ReadonlyMap<string, string>>();
  let terms: readonly TermDocument[] = [];
  for (const [index, key] of sort.entries()) {
    for (const source of key.by === 'gathered' ? key.of : [key]) {
      if (source.by !== 'term' || codes.has(source.k)) continue;
      const listed = await reader.dictionary.list(source.k);
      codes.set(source.k, new Map(listed.map(({ _id, code }) => [_id, code])));
      if (index === 0) terms = listed;
    }
  }
  const order = createOrder(sort, (k) => codes.get(k) ?? new Map());
  return { types: query.types, condition, order, terms, context, paging };
}

/** The rows after `after`, no more than `limit`. */
export async function readRows(
  plan: PlannedSearch,
  limit: number,
  after: Place | undefined,
  extent: Extent = 'version',
): Promise<Rows> {
  const { paging, condition, context } = plan;
  if (isNothing(condition) || limit === 0) return { rows: [], hasMore: false };
  const wanted = { limit, after, extent };
  const isGathered = plan.order.keys[0]!.by === 'gathered';
  if (paging !== undefined && isGathered) return await readGathered(plan, wanted, paging);
  if (paging === undefined || hasOpen(condition)) {
    return await readInOrder(plan, wanted, paging?.newPace(false));
  }
  if (!paging.few.mayHelp(plan)) return await readInOrder(plan, wanted, paging.newPace(false));
  const known = await paging.few.known(plan, paging);
  if (known !== undefined) return await readAmong(plan, wanted, known);
  const tried = await tryInOrder(plan, wanted, paging);
  if (tried !== undefined) return tried;
  const found = await paging.few.find(plan, paging);
  if (found !== undefined) return await readAmong(plan, wanted, found);
  const { reader } = createTimedReader(context.reader, paging.elapsed, context.limits.refusedMs);
  return await readInOrder({ ...plan, context: { ...context, reader } }, wanted, paging.newPace(true));
}

interface Wanted {
  readonly limit: number;
  readonly after: Place | undefined;
  readonly extent: Extent;
}

/** Undefined when it takes so long that little seems to match. */
async function tryInOrder(
  plan: PlannedSearch,
  wanted: Wanted,
  { elapsed }: Paging,
): Promise<Rows | undefined> {
  const { context } = plan;
  const { triedMs } = context.limits;
  if (triedMs === 0) return undefined;
  const { reader, isOver } = createTimedReader(context.reader, elapsed, triedMs);
  try {
    return await readInOrder({ ...plan, context: { ...context, reader } }, wanted, undefined);
  } catch (error) {
    if (isOver()) return undefined;
    throw error;
  }
}

async function readInOrder(
  plan: PlannedSearch,
  { limit, after, extent }: Wanted,
  pace: Pace | undefined,
): Promise<Rows> {
  const need = limit + 1;
  const rows: PlacedRow[] = [];
  for await (const batch of rowsInOrder(plan, need, after, extent, pace)) {
    rows.push(...batch);
    if (rows.length >= need) break;
  }
  const page = rows.slice(0, limit);
  const stopped = pace?.end();
  const end = stopped === undefined || rows.length > limit ? undefined : placeOfEdge(plan.order, stopped);
  return {
    rows: await withMembers(plan.context.reader, page, extent),
    hasMore: rows.length > limit || end !== undefined,
    end,
  };
}

/** In an order that is put together once, and read on from page to page. */
async function readGathered(plan: PlannedSearch, wanted: Wanted, paging: Paging): Promise<Rows> {
  const { condition, context, order } = plan;
  const { limit, after, extent } = wanted;
  const { reader } = createTimedReader(context.reader, paging.elapsed, context.limits.refusedMs);
  const timed = { ...plan, context: { ...context, reader } };
  const few = hasOpen(condition) ? undefined : await paging.few.known(plan, paging);
  if (few !== undefined) return await readAmong(plan, wanted, few);
  const { places, changed } = await paging.gathered.places(timed, paging);
  const need = limit + 1;
  const others = new Set(changed);
  const rows: PlacedRow[] = [];
  const take = async (keys: readonly string[]): Promise<void> => {
    rows.push(...(await rowsAmong(timed, keys, need - rows.length, after)));
  };
  let lot = need;
  let keys: string[] = [];
  for (const key of places.keysAfter(after)) {
    if (!others.has(key)) keys.push(key);
    if (keys.length < lot) continue;
    await take(keys);
    keys = [];
    if (rows.length >= need) break;
    // where little matches of what stands in order more is looked at together
    lot = Math.min(Math.max(need - rows.length, lot * 2), LOT_MAX);
  }
  if (rows.length < need) await take(keys);
  if (changed.length > 0) {
    rows.push(...(await rowsAmong(timed, changed, need, after)));
    rows.sort((a, b) => order.compare(a.place, b.place));
  }
  return {
    rows: await withMembers(reader, rows.slice(0, limit), extent),
    hasMore: rows.length > limit,
  };
}

/** Resources of an order that are tested together. */
const LOT_MAX = 1_000;

/** Of resources among which all matches are. */
async function readAmong(
  plan: PlannedSearch,
  { limit, after, extent }: Wanted,
  keys: readonly string[],
): Promise<Rows> {
  const rows = await rowsAmong(plan, keys, limit + 1, after);
  return {
    rows: await withMembers(plan.context.reader, rows.slice(0, limit), extent),
    hasMore: rows.length > limit,
  };
}

/** The number of matches: exact, or when it need not be, as far as is cheap. */
export async function countRows(
  { types, condition, context }: PlannedSearch,
  isExact: boolean,
): Promise<Total> {
  return await countMatches(context, types, condition, isExact ? undefined : context.limits.countedMax);
}

/** The same rows with all that is wanted of them. */
async function withMembers(
  reader: Reader,
  rows: readonly PlacedRow[],
  extent: Extent,
): Promise<readonly PlacedRow[]> {
  if (extent === 'key' || rows.every(({ document }) => document.m !== undefined)) return rows;
  const ids = rows.map(({ document }) => document._id);
  const found = await reader.find({ _id: { $in: ids } }, { projection: MEMBERS[extent], hint: '_id_' });
  const byId = new Map(found.map((document) => [document._id, document]));
  const full = rows.flatMap(({ document, place }) => {
    const now = byId.get(document._id);
    return now === undefined ? [] : [{ document: now, place, position: document.c }];
  });
  // a write looks at what is there now, whatever was found
  const replaced =
    extent === 'document' ? [] : full.filter(({ document, position }) => document.c !== position);
  if (replaced.length === 0) return full;
  const before = await versionsBefore(
    reader,
    replaced.map(({ document, position }) => [document._id, position]),
  );
  return full.flatMap(({ document, place, position }) => {
    const row = document.c === position ? document : before.get(document._id);
    return row === undefined ? [] : [{ document: row, place }];
  });
}

/**
 * Versions that were found and replaced before their texts were read, where the server does not read both at one
 * moment: a page shows what it was put in order by, and nothing that is deleted.
 */
async function versionsBefore(
  reader: Reader,
  found: readonly (readonly [key: string, position: bigint])[],
): Promise<ReadonlyMap<string, ResourceDocument>> {
  const each = found.map(([key, position]) => ({ ...versionsOf(key), c: position }));
  const past = await reader.find({ $or: each } as Match, {
    projection: MEMBERS.version,
    isHistory: true,
    hint: INDEX_ID,
  });
  return new Map(past.map((document) => [keyOf(document), document]));
}
