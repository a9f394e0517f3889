/**
 * Searches for contained resources: the store finds containers that may hold what is asked for, and each is looked at
 * before it is shown or counted, because several contained resources may each satisfy a part of the question.
 * https://hl7.org/fhir/R4/search.html#contained
 */
import { fail } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { containedMatches, matchesItself } from '../search/contained.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { SearchPage, SearchPageRequest, StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';

export interface ContainedHit {
  /** Whether the container itself is shown. */
  readonly isWhole: boolean;
  /** Contained resources that are shown on their own. */
  readonly parts: readonly Resource[];
}

/** What of a container is shown; undefined when nothing is. */
export function containedHit(
  row: StoredVersion,
  asked: SearchRequest,
  context: InteractionContext,
): ContainedHit | undefined {
  const container = parseStored(row.json);
  const where = asked.containedWhere ?? asked.query.where;
  const { extract } = context.generation();
  const inner = containedMatches(container, where, extract);
  const isMatch = asked.contained === 'both' && matchesItself(container, where, extract);
  if (!isMatch && inner.length === 0) return undefined;
  return asked.containedType === 'container'
    ? { isWhole: true, parts: [] }
    : { isWhole: isMatch, parts: inner };
}

/** Containers that are looked at for one page, and for one total. */
const LOOKED_AT_MAX = 10_000;
const BATCH = 200;

/**
 * A page of containers with something to show; shorter than asked for, but never empty while there are more.
 * @throws FhirError `too-costly` when a total would need more containers than are looked at
 */
export async function searchContained(
  asked: SearchRequest,
  request: SearchPageRequest,
  context: InteractionContext,
): Promise<SearchPage> {
  const from = request.after === undefined ? undefined : continuing(request.after);
  const counts = request.total === 'accurate';
  const total = counts ? (from?.total ?? (await countContained(asked, context))) : undefined;
  const rows: StoredVersion[] = [];
  let next = from?.after;
  for (let lookedAt = 0; request.limit > 0 && rows.length === 0 && lookedAt < LOOKED_AT_MAX; ) {
    const { limit } = request;
    const page = await context.store.search(asked.query, { limit, after: next, total: 'none' });
    rows.push(
      ...page.rows.filter((row) => row.damaged === true || containedHit(row, asked, context) !== undefined),
    );
    lookedAt += limit;
    next = page.next;
    if (next === undefined) break;
  }
  const isMore = next !== undefined && request.limit > 0;
  return { rows, ...(isMore && { next: `${total?.value ?? ''} ${next}` }), total };
}

/** Later pages show the total of the first one: it stands before the position of the store. */
function continuing(text: string): { readonly after: string; readonly total: SearchPage['total'] } {
  const end = text.indexOf(' ');
  const value = text.slice(0, end);
  return {
    after: text.slice(end + 1),
    total: value === '' ? undefined : { value: Number(value), exact: true },
  };
}

async function countContained(
  asked: SearchRequest,
  context: InteractionContext,
): Promise<{ readonly value: number; readonly exact: boolean }> {
  let value = 0;
  let after: string | undefined;
  for (let lookedAt = 0; ; lookedAt += BATCH) {
    if (lookedAt >= LOOKED_AT_MAX) {
      throw fail(
        'too-costly',
        'Too many resources contain others of this type to count what matches: narrow the search.',
      );
    }
    const page = await context.store.search(asked.query, { limit: BATCH, after, total: 'none' });
    for (const row of page.rows)
      value += row.damaged === true ? 1 : shownCount(containedHit(row, asked, context));
    if (page.next === undefined) return { value, exact: true };
    after = page.next;
  }
}

export function shownCount(hit: ContainedHit | undefined): number {
  return hit === undefined ? 0 : hit.parts.length + (hit.isWhole ? 1 : 0);
}
