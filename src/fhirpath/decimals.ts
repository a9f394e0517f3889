/**
 * Decimals as people write them: results of arithmetic are rounded where binary fractions would show, so
 * that `0.1 + 0.2` is 0.3. https://hl7.org/fhirpath/N1/#decimal
 */

/** Digits that `toFixed` takes. */
const DIGITS_MAX = 20;

/** Digits after the point. */
export function decimalsOf(value: number): number {
  if (Number.isInteger(value)) return 0;
  const text = String(value);
  const exponent = text.indexOf('e');
  const mantissa = exponent < 0 ? text : text.slice(0, exponent);
  const dot = mantissa.indexOf('.');
  const digits = dot < 0 ? 0 : mantissa.length - dot - 1;
  return exponent < 0 ? digits : Math.max(0, digits - Number(text.slice(exponent + 1)));
}

/** To that many digits after the point, half away from zero. */
export function roundTo(value: number, digits: number): number {
  if (digits >= DIGITS_MAX || Math.abs(value) >= 1e21) return value;
  // A half that a double cannot hold (1.005) is a half to its reader.
  const nudged = value + Math.sign(value) * Math.abs(value) * Number.EPSILON;
  return Number(nudged.toFixed(digits));
}

/** Fifteen digits are what a double holds exactly; undefined for what is no number. */
export function tidy(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  return Number.isInteger(value) ? value : Number(value.toPrecision(15));
}

/** Exact to the digits of the operands. */
export function addExactly(a: number, b: number): number {
  const sum = a + b;
  return Number.isInteger(sum) ? sum : roundTo(sum, Math.max(decimalsOf(a), decimalsOf(b)));
}

export function multiplyExactly(a: number, b: number): number {
  const product = a * b;
  return Number.isInteger(product) ? product : roundTo(product, decimalsOf(a) + decimalsOf(b));
}

export function remainderExactly(a: number, b: number): number {
  const rest = a % b;
  return Number.isInteger(rest) && Number.isInteger(a)
    ? rest
    : roundTo(rest, Math.max(decimalsOf(a), decimalsOf(b)));
}
