/**
 * Lists of the index that hold what has a parameter, or has it not, and what has other terms of a parameter than
 * some: from these negations are read, however few resources satisfy them.
 * https://hl7.org/fhir/R4/search.html#modifiers
 */
import { SHAPE_LIST } from './index-keys.ts';
import { type Shape, shapesOf } from './shapes.ts';
import type { View } from './view.ts';

interface ListOf {
  readonly k: number;
  readonly h: number;
}

export function shapeLists(...ids: readonly (readonly number[])[]): ListOf[] {
  return ids.flat().map((h) => ({ k: SHAPE_LIST, h }));
}

/** The terms of a key, each once, by one look-up each. */
const TERMS = `WITH RECURSIVE v(h) AS (
  SELECT min(h) FROM ix WHERE k = ?1
  UNION ALL SELECT (SELECT min(h) FROM ix WHERE k = ?1 AND h > v.h) FROM v WHERE v.h IS NOT NULL
  LIMIT ?2) SELECT h FROM v WHERE h IS NOT NULL`;

/** Terms that are left out, at most: all that a parameter has, in most cases. */
const EXCLUDED_MAX = 1_000;

const found = new WeakMap<View, Map<string, readonly number[]>>();

/**
 * Lists with every resource of the types that has none of the terms, and perhaps others that have several; undefined
 * when they are more than are merged.
 */
export function listsWithout(
  { k, hashes }: { readonly k: number; readonly hashes: readonly number[] },
  types: readonly number[],
  view: View,
): { readonly lists: readonly ListOf[]; readonly exact: boolean } | undefined {
  if (hashes.length > EXCLUDED_MAX) return undefined;
  if (k === SHAPE_LIST) return otherShapes(hashes, types, view);
  const others = new Set(termsOf(k, hashes.length, view));
  for (const h of hashes) others.delete(h);
  const lacks = ({ keys }: Shape): boolean => keys?.termed.has(k) !== true;
  const without = shapesOf(view.connection, types).filter(lacks);
  if (others.size + without.length > view.limits.shapesMax) return undefined;
  const exact = others.size === 0 && without.every(({ keys }) => keys !== undefined);
  const lists = [...[...others].map((h) => ({ k, h })), ...shapeLists(without.map(({ id }) => id))];
  return { lists, exact };
}

/** A resource has one shape: what has none of these has another of its type. */
function otherShapes(
  hashes: readonly number[],
  types: readonly number[],
  view: View,
): { readonly lists: readonly ListOf[]; readonly exact: boolean } | undefined {
  const others = shapesOf(view.connection, types).flatMap(({ id }) => (hashes.includes(id) ? [] : [id]));
  return others.length > view.limits.shapesMax ? undefined : { lists: shapeLists(others), exact: true };
}

/** So many that there are more others than are merged, or all. */
function termsOf(k: number, excluded: number, view: View): readonly number[] {
  let known = found.get(view);
  if (known === undefined) {
    known = new Map();
    found.set(view, known);
  }
  const most = view.limits.shapesMax + excluded + 1;
  const key = `${k}|${most}`;
  let terms = known.get(key);
  if (terms === undefined) {
    terms = view.connection.rows(TERMS, k, most).map((row) => row[0] as number);
    known.set(key, terms);
  }
  return terms;
}
