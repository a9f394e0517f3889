/**
 * The places of numbers in the lists of value-lists.ts.
 */

/** Key of the lists of numbers by size; the hash is `sizeOf`. */
export function valueList(k: number): number {
  return -0x180000000 - k;
}

/** Units that share their low bits share lists: what is read from them is tested anyway. */
const UNITS = 2 ** 36;
const SIZES = 2 ** 16;
const MIDDLE = 2 ** 15;
/** Sign, exponent and four bits of the fraction: what is left of the high word of a double. */
const DROPPED_BITS = 16;

const bytes = new DataView(new ArrayBuffer(8));

/** The list of a value: of one unit in the order of their values, so that a range of values is a range of lists. */
export function sizeOf(u: number, value: number): number {
  bytes.setFloat64(0, value);
  const magnitude = (bytes.getUint32(0) & 0x7fffffff) >>> DROPPED_BITS;
  const size = value < 0 ? -1 - magnitude : magnitude;
  return (u % UNITS) * SIZES + size + MIDDLE;
}

/** The part of a list's hash that is the same for values as large in any unit, and in their order. */
export function sizeWithin(h: number): number {
  return h % SIZES;
}
