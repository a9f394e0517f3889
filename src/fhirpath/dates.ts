/**
 * Dates, times and their arithmetic as FHIRPath has them: values are ISO texts of any precision, and a
 * comparison of different precisions has no answer unless a shared part decides it.
 * https://hl7.org/fhirpath/N1/#comparison, https://hl7.org/fhirpath/N1/#datetime-arithmetic
 */
import { FhirPathError } from './failure.ts';

const DATE_TIME =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?)?)?)?)?(Z|[+-]\d{2}:\d{2})?$/;
const TIME = /^T?(\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?$/;

/** Year, month, day, hour, minute, ms within the minute: as many as are given. */
export interface Moment {
  readonly parts: readonly number[];
  /** Minutes east of UTC; undefined when there is no zone. */
  readonly offset: number | undefined;
  /** The zone as written. */
  readonly zone: string;
}

export function parseMoment(text: string): Moment | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const zone = match[8] ?? '';
  const parts: number[] = [];
  for (let i = 1; i <= 5 && match[i] !== undefined; i++) parts.push(Number(match[i]));
  if (match[6] !== undefined) parts.push(millisecondsOf(match[6], match[7]));
  if (!isCalendar(parts) || (zone !== '' && Math.abs(offsetOf(zone)) > 840)) return undefined;
  return { parts, offset: zone === '' ? undefined : offsetOf(zone), zone };
}

function millisecondsOf(seconds: string, fraction: string | undefined): number {
  // Leap seconds (:60) run into the next minute.
  return Number(seconds) * 1000 + (fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000);
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone[0] === '-' ? -minutes : minutes;
}

function isCalendar([year, month, day, hour, minute, ms]: readonly number[]): boolean {
  if (month !== undefined && (month < 1 || month > 12)) return false;
  if (day !== undefined && (day < 1 || day > daysIn(year!, month!))) return false;
  return (hour ?? 0) < 24 && (minute ?? 0) < 60 && (ms ?? 0) < 61_000;
}

export function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** -1, 0, 1; undefined when a value is missing or the precision does not decide. */
export function compareDates(a: unknown, b: unknown): number | undefined {
  if (typeof a !== 'string' || typeof b !== 'string') return undefined;
  if (a.length === b.length && hasSameShape(a, b)) return a < b ? -1 : a > b ? 1 : 0;
  const left = parseMoment(a);
  const right = parseMoment(b);
  if (left === undefined || right === undefined) return undefined;
  // A date without a zone is in the zone of what it is compared with: only two zones are converted.
  if (left.offset === undefined || right.offset === undefined || left.offset === right.offset) {
    return compareParts(left.parts, right.parts);
  }
  return compareParts(inUtc(left), inUtc(right));
}

/** Texts of the same length and zone order as the moments do. Leap seconds too. */
function hasSameShape(a: string, b: string): boolean {
  if (a.length <= 10) return true;
  return a.endsWith('Z') ? b.endsWith('Z') : a.at(-6) === b.at(-6) && a.slice(-6) === b.slice(-6);
}

function compareParts(a: readonly number[], b: readonly number[]): number | undefined {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i]! !== b[i]!) return a[i]! < b[i]! ? -1 : 1;
  }
  return a.length === b.length ? 0 : undefined;
}

function inUtc(moment: Moment): readonly number[] {
  const { parts } = moment;
  // Without a time there is nothing to convert.
  if (parts.length < 4) return parts;
  const shifted = addMilliseconds(parts, -moment.offset! * 60_000);
  return shifted.slice(0, parts.length);
}

/** The same for texts of the same moment and precision. */
export function momentKey(text: string): string {
  if (text.length <= 10) return text;
  const moment = parseMoment(text);
  if (moment === undefined) return text;
  return (moment.offset === undefined ? moment.parts : inUtc(moment)).join(' ');
}

export function equalDates(a: unknown, b: unknown): boolean | undefined {
  const compared = compareDates(a, b);
  return compared === undefined ? undefined : compared === 0;
}

export function compareTimes(a: string, b: string): number | undefined {
  const left = parseTime(a);
  const right = parseTime(b);
  return left === undefined || right === undefined ? undefined : compareParts(left, right);
}

/** Hour, minute, ms within the minute. */
export function parseTime(text: string): readonly number[] | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const parts: number[] = [];
  for (let i = 1; i <= 2 && match[i] !== undefined; i++) parts.push(Number(match[i]));
  if (match[3] !== undefined) parts.push(millisecondsOf(match[3], match[4]));
  const [hour, minute, ms] = parts;
  return (hour ?? 0) < 24 && (minute ?? 0) < 60 && (ms ?? 0) < 61_000 ? parts : undefined;
}

/** UTC parts, complete to the millisecond. */
function addMilliseconds(parts: readonly number[], ms: number): readonly number[] {
  const date = new Date(utcOf(parts) + ms);
  return partsOf(date);
}

function utcOf([year, month = 1, day = 1, hour = 0, minute = 0, ms = 0]: readonly number[]): number {
  const date = new Date(0);
  date.setUTCFullYear(year!, month - 1, day);
  date.setUTCHours(hour, minute, 0, ms);
  return date.getTime();
}

function partsOf(date: Date): readonly number[] {
  return [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds() * 1000 + date.getUTCMilliseconds(),
  ];
}

const UNIT_MS: Readonly<Record<string, number>> = {
  week: 604_800_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
  millisecond: 1,
};

/** Calendar words, and the UCUM codes that mean the same. A UCUM month is 30.4 days, so it is refused. */
const CALENDAR: Readonly<Record<string, string>> = {
  year: 'year',
  years: 'year',
  month: 'month',
  months: 'month',
  week: 'week',
  weeks: 'week',
  wk: 'week',
  day: 'day',
  days: 'day',
  d: 'day',
  hour: 'hour',
  hours: 'hour',
  h: 'hour',
  minute: 'minute',
  minutes: 'minute',
  min: 'minute',
  second: 'second',
  seconds: 'second',
  s: 'second',
  millisecond: 'millisecond',
  milliseconds: 'millisecond',
  ms: 'millisecond',
};

/** A date or date-time moved by a calendar duration, at the precision that it has. */
export function shiftDate(text: string, amount: number, unit: string): string | undefined {
  const moment = parseMoment(text);
  if (moment === undefined) return undefined;
  const calendar = calendarUnit(unit);
  const { parts } = moment;
  const shifted =
    calendar === 'year' || calendar === 'month'
      ? shiftMonths(parts, wholeAmount(amount) * (calendar === 'year' ? 12 : 1))
      : shiftDays(parts, amount, calendar);
  if (shifted[0]! < 1 || shifted[0]! > 9999) return undefined;
  return formatMoment(shifted.slice(0, parts.length), moment.zone, text);
}

export function calendarUnit(unit: string): string {
  if (!Object.hasOwn(CALENDAR, unit)) {
    throw new FhirPathError(
      `dates move by years, months, weeks, days, hours, minutes or seconds, not by '${unit}'`,
    );
  }
  return CALENDAR[unit]!;
}

/** Decimals are ignored above seconds. */
function wholeAmount(amount: number): number {
  return Math.trunc(amount);
}

function shiftMonths(parts: readonly number[], months: number): readonly number[] {
  const [year, month, day, ...rest] = parts;
  if (month === undefined) return [year! + Math.trunc(months / 12)];
  const index = year! * 12 + (month - 1) + months;
  const newYear = Math.floor(index / 12);
  const newMonth = index - newYear * 12 + 1;
  if (day === undefined) return [newYear, newMonth];
  return [newYear, newMonth, Math.min(day, daysIn(newYear, newMonth)), ...rest];
}

/** A duration finer than the date is first rounded down to the date's precision. */
function shiftDays(parts: readonly number[], amount: number, unit: string): readonly number[] {
  const ms = (unit === 'second' || unit === 'millisecond' ? amount : wholeAmount(amount)) * UNIT_MS[unit]!;
  if (parts.length === 1) return [parts[0]! + Math.trunc(ms / (365 * 86_400_000))];
  if (parts.length === 2) return shiftMonths(parts, Math.trunc(ms / (30 * 86_400_000)));
  const grain = [86_400_000, 3_600_000, 60_000][parts.length - 3] ?? 1;
  return addMilliseconds(parts, Math.trunc(ms / grain) * grain);
}

function formatMoment(parts: readonly number[], zone: string, like: string): string {
  const [year, month, day, hour, minute, ms] = parts;
  let text = String(year).padStart(4, '0');
  if (month !== undefined) text += `-${two(month)}`;
  if (day !== undefined) text += `-${two(day)}`;
  if (hour !== undefined) text += `T${two(hour)}`;
  if (minute !== undefined) text += `:${two(minute)}`;
  if (ms !== undefined) text += `:${secondsText(ms, like.includes('.'))}`;
  return text + zone;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function secondsText(ms: number, withFraction: boolean): string {
  const seconds = Math.floor(ms / 1000);
  const rest = Math.round(ms - seconds * 1000);
  return rest === 0 && !withFraction ? two(seconds) : `${two(seconds)}.${String(rest).padStart(3, '0')}`;
}

/** A time of day moved by hours, minutes or seconds, around the clock. */
export function shiftTime(text: string, amount: number, unit: string): string | undefined {
  const parts = parseTime(text);
  if (parts === undefined) return undefined;
  const calendar = calendarUnit(unit);
  const unitMs = UNIT_MS[calendar];
  if (unitMs === undefined || unitMs > 3_600_000)
    throw new FhirPathError(`a time of day cannot move by '${unit}'`);
  const grain = [3_600_000, 60_000][parts.length - 1] ?? 1;
  const [hour = 0, minute = 0, ms = 0] = parts;
  const start = hour * 3_600_000 + minute * 60_000 + ms;
  const whole = calendar === 'second' || calendar === 'millisecond' ? amount : wholeAmount(amount);
  const moved = start + Math.trunc((whole * unitMs) / grain) * grain;
  const inDay = ((moved % 86_400_000) + 86_400_000) % 86_400_000;
  const shifted = [Math.floor(inDay / 3_600_000), Math.floor(inDay / 60_000) % 60, inDay % 60_000];
  const [h, m, s] = shifted.slice(0, parts.length);
  let result = two(h!);
  if (m !== undefined) result += `:${two(m)}`;
  if (s !== undefined) result += `:${secondsText(s, text.includes('.'))}`;
  return result;
}

interface Clock {
  readonly now: number;
  readonly offsetMinutes?: number;
}

/** The three clock functions: one `now` for the whole evaluation, in the zone of the server's place. */
export function now(clock: Clock): string {
  return wallClock(clock) + zoneText(clock.offsetMinutes ?? 0);
}

export function today(clock: Clock): string {
  return wallClock(clock).slice(0, 10);
}

export function timeOfDay(clock: Clock): string {
  return wallClock(clock).slice(11);
}

function wallClock({ now: instantMs, offsetMinutes = 0 }: Clock): string {
  return new Date(instantMs + offsetMinutes * 60_000).toISOString().slice(0, -1);
}

function zoneText(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'Z';
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
