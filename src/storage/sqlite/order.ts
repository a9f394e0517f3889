/**
 * The order of a search: the values that candidates are sorted by, and how they compare.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { assertNever } from '../../fhir/types.ts';
import type { SortKey, SortSource } from '../../search/query.ts';
import { contentValues } from '../../search/sort-values.ts';
import { termsOf } from '../packed-match.ts';
import { DATE_BYTES, decode, eachText, KEY_MASK, NUMBER_BYTES } from '../packed-postings.ts';
import type { Candidate } from './candidate.ts';
import { indexedText } from './index-keys.ts';
import type { SortNames } from './sort-names.ts';

/** What a search is put in order by; `birth`, the order of creation, is asked for by the engine alone. */
export type OrderKey = SortKey | { readonly by: 'birth'; readonly descending: boolean };

/** Null stands for no value, which comes last in either direction. */
export type SortValue = number | string | null;

/** Where a candidate stands: its values, and its rid for those that are equal. */
export interface Position {
  readonly values: readonly SortValue[];
  readonly rid: number;
}

/** Stand for a place before, or behind, all that have equal values. */
export const LEAST_RID = -1;
export const MOST_RID = Number.MAX_SAFE_INTEGER;

/** The parameters whose values the index has, each in order; undefined for a key that has others. */
export function postedSources(key: OrderKey): readonly PostedSource[] | undefined {
  if (key.by !== 'gathered') return 'k' in key ? [key] : undefined;
  return key.of.every((source) => source.by !== 'content') ? (key.of as readonly PostedSource[]) : undefined;
}

type PostedSource = Exclude<SortSource, { readonly by: 'content' }>;

export function positionOf(candidate: Candidate, sort: readonly OrderKey[], names: SortNames): Position {
  return { values: sort.map((key) => sortValue(candidate, key, names)), rid: candidate.rid };
}

/** A place in the order of a key. */
export interface Place {
  readonly key: OrderKey;
  readonly value: SortValue;
  readonly names: SortNames;
}

export function standsAt(candidate: Candidate, { key, value, names }: Place): boolean {
  return sortValue(candidate, key, names) === value;
}

export function comparePositions(sort: readonly OrderKey[]): (a: Position, b: Position) => number {
  const ties = sort[0]?.descending === true ? -1 : 1;
  return (a, b) => {
    for (let index = 0; index < sort.length; index++) {
      const [x, y] = [a.values[index] as SortValue, b.values[index] as SortValue];
      const order = compareBy(sort[index] as OrderKey, x, y);
      if (order !== 0) return order;
    }
    return ties * (a.rid - b.rid);
  };
}

export function compareBy({ descending }: OrderKey, x: SortValue, y: SortValue): number {
  if (x === y) return 0;
  if (x === null) return 1;
  if (y === null) return -1;
  const order = compareValues(x, y);
  return descending ? -order : order;
}

function compareValues(a: number | string, b: number | string): number {
  return typeof a === 'number' ? a - (b as number) : compareTexts(a, b as string);
}

/** By code points, which is also the order of UTF-8 bytes and of SQLite. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all other units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function sortValue(candidate: Candidate, key: OrderKey, names: SortNames): SortValue {
  switch (key.by) {
    case 'id':
      return candidate.id;
    case 'updated':
      return candidate.seq;
    case 'birth':
      return candidate.rid;
    case 'primary':
      return candidate.d === 0 ? null : candidate.d;
    case 'date':
    case 'number':
    case 'text':
    case 'term':
      return extremeOf(valuesOf(candidate, key, names), key.descending);
    case 'gathered':
      return extremeOf(
        key.of.flatMap((source) => valuesOf(candidate, source, names)),
        key.descending,
      );
    default:
      return assertNever(key);
  }
}

function extremeOf(values: readonly (number | string)[], greatest: boolean): SortValue {
  let extreme: SortValue = null;
  for (const value of values) {
    if (extreme === null || compareValues(value, extreme) > 0 === greatest) extreme = value;
  }
  return extreme;
}

function valuesOf(candidate: Candidate, source: SortSource, names: SortNames): (number | string)[] {
  const { k } = source;
  const { packed, sections } = candidate;
  const { view } = sections;
  const values: (number | string)[] = [];
  switch (source.by) {
    case 'content':
      return contentValues(source, names.resourceOf(candidate));
    case 'date':
      for (let at = sections.datesAt, end = sections.numbersAt; at < end; at += DATE_BYTES) {
        if ((view.getUint32(at, true) & KEY_MASK) === k) values.push(view.getFloat64(at + 4, true));
      }
      return values;
    case 'number':
      for (let at = sections.numbersAt, end = sections.bareAt; at < end; at += NUMBER_BYTES) {
        if ((view.getUint32(at, true) & KEY_MASK) === k) values.push(view.getFloat64(at + 11, true));
      }
      return values;
    case 'text':
      eachText(sections, (raw, from, to) => {
        if ((raw & KEY_MASK) === k) values.push(indexedText(decode(packed, from, to)));
      });
      return values;
    case 'term':
      for (const h of termsOf(sections, k)) {
        const { code } = names(k, h);
        if (code !== undefined) values.push(code);
      }
      return values;
    default:
      return assertNever(source);
  }
}
