/**
 * The dates that the list of a type is in the order of. A resource with one such date, no longer than a window reaches,
 * is found by its place in that list and has no key for it. Which parameter it is follows from the type alone, so that
 * whoever reads asks for what others have written.
 */
import type { ParamKey, Postings } from '../../search/postings.ts';
import { NO_DATE } from '../../search/postings.ts';
import { primaryDateCode } from '../../search/primary-date.ts';
import { hashParam } from '../../search/term-hash.ts';
import { LAST_EXACT_TIME } from './ordered-text.ts';

/** Types are few, but what a client asks for may be anything. */
const REMEMBERED_MAX = 1_000;
const remembered = new Map<string, ParamKey>();

/** Dates up to this long are found by a window over their starts that is this much wider. */
export const NARROW_DATE_MS = 32 * 86_400_000;

export function primaryKeyOf(type: string): ParamKey {
  let k = remembered.get(type);
  if (k === undefined) {
    k = hashParam(type, primaryDateCode(type));
    if (remembered.size < REMEMBERED_MAX) remembered.set(type, k);
  }
  return k;
}

/** The one of the types whose list is in the order of the parameter. */
export function typeInOrderOf(k: ParamKey, types: readonly string[]): string | undefined {
  return types.find((type) => primaryKeyOf(type) === k);
}

/** Whether the place in the list of its type tells all that the index holds of the primary date. */
export function isToldByPlace(type: string, { date, dates }: Pick<Postings, 'date' | 'dates'>): boolean {
  const k = primaryKeyOf(type);
  const [first, ...others] = dates.filter((posting) => posting.k === k);
  if (first === undefined || others.length > 0) return false;
  const isPlace = date > NO_DATE && date <= LAST_EXACT_TIME;
  return isPlace && first.lo === date && first.hi - first.lo <= NARROW_DATE_MS;
}
