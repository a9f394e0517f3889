/**
 * `_filter`: comparisons joined by and, or, not and parentheses.
 * https://hl7.org/fhir/R4/search_filter.html
 */
import type { SearchContext } from './context.ts';
import type { Predicate } from './query.ts';
import { UnsupportedError } from './search-errors.ts';

export function resolveFilter(_type: string, _value: string, _context: SearchContext): Predicate {
  throw new UnsupportedError(`Parameter '_filter' is not supported.`);
}
