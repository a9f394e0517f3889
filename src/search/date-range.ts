/**
 * Dates of any precision as half-open intervals in ms: `2024-02` is the whole of February in the zone that
 * applies, `2024-02-03T10:15Z` the whole minute.
 * https://hl7.org/fhir/R4/search.html#date, https://hl7.org/fhir/R4/datatypes.html#dateTime
 */
import { type TimeZone, utc } from './time-zone.ts';

export interface DateRange {
  readonly lo: number;
  readonly hi: number;
}

export const DATE_MIN = -8.64e15;
export const DATE_MAX = 8.64e15;

/** Undefined for anything that is not an R4 date, dateTime or instant (seconds may be left out). */
export function parseDateRange(text: string, zone: TimeZone): DateRange | undefined {
  const { length } = text;
  const year = digits(text, 0, 4);
  // there is no year 0
  if (year < 1) return undefined;
  if (length === 4) return { lo: zone(utc(year, 1, 1)), hi: zone(utc(year + 1, 1, 1)) };
  const month = text.charCodeAt(4) === DASH ? digits(text, 5, 2) : -1;
  if (month < 1 || month > 12) return undefined;
  if (length === 7) return { lo: zone(utc(year, month, 1)), hi: zone(utc(year, month + 1, 1)) };
  const day = text.charCodeAt(7) === DASH ? digits(text, 8, 2) : -1;
  if (day < 1 || day > daysIn(year, month)) return undefined;
  const midnight = utc(year, month, day);
  if (length === 10) return { lo: zone(midnight), hi: zone(utc(year, month, day + 1)) };
  return text.charCodeAt(10) === LETTER_T ? parseTime(text, midnight, zone) : undefined;
}

const DASH = 45;
const DOT = 46;
const COLON = 58;
const LETTER_T = 84;

/** `count` digits as a number; -1 when there are others. */
function digits(text: string, from: number, count: number): number {
  let number = 0;
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 48;
    // NaN beyond the end fails both comparisons
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

function parseTime(text: string, midnight: number, zone: TimeZone): DateRange | undefined {
  const hour = digits(text, 11, 2);
  const minute = text.charCodeAt(13) === COLON ? digits(text, 14, 2) : -1;
  // 24:00 is not allowed
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined;
  let at = 16;
  let local = midnight + hour * 3_600_000 + minute * 60_000;
  let widthMs = 60_000;
  if (text.charCodeAt(at) === COLON) {
    const second = digits(text, at + 1, 2);
    // a leap second is the second before it, so that it is in the day that it is written with
    if (second < 0 || second > 60) return undefined;
    local += Math.min(second, 59) * 1000;
    widthMs = 1000;
    at += 3;
    if (text.charCodeAt(at) === DOT) {
      const end = endOfDigits(text, at + 1);
      if (end === at + 1) return undefined;
      // more than three decimals are cut to the millisecond
      const places = Math.min(end - at - 1, 3);
      widthMs = places === 1 ? 100 : places === 2 ? 10 : 1;
      local += digits(text, at + 1, places) * widthMs;
      at = end;
    }
  }
  if (at === text.length) {
    const lo = zone(local);
    return { lo, hi: lo + widthMs };
  }
  const offsetMs = parseOffset(text, at);
  return offsetMs === undefined ? undefined : { lo: local - offsetMs, hi: local - offsetMs + widthMs };
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}

function parseOffset(text: string, at: number): number | undefined {
  const sign = text[at];
  if (sign === 'Z') return at + 1 === text.length ? 0 : undefined;
  if ((sign !== '+' && sign !== '-') || at + 6 !== text.length || text.charCodeAt(at + 3) !== COLON)
    return undefined;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 14 * 60) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
