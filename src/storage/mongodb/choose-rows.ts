/**
 * The rows of a search in the order asked for: the short way where little is read, a list that is in the order, or a
 * walk along the values of a key.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { NO_DATE } from '../../search/postings.ts';
import type { SortKey } from '../../search/query.ts';
import { choosePath } from './choose-path.ts';
import { type Condition, hasOpen, partsOf, primaryDates, settle } from './conditions.ts';
import type { ResourceDocument } from './documents.ts';
import { CANDIDATE_FIELDS, keepMatching, type SearchContext } from './joins.ts';
import { type Place, placeFields } from './order.ts';
import { orderKey, orderKeyFrom } from './order-key.ts';
import { withOrderTexts } from './order-texts.ts';
import { type Path, wholePath } from './paths.ts';
import { type Extent, MEMBERS, type PlannedSearch } from './planned-search.ts';
import { idRows, naturalRows, updatedRows } from './streams.ts';
import { type PlacedRow, sortedRows, type WalkRequest, walk } from './walk.ts';
import type { Pace } from './walk-pace.ts';

/** A remembered count may be older than a load of data: this much longer than it said is still sorted here. */
const SHORT_FACTOR = 4;

/** Rows after `after` in the total order, in batches: as many as are wanted, or all. */
export function rowsInOrder(
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

/** Rows after `after` of some resources, in the total order, no more than are wanted. */
export async function rowsAmong(
  { types, condition, order, terms, context }: PlannedSearch,
  keys: readonly string[],
  need: number,
  after: Place | undefined,
): Promise<readonly PlacedRow[]> {
  if (keys.length === 0) return [];
  const fields = { ...placeFields(order.keys), ...(hasOpen(condition) && CANDIDATE_FIELDS) };
  const { descending } = order.keys[0]!;
  const request = { types, condition, order, terms, after, need, fields, descending, batch: need };
  const path = { kind: 'ids', ids: keys } as const;
  return (await sortedRows(context, path, request, () => true, {}, Number.POSITIVE_INFINITY)) ?? [];
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
    case 'gathered':
      // for pages it is put in order before; whoever writes needs all
      yield (await sortedRows(context, best.path, light, () => true, {}, Number.POSITIVE_INFINITY)) ?? [];
      return;
    default:
      yield* walk(context, best.path, light);
  }
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
