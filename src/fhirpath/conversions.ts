/**
 * Conversions between System types. What does not convert gives nothing.
 * https://hl7.org/fhirpath/N1/#conversion
 */
import { parseMoment, parseTime } from './dates.ts';
import { FhirPathError } from './failure.ts';
import { amountOf, convert } from './quantities.ts';
import { kindOfType } from './types.ts';

const TRUE = new Set(['true', 't', 'yes', 'y', '1', '1.0']);
const FALSE = new Set(['false', 'f', 'no', 'n', '0', '0.0']);

export function toBoolean(value: unknown, _type: string): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.toLowerCase();
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
}

export function toInteger(value: unknown, _type: string): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return typeof value === 'string' && /^[+-]?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

export function toDecimal(value: unknown, _type: string): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^[+-]?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

export function toText(value: unknown, type: string): string | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'object') return String(value);
  if (kindOfType(type) !== 'quantity') return undefined;
  const amount = amountOf(value);
  if (amount === undefined) return undefined;
  return `${amount.value} ${CALENDAR.has(amount.unit) ? amount.unit : `'${amount.unit}'`}`;
}

const CALENDAR = new Set(['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond']);

export function toDate(value: unknown, _type: string): string | undefined {
  if (typeof value !== 'string') return undefined;
  return parseMoment(value) === undefined ? undefined : value.slice(0, 10);
}

export function toDateTime(value: unknown, _type: string): string | undefined {
  return typeof value === 'string' && parseMoment(value) !== undefined ? value : undefined;
}

export function toTime(value: unknown, _type: string): string | undefined {
  if (typeof value !== 'string' || parseTime(value) === undefined) return undefined;
  return value.startsWith('T') ? value.slice(1) : value;
}

const QUANTITY = /^([+-]?\d+(?:\.\d+)?)(?:\s*(?:'([^']+)'|([a-zA-Z]+)))?$/;

export function toQuantity(value: unknown, type: string, unit?: unknown): unknown {
  const amount = quantityOf(value, type);
  if (amount === undefined || typeof unit !== 'string') return amount;
  const word = unit.replace(/s$/, '');
  const wanted = CALENDAR.has(word) ? word : unit;
  const converted = convert(amount, wanted);
  return converted === undefined ? undefined : { value: converted, unit: wanted };
}

function quantityOf(value: unknown, type: string): { value: number; unit: string } | undefined {
  if (typeof value === 'boolean') return { value: value ? 1 : 0, unit: '1' };
  if (typeof value === 'number') return { value, unit: '1' };
  if (typeof value === 'object') return kindOfType(type) === 'quantity' ? amountOf(value) : undefined;
  const match = typeof value === 'string' ? QUANTITY.exec(value) : null;
  if (match === null) return undefined;
  const word = match[3]?.replace(/s$/, '');
  if (word !== undefined && !CALENDAR.has(word)) return undefined;
  return { value: Number(match[1]), unit: match[2] ?? word ?? '1' };
}

/** `convertsToX()`: whether `toX()` gives something. */
export function converts(value: unknown, type: string, target: unknown, unit?: unknown): boolean | undefined {
  if (value == null) return undefined;
  switch (target) {
    case 'Boolean':
      return toBoolean(value, type) !== undefined;
    case 'Integer':
      return toInteger(value, type) !== undefined;
    case 'Decimal':
      return toDecimal(value, type) !== undefined;
    case 'String':
      return toText(value, type) !== undefined;
    case 'Date':
      return toDate(value, type) !== undefined;
    case 'DateTime':
      return toDateTime(value, type) !== undefined;
    case 'Time':
      return toTime(value, type) !== undefined;
    case 'Quantity':
      return toQuantity(value, type, unit) !== undefined;
    default:
      throw new FhirPathError(`no conversion to ${String(target)}`);
  }
}

export function getValue(value: unknown): unknown {
  return typeof value === 'object' ? undefined : value;
}

/** Singleton evaluation: one value that is no boolean counts as true. */
export function truthOf(value: unknown): boolean | undefined {
  if (value == null) return undefined;
  return typeof value === 'boolean' ? value : true;
}
