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

const DATE =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** Undefined for anything that is not an R4 date, dateTime or instant (seconds may be left out). */
export function parseDateRange(text: string, zone: TimeZone): DateRange | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const year = Number(match[1]);
  if (match[2] === undefined) return { lo: zone(utc(year, 1, 1)), hi: zone(utc(year + 1, 1, 1)) };
  const month = Number(match[2]);
  if (month < 1 || month > 12) return undefined;
  if (match[3] === undefined) return { lo: zone(utc(year, month, 1)), hi: zone(utc(year, month + 1, 1)) };
  const day = Number(match[3]);
  if (day < 1 || day > daysIn(year, month)) return undefined;
  if (match[4] === undefined) return { lo: zone(utc(year, month, day)), hi: zone(utc(year, month, day + 1)) };
  return parseTime(match, utc(year, month, day), zone);
}

function parseTime(match: RegExpExecArray, midnight: number, zone: TimeZone): DateRange | undefined {
  const hour = Number(match[4]);
  // an hour alone is no FHIR time
  if (match[5] === undefined) return undefined;
  const minute = Number(match[5]);
  const second = match[6] === undefined ? 0 : Number(match[6]);
  // 24:00 is not allowed, a leap second is
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const milliseconds = match[7] === undefined ? 0 : Number(match[7].slice(0, 3).padEnd(3, '0'));
  const local = midnight + hour * 3_600_000 + minute * 60_000 + second * 1000 + milliseconds;
  const offsetMs = parseOffset(match[8]);
  if (offsetMs === undefined) return undefined;
  const lo = offsetMs === 'none' ? zone(local) : local - offsetMs;
  return { lo, hi: lo + widthMs(match) };
}

/** More than three decimals are cut to the millisecond. */
function widthMs(match: RegExpExecArray): number {
  if (match[6] === undefined) return 60_000;
  if (match[7] === undefined) return 1000;
  return match[7].length === 1 ? 100 : match[7].length === 2 ? 10 : 1;
}

function parseOffset(text: string | undefined): number | 'none' | undefined {
  if (text === undefined) return 'none';
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  if (minutes > 14 * 60 || Number(text.slice(4, 6)) > 59) return undefined;
  return text.startsWith('-') ? -minutes * 60_000 : minutes * 60_000;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
