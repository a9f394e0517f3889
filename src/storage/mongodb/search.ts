/**
 * A page of a search: conditions looked up, a path chosen, rows read in the order asked for, all at one moment that
 * the next page shares.
 * https://hl7.org/fhir/R4/search.html
 */
import { fail } from '../../fhir/issues.ts';
import { NO_DATE } from '../../search/postings.ts';
import { NATURAL_SORT, type SearchQuery, type SortKey } from '../../search/query.ts';
import { choosePath, findAll } from './choose-path.ts';
import { type Condition, hasOpen, isNothing, partsOf, primaryDates, settle } from './conditions.ts';
import type { CountCache } from './count-cache.ts';
import { countMatches } from './count-matches.ts';
import { DOCUMENT_FIELDS, type ResourceDocument, type TermDocument, VERSION_FIELDS } from './documents.ts';
import { CANDIDATE_FIELDS, keepMatching, resolveWhere, type SearchContext } from './joins.ts';
import type { Total } from './kept-totals.ts';
import type { MongoLimits } from './limits.ts';
import { createOrder, type Order, type Place, placeFields } from './order.ts';
import { orderKey, orderKeyFrom } from './order-key.ts';
import { withOrderTexts } from './order-texts.ts';
import { type Path, wholePath } from './paths.ts';
import type { Reader } from './reader.ts';
import { idRows, naturalRows, updatedRows } from './streams.ts';
import { type PlacedRow, sortedRows, type WalkRequest, walk } from './walk.ts';
import { type Pace, placeOfEdge } from './walk-pace.ts';

/** A remembered count may be older than a load of data: this much longer than it said is still sorted here. */
const SHORT_FACTOR = 4;

export interface PlannedSearch {
  readonly types: readonly string[];
  readonly condition: Condition;
  readonly order: Order;
  readonly terms: readonly TermDocument[];
  readonly context: SearchContext;
  /** Of each read of rows; absent where nothing may end early. */
  readonly newPace?: (() => Pace) | undefined;
}

export interface Rows {
  readonly rows: readonly PlacedRow[];
  readonly hasMore: boolean;
  /** Where the page ended although it is not full. */
  readonly end?: Place | undefined;
}

export async function planSearch(
  reader: Reader,
  counts: CountCache,
  limits: MongoLimits,
  query: SearchQuery,
  newPace?: () => Pace,
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
  return { types: query.types, condition, order, terms, context, newPace };
}

/** What a row has: its key and its place, what a version is answered with, or the document as a whole. */
export type Extent = keyof typeof MEMBERS;

const MEMBERS = { key: { _id: 1 }, version: VERSION_FIELDS, document: DOCUMENT_FIELDS } as const;

/** The rows after `after`, no more than `limit`. */
export async function readRows(
  plan: PlannedSearch,
  limit: number,
  after: Place | undefined,
  extent: Extent = 'version',
): Promise<Rows> {
  if (isNothing(plan.condition) || limit === 0) return { rows: [], hasMore: false };
  const need = limit + 1;
  const rows: PlacedRow[] = [];
  const pace = plan.newPace?.();
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

/** The number of matches: exact, or when it need not be, as far as is cheap. */
export async function countRows(
  { types, condition, context }: PlannedSearch,
  isExact: boolean,
): Promise<Total> {
  return await countMatches(context, types, condition, isExact ? undefined : context.limits.countedMax);
}

function rowsInOrder(
  plan: PlannedSearch,
  need: number,
  after: Place | undefined,
  extent: Extent,
  pace: Pace | undefined,
): AsyncGenerator<readonly PlacedRow[]> {
  const { types, condition, order, terms, context } = plan;
  const isOpen = hasOpen(condition);
  // whatever is checked again, or read in excess, is read without its text
  const isDirect = !isOpen && isTotal(order.keys, types);
  const fields = {
    ...placeFields(order.keys),
    ...(isOpen ? CANDIDATE_FIELDS : {}),
    ...(isDirect ? MEMBERS[extent] : {}),
  };
  const request: WalkRequest = {
    types,
    condition,
    descending: order.keys[0]!.descending,
    batch: isDirect ? need : Math.max(need, context.limits.batchMax),
    fields,
    order,
    after,
    need,
    terms,
    // among equals that are still to be sorted a page cannot end
    pace: isTotal(order.keys, types) ? pace : undefined,
  };
  return chooseRows(context, request);
}

/** https://hl7.org/fhir/R4/search.html#sort */
async function* chooseRows(
  context: SearchContext,
  request: WalkRequest,
): AsyncGenerator<readonly PlacedRow[]> {
  const { types, condition, order } = request;
  const { reader, allTypes } = context;
  const by = order.keys[0]!.by;
  if (reader.useHints && by === 'primary' && request.descending && isOfPrimaryDate(types, condition)) {
    yield* inOrder(
      context,
      request,
      naturalRows(reader, wholePath(types, allTypes), request, naturalAfter(request)),
    );
    return;
  }
  const best = await choosePath(context, types, condition, by === 'primary');
  const isNatural = by === 'primary' && best.path.kind === 'keys';
  // texts are read with the rows when hardly more rows than wanted are read
  const light = best.count <= request.need ? request : { ...request, fields: lightFields(request) };
  if (!isNatural && (await isShort(context, best.path, best.count, by))) {
    const rows = await sortedRows(
      context,
      best.path,
      light,
      () => true,
      {},
      SHORT_FACTOR * context.limits.sortedMax,
    );
    if (rows !== undefined) {
      yield rows;
      return;
    }
  }
  switch (by) {
    case 'primary': {
      const path = best.path.kind === 'keys' ? best.path : wholePath(types, allTypes);
      yield* inOrder(context, request, naturalRows(reader, path, request, naturalAfter(request)));
      return;
    }
    case 'updated': {
      const from = request.after?.values[0] as bigint | undefined;
      yield* inOrder(context, request, updatedRows(reader, request, from));
      return;
    }
    case 'id': {
      const from = request.after?.values[0] as string | undefined;
      yield* inOrder(context, request, idRows(reader, request, from));
      return;
    }
    case 'gathered': {
      const { gatheredMax } = context.limits;
      const rows = await sortedRows(context, best.path, light, () => true, {}, gatheredMax);
      if (rows === undefined) throw tooMany();
      yield rows;
      return;
    }
    default:
      yield* walk(context, best.path, light);
  }
}

function tooMany(): Error {
  return fail(
    'too-costly',
    'This search would have to look at too many resources: narrow it, or sort it by another key.',
  );
}

/**
 * Nothing but bounds of the date that the lists are in the order of: a page is the start of a stretch of such a list.
 * A server that is told no index may read the whole list for it.
 */
function isOfPrimaryDate(types: readonly string[], condition: Condition): boolean {
  if (types.length !== 1) return false;
  const dates = primaryDates(condition).filter(({ prefix }) => prefix !== 'ne');
  return dates.length > 0 && partsOf(settle(condition)).length === dates.length;
}

async function isShort(
  { reader, counts, limits }: SearchContext,
  path: Path,
  count: number,
  by: SortKey['by'],
): Promise<boolean> {
  if (count < limits.surveyedMax) return true;
  if (by === 'primary' || by === 'updated' || by === 'id') return false;
  return (await counts.count(reader, path, limits.sortedMax + 1)) <= limits.sortedMax;
}

/** Rows of a stream that is in the order of the first key, in the total order. */
async function* inOrder(
  context: SearchContext,
  request: WalkRequest,
  stream: AsyncGenerator<readonly ResourceDocument[]>,
): AsyncGenerator<readonly PlacedRow[]> {
  const { types, condition, order, after, need } = request;
  const isComplete = isTotal(order.keys, types);
  let group: PlacedRow[] = [];
  const sortGroup = (): PlacedRow[] => group.sort((a, b) => order.compare(a.place, b.place)).slice(0, need);
  for await (const documents of stream) {
    const done: PlacedRow[] = [];
    const matching = await keepMatching(context, types, condition, documents);
    for (const document of await withOrderTexts(context.reader, order, matching)) {
      const row = { document, place: order.placeOf(document) };
      if (after !== undefined && order.compare(row.place, after) <= 0) continue;
      if (isComplete) {
        done.push(row);
        continue;
      }
      if (group.length > 0 && group[0]!.place.values[0] !== row.place.values[0]) {
        done.push(...sortGroup());
        group = [];
      }
      group.push(row);
      if (group.length > need + context.limits.batchMax) group = sortGroup();
    }
    if (done.length > 0) yield done;
  }
  if (group.length > 0) yield sortGroup();
}

/** Whether the order of the stream leaves nothing to sort among equals. */
function isTotal(keys: readonly SortKey[], types: readonly string[]): boolean {
  const by = keys[0]!.by;
  return by === 'updated' || (by === 'id' && types.length === 1) || (by === 'primary' && keys.length === 1);
}

/** Where a stream by primary date goes on: behind the last row, or before its equals when these need sorting. */
function naturalAfter({ order, after, descending }: WalkRequest): Uint8Array | undefined {
  if (after === undefined) return undefined;
  const date = (after.values[0] as number | null) ?? NO_DATE;
  if (order.keys.length === 1) return orderKey(date, after.created);
  return descending ? orderKeyFrom(date + 1) : orderKeyFrom(date);
}

/** What rows are ordered by and, where the condition is open, checked again with. */
function lightFields({ fields, order }: WalkRequest): Record<string, 1> {
  return fields.b === undefined ? fields : placeFields(order.keys);
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
  return rows.flatMap(({ document, place }) => {
    const full = byId.get(document._id);
    return full === undefined ? [] : [{ document: full, place }];
  });
}
