/**
 * Conditional interactions: criteria resolved to at most a few matches, and the precondition that makes the
 * commit fail when the matches change meanwhile.
 * https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #3.1.0.7.1
 */
import { fail } from '../fhir/issues.ts';
import { type Criteria, resolveConditional } from '../search/conditional.ts';
import type { SearchQuery } from '../search/query.ts';
import type { Precondition, StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import type { InteractionRequest, QueryPair } from './request.ts';
import { searchContext } from './search-reading.ts';
import { refuseAmbiguousIds } from './search-remarks.ts';

export interface Matches {
  readonly rows: readonly StoredVersion[];
  readonly precondition: Precondition;
}

/**
 * @throws FhirError `bad-parameter` without any criterion, `unknown-parameter` for one that is not known: it
 *   would otherwise widen the match
 */
export async function findMatches(
  type: string,
  criteria: readonly QueryPair[],
  limit: number,
  request: Pick<InteractionRequest, 'baseUrl' | 'deleted'>,
  context: InteractionContext,
): Promise<Matches> {
  const { query, bareIds } = resolveCriteria(type, criteria, request, context);
  await refuseAmbiguousIds({ bareIds }, context);
  const page = await context.store.search(query, { limit, total: 'none', forWrite: true });
  const ids = page.rows.map((row) => row.id);
  const rows = page.rows.filter((row) => request.deleted?.has(`${row.type}/${row.id}`) !== true);
  return { rows, precondition: { query, ids } };
}

/** @throws FhirError as `findMatches` does */
export function readCriteria(
  type: string,
  criteria: readonly QueryPair[],
  { baseUrl }: Pick<InteractionRequest, 'baseUrl'>,
  context: InteractionContext,
): SearchQuery {
  return resolveCriteria(type, criteria, { baseUrl }, context).query;
}

function resolveCriteria(
  type: string,
  criteria: readonly QueryPair[],
  { baseUrl }: Pick<InteractionRequest, 'baseUrl'>,
  context: InteractionContext,
): Criteria {
  return resolveConditional(type, criteria, searchContext({ handling: 'strict', baseUrl }, context));
}

export function tooManyMatches(type: string): Error {
  return fail('multiple-matches', `The criteria match more than one ${type}. Make them more specific.`);
}
