/**
 * Searches: candidates from the cheapest index, tested, ordered, cut to a page; all as of the commit that the
 * first page saw.
 */
import { NATURAL_SORT, type SearchQuery, type SortKey } from '../../search/query.ts';
import type { Precondition, SearchPage, SearchPageRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { decodeSearchCursor, encodeSearchCursor } from './cursor.ts';
import { createTermNames } from './dictionary.ts';
import { chooseDriver, collectCandidates, type Driver } from './driver.ts';
import { TYPE_LIST } from './index-keys.ts';
import { comparePositions, type Position, positionOf } from './order.ts';
import { compilePredicate } from './predicate.ts';
import { readByRid } from './stored.ts';
import { type Candidate, openView, type View } from './view.ts';

/** What a search did, for explain and for tests of growth. */
export interface SearchTrace {
  reads: string;
  examined: number;
}

/** Must be called within one read transaction. */
export function search(
  connection: Connection,
  query: SearchQuery,
  request: SearchPageRequest,
  trace: SearchTrace = { reads: '', examined: 0 },
): SearchPage {
  const sort = query.sort.length === 0 ? NATURAL_SORT : query.sort;
  const cursor = request.after === undefined ? undefined : decodeSearchCursor(request.after, sort.length);
  const view = openView(connection, cursor?.snapshot);
  const found = collect(query, sort, view, trace);
  const total = cursor?.total ?? (request.total === 'none' ? null : found.length);
  const compare = comparePositions(sort);
  const rest = cursor === undefined ? found : found.filter((hit) => compare(hit.position, cursor.after) > 0);
  rest.sort((a, b) => compare(a.position, b.position));
  const hits = rest.slice(0, request.limit);
  const last = hits.at(-1);
  const more = last !== undefined && rest.length > hits.length;
  return {
    rows: hits.map((hit) => readByRid(connection, hit.candidate.rid, hit.candidate.v)),
    ...(more ? { next: encodeSearchCursor({ snapshot: view.snapshot, after: last.position, total }) } : {}),
    ...(request.total === 'none' || total === null ? {} : { total: { value: total, exact: true } }),
  };
}

/** Whether the query matches exactly the ids, in the transaction as it stands. */
export function preconditionHolds(connection: Connection, { query, ids }: Precondition): boolean {
  const expected = new Set(ids);
  const page = search(connection, query, { limit: expected.size + 1, total: 'none' });
  const found = new Set(page.rows.map((row) => row.id));
  return found.size === expected.size && [...found].every((id) => expected.has(id));
}

interface Hit {
  readonly candidate: Candidate;
  readonly position: Position;
}

function collect(query: SearchQuery, sort: readonly SortKey[], view: View, trace: SearchTrace): Hit[] {
  const types = query.types.length === 0 ? view.typeNames() : query.types;
  const wanted = new Set(types.map((name) => view.typeId(name)));
  const driver = chooseDriver(query.where, view, types) ?? typeDriver(types, view);
  const test = compilePredicate(query.where, view);
  const names = createTermNames(view.connection);
  const hits: Hit[] = [];
  for (const candidate of collectCandidates(driver, view)) {
    trace.examined++;
    if (!wanted.has(candidate.t) || !test(candidate)) continue;
    hits.push({ candidate, position: positionOf(candidate, sort, names) });
  }
  trace.reads = driver.reads;
  return hits;
}

function typeDriver(types: readonly string[], view: View): Driver {
  return {
    reads: `types ${types.join()}`,
    cost: Number.POSITIVE_INFINITY,
    *rids() {
      for (const name of types) {
        const t = view.typeId(name);
        if (t === undefined) continue;
        const rows = view.connection.rows('SELECT rid FROM ix WHERE k = ? AND h = ?', TYPE_LIST, t);
        for (const row of rows) yield row[0] as number;
      }
    },
  };
}
