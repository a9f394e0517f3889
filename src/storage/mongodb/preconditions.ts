/**
 * Whether preconditions hold, in as few commands as they need: those that ask for exact terms and nothing else share
 * one look into the index, however many persons a transaction registers.
 */
import type { ClientSession } from 'mongodb';
import type { Precondition } from '../store.ts';
import { INDEX_K } from './connect.ts';
import { idOf, TOMBSTONE } from './documents.ts';
import { termKey } from './index-keys.ts';
import { createReader, type Reader } from './reader.ts';
import { listsMatch } from './scans.ts';
import { planSearch, readRows } from './search.ts';
import type { PageSettings } from './search-page.ts';
import type { Held } from './write-all.ts';

/** Keys of one command. */
const KEYS_MAX = 200;

/** One answer for each precondition, as `session` sees the store, in which nothing else is asked meanwhile. */
export async function holdAll(
  settings: PageSettings,
  preconditions: readonly Precondition[],
  session: ClientSession | undefined,
): Promise<Held> {
  const holds: boolean[] = [];
  let hasAsked = false;
  const reader = createReader(settings, session, () => {
    hasAsked = true;
  });
  const listed: Listed[] = [];
  for (const [index, { query, ids }] of preconditions.entries()) {
    const lists = listsOf(query);
    if (lists !== undefined) listed.push({ index, ...lists, ids });
  }
  for (const lot of lotsOf(listed)) await askLists(reader, lot, holds);
  for (const [index, { query, ids }] of preconditions.entries()) {
    holds[index] ??= isSame(ids, await matchIds(settings, reader, query, ids.length));
  }
  return { holds, hasAsked };
}

/** A precondition whose matches are among what is on some lists of the index: those that have one of the terms. */
interface Listed extends Lists {
  readonly index: number;
  readonly ids: readonly string[];
}

interface Lists {
  readonly keys: readonly string[];
  readonly terms: readonly string[];
}

/** Terms of a parameter belong to one type, so a list of them needs no other test. */
function listsOf({ types, where }: Precondition['query']): Lists | undefined {
  if (types.length !== 1 || where.kind !== 'term' || where.isPair === true) return undefined;
  const { terms, implied = where } = where;
  // what is found by more than one step is asked for by itself
  if (implied.kind !== 'term' || (implied !== where && implied.implied !== undefined)) return undefined;
  if (terms.length === 0 || Math.max(terms.length, implied.terms.length) > KEYS_MAX) return undefined;
  return {
    keys: implied.terms.map((hash) => termKey(implied.k, hash)),
    terms: terms.map((hash) => termKey(where.k, hash)),
  };
}

function lotsOf(listed: readonly Listed[]): Listed[][] {
  const lots: Listed[][] = [];
  let keys = Number.POSITIVE_INFINITY;
  for (const one of listed) {
    keys += one.keys.length;
    if (keys > KEYS_MAX) {
      lots.push([]);
      keys = one.keys.length;
    }
    lots.at(-1)!.push(one);
  }
  return lots;
}

/** One more than all expect shows that one has more than it expects; which one, each is asked for itself. */
async function askLists(reader: Reader, lot: readonly Listed[], holds: boolean[]): Promise<void> {
  const limit = lot.reduce((sum, { ids }) => sum + ids.length, 1);
  const keys = [...new Set(lot.flatMap((one) => one.keys))];
  const found = await reader.find(
    { ...listsMatch(keys), m: { $lt: TOMBSTONE } },
    { projection: { _id: 1, k: 1, x: 1 }, limit, hint: INDEX_K },
  );
  if (found.length === limit) return;
  for (const { index, terms, ids } of lot) {
    const matching = found.filter(({ k, x }) =>
      terms.some((term) => k.includes(term) || x?.includes(term) === true),
    );
    holds[index] = isSame(
      ids,
      matching.map(({ _id }) => idOf(_id)),
    );
  }
}

/** Ids that match, at most one more than `limit`; with an empty one more when there are still others. */
async function matchIds(
  { counts, limits }: PageSettings,
  reader: Reader,
  query: Precondition['query'],
  limit: number,
): Promise<readonly string[]> {
  const plan = await planSearch(reader, counts, limits, query);
  const { rows, hasMore } = await readRows(plan, limit + 1, undefined, 'key');
  const ids = rows.map(({ document }) => idOf(document._id));
  return hasMore ? [...ids, ''] : ids;
}

function isSame(expected: readonly string[], found: readonly string[]): boolean {
  const ids = new Set(expected);
  return found.length === ids.size && found.every((id) => ids.has(id));
}
