/**
 * Conditions on packed postings, read from the bytes where they lie.
 */
import { distanceM } from '../search/near.ts';
import type { Predicate, RangePrefix, TextOp } from '../search/query.ts';
import { rangeMatches } from '../search/ranges.ts';
import {
  DATE_BYTES,
  eachText,
  hashAt,
  KEY_MASK,
  NUMBER_BYTES,
  type Sections,
  TERM_BYTES,
} from './packed-postings.ts';

/** Whether some term of `k` is one of the hashes. */
export function hasTerm(sections: Sections, k: number, hashes: ReadonlySet<number>): boolean {
  const { view } = sections;
  for (let at = sections.termsAt, end = sections.textsAt; at < end; at += TERM_BYTES) {
    if ((view.getUint32(at, true) & KEY_MASK) === k && hashes.has(hashAt(view, at + 4))) return true;
  }
  return false;
}

/** The hashes of the terms of `k`. */
export function termsOf(sections: Sections, k: number): number[] {
  const { view } = sections;
  const hashes: number[] = [];
  for (let at = sections.termsAt, end = sections.textsAt; at < end; at += TERM_BYTES) {
    if ((view.getUint32(at, true) & KEY_MASK) === k) hashes.push(hashAt(view, at + 4));
  }
  return hashes;
}

/** The key of each term, again for each. */
export function eachKey(sections: Sections, visit: (k: number) => void): void {
  const { view } = sections;
  for (let at = sections.termsAt, end = sections.textsAt; at < end; at += TERM_BYTES) {
    visit(view.getUint32(at, true) & KEY_MASK);
  }
}

/** Whether some text of `k` has the value; `value` in UTF-8. */
export function hasText(
  packed: Uint8Array,
  sections: Sections,
  k: number,
  op: TextOp,
  value: Buffer,
): boolean {
  let found = false;
  eachText(sections, (key, from, to) => {
    if (found || (key & KEY_MASK) !== k) return;
    const text = Buffer.from(packed.buffer, packed.byteOffset + from, to - from);
    if (op === 'exact') {
      found = text.equals(value);
      return;
    }
    const fold = text.subarray(0, text.indexOf(0));
    if (op === 'whole') found = fold.equals(value);
    else if (op === 'suffix') found = fold.subarray(Math.max(0, fold.length - value.length)).equals(value);
    else if (op === 'from') found = fold.compare(value) >= 0;
    else if (op === 'below') found = fold.length > 0 && fold.compare(value) < 0;
    else found = op === 'prefix' ? startsWith(fold, value) : fold.includes(value);
  });
  return found;
}

export function hasDate(sections: Sections, k: number, prefix: RangePrefix, lo: number, hi: number): boolean {
  const { view } = sections;
  for (let at = sections.datesAt, end = sections.numbersAt; at < end; at += DATE_BYTES) {
    if ((view.getUint32(at, true) & KEY_MASK) !== k) continue;
    if (rangeMatches(prefix, view.getFloat64(at + 4, true), view.getFloat64(at + 12, true), lo, hi))
      return true;
  }
  return false;
}

/** Calls with unit, lo and hi of each number of `k` until told `true`; whether it was. */
export function someNumber(
  sections: Sections,
  k: number,
  test: (u: number, lo: number, hi: number) => boolean,
): boolean {
  const { view } = sections;
  for (let at = sections.numbersAt, end = sections.bareAt; at < end; at += NUMBER_BYTES) {
    if ((view.getUint32(at, true) & KEY_MASK) !== k) continue;
    if (test(hashAt(view, at + 4), view.getFloat64(at + 11, true), view.getFloat64(at + 19, true)))
      return true;
  }
  return false;
}

/** A test of the numbers of one candidate, for a predicate on quantities or on positions. */
export function numberTest(
  where: Omit<Extract<Predicate, { kind: 'number' }>, 'implied'> | Extract<Predicate, { kind: 'near' }>,
): (u: number, lo: number, hi: number) => boolean {
  if (where.kind === 'near') {
    return (_u, lo, hi) => distanceM(where.latitude, where.longitude, lo, hi) <= where.radiusM;
  }
  const { prefix, lo: queryLo, hi: queryHi } = where;
  if (where.units.length === 0) return (_u, lo, hi) => rangeMatches(prefix, lo, hi, queryLo, queryHi);
  const units = new Set(where.units);
  return (u, lo, hi) => units.has(u) && rangeMatches(prefix, lo, hi, queryLo, queryHi);
}

/** Whether the parameter has a value. */
export function isPresent(sections: Sections, k: number): boolean {
  const { view } = sections;
  const wanted = k + 0x80000000;
  const among = (from: number, to: number, step: number): boolean => {
    for (let at = from; at < to; at += step) if (view.getUint32(at, true) === wanted) return true;
    return false;
  };
  if (among(sections.termsAt, sections.textsAt, TERM_BYTES)) return true;
  if (among(sections.datesAt, sections.numbersAt, DATE_BYTES)) return true;
  if (among(sections.numbersAt, sections.bareAt, NUMBER_BYTES)) return true;
  for (let index = 0; index < sections.bare; index++) {
    if (view.getUint32(sections.bareAt + index * 4, true) === k) return true;
  }
  let found = false;
  eachText(sections, (key) => {
    found ||= key === wanted;
  });
  return found;
}

function startsWith(text: Buffer, start: Buffer): boolean {
  return text.length >= start.length && text.compare(start, 0, start.length, 0, start.length) === 0;
}
