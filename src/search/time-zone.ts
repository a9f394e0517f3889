/**
 * The zone of dates that do not name one: a fixed offset or an IANA zone.
 * https://hl7.org/fhir/R4/search.html#date
 */

/** Local wall-clock time, as ms since the epoch if it were UTC, to the instant in ms. */
export type TimeZone = (localMs: number) => number;

const OFFSET = /^([+-])(\d\d):?(\d\d)$/;

/** `UTC`, `Z`, `+05:45` or an IANA name such as `Asia/Kathmandu`. @throws RangeError for anything else */
export function createTimeZone(name: string): TimeZone {
  if (name === 'UTC' || name === 'Z') return (localMs) => localMs;
  const match = OFFSET.exec(name);
  if (match !== null) {
    const minutes = Number(match[2]) * 60 + Number(match[3]);
    if (minutes > 14 * 60) throw new RangeError(`no time zone has the offset ${name}`);
    const offsetMs = minutes * (match[1] === '-' ? -60_000 : 60_000);
    return (localMs) => localMs - offsetMs;
  }
  return createNamedZone(name);
}

/** Clocks change on a quarter of an hour everywhere. */
const QUARTER_MS = 900_000;

/** Minutes east of UTC at an instant. @throws RangeError for what is no zone */
export function createZoneOffset(name: string): (instantMs: number) => number {
  if (name === 'UTC' || name === 'Z' || OFFSET.test(name)) {
    const minutes = 0 - createTimeZone(name)(0) / 60_000;
    return () => minutes;
  }
  const format = formatOf(name);
  let known = { quarter: Number.NaN, minutes: 0 };
  return (instantMs) => {
    const quarter = Math.floor(instantMs / QUARTER_MS);
    if (quarter !== known.quarter) {
      const startMs = quarter * QUARTER_MS;
      known = { quarter, minutes: (wallClock(format, startMs) - startMs) / 60_000 };
    }
    return known.minutes;
  };
}

/** Offsets are remembered by local quarter of an hour. */
const REMEMBERED_MAX = 20_000;
/** No zone is further from UTC, and none changes its clocks twice in so short a time. */
const DAY_MS = 86_400_000;

function createNamedZone(name: string): TimeZone {
  const format = formatOf(name);
  const remembered = new Map<number, number>();
  const offsetAt = (instantMs: number): number =>
    wallClock(format, instantMs) - Math.floor(instantMs / 1000) * 1000;
  return (localMs) => {
    const quarter = Math.floor(localMs / QUARTER_MS);
    let offsetMs = remembered.get(quarter);
    if (offsetMs === undefined) {
      // the same for the whole quarter, whatever second is asked for first
      const start = quarter * QUARTER_MS;
      const before = offsetAt(start - DAY_MS);
      const after = offsetAt(start + DAY_MS);
      const [earlier, later] = before > after ? [before, after] : [after, before];
      // A time that occurs twice is the earlier one; one that the change skips moves on by the gap.
      offsetMs = [earlier, later].find((offset) => offsetAt(start - offset) === offset) ?? before;
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      remembered.set(quarter, offsetMs);
    }
    return localMs - offsetMs;
  };
}

function formatOf(name: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    era: 'short',
  });
}

function wallClock(format: Intl.DateTimeFormat, instantMs: number): number {
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instantMs)) part[type] = value;
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year);
  return utc(
    year,
    Number(part.month),
    Number(part.day),
    Number(part.hour),
    Number(part.minute),
    Number(part.second),
  );
}

/** Date.UTC without its special case for the years 0 to 99. */
export function utc(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  if (year >= 100) return Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}
