/**
 * The state of a past moment without the server's help: what was written since is left out, and what it replaced is
 * read from history instead. Used when the moment of a page is older than the server keeps (five minutes unless set
 * otherwise). Exact but for writes that were under way in other processes at that very moment; chains look at the
 * present.
 */
import type { SearchQuery } from '../../search/query.ts';
import { type Condition, settle } from './conditions.ts';
import { INDEX_ID, INDEX_TIME } from './connect.ts';
import { type ResourceDocument, VERSION_FIELDS, versionsOf } from './documents.ts';
import { andOf, filterOf, type Match } from './filters.ts';
import { CANDIDATE_FIELDS, keepMatching, type SearchContext } from './joins.ts';
import { type Order, type Place, placeFields } from './order.ts';
import { withOrderTexts } from './order-texts.ts';
import type { PlacedRow } from './walk.ts';

export interface ShadowRequest {
  readonly types: SearchQuery['types'];
  readonly condition: Condition;
  readonly order: Order;
  /** The last position of the moment. */
  readonly latest: bigint;
  /** Resources that may have changed since; with more, the present is shown. */
  readonly changedMax: number;
}

/** Changes are looked up in history so many at a time. */
const BATCH = 200;

/**
 * The versions of the moment that match, of resources that have changed since, in order; undefined when too many
 * have changed.
 */
export async function shadowRows(
  context: SearchContext,
  { types, condition, order, latest, changedMax }: ShadowRequest,
  after: Place | undefined,
): Promise<readonly PlacedRow[] | undefined> {
  const changed = await context.reader.find(andOf(since(types, latest), { n: { $lte: latest } }), {
    projection: { _id: 1 },
    limit: changedMax + 1,
    hint: INDEX_TIME,
  });
  if (changed.length > changedMax) return undefined;
  const rows: PlacedRow[] = [];
  for (let start = 0; start < changed.length; start += BATCH) {
    const keys = changed.slice(start, start + BATCH).map(({ _id }) => _id);
    const then = await versionsAt(context, keys, latest);
    const filter = andOf({ _id: { $in: [...then] } }, filterOf(types, settle(condition), true));
    const projection = { ...VERSION_FIELDS, ...CANDIDATE_FIELDS, ...placeFields(order.keys) };
    const found = await context.reader.find(filter, { projection, isHistory: true, hint: INDEX_ID });
    const matching = await keepMatching(context, types, condition, found, true);
    for (const document of await withOrderTexts(context.reader, order, matching)) {
      const place = order.placeOf(document);
      if (after === undefined || order.compare(place, after) > 0) rows.push({ document, place });
    }
  }
  return rows.sort((a, b) => order.compare(a.place, b.place));
}

/** Whether anything of the types was written after a position. */
export async function hasChanged(
  { reader }: SearchContext,
  types: SearchQuery['types'],
  latest: bigint,
): Promise<boolean> {
  const options = { projection: { _id: 1 }, limit: 1, hint: INDEX_TIME } as const;
  return (await reader.find(since(types, latest), options)).length > 0;
}

/** The type is tested in a way that no planner takes for a bound: the time is the better one. */
function since(types: SearchQuery['types'], position: bigint): Match {
  const type = types.length === 0 ? {} : { t: { $not: { $nin: [...types] } } };
  return { c: { $gt: position }, ...type } as Match;
}

/** Keys in history of the last version of each resource up to a position. */
async function versionsAt(
  { reader }: SearchContext,
  keys: readonly string[],
  latest: bigint,
): Promise<readonly string[]> {
  const found = await reader.find({ $or: keys.map(versionsOf), c: { $lte: latest } } as Match, {
    projection: { _id: 1, i: 1, v: 1 },
    isHistory: true,
    hint: INDEX_ID,
  });
  const last = new Map<string, ResourceDocument & { readonly i: string }>();
  for (const row of found as (ResourceDocument & { readonly i: string })[]) {
    const before = last.get(row.i);
    if (before === undefined || before.v < row.v) last.set(row.i, row);
  }
  return [...last.values()].map(({ _id }) => _id);
}
