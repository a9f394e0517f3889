/**
 * Where in an order of starts the intervals that satisfy a prefix can lie. Short intervals are found by their
 * start alone; longer ones are also kept in lists by length, so that a question about a day never has to look
 * at everything that started before it.
 * https://hl7.org/fhir/R4/search.html#prefix
 */
import { assertNever } from '../../fhir/types.ts';
import type { RangePrefix } from '../../search/query.ts';

/** A day, and what a change of the clocks may add. Longer spans are in the list of their class. */
export const SHORT_MS = 26 * 3_600_000;
const CLASS_FACTOR = 8;
/** Spans of the last class have no bound. */
export const SPAN_CLASSES = 7;

/** Longest span of a class in ms; class 0 is short. */
export function spanOfClass(spanClass: number): number {
  return spanClass >= SPAN_CLASSES ? Number.POSITIVE_INFINITY : SHORT_MS * CLASS_FACTOR ** spanClass;
}

export function classOfSpan(spanMs: number): number {
  let spanClass = 0;
  while (spanMs > spanOfClass(spanClass)) spanClass++;
  return spanClass;
}

/**
 * Intervals that satisfy the prefix start in [from, to), or, when it is their end that counts, before `from` by
 * no more than they last.
 */
export interface StartRange {
  readonly from: number;
  readonly to: number;
  readonly endCounts: boolean;
}

const LEAST = Number.NEGATIVE_INFINITY;
const GREATEST = Number.POSITIVE_INFINITY;

export function startRange(prefix: RangePrefix, lo: number, hi: number): StartRange {
  switch (prefix) {
    case 'eq':
      return { from: lo, to: hi, endCounts: false };
    case 'ap':
    case 'co':
      return { from: lo, to: hi, endCounts: true };
    case 'ne':
      return { from: LEAST, to: GREATEST, endCounts: false };
    case 'gt':
      return { from: hi, to: GREATEST, endCounts: true };
    case 'ge':
      return { from: lo, to: GREATEST, endCounts: true };
    case 'sa':
      return { from: hi, to: GREATEST, endCounts: false };
    case 'lt':
    case 'eb':
      return { from: LEAST, to: lo, endCounts: false };
    case 'le':
      return { from: LEAST, to: hi, endCounts: false };
    default:
      return assertNever(prefix);
  }
}

/**
 * Starts that satisfy the prefix wherever the interval ends, [from, to): what is asked of the least start of a
 * resource. Undefined when the end always counts.
 */
export function sureRange(
  prefix: RangePrefix,
  lo: number,
  hi: number,
): { readonly from: number; readonly to: number } | undefined {
  switch (prefix) {
    case 'ge':
      return { from: lo, to: GREATEST };
    case 'gt':
    case 'sa':
      return { from: hi, to: GREATEST };
    case 'lt':
    case 'le':
      return { from: LEAST, to: lo };
    default:
      return undefined;
  }
}
