/**
 * The total order of a search: its sort keys, then creation. The values of a resource are compared here for what no
 * index has in order, and travel in page positions.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { assertNever } from '../../fhir/types.ts';
import { NO_DATE } from '../../search/postings.ts';
import type { SortKey, SortSource } from '../../search/query.ts';
import { contentValues, readsContent } from '../../search/sort-values.ts';
import { idOf, keyOf, type ResourceDocument } from './documents.ts';
import { paramText } from './index-keys.ts';
import { dateOfOrderKey } from './order-key.ts';
import { PARAM_WIDTH } from './ordered-text.ts';

export type SortValue = number | string | bigint | null;

/** Where a resource stands: a value for each sort key, null when it has none, and its creation. */
export interface Place {
  readonly values: readonly SortValue[];
  readonly created: bigint;
}

/** Codes of the terms of a parameter by key, for sorting by token. */
export type CodesOf = (k: number) => ReadonlyMap<string, string>;

export interface Order {
  readonly keys: readonly SortKey[];
  /** Whether places are made of texts too. */
  readonly readsContent: boolean;
  placeOf(document: ResourceDocument): Place;
  compare(a: Place, b: Place): number;
}

export function createOrder(keys: readonly SortKey[], codesOf: CodesOf): Order {
  const isNewestFirst = keys[0]?.descending === true;
  return {
    keys,
    readsContent: readsContent(keys),
    placeOf: (document) => ({
      values: keys.map((key) => sortValueOf(key, document, codesOf)),
      created: document.n,
    }),
    compare(a, b) {
      for (const [index, key] of keys.entries()) {
        const order = compareValues(a.values[index]!, b.values[index]!, key.descending);
        if (order !== 0) return order;
      }
      if (a.created === b.created) return 0;
      return a.created < b.created === isNewestFirst ? 1 : -1;
    },
  };
}

/** Members of a document that its place is made of. */
export function placeFields(keys: readonly SortKey[]): Record<string, 1> {
  const fields: Record<string, 1> = { _id: 1, c: 1, n: 1, o: 1 };
  for (const by of keys.flatMap((key) => (key.by === 'gathered' ? key.of.map((one) => one.by) : [key.by]))) {
    if (by === 'content') Object.assign(fields, { b: 1, bp: 1 });
    if (by === 'text') fields.s = 1;
    if (by === 'date') fields.dt = 1;
    if (by === 'number') fields.q = 1;
    if (by === 'term') fields.k = 1;
  }
  return fields;
}

/** Missing values come last in either direction. */
export function compareValues(a: SortValue, b: SortValue, isDescending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = compare(a, b);
  return isDescending ? -order : order;
}

function sortValueOf(key: SortKey, document: ResourceDocument, codesOf: CodesOf): SortValue {
  switch (key.by) {
    case 'id':
      return idOf(keyOf(document));
    case 'updated':
      return document.c;
    case 'primary': {
      const date = dateOfOrderKey(document.o);
      return date === NO_DATE ? null : date;
    }
    case 'date':
    case 'number':
    case 'text':
    case 'term':
      return extreme(valuesOf(key, document, codesOf), key.descending);
    case 'gathered':
      return extreme(
        key.of.flatMap((source) => valuesOf(source, document, codesOf)),
        key.descending,
      );
    default:
      return assertNever(key);
  }
}

function valuesOf(source: SortSource, document: ResourceDocument, codesOf: CodesOf): (number | string)[] {
  switch (source.by) {
    case 'date':
      return (document.dt ?? []).filter(({ p }) => p === source.k).map(({ l }) => l);
    case 'number':
      return (document.q ?? []).filter(({ p }) => p === source.k).map(({ l }) => l);
    case 'text': {
      const start = paramText(source.k);
      const texts = (document.s ?? []).filter((text) => text.startsWith(start));
      return texts.map((text) => text.slice(PARAM_WIDTH));
    }
    case 'term': {
      const codes = codesOf(source.k);
      return document.k.flatMap((term) => codes.get(term) ?? []);
    }
    case 'content':
      return contentValues(source, resourceOf(document));
    default:
      return assertNever(source);
  }
}

/** Undefined where the text is gone or damaged, which is told when it is read. */
function resourceOf({ b }: ResourceDocument): unknown {
  if (b === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(b.buffer, b.byteOffset, b.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

function extreme(values: readonly (number | string)[], greatest: boolean): SortValue {
  let found: number | string | null = null;
  for (const value of values) {
    if (found === null || (greatest ? compare(value, found) > 0 : compare(value, found) < 0)) found = value;
  }
  return found;
}

function compare(a: number | string | bigint, b: number | string | bigint): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code points, which is the order of UTF-8 bytes; plain comparison of strings is by UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const one = a.charCodeAt(at);
    const other = b.charCodeAt(at);
    if (one === other) continue;
    // surrogates stand for code points above all other units
    const oneHigh = (one & 0xf800) === 0xd800;
    if (oneHigh !== ((other & 0xf800) === 0xd800)) return oneHigh ? 1 : -1;
    return one - other;
  }
  return a.length - b.length;
}
