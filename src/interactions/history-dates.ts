/**
 * Dates of history parameters as ranges of time. Dates without a zone are taken as UTC.
 * https://hl7.org/fhir/R4/http.html#history, https://hl7.org/fhir/R4/datatypes.html#dateTime
 */

export interface TimeRange {
  /** Inclusive, ms since the epoch. */
  readonly lo: number;
  /** Exclusive. */
  readonly hi: number;
}

const DATE_TIME =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Undefined for text that is not a date. A `+` that became a space in the address is taken as meant. */
export function parseDateRange(text: string): TimeRange | undefined {
  const match = DATE_TIME.exec(text.replace(' ', '+'));
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const y = Number(year);
  if (month === undefined) return range(Date.UTC(y, 0, 1), Date.UTC(y + 1, 0, 1));
  const m = Number(month) - 1;
  if (m < 0 || m > 11) return undefined;
  if (day === undefined) return range(Date.UTC(y, m, 1), Date.UTC(y, m + 1, 1));
  const d = Number(day);
  if (d < 1 || d > new Date(Date.UTC(y, m + 1, 0)).getUTCDate()) return undefined;
  const midnight = Date.UTC(y, m, d);
  if (hour === undefined) return range(midnight, midnight + DAY_MS);
  const [h, min, s] = [Number(hour), Number(minute), Number(second ?? 0)];
  if (h > 23 || min > 59 || s > 60) return undefined;
  const ms = Number((fraction ?? '0').padEnd(3, '0').slice(0, 3));
  const lo = midnight + (h * 60 + min) * MINUTE_MS + s * SECOND_MS + ms - offsetMs(zone);
  if (second === undefined) return range(lo, lo + MINUTE_MS);
  return range(lo, lo + (fraction === undefined ? SECOND_MS : 1));
}

function range(lo: number, hi: number): TimeRange {
  return { lo, hi };
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))) * MINUTE_MS;
}
