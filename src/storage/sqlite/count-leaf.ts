/**
 * The number of resources that satisfy one condition on a date, a number or the start of a string: a scan of
 * the index table alone, which holds all that the condition needs.
 * https://hl7.org/fhir/R4/search.html#prefix
 */
import { assertNever } from '../../fhir/types.ts';
import type { RangePrefix } from '../../search/query.ts';
import type { Bound } from './bind.ts';
import { afterTexts, indexedText } from './index-keys.ts';
import type { View } from './view.ts';

/** Undefined when the condition is of another kind. */
export function countLeaf(where: Bound, { connection }: View): number | undefined {
  const count = (from: string, args: readonly (number | string)[]): number =>
    connection.row(`SELECT count(DISTINCT rid) FROM ${from}`, ...args)?.[0] as number;
  switch (where.kind) {
    case 'text': {
      const { k, op, value } = where;
      // a longer value is cut in the index
      if (op !== 'prefix' || value.includes('\u0000') || indexedText(value) !== value) return undefined;
      return count('ixs WHERE k = ? AND s >= ? AND s < ?', [k, value, afterTexts(value)]);
    }
    case 'date':
    case 'number': {
      const { k, prefix, lo, hi } = where;
      const range = rangeSql(prefix, lo, hi);
      if (where.kind === 'date') return count(`ixd WHERE k = ? AND (${range.sql})`, [k, ...range.args]);
      const units = where.units.length === 0 ? '' : `AND u IN (${where.units.map(() => '?').join()})`;
      return count(`ixq WHERE k = ? ${units} AND (${range.sql})`, [k, ...where.units, ...range.args]);
    }
    default:
      return undefined;
  }
}

/** The same as `rangeMatches`, on the columns lo and hi. */
function rangeSql(
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
    default:
      return assertNever(prefix);
  }
}
