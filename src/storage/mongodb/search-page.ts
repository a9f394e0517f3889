/**
 * A page of a search, as things were when its first page was read.
 */
import type { ClientSession, MongoClient, Timestamp } from 'mongodb';
import type { SearchQuery } from '../../search/query.ts';
import type { SearchPage, SearchPageRequest } from '../store.ts';
import { allOf } from './conditions.ts';
import { INDEX_TIME } from './connect.ts';
import type { CountCache } from './count-cache.ts';
import { keyOf } from './documents.ts';
import { isSnapshotGone } from './failures.ts';
import type { FewMatches } from './few-matches.ts';
import type { GatheredOrders } from './gathered-orders.ts';
import type { KeptTotals, Total } from './kept-totals.ts';
import { rememberHeads } from './known-heads.ts';
import type { MongoLimits } from './limits.ts';
import { decodePosition, encodePosition, type PagePosition } from './page-position.ts';
import type { Paging, PlannedSearch, Rows } from './planned-search.ts';
import { atOneMoment, createReader, type Reader, type ReaderSettings } from './reader.ts';
import { countRows, planSearch, readRows } from './search.ts';
import { hasChanged, type ShadowRequest, shadowRows } from './shadow.ts';
import { readVersions } from './texts.ts';
import type { PlacedRow } from './walk.ts';
import { createPace } from './walk-pace.ts';

export interface PageSettings extends ReaderSettings {
  readonly client: MongoClient;
  readonly counts: CountCache;
  /** ms since any moment. */
  readonly elapsed: () => number;
  readonly totals: KeptTotals;
  readonly few: FewMatches;
  readonly gathered: GatheredOrders;
  readonly limits: MongoLimits;
  /** The newest position that was seen, for pages without moments; the first time it is looked for by one of many. */
  readonly newest: { position: bigint; first?: Promise<bigint> };
}

export async function searchPage(
  settings: PageSettings,
  query: SearchQuery,
  page: SearchPageRequest,
): Promise<SearchPage> {
  const from = page.after === undefined ? undefined : decodePosition(page.after);
  const { client, keepsMoments } = settings;
  if (page.forWrite === true) return await pageForWrite(settings, query, page.limit);
  const asked = { query, page, from };
  if (!keepsMoments) return await pageOfShadow(settings, asked);
  try {
    return await atOneMoment(client, from?.moment, async (session, readMoment) => {
      const plan = await planAt(settings, session, query, from?.latest);
      const found = await readRows(plan, page.limit, from?.place);
      return await answer(settings, asked, plan, found, {
        latest: () => latestPosition(plan.context.reader),
        moment: readMoment,
      });
    });
  } catch (error) {
    if (from === undefined || !isSnapshotGone(error)) throw error;
    return await pageOfShadow(settings, asked);
  }
}

/** Of now, and with nothing that only a later page would need. */
async function pageForWrite(settings: PageSettings, query: SearchQuery, limit: number): Promise<SearchPage> {
  // a match that a page left to the next one would be written twice
  const plan = await planSearch(createReader(settings, undefined), settings.counts, settings.limits, query);
  const { rows } = await readRows(plan, limit, undefined, 'document');
  const documents = rows.map(({ document }) => document);
  const versions = await readVersions(settings.collections, documents);
  rememberHeads(versions, documents);
  return { rows: versions };
}

async function pageOfShadow(settings: PageSettings, asked: Asked): Promise<SearchPage> {
  const { query, page, from } = asked;
  return await atOneMoment(settings.client, undefined, async (session) => {
    const plan = await planAt(settings, session, query, from?.latest);
    const { types, condition, order, context } = plan;
    const latest = from?.latest ?? (await latestNow(settings.newest, context.reader));
    if (from === undefined) {
      const found = await readRows(plan, page.limit, undefined);
      // no later page has to agree with this one, or nothing has happened that could tell them apart
      if (!found.hasMore || !(await hasChanged(context, types, latest))) {
        return await answer(settings, asked, plan, found, {
          latest: async () => latest,
          moment: () => undefined,
        });
      }
    }
    const request: ShadowRequest = {
      types,
      condition,
      order,
      latest,
      changedMax: settings.limits.changedMax,
    };
    let past: PlannedSearch = { ...plan, condition: allOf([condition, { kind: 'until', position: latest }]) };
    let found = await readRows(past, page.limit, from?.place);
    // current ones first: a version that is replaced between the two reads is seen twice rather than never
    const replaced = await shadowRows(context, request, undefined);
    if (replaced === undefined) {
      past = plan;
      found = await readRows(past, page.limit, from?.place);
    }
    const shadow = (replaced ?? []).filter(
      ({ place }) => from === undefined || order.compare(place, from.place) > 0,
    );
    return await answer(settings, asked, past, merge(order.compare, found, shadow, page.limit), {
      latest: async () => latest,
      moment: () => from?.moment,
      countMore: replaced?.length ?? 0,
    });
  });
}

interface Moment {
  readonly latest: () => Promise<bigint>;
  readonly moment: () => Timestamp | undefined;
  /** Matches that are not among the versions that are searched; absent when these are all there are. */
  readonly countMore?: number;
}

/** What was asked for, and where. */
interface Asked {
  readonly query: SearchQuery;
  readonly page: SearchPageRequest;
  readonly from: PagePosition | undefined;
}

async function answer(
  settings: PageSettings,
  asked: Asked,
  plan: PlannedSearch,
  found: Rows,
  { latest, moment, countMore }: Moment,
): Promise<SearchPage> {
  const { page, from } = asked;
  const { rows, hasMore } = found;
  const versions = await readVersions(
    settings.collections,
    rows.map(({ document }) => document),
  );
  const total = page.total === 'none' ? undefined : await totalOf(settings, asked, plan, found, countMore);
  const place = found.end ?? rows.at(-1)?.place;
  const next =
    hasMore && place !== undefined
      ? encodePosition({
          moment: moment(),
          latest: from?.latest ?? (await latest()),
          place,
          ...(total !== undefined && { total }),
        })
      : undefined;
  return { rows: versions, ...(next !== undefined && { next }), ...(total !== undefined && { total }) };
}

async function totalOf(
  { totals }: PageSettings,
  { query, page, from }: Asked,
  plan: PlannedSearch,
  { rows, hasMore }: Rows,
  countMore: number | undefined,
): Promise<Total> {
  if (from === undefined && !hasMore && page.limit > 0) return { value: rows.length, exact: true };
  const isExact = page.total === 'accurate';
  if (from?.total !== undefined && (from.total.exact || !isExact)) return from.total;
  const count = async (): Promise<Total> => await countRows(plan, isExact);
  if (from === undefined && countMore === undefined) {
    return await totals.of(query, plan.context.reader, isExact, count);
  }
  const { value, exact } = await count();
  return { value: value + (countMore ?? 0), exact };
}

async function planAt(
  settings: PageSettings,
  session: ClientSession,
  query: SearchQuery,
  latest: bigint | undefined,
): Promise<PlannedSearch> {
  const { counts, limits } = settings;
  const present = createReader(settings, undefined);
  return await planSearch(
    createReader(settings, session),
    counts,
    limits,
    query,
    pagingOf(settings, present, latest),
  );
}

/** @param latest the newest position when the first page was read, if this is another one */
export function pagingOf(
  { limits, elapsed, few, gathered }: PageSettings,
  present: Reader,
  latest: bigint | undefined,
): Paging {
  const newPace = (isTried: boolean) => createPace(isTried ? { ...limits, triedMs: 0 } : limits, elapsed);
  return { elapsed, newPace, few, gathered, present, latest };
}

function merge(
  compare: (a: PlacedRow['place'], b: PlacedRow['place']) => number,
  { rows, hasMore, end }: Rows,
  shadow: readonly PlacedRow[],
  limit: number,
): Rows {
  if (shadow.length === 0 || limit === 0) return { rows, hasMore, end };
  const current = new Set(rows.map(({ document }) => keyOf(document)));
  const isBefore = (place: PlacedRow['place']): boolean => end === undefined || compare(place, end) <= 0;
  const more = shadow.filter(({ document, place }) => !current.has(keyOf(document)) && isBefore(place));
  const merged = [...rows, ...more].sort((a, b) => compare(a.place, b.place));
  const page = merged.slice(0, limit);
  return {
    rows: page,
    hasMore: hasMore || merged.length > limit,
    end: merged.length > limit ? undefined : end,
  };
}

/** Read after the call began, so that nothing acknowledged before is missing. */
async function latestNow(newest: PageSettings['newest'], reader: Reader): Promise<bigint> {
  if (newest.position === 0n) {
    newest.first ??= latestPosition(reader).finally(() => {
      delete newest.first;
    });
    const first = await newest.first;
    if (first > newest.position) newest.position = first;
  }
  const latest = await latestPosition(reader, newest.position);
  if (latest > newest.position) newest.position = latest;
  return latest;
}

/** The newest position; `known` is one that was read before. */
async function latestPosition(reader: Reader, known = 0n): Promise<bigint> {
  const filter = known === 0n ? {} : { c: { $gt: known } };
  const [newest] = await reader.find(filter, {
    projection: { c: 1 },
    sort: { c: -1 },
    limit: 1,
    hint: INDEX_TIME,
  });
  return newest?.c ?? known;
}
