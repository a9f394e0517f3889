/**
 * Arithmetic. Decimals are rounded where binary fractions would show (`0.1 + 0.2` is 0.3); division by zero
 * gives nothing. https://hl7.org/fhirpath/N1/#math
 */
import { shiftDate, shiftTime } from './dates.ts';
import { FhirPathError } from './failure.ts';
import { type Amount, addQuantities, amountOf } from './quantities.ts';
import { concat } from './texts.ts';
import { kindOfType } from './types.ts';

/** Fifteen digits are what a double holds exactly. */
function tidy(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  return Number.isInteger(value) ? value : Number(value.toPrecision(15));
}

function pair(a: unknown, b: unknown, compute: (a: number, b: number) => number): number | undefined {
  if (a == null || b == null) return undefined;
  if (typeof a !== 'number' || typeof b !== 'number')
    throw new FhirPathError('arithmetic got something that is no number');
  return tidy(compute(a, b));
}

export function addNumbers(a: unknown, b: unknown): number | undefined {
  return pair(a, b, (x, y) => x + y);
}

export function subtractNumbers(a: unknown, b: unknown): number | undefined {
  return pair(a, b, (x, y) => x - y);
}

export function multiplyNumbers(a: unknown, b: unknown): number | undefined {
  return pair(a, b, (x, y) => x * y);
}

export function divideNumbers(a: unknown, b: unknown): number | undefined {
  return b === 0 ? undefined : pair(a, b, (x, y) => x / y);
}

export function quotientNumbers(a: unknown, b: unknown): number | undefined {
  return b === 0 ? undefined : pair(a, b, (x, y) => Math.trunc(x / y));
}

export function remainderNumbers(a: unknown, b: unknown): number | undefined {
  return b === 0 ? undefined : pair(a, b, (x, y) => x % y);
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
    return (kind === 'date' ? shiftDate : shiftTime)(a, sign * amount.value, amount.unit);
  }
  if (typeof a === 'number' && typeof b === 'number') return tidy(a + sign * b);
  if (typeof a === 'object' || typeof b === 'object') {
    if (typeof a !== 'string' && typeof b !== 'string') return addQuantities(a, b, sign);
  }
  throw new FhirPathError(
    `cannot ${sign === 1 ? 'add' : 'subtract'} ${typeB} ${sign === 1 ? 'to' : 'from'} ${typeA}`,
  );
}

export function multiply(a: unknown, typeA: string, b: unknown, typeB: string): unknown {
  return scale(a, typeA, b, typeB, multiplyNumbers, (x, y) => (x === '1' ? y : y === '1' ? x : undefined));
}

export function divide(a: unknown, typeA: string, b: unknown, typeB: string): unknown {
  return scale(a, typeA, b, typeB, divideNumbers, (x, y) => (x === y ? '1' : y === '1' ? x : undefined));
}

function scale(
  a: unknown,
  typeA: string,
  b: unknown,
  typeB: string,
  numbers: (a: unknown, b: unknown) => number | undefined,
  units: (a: string, b: string) => string | undefined,
): unknown {
  if (a == null || b == null) return undefined;
  if (typeof a === 'number' && typeof b === 'number') return numbers(a, b);
  const left = amountOf(a);
  const right = amountOf(b);
  if (left === undefined || right === undefined) {
    throw new FhirPathError(`cannot multiply or divide ${typeA} and ${typeB}`);
  }
  const unit = units(left.unit, right.unit);
  const value = numbers(left.value, right.value);
  return unit === undefined || value === undefined ? undefined : ({ value, unit } satisfies Amount);
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
  return compute(value, (number) => {
    const factor = 10 ** Math.min(digits, 15);
    const scaled = Number((Math.abs(number) * factor).toPrecision(15));
    return (Math.sign(number) * Math.round(scaled)) / factor;
  });
}
