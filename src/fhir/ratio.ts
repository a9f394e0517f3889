/** Exact numbers for conversions of units: a fraction of integers times a power of ten. */

export interface Ratio {
  readonly num: bigint;
  readonly den: bigint;
  readonly exp: number;
}

export const ONE: Ratio = { num: 1n, den: 1n, exp: 0 };

/** From decimal text such as `-1.5e-3`, exactly. */
export function ratioOf(decimal: string): Ratio {
  const [mantissa = '0', exponent = '0'] = decimal.toLowerCase().split('e');
  const dot = mantissa.indexOf('.');
  const decimals = dot < 0 ? 0 : mantissa.length - dot - 1;
  return { num: BigInt(mantissa.replace('.', '')), den: 1n, exp: Number(exponent) - decimals };
}

export function multiply(a: Ratio, b: Ratio): Ratio {
  return { num: a.num * b.num, den: a.den * b.den, exp: a.exp + b.exp };
}

export function power(base: Ratio, exponent: number): Ratio {
  const { num, den, exp } = base;
  const times = BigInt(Math.abs(exponent));
  const raised = { num: num ** times, den: den ** times, exp: exp * Math.abs(exponent) };
  return exponent < 0 ? { num: raised.den, den: raised.num, exp: -raised.exp } : raised;
}

/** Lowest terms, tens taken out: keeps the numbers of a remembered unit small. */
export function reduce({ num, den, exp }: Ratio): Ratio {
  const common = gcd(num < 0n ? -num : num, den);
  let [top, bottom, tens] = [num / common, den / common, exp];
  while (top !== 0n && top % 10n === 0n) [top, tens] = [top / 10n, tens + 1];
  while (bottom % 10n === 0n) [bottom, tens] = [bottom / 10n, tens - 1];
  return { num: top, den: bottom, exp: tens };
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}

/** Enough for the nearest double in all but one of 10^13 cases. */
const DIGITS = 30;

/** The nearest double. */
export function toNumber({ num, den, exp }: Ratio): number {
  if (num === 0n) return 0;
  if (den === 1n) return Number(`${num}e${exp}`);
  const length = num.toString().length - den.toString().length;
  const shift = Math.max(0, DIGITS - length);
  return Number(`${(num * 10n ** BigInt(shift)) / den}e${exp - shift}`);
}
