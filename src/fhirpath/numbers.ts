/**
 * Arithmetic. Decimals are rounded where binary fractions would show (`0.1 + 0.2` is 0.3); division by zero
 * gives nothing. https://hl7.org/fhirpath/N1/#math
 */
import { shiftDate, shiftTime } from './dates.ts';
import { addExactly, multiplyExactly, remainderExactly, roundTo, tidy } from './decimals.ts';
import { FhirPathError } from './failure.ts';
import { type Amount, addQuantities, amountOf, divideQuantities, multiplyQuantities } from './quantities.ts';
import { concat } from './texts.ts';
import { kindOfType } from './types.ts';

function pair(a: unknown, b: unknown, compute: (a: number, b: number) => number): number | undefined {
  if (a == null || b == null) return undefined;
  if (typeof a !== 'number' || typeof b !== 'number')
    throw new FhirPathError('arithmetic got something that is no number');
  return tidy(compute(a, b));
}

export function addNumbers(a: unknown, b: unknown): number | undefined {
  return pair(a, b, addExactly);
}

export function subtractNumbers(a: unknown, b: unknown): number | undefined {
  return pair(a, b, (x, y) => addExactly(x, -y));
}

export function multiplyNumbers(a: unknown, b: unknown): number | undefined {
  return pair(a, b, multiplyExactly);
}

export function divideNumbers(a: unknown, b: unknown): number | undefined {
  return b === 0 ? undefined : pair(a, b, (x, y) => x / y);
}

export function quotientNumbers(a: unknown, b: unknown): number | undefined {
  return b === 0 ? undefined : pair(a, b, (x, y) => Math.trunc(x / y));
}

export function remainderNumbers(a: unknown, b: unknown): number | undefined {
  return b === 0 ? undefined : pair(a, b, remainderExactly);
}

export function add(a: unknown, typeA: string, b: unknown, typeB: string): unknown {
  return addOrSubtract(a, typeA, b, typeB, 1);
}

export function subtract(a: unknown, typeA: string, b: unknown, typeB: string): unknown {
  return addOrSubtract(a, typeA, b, typeB, -1);
}

function addOrSubtract(a: unknown, typeA: string, b: unknown, typeB: string, sign: 1 | -1): unknown {
  if (a == null || b == null) return undefined;
  const kind = kindOfType(typeA);
  if (typeof a === 'string' && typeof b === 'string' && sign === 1) {
    if (kind !== 'date' && kind !== 'time') return concat(a, b);
  }
  if (typeof a === 'string' && (kind === 'date' || kind === 'time') && typeof b === 'object') {
    const amount = amountOf(b);
    if (amount === undefined) return undefined;
    return (kind === 'date' ? shiftDate : shiftTime)(a, sign * amount.value, amount.calendar ?? amount.unit);
  }
  if (sign === 1 && typeof a === 'object' && typeof b === 'string')
    return addOrSubtract(b, typeB, a, typeA, 1);
  if (typeof a === 'number' && typeof b === 'number') return addExactly(a, sign * b);
  if (typeof a === 'object' || typeof b === 'object') {
    if (typeof a !== 'string' && typeof b !== 'string') return addQuantities(a, b, sign);
  }
  throw new FhirPathError(
    `cannot ${sign === 1 ? 'add' : 'subtract'} ${typeB} ${sign === 1 ? 'to' : 'from'} ${typeA}`,
  );
}

export function multiply(a: unknown, typeA: string, b: unknown, typeB: string): unknown {
  if (typeof a === 'number' && typeof b === 'number') return multiplyNumbers(a, b);
  return ofAmounts(a, typeA, b, typeB, multiplyQuantities);
}

export function divide(a: unknown, typeA: string, b: unknown, typeB: string): unknown {
  if (typeof a === 'number' && typeof b === 'number') return divideNumbers(a, b);
  return ofAmounts(a, typeA, b, typeB, divideQuantities);
}

function ofAmounts(
  a: unknown,
  typeA: string,
  b: unknown,
  typeB: string,
  apply: (a: Amount, b: Amount) => Amount | undefined,
): Amount | undefined {
  if (a == null || b == null) return undefined;
  const left = amountOf(a);
  const right = amountOf(b);
  if (left !== undefined && right !== undefined) return apply(left, right);
  throw new FhirPathError(`cannot multiply or divide ${typeA} and ${typeB}`);
}

export function quotient(a: unknown, _typeA: string, b: unknown, _typeB: string): unknown {
  return quotientNumbers(a, b);
}

export function remainder(a: unknown, _typeA: string, b: unknown, _typeB: string): unknown {
  return remainderNumbers(a, b);
}

export function negate(value: unknown): unknown {
  if (value == null) return undefined;
  if (typeof value === 'number') return -value;
  const amount = amountOf(value);
  if (amount === undefined) throw new FhirPathError('a sign takes a number or a quantity');
  return { value: -amount.value, unit: amount.unit };
}

function numberOf(value: unknown): number | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'number')
    throw new FhirPathError('a mathematical function got something that is no number');
  return value;
}

function compute(value: unknown, apply: (value: number) => number): number | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : tidy(apply(number));
}

export function abs(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    const amount = amountOf(value);
    return amount === undefined ? undefined : { value: Math.abs(amount.value), unit: amount.unit };
  }
  return compute(value, Math.abs);
}

export function ceiling(value: unknown): number | undefined {
  return compute(value, Math.ceil);
}

export function floor(value: unknown): number | undefined {
  return compute(value, Math.floor);
}

export function truncate(value: unknown): number | undefined {
  return compute(value, Math.trunc);
}

export function exp(value: unknown): number | undefined {
  return compute(value, Math.exp);
}

export function ln(value: unknown): number | undefined {
  return compute(value, Math.log);
}

export function log(value: unknown, base: unknown): number | undefined {
  const by = numberOf(base);
  return by === undefined ? undefined : compute(value, (number) => Math.log(number) / Math.log(by));
}

export function power(value: unknown, exponent: unknown): number | undefined {
  const by = numberOf(exponent);
  return by === undefined ? undefined : compute(value, (number) => number ** by);
}

export function sqrt(value: unknown): number | undefined {
  return compute(value, Math.sqrt);
}

/** Half away from zero, to the given number of decimals. */
export function round(value: unknown, precision?: unknown): number | undefined {
  const digits = numberOf(precision) ?? 0;
  if (!Number.isInteger(digits) || digits < 0)
    throw new FhirPathError('round() takes a precision of 0 or more');
  return compute(value, (number) => roundTo(number, digits));
}
