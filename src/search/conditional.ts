/**
 * Criteria of conditional interactions (`If-None-Exist`, `PUT Patient?identifier=…`) as a query.
 * https://hl7.org/fhir/R4/http.html#ccreate
 */
import { fail } from '../fhir/issues.ts';
import type { SearchContext } from './context.ts';
import { isEverything } from './predicates.ts';
import type { SearchQuery } from './query.ts';
import { resolveSearch } from './resolve.ts';

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
  const query = criteria.slice(criteria.indexOf('?') + 1);
  const pairs = [...new URLSearchParams(query)];
  const { query: resolved } = resolveSearch(type, pairs, { ...context, handling: 'strict' });
  if (isEverything(resolved.where)) {
    throw fail(
      'bad-parameter',
      `The criteria '${type}?${query.slice(0, 100)}' select nothing in particular; name a search parameter.`,
    );
  }
  return { ...resolved, sort: [] };
}
