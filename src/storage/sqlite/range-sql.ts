/**
 * Prefixes as SQL on the ends of indexed intervals.
 * https://hl7.org/fhir/R4/search.html#prefix
 */
import { assertNever } from '../../fhir/types.ts';
import type { RangePrefix } from '../../search/query.ts';

/** The same as `rangeMatches`, on the columns lo and hi. */
export function rangeSql(
  prefix: RangePrefix,
  lo: number,
  hi: number,
): { readonly sql: string; readonly args: number[] } {
  switch (prefix) {
    case 'eq':
      return { sql: 'lo >= ? AND hi <= ?', args: [lo, hi] };
    case 'ne':
      return { sql: 'lo < ? OR hi > ?', args: [lo, hi] };
    case 'gt':
      return { sql: 'hi > ?', args: [hi] };
    case 'lt':
      return { sql: 'lo < ?', args: [lo] };
    case 'ge':
      return { sql: 'hi > ? OR (lo >= ? AND hi <= ?)', args: [hi, lo, hi] };
    case 'le':
      return { sql: 'lo < ? OR (lo >= ? AND hi <= ?)', args: [lo, lo, hi] };
    case 'sa':
      return { sql: 'lo >= ?', args: [hi] };
    case 'eb':
      return { sql: 'hi <= ?', args: [lo] };
    case 'ap':
      return { sql: 'lo < ? AND hi > ?', args: [hi, lo] };
    case 'co':
      return { sql: 'lo <= ? AND hi >= ?', args: [lo, hi] };
    default:
      return assertNever(prefix);
  }
}
