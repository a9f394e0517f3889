/**
 * Criteria of conditional interactions (`If-None-Exist`, `PUT Patient?identifier=…`) as a query.
 * https://hl7.org/fhir/R4/http.html#ccreate
 */
import type { SearchQuery } from './query.ts';
import { resolveSearch, type SearchContext } from './resolve.ts';

/**
 * `criteria` is the query part, `identifier=http://x|1`, percent-encoded as in a URL. Always strict: a criterion
 * that is ignored would make the wrong resource match.
 * @throws FhirError 400 for unknown parameters, values that cannot be understood, and criteria that select nothing in particular
 */
export function resolveConditional(
  type: string,
  criteria: string,
  context: Omit<SearchContext, 'handling'>,
): SearchQuery {
  const pairs = [...new URLSearchParams(criteria)];
  return resolveSearch(type, pairs, { ...context, handling: 'strict' }).query;
}
