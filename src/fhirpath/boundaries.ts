/**
 * The least and the greatest value that a value of limited precision can mean: `2012` is any moment of that
 * year, `1.5` anything from 1.45 to 1.55. https://hl7.org/fhirpath/#boundary-functions
 */
import { daysIn, parseMoment, parseTime } from './dates.ts';
import { decimalsOf, roundTo } from './decimals.ts';
import { kindOfType } from './types.ts';

export function lowBoundary(value: unknown, type: string, precision?: unknown): unknown {
  return boundary(value, type, precision, false);
}

export function highBoundary(value: unknown, type: string, precision?: unknown): unknown {
  return boundary(value, type, precision, true);
}

function boundary(value: unknown, type: string, precision: unknown, isHigh: boolean): unknown {
  if (value == null) return undefined;
  const digits = typeof precision === 'number' ? precision : undefined;
  if (typeof value === 'number') return numberBoundary(value, digits ?? 8, isHigh);
  if (typeof value === 'string') {
    const kind = kindOfType(type);
    if (kind === 'date') return momentBoundary(value, digits ?? (isDay(type) ? 8 : 17), isHigh);
    return kind === 'time' ? timeBoundary(value, digits ?? 9, isHigh) : undefined;
  }
  const number = (value as { value?: unknown }).value;
  if (kindOfType(type) !== 'quantity' || typeof number !== 'number') return undefined;
  const bound = numberBoundary(number, digits ?? 8, isHigh);
  return bound === undefined ? undefined : { ...value, value: bound };
}

function isDay(type: string): boolean {
  return type === 'date' || type === 'System.Date';
}

/** Half of the last digit written, down or up. */
function numberBoundary(value: number, digits: number, isHigh: boolean): number | undefined {
  if (!Number.isInteger(digits) || digits < 0 || digits > 15) return undefined;
  const half = 0.5 / 10 ** decimalsOf(value);
  const bound = isHigh ? value + half : value - half;
  const scaled = bound * 10 ** digits;
  const whole = isHigh ? Math.ceil(scaled - 1e-9) : Math.floor(scaled + 1e-9);
  return roundTo(whole / 10 ** digits, digits);
}

/** Digits of a date-time by how many parts they make: year, month, day, hour, minute, ms. */
const PARTS_OF: Readonly<Record<number, number>> = { 4: 1, 6: 2, 8: 3, 10: 4, 12: 5, 17: 6 };

/** Anywhere on earth when there is no zone: the day begins first at +14:00 and ends last at -12:00. */
function momentBoundary(text: string, digits: number, isHigh: boolean): string | undefined {
  const moment = parseMoment(text);
  const count = PARTS_OF[digits];
  if (moment === undefined || count === undefined) return undefined;
  const [year, month = isHigh ? 12 : 1] = moment.parts;
  const [, , day = isHigh ? daysIn(year!, month) : 1, hour = isHigh ? 23 : 0] = moment.parts;
  const [, , , , minute = isHigh ? 59 : 0, ms = isHigh ? 59_999 : 0] = moment.parts;
  const all = [pad(year!, 4), pad(month, 2), pad(day, 2), pad(hour, 2), pad(minute, 2), secondsText(ms)];
  const separators = ['', '-', '-', 'T', ':', ':'];
  const shown = all.slice(0, count).map((part, i) => `${separators[i]}${part}`);
  if (count < 4) return shown.join('');
  return `${shown.join('')}${moment.zone === '' ? (isHigh ? '-12:00' : '+14:00') : moment.zone}`;
}

const TIME_PARTS_OF: Readonly<Record<number, number>> = { 2: 1, 4: 2, 9: 3 };

function timeBoundary(text: string, digits: number, isHigh: boolean): string | undefined {
  const parts = parseTime(text);
  const count = TIME_PARTS_OF[digits];
  if (parts === undefined || count === undefined) return undefined;
  const [hour, minute = isHigh ? 59 : 0, ms = isHigh ? 59_999 : 0] = parts;
  return [pad(hour!, 2), pad(minute, 2), secondsText(ms)].slice(0, count).join(':');
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function secondsText(ms: number): string {
  return `${pad(Math.floor(ms / 1000), 2)}.${pad(Math.round(ms % 1000), 3)}`;
}
