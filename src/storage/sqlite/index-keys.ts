/**
 * From packed postings to the rows of the index tables, and the keys that the engine adds of its own: the list
 * of a type, and the lists of intervals that are too long to be found by their start.
 */
import { nextUp } from '../../search/number-range.ts';
import { NO_DATE } from '../../search/postings.ts';
import { hashTerm } from '../../search/term-hash.ts';
import {
  DATE_BYTES,
  decode,
  eachText,
  hashAt,
  KEY_MASK,
  NUMBER_BYTES,
  readSections,
  type Sections,
  TERM_BYTES,
} from '../packed-postings.ts';
import { classOfSpan, SHORT_MS } from './intervals.ts';
import { sizeOf, valueList } from './value-sizes.ts';

/** `ix(TYPE_LIST, t, d, rid)` lists every live resource of a type. */
export const TYPE_LIST = -1;
/** `ix(BIRTH_LIST, t, 0, rid)`: the same in the order of creation. */
export const BIRTH_LIST = -2;
/** `ix(SHAPE_LIST, shape, d, rid)`: the same by what resources have values of, see shapes.ts. */
export const SHAPE_LIST = -3;

/** Key of the lists of long intervals of a date parameter; the hash is the class of the span. */
export function longList(k: number): number {
  return -0x80000000 - k;
}

/** Key of the list of values of a number parameter that are ranges; the hash is 0. */
export function wideList(k: number): number {
  return -0x100000000 - k;
}

/** Key of the ids of a type in `ixs`. */
export function idList(t: number): number {
  return -t;
}

/** 0 stands for no date; real dates are moved so that the year 1 is positive and fits into six bytes. */
const DATE_SHIFT = 63_000_000_000_000;

/** Under which a resource, and a reference to it, are looked up. */
export function hashOf(type: string, id: string): number {
  return hashTerm(`${type}/${id}`);
}

export function orderOfDate(date: number): number {
  return date === NO_DATE ? 0 : Math.max(1, Math.round(date) + DATE_SHIFT);
}

/** The order from which on resources start at or after a time; an open start counts as no date, order 0. */
export function orderOfStart(time: number): number {
  return time <= 1 - DATE_SHIFT ? 0 : Math.min(time + DATE_SHIFT, Number.MAX_SAFE_INTEGER);
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

/** A text after all that start with `start`: no text has a code point above the last one. */
export function afterTexts(start: string): string {
  return `${start}\u{10ffff}\u{10ffff}`;
}

/** Above every text. */
const LAST_TEXT = '\u{10ffff}\u{10ffff}\u{10ffff}';

/** Where texts lie that the start tells, [from, to). */
export function textBounds(
  op: 'prefix' | 'whole' | 'from' | 'below',
  value: string,
): { readonly from: string; readonly to: string } {
  // a fold ends with a mark, but for one that was cut; an empty one is below nothing
  if (op === 'from') return { from: value, to: LAST_TEXT };
  if (op === 'below') return { from: '\u0001', to: value };
  const start = indexedText(op === 'whole' ? `${value}\u0000` : value);
  return { from: start, to: afterTexts(start) };
}

/** Rows of the four index tables, without `d` and `rid`. Repeats are possible. */
export interface IndexRows {
  /** Flat: k, h, k, h… */
  readonly terms: readonly number[];
  readonly texts: readonly (readonly [k: number, s: string])[];
  readonly dates: readonly (readonly [k: number, lo: number, hi: number])[];
  readonly numbers: readonly (readonly [k: number, u: number, lo: number, hi: number])[];
}

export const NO_ROWS: IndexRows = { terms: [], texts: [], dates: [], numbers: [] };

/** `shapeOf` tells the shape of the resource. */
export function indexRows(
  packed: Uint8Array,
  { t, id }: { readonly t: number; readonly id: string },
  shapeOf: (t: number, sections: Sections) => number,
): IndexRows {
  const sections = readSections(packed);
  const { view } = sections;
  const terms: number[] = [TYPE_LIST, t, SHAPE_LIST, shapeOf(t, sections)];
  for (let at = sections.termsAt, end = sections.textsAt; at < end; at += TERM_BYTES) {
    terms.push(view.getUint32(at, true) & KEY_MASK, hashAt(view, at + 4));
  }
  const texts: [number, string][] = [[idList(t), id]];
  eachText(sections, (k, from, to) => {
    texts.push([k & KEY_MASK, indexedText(decode(packed, from, to))]);
  });
  const dates: [number, number, number][] = [];
  for (let at = sections.datesAt, end = sections.numbersAt; at < end; at += DATE_BYTES) {
    const k = view.getUint32(at, true) & KEY_MASK;
    const lo = view.getFloat64(at + 4, true);
    const hi = view.getFloat64(at + 12, true);
    dates.push([k, lo, hi]);
  }
  if (dates.length > 0) addLongLists(dates, terms);
  const numbers: [number, number, number, number][] = [];
  for (let at = sections.numbersAt, end = sections.bareAt; at < end; at += NUMBER_BYTES) {
    const k = view.getUint32(at, true) & KEY_MASK;
    const lo = view.getFloat64(at + 11, true);
    const hi = view.getFloat64(at + 19, true);
    const u = hashAt(view, at + 4);
    numbers.push([k, u, lo, hi]);
    terms.push(valueList(k), sizeOf(u, lo));
    if (hi > nextUp(lo)) terms.push(wideList(k), 0);
  }
  return { terms, texts, dates, numbers };
}

/** Several intervals of a parameter count as the span from the first start to the last end. */
function addLongLists(dates: readonly (readonly [number, number, number])[], terms: number[]): void {
  if (dates.length === 1) {
    const [k, lo, hi] = dates[0] as readonly [number, number, number];
    if (hi - lo > SHORT_MS) terms.push(longList(k), classOfSpan(hi - lo));
    return;
  }
  const spans = new Map<number, { lo: number; hi: number }>();
  for (const [k, lo, hi] of dates) {
    const span = spans.get(k);
    if (span === undefined) {
      spans.set(k, { lo, hi });
    } else {
      span.lo = Math.min(span.lo, lo);
      span.hi = Math.max(span.hi, hi);
    }
  }
  for (const [k, { lo, hi }] of spans) {
    const spanClass = classOfSpan(hi - lo);
    if (spanClass > 0) terms.push(longList(k), spanClass);
  }
}

/** What is in the first and not in the second; all terms when the date `moved`. */
export function withoutRows(rows: IndexRows, others: IndexRows, moved: boolean): IndexRows {
  return {
    terms: moved ? rows.terms : withoutTerms(rows.terms, others.terms),
    texts: without(rows.texts, others.texts),
    dates: without(rows.dates, others.dates),
    numbers: without(rows.numbers, others.numbers),
  };
}

function withoutTerms(terms: readonly number[], others: readonly number[]): readonly number[] {
  const known = new Set<string>();
  for (let at = 0; at < others.length; at += 2) known.add(`${others[at]}|${others[at + 1]}`);
  const rest: number[] = [];
  for (let at = 0; at < terms.length; at += 2) {
    if (!known.has(`${terms[at]}|${terms[at + 1]}`)) rest.push(terms[at] as number, terms[at + 1] as number);
  }
  return rest;
}

function without<Key extends readonly (number | string)[]>(
  rows: readonly Key[],
  others: readonly Key[],
): readonly Key[] {
  if (rows.length === 0 || others.length === 0) return rows;
  const known = new Set(others.map((key) => key.join('|')));
  return rows.filter((key) => !known.has(key.join('|')));
}
