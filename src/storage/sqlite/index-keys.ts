/**
 * From packed postings to the rows of the index tables, and the keys that the engine adds of its own: the list
 * of a type, and the lists of intervals that are too long to be found by their start.
 */
import { NO_DATE } from '../../search/postings.ts';
import {
  DATE_BYTES,
  decode,
  eachText,
  hashAt,
  KEY_MASK,
  NUMBER_BYTES,
  readSections,
  TERM_BYTES,
} from '../packed-postings.ts';

/** `ix(TYPE_LIST, t, d, rid)` lists every live resource of a type. */
export const TYPE_LIST = -1;

/** Longer intervals are also in the list `longList(k)`. */
export const SHORT_INTERVAL_MS = 32 * 86_400_000;

/** Key of the list of long intervals of a date parameter; its hash is 0. */
export function longList(k: number): number {
  return -2 - k;
}

/** 0 stands for no date; real dates are moved so that the year 1 is positive and fits into six bytes. */
const DATE_SHIFT = 63_000_000_000_000;

export function orderOfDate(date: number): number {
  return date === NO_DATE ? 0 : Math.max(1, Math.round(date) + DATE_SHIFT);
}

export function dateOfOrder(d: number): number {
  return d === 0 ? NO_DATE : d - DATE_SHIFT;
}

/** UTF-16 units of a text that its index holds; the rest is compared in the packed postings. */
const TEXT_UNITS_MAX = 200;

export function indexedText(text: string): string {
  if (text.length <= TEXT_UNITS_MAX) return text;
  const last = text.charCodeAt(TEXT_UNITS_MAX - 1);
  // never half of a surrogate pair
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? TEXT_UNITS_MAX - 1 : TEXT_UNITS_MAX);
}

/** Rows of the four index tables, without `d` and `rid`. Repeats are possible. */
export interface IndexRows {
  readonly terms: readonly (readonly [k: number, h: number])[];
  readonly texts: readonly (readonly [k: number, s: string])[];
  readonly dates: readonly (readonly [k: number, lo: number, hi: number])[];
  readonly numbers: readonly (readonly [k: number, u: number, lo: number, hi: number])[];
}

export const NO_ROWS: IndexRows = { terms: [], texts: [], dates: [], numbers: [] };

export function indexRows(packed: Uint8Array, t: number): IndexRows {
  const sections = readSections(packed);
  const { view } = sections;
  const terms: [number, number][] = [[TYPE_LIST, t]];
  for (let at = sections.termsAt, end = sections.textsAt; at < end; at += TERM_BYTES) {
    terms.push([view.getUint32(at, true) & KEY_MASK, hashAt(view, at + 4)]);
  }
  const texts: [number, string][] = [];
  eachText(sections, (k, from, to) => {
    texts.push([k & KEY_MASK, indexedText(decode(packed, from, to))]);
  });
  const dates: [number, number, number][] = [];
  for (let at = sections.datesAt, end = sections.numbersAt; at < end; at += DATE_BYTES) {
    const k = view.getUint32(at, true) & KEY_MASK;
    const lo = view.getFloat64(at + 4, true);
    const hi = view.getFloat64(at + 12, true);
    dates.push([k, lo, hi]);
    if (hi - lo > SHORT_INTERVAL_MS) terms.push([longList(k), 0]);
  }
  const numbers: [number, number, number, number][] = [];
  for (let at = sections.numbersAt, end = sections.bareAt; at < end; at += NUMBER_BYTES) {
    const k = view.getUint32(at, true) & KEY_MASK;
    numbers.push([k, hashAt(view, at + 4), view.getFloat64(at + 11, true), view.getFloat64(at + 19, true)]);
  }
  return { terms, texts, dates, numbers };
}

/** What is in the first and not in the second. */
export function withoutRows(rows: IndexRows, others: IndexRows): IndexRows {
  return {
    terms: without(rows.terms, others.terms),
    texts: without(rows.texts, others.texts),
    dates: without(rows.dates, others.dates),
    numbers: without(rows.numbers, others.numbers),
  };
}

function without<Key extends readonly (number | string)[]>(
  rows: readonly Key[],
  others: readonly Key[],
): readonly Key[] {
  if (rows.length === 0 || others.length === 0) return rows;
  const known = new Set(others.map((key) => key.join('|')));
  return rows.filter((key) => !known.has(key.join('|')));
}
