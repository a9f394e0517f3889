/**
 * R4's prefixes on half-open intervals that are never empty.
 * https://hl7.org/fhir/R4/search.html#prefix
 */
import { assertNever } from '../fhir/types.ts';
import type { RangePrefix } from './query.ts';

/** Whether a resource's value [lo, hi) satisfies the prefix against the query's value [qlo, qhi). */
export function rangeMatches(prefix: RangePrefix, lo: number, hi: number, qlo: number, qhi: number): boolean {
  switch (prefix) {
    case 'eq':
      return lo >= qlo && hi <= qhi;
    case 'ne':
      return lo < qlo || hi > qhi;
    case 'gt':
      return hi > qhi;
    case 'lt':
      return lo < qlo;
    case 'ge':
      return hi > qhi || (lo >= qlo && hi <= qhi);
    case 'le':
      return lo < qlo || (lo >= qlo && hi <= qhi);
    case 'sa':
      return lo >= qhi;
    case 'eb':
      return hi <= qlo;
    case 'ap':
      return lo < qhi && hi > qlo;
    case 'co':
      return lo <= qlo && hi >= qhi;
    default:
      return assertNever(prefix);
  }
}
