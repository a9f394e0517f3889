/**
 * Equality, equivalence and order of values whose kinds are only known when the expression runs.
 * https://hl7.org/fhirpath/N1/#equality, https://hl7.org/fhirpath/N1/#comparison
 */
import { compareDates, compareTimes } from './dates.ts';
import { decimalsOf, roundTo } from './decimals.ts';
import type { TypedNode } from './expression.ts';
import { COMPARED_DEPTH_MAX, FhirPathError } from './failure.ts';
import { amountOf, compareQuantities, equivalentQuantities } from './quantities.ts';
import { kindOfType } from './types.ts';

/** Undefined when a value is missing or precision or units do not decide. */
export function equal(a: unknown, typeA: string, b: unknown, typeB: string): boolean | undefined {
  if (a == null || b == null) return undefined;
  if (typeof a === 'object' || typeof b === 'object') return equalObjects(a, typeA, b, typeB);
  if (typeof a !== typeof b) return false;
  if (typeof a !== 'string') return a === b;
  const kindA = kindOfType(typeA);
  const kindB = kindOfType(typeB);
  if (kindA === 'date' || kindB === 'date') {
    return kindA === kindB
      ? equalOrder(compareDates(a, b))
      : kindA === 'unknown' || kindB === 'unknown'
        ? a === b
        : false;
  }
  if (kindA === 'time' && kindB === 'time') return equalOrder(compareTimes(a, b as string));
  return a === b;
}

function equalOrder(order: number | undefined): boolean | undefined {
  return order === undefined ? undefined : order === 0;
}

function equalObjects(a: unknown, typeA: string, b: unknown, typeB: string): boolean | undefined {
  const isQuantity = kindOfType(typeA) === 'quantity' || kindOfType(typeB) === 'quantity';
  if (isQuantity && typeof a !== 'string' && typeof b !== 'string') {
    if (amountOf(a) !== undefined && amountOf(b) !== undefined) return equalOrder(compareQuantities(a, b));
  }
  return deepEqual(a, b);
}

/** Structural equality of JSON values, whatever the order of properties. */
export function deepEqual(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (depth > COMPARED_DEPTH_MAX) throw new FhirPathError('values that are nested too deeply', 'too-costly');
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => deepEqual(one, b[i], depth + 1));
  }
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let count = 0;
  for (const key in left) {
    if (!Object.hasOwn(right, key) || !deepEqual(left[key], right[key], depth + 1)) return false;
    count++;
  }
  return count === Object.keys(right).length;
}

export function equalLists(a: readonly TypedNode[], b: readonly TypedNode[]): boolean | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  if (a.length !== b.length) return false;
  let result: boolean | undefined = true;
  for (let i = 0; i < a.length; i++) {
    const same = equal(a[i]!.value, a[i]!.type, b[i]!.value, b[i]!.type);
    if (same === false) return false;
    if (same === undefined) result = undefined;
  }
  return result;
}

/** Like equality, but always answered: case, order, precision and missing values do not matter. */
export function equivalent(a: unknown, typeA: string, b: unknown, typeB: string): boolean {
  if (a == null || b == null) return a == null && b == null;
  if (typeof a === 'string' && typeof b === 'string') {
    const kindA = kindOfType(typeA);
    const kindB = kindOfType(typeB);
    if (kindA === 'date' && kindB === 'date') return compareDates(a, b) === 0;
    if (kindA === 'time' && kindB === 'time') return compareTimes(a, b) === 0;
    return normalize(a) === normalize(b);
  }
  if (typeof a === 'number' && typeof b === 'number') return equivalentNumbers(a, b);
  if (kindOfType(typeA) === 'quantity' && kindOfType(typeB) === 'quantity') {
    return equivalentQuantities(a, b, equivalentNumbers) || deepEquivalent(a, b);
  }
  return deepEquivalent(a, b);
}

function normalize(text: string): string {
  return text.toLowerCase().replace(/\s/g, ' ');
}

/** Equal when rounded to the precision of the less precise of the two. */
function equivalentNumbers(a: number, b: number): boolean {
  const digits = Math.min(decimalsOf(a), decimalsOf(b));
  return roundTo(a, digits) === roundTo(b, digits);
}

function deepEquivalent(a: unknown, b: unknown, depth = 0): boolean {
  if (depth > COMPARED_DEPTH_MAX) throw new FhirPathError('values that are nested too deeply', 'too-costly');
  if (typeof a === 'string' && typeof b === 'string') return normalize(a) === normalize(b);
  if (typeof a === 'number' && typeof b === 'number') return equivalentNumbers(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    const rest = [...b];
    return a.every((one) => {
      const at = rest.findIndex((other) => deepEquivalent(one, other, depth + 1));
      if (at >= 0) rest.splice(at, 1);
      return at >= 0;
    });
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  // `id` identifies an element and says nothing about it.
  const keys = (one: object): string[] => Object.keys(one).filter((key) => key !== 'id');
  const names = keys(left);
  if (names.length !== keys(right).length) return false;
  return names.every((key) => Object.hasOwn(right, key) && deepEquivalent(left[key], right[key], depth + 1));
}

export function equivalentLists(a: readonly TypedNode[], b: readonly TypedNode[]): boolean {
  if (a.length !== b.length) return false;
  const rest = [...b];
  return a.every((one) => {
    const at = rest.findIndex((other) => equivalent(one.value, one.type, other.value, other.type));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

/** -1, 0, 1; undefined when a value is missing or nothing decides. @throws on kinds that have no order */
export function compare(a: unknown, typeA: string, b: unknown, typeB: string): number | undefined {
  if (a == null || b == null) return undefined;
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  const kindA = kindOfType(typeA);
  const kindB = kindOfType(typeB);
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, kindA, b, kindB);
  if (kindA === 'quantity' || kindB === 'quantity') {
    if (typeof a !== 'string' && typeof b !== 'string') return compareQuantities(a, b);
  }
  throw new FhirPathError(`cannot order ${nameOf(a, typeA)} and ${nameOf(b, typeB)}`);
}

function compareTexts(a: string, kindA: string, b: string, kindB: string): number | undefined {
  if (kindA === 'date' && kindB === 'date') return compareDates(a, b);
  if (kindA === 'time' && kindB === 'time') return compareTimes(a, b);
  const special = (kind: string): boolean => kind === 'date' || kind === 'time';
  if (special(kindA) || special(kindB)) throw new FhirPathError(`cannot order a ${kindA} and a ${kindB}`);
  return a < b ? -1 : a > b ? 1 : 0;
}

function nameOf(value: unknown, type: string): string {
  return type === '*' ? `a ${typeof value}` : type;
}
