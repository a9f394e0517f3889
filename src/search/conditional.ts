/**
 * Criteria of conditional interactions (`If-None-Exist`, `PUT Patient?identifier=…`) as a query.
 * https://hl7.org/fhir/R4/http.html#ccreate
 */
import { fail } from '../fhir/issues.ts';
import type { SearchContext } from './context.ts';
import { isEverything } from './predicates.ts';
import type { SearchQuery } from './query.ts';
import { resolveSearch } from './resolve.ts';
import type { SearchRequest } from './search-request.ts';

export interface Criteria extends Pick<SearchRequest, 'bareIds'> {
  readonly query: SearchQuery;
}

/**
 * Pairs are decoded name and value in order. Always strict: a criterion that is ignored would make the wrong
 * resource match.
 * `bareIds` as in a search.
 * @throws FhirError 400 for unknown parameters, values that cannot be understood, and criteria that select nothing in particular
 */
export function resolveConditional(
  type: string,
  pairs: readonly (readonly [name: string, value: string])[],
  context: Omit<SearchContext, 'handling'>,
): Criteria {
  const { query, issues, bareIds } = resolveSearch(type, pairs, { ...context, handling: 'strict' });
  // an empty criterion is no error in a search; here it would widen what is written
  const [ignored] = issues;
  if (ignored !== undefined) throw fail('bad-parameter', ignored.text ?? '');
  if (isEverything(query.where)) {
    throw fail('bad-parameter', 'A conditional request needs at least one search parameter that selects.');
  }
  return { query: { ...query, sort: [] }, bareIds };
}
