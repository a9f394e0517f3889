/**
 * Numbers as text whose byte order is the order of the numbers, so that one index of strings holds terms, texts,
 * dates and quantities side by side. Text rather than binary: an administrator can read it in a shell.
 */

/** 64 characters in ascending byte order, six bits each. */
const DIGITS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** The width in characters of each kind of number. */
export const PARAM_WIDTH = 6;
export const TERM_WIDTH = 9;
export const TIME_WIDTH = 9;
export const NUMBER_WIDTH = 11;

/** Shifts times into the positive: the earliest instant that a Date can hold. */
const TIME_OFFSET = 8.64e15;

/** In the year 13,606: later ones share their text with the ms before or after. */
export const LAST_EXACT_TIME = Number.MAX_SAFE_INTEGER - TIME_OFFSET;

/** A whole number from 0 below 64^width. */
export function encodeInteger(value: number, width: number): string {
  let text = '';
  let rest = value;
  for (let at = 0; at < width; at++) {
    text = DIGITS[rest % 64] + text;
    rest = Math.floor(rest / 64);
  }
  return text;
}

export function decodeInteger(text: string): number {
  let value = 0;
  for (const digit of text) value = value * 64 + VALUES.get(digit)!;
  return value;
}

/** Whole ms since the epoch within ±8.64e15. */
export function encodeTime(timeMs: number): string {
  return encodeInteger(
    Math.min(Math.max(Math.trunc(timeMs), -TIME_OFFSET), TIME_OFFSET) + TIME_OFFSET,
    TIME_WIDTH,
  );
}

/** The first time up to LAST_EXACT_TIME whose text is not before `text`, or the one after it. */
export function firstTimeFrom(text: string): number {
  let low = -TIME_OFFSET;
  let high = LAST_EXACT_TIME + 1;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    // by UTF-16 units, as all digits are ASCII
    if (encodeTime(middle) < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

const view = new DataView(new ArrayBuffer(8));

/** Any double but NaN; -0 counts as 0. */
export function encodeNumber(value: number): string {
  view.setFloat64(0, value === 0 ? 0 : value);
  // a negative double sorts in reverse: flip all of it, else only the sign
  const high = view.getUint32(0);
  const low = view.getUint32(4);
  const negative = high >>> 31 === 1;
  const orderedHigh = (negative ? ~high : high ^ 0x80000000) >>> 0;
  const orderedLow = (negative ? ~low : low) >>> 0;
  // 64 bits as 30 + 34, so that each part is a safe integer
  const upper = Math.floor(orderedHigh / 4);
  const lower = (orderedHigh % 4) * 0x100000000 + orderedLow;
  return encodeInteger(upper, 5) + encodeInteger(lower, 6);
}
