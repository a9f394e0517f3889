/**
 * Numbers as half-open intervals: a value in a resource is exact, a value in a query spans its precision,
 * `100` from 99.5 to 100.5.
 * https://hl7.org/fhir/R4/search.html#number
 */

/** Bounds of open ranges. */
export const NUMBER_MIN = -Number.MAX_VALUE;
export const NUMBER_MAX = Number.MAX_VALUE;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
double[0] = 1;
/** Which of the two words holds the low bits depends on the machine. */
const LOW = words[0] === 0 ? 0 : 1;
const HIGH = 1 - LOW;

/** The next double after x. */
export function nextUp(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  if (x >= Number.MAX_VALUE) return Number.POSITIVE_INFINITY;
  double[0] = x;
  const low = words[LOW] as number;
  const high = words[HIGH] as number;
  if (x > 0) {
    words[LOW] = low + 1;
    if (low === 0xffffffff) words[HIGH] = high + 1;
  } else {
    words[LOW] = low - 1;
    if (low === 0) words[HIGH] = high - 1;
  }
  return double[0];
}

export interface DecimalRange {
  /** The number itself, for prefixes that ignore precision. */
  readonly value: number;
  /** Interval of its precision. */
  readonly lo: number;
  readonly hi: number;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Undefined for anything that is not a number as FHIR writes it. */
export function parseDecimal(text: string): DecimalRange | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  // half a unit of the last digit, computed in decimal text so that 0.1 stays 0.1
  const exponent = (match[4] === undefined ? 0 : Number(match[4])) - (match[3]?.length ?? 0);
  const digits = `${match[2]}${match[3] ?? ''}`;
  // R4's table reads `1e2` as 95 to 105, one digit finer than its rule for all other numbers
  const isRound = match[4] !== undefined && digits.length === 1;
  const { lo, hi } = isRound
    ? spread(match[1] === '-', `${digits}0`, exponent - 1)
    : spread(match[1] === '-', digits, exponent);
  // beyond what doubles tell apart the interval is the number alone
  return { value, lo: Math.min(lo, value), hi: Math.max(hi, nextUp(value)) };
}

function spread(negative: boolean, digits: string, exponent: number): { lo: number; hi: number } {
  const tenths = BigInt(digits) * 10n * (negative ? -1n : 1n);
  return {
    lo: Number(`${tenths - 5n}e${exponent - 1}`),
    hi: Number(`${tenths + 5n}e${exponent - 1}`),
  };
}
