/**
 * Quantities: FHIR's element and FHIRPath's own `4 'mg'`, compared and computed when their units are the
 * same or convert into each other. A calendar year is twelve months and no number of seconds.
 * https://hl7.org/fhirpath/N1/#quantity, https://hl7.org/fhir/R4/fhirpath.html#types
 */
import { canonicalQuantity, convertQuantity, isUcum, productUnit, UCUM_SYSTEM } from '../fhir/ucum.ts';
import { addExactly, multiplyExactly, tidy } from './decimals.ts';

/** A value with its unit: a UCUM code or a calendar word, else whatever FHIR's code or unit says. */
export interface Amount {
  readonly value: number;
  readonly unit: string;
  /** Of an element of FHIR, which writes calendar years and months in UCUM. */
  readonly calendar?: string;
}

/** FHIR's Quantity, FHIRPath's own, or a number as an amount; undefined without a value. */
export function amountOf(quantity: unknown): Amount | undefined {
  if (typeof quantity === 'number') return { value: quantity, unit: '1' };
  if (typeof quantity !== 'object' || quantity === null) return undefined;
  const { value, unit, code, system } = quantity as Record<string, unknown>;
  if (typeof value !== 'number') return undefined;
  if (typeof code === 'string') {
    const isKnown = system === UCUM_SYSTEM || system === undefined;
    if (!isKnown) return { value, unit: `${String(system)}|${code}` };
    return Object.hasOwn(CALENDAR_OF, code)
      ? { value, unit: code, calendar: CALENDAR_OF[code] }
      : { value, unit: code };
  }
  return { value, unit: typeof unit === 'string' ? unit : '1' };
}

const MONTHS: Readonly<Record<string, number>> = { year: 12, month: 1 };

/** Calendar words of definite length, as UCUM writes them. */
const WORDS: Readonly<Record<string, string>> = {
  week: 'wk',
  day: 'd',
  hour: 'h',
  minute: 'min',
  second: 's',
  millisecond: 'ms',
};

const CALENDAR_OF: Readonly<Record<string, string>> = { a: 'year', mo: 'month' };

function ucumOf(unit: string): string {
  return Object.hasOwn(WORDS, unit) ? WORDS[unit]! : unit;
}

function monthsOf({ unit, calendar = unit }: Amount): number | undefined {
  return Object.hasOwn(MONTHS, calendar) ? MONTHS[calendar] : undefined;
}

function isCalendar(unit: string): boolean {
  return Object.hasOwn(MONTHS, unit);
}

/** Values in a common unit; undefined when the units do not convert. */
export function align(a: Amount, b: Amount): readonly [number, number] | undefined {
  if (a.unit === b.unit) return [a.value, b.value];
  if (isCalendar(a.unit) || isCalendar(b.unit)) {
    const left = monthsOf(a);
    const right = monthsOf(b);
    return left === undefined || right === undefined ? undefined : [a.value * left, b.value * right];
  }
  const left = canonicalQuantity(a.value, ucumOf(a.unit));
  const right = canonicalQuantity(b.value, ucumOf(b.unit));
  if (left === undefined || right === undefined || left.unit !== right.unit) return undefined;
  return [left.value, right.value];
}

/** The same for amounts that are equal. */
export function amountKey(amount: Amount): string {
  const months = monthsOf(amount);
  if (months !== undefined && isCalendar(amount.unit))
    return `${(amount.value * months).toPrecision(12)} month`;
  const base = canonicalQuantity(amount.value, ucumOf(amount.unit));
  return base === undefined ? `${amount.value} ${amount.unit}` : `${base.value.toPrecision(12)} ${base.unit}`;
}

export function compareQuantities(a: unknown, b: unknown): number | undefined {
  const left = amountOf(a);
  const right = amountOf(b);
  if (left === undefined || right === undefined) return undefined;
  const pair = align(left, right);
  if (pair === undefined) return undefined;
  const [x, y] = pair;
  // Conversion is exact, a double is not.
  if (Math.abs(x - y) <= 1e-14 * Math.max(Math.abs(x), Math.abs(y))) return 0;
  return x < y ? -1 : 1;
}

/** `~`: equal at the precision of the less precise; a calendar year is about a UCUM year. */
export function equivalentQuantities(
  a: unknown,
  b: unknown,
  same: (x: number, y: number) => boolean,
): boolean {
  const left = amountOf(a);
  const right = amountOf(b);
  if (left === undefined || right === undefined) return false;
  const inLeft =
    convert(right, left.unit) ?? convert({ ...right, unit: loosely(right.unit) }, loosely(left.unit));
  return inLeft !== undefined && same(left.value, inLeft);
}

function loosely(unit: string): string {
  return { year: 'a', month: 'mo' }[unit] ?? ucumOf(unit);
}

/** `comparable()`: whether the units measure the same kind of thing. */
export function comparable(a: unknown, _typeA: string, b: unknown): boolean | undefined {
  const left = amountOf(a);
  const right = amountOf(b);
  if (left === undefined || right === undefined) return undefined;
  return align({ ...left, value: 1 }, { ...right, value: 1 }) !== undefined;
}

/** The value in another unit. */
export function convert(amount: Amount, unit: string): number | undefined {
  if (amount.unit === unit) return amount.value;
  if (isCalendar(amount.unit) || isCalendar(unit)) {
    const from = monthsOf(amount);
    const to = monthsOf({ value: 1, unit });
    return from === undefined || to === undefined ? undefined : tidy((amount.value * from) / to);
  }
  return convertQuantity(amount.value, ucumOf(amount.unit), ucumOf(unit));
}

/** In the unit of the first. */
export function addQuantities(a: unknown, b: unknown, sign: 1 | -1): Amount | undefined {
  const left = amountOf(a);
  const right = amountOf(b);
  if (left === undefined || right === undefined) return undefined;
  const value = convert(right, left.unit);
  return value === undefined ? undefined : { value: addExactly(left.value, sign * value), unit: left.unit };
}

export function multiplyQuantities(a: Amount, b: Amount): Amount | undefined {
  if (b.unit === '1') return { value: multiplyExactly(a.value, b.value), unit: a.unit };
  if (a.unit === '1') return { value: multiplyExactly(a.value, b.value), unit: b.unit };
  const left = canonicalQuantity(a.value, ucumOf(a.unit));
  const right = canonicalQuantity(b.value, ucumOf(b.unit));
  if (left === undefined || right === undefined) return undefined;
  const unit = productUnit(left.unit, right.unit);
  const value = tidy(left.value * right.value);
  return unit === undefined || value === undefined ? undefined : { value, unit };
}

export function divideQuantities(a: Amount, b: Amount): Amount | undefined {
  if (b.value === 0) return undefined;
  if (b.unit === '1') return amount(a.value / b.value, a.unit);
  if (a.unit === b.unit) return amount(a.value / b.value, '1');
  const left = canonicalQuantity(a.value, ucumOf(a.unit));
  const right = canonicalQuantity(b.value, ucumOf(b.unit));
  if (left === undefined || right === undefined) return undefined;
  if (left.unit === right.unit) return amount(left.value / right.value, '1');
  const unit = `${left.unit}/(${right.unit})`;
  return isUcum(unit) ? amount(left.value / right.value, unit) : undefined;
}

function amount(value: number, unit: string): Amount | undefined {
  const rounded = tidy(value);
  return rounded === undefined ? undefined : { value: rounded, unit };
}
