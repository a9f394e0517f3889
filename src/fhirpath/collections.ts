/**
 * Functions that need all nodes at once. Membership goes by keys, so that thousands of nodes do not mean
 * millions of comparisons. https://hl7.org/fhirpath/N1/#subsetting, https://hl7.org/fhirpath/N1/#combining
 */

import { momentKey } from './dates.ts';
import { addExactly, tidy } from './decimals.ts';
import type { TypedNode } from './expression.ts';
import { COMPARISONS_MAX, FhirPathError, STEPS_MAX } from './failure.ts';
import { addQuantities, amountKey, amountOf } from './quantities.ts';
import { kindOfType } from './types.ts';
import { compare, equal } from './values.ts';

type List = readonly TypedNode[];

/** Below this many nodes, comparing them with each other is cheaper than making keys. */
const FEW = 8;

/** What equal nodes have in common; nodes with the same key are still compared. */
function keyOf(node: TypedNode): unknown {
  const { value } = node;
  if (typeof value === 'string') {
    const kind = kindOfType(node.type);
    if (kind === 'date') return momentKey(value);
    return kind === 'time' ? `time ${value.slice(0, 5)}` : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const amount = kindOfType(node.type) === 'quantity' ? amountOf(value) : undefined;
  return amount === undefined ? shapeOf(value) : amountKey(amount);
}

/** Names and leading leaves of an object: cheap, the same for equal objects, seldom for others. */
function shapeOf(value: object): string {
  const names = Object.keys(value).sort();
  let key = names.join(',');
  for (const name of names) {
    const one = (value as Record<string, unknown>)[name];
    if (typeof one !== 'object') key += `|${String(one)}`;
    else if (Array.isArray(one)) key += `[${one.length}${one.length > 0 ? firstLeaf(one[0]) : ''}`;
    else if (one !== null) key += firstLeaf(one);
  }
  return key;
}

function firstLeaf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const leaves = Object.keys(value)
    .sort()
    .slice(0, 6)
    .map((name) => (value as Record<string, unknown>)[name])
    .filter((one) => typeof one !== 'object');
  return leaves.join('~');
}

/** Nodes met so far. */
export interface Seen {
  readonly nodes: TypedNode[];
  keys: Map<unknown, TypedNode[]> | undefined;
  comparisons: number;
}

export function newSeen(): Seen {
  return { nodes: [], keys: undefined, comparisons: 0 };
}

export function isNew(seen: Seen, node: TypedNode): boolean {
  if (has(seen, node)) return false;
  if (typeof node.value === 'string') charge(seen, node.value.length >> 4);
  seen.nodes.push(node);
  if (seen.keys !== undefined) addKey(seen.keys, node);
  return true;
}

function has(seen: Seen, node: TypedNode): boolean {
  if (seen.nodes.length < FEW) return seen.nodes.some((one) => same(one, node));
  if (seen.nodes.length > STEPS_MAX / 10) throw new FhirPathError('too many different values', 'too-costly');
  if (seen.keys === undefined) {
    seen.keys = new Map();
    for (const one of seen.nodes) addKey(seen.keys, one);
  }
  const candidates = seen.keys.get(keyOf(node));
  if (candidates === undefined) return false;
  charge(seen, candidates.length);
  return candidates.some((one) => same(one, node));
}

function charge(seen: Seen, comparisons: number): void {
  seen.comparisons += comparisons;
  if (seen.comparisons > COMPARISONS_MAX) throw new FhirPathError('too many comparisons', 'too-costly');
}

function addKey(keys: Map<unknown, TypedNode[]>, node: TypedNode): void {
  const key = keyOf(node);
  const nodes = keys.get(key);
  if (nodes === undefined) keys.set(key, [node]);
  else nodes.push(node);
}

function same(a: TypedNode, b: TypedNode): boolean {
  if (a.value == null || b.value == null) return a.value == null && b.value == null && a.extra === b.extra;
  return a.value === b.value && typeof a.value === 'object'
    ? true
    : equal(a.value, a.type, b.value, b.type) === true;
}

function seenOf(list: List): Seen {
  const seen = newSeen();
  for (const node of list) isNew(seen, node);
  return seen;
}

export function distinct(list: List): List {
  if (list.length < 2) return list;
  return seenOf(list).nodes;
}

export function isDistinct(list: List): boolean {
  const texts = new Set<string>();
  for (const { value, type } of list) {
    // Different texts can be the same moment: dates are compared one by one.
    if (typeof value !== 'string' || kindOfType(type) === 'date' || kindOfType(type) === 'time') {
      const seen = newSeen();
      return list.every((node) => isNew(seen, node));
    }
    if (texts.has(value)) return false;
    texts.add(value);
  }
  return true;
}

export function intersect(a: List, b: List): List {
  const other = seenOf(b);
  return distinct(a.filter((node) => has(other, node)));
}

export function exclude(a: List, b: List): List {
  const other = seenOf(b);
  return a.filter((node) => !has(other, node));
}

export function subsetOf(a: List, b: List): boolean {
  const other = seenOf(b);
  return a.every((node) => has(other, node));
}

export function supersetOf(a: List, b: List): boolean {
  return subsetOf(b, a);
}

export function hasValue(value: unknown): boolean {
  return value != null && typeof value !== 'object';
}

/** `hasValue()` of a collection: true for exactly one primitive with a value. */
export function hasOneValue(list: List): boolean {
  return list.length === 1 && hasValue(list[0]!.value);
}

/** Empty keys come first; nodes with equal keys keep their order. */
export function sorted(
  rows: { readonly node: TypedNode; readonly keys: readonly TypedNode[] }[],
  descending: readonly boolean[],
): readonly TypedNode[] {
  rows.sort((a, b) => {
    for (let i = 0; i < descending.length; i++) {
      const order = orderOf(a.keys[i]!, b.keys[i]!);
      if (order !== 0) return descending[i] ? -order : order;
    }
    return 0;
  });
  return rows.map((row) => row.node);
}

function orderOf(a: TypedNode, b: TypedNode): number {
  if (a.value == null || b.value == null) return (a.value == null ? 0 : 1) - (b.value == null ? 0 : 1);
  return compare(a.value, a.type, b.value, b.type) ?? 0;
}

export function sum(list: List): unknown {
  let total: unknown;
  for (const { value } of list) {
    if (total === undefined) total = value;
    else if (typeof value === 'number' && typeof total === 'number') total = addExactly(total, value);
    else if (typeof value === 'string' || typeof value === 'boolean')
      throw new FhirPathError('sum() takes numbers');
    else total = addQuantities(total, value, 1);
    if (total === undefined) return undefined;
  }
  return total;
}

export function avg(list: List): unknown {
  const total = sum(list);
  return typeof total === 'number' ? tidy(total / list.length) : undefined;
}

export function min(list: List): unknown {
  return extreme(list, -1);
}

export function max(list: List): unknown {
  return extreme(list, 1);
}

function extreme(list: List, sign: 1 | -1): unknown {
  let best: TypedNode | undefined;
  for (const node of list) {
    if (best === undefined || compare(node.value, node.type, best.value, best.type) === sign) best = node;
  }
  return best?.value;
}
