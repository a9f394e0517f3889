/**
 * Millions of texts in one stretch of memory, which the collector of garbage need not look at one by one.
 */

export interface PackedTexts {
  readonly count: number;
  /** Memory that is taken. */
  readonly bytes: number;
  add(text: string): void;
  at(index: number): string;
  /** By code points, which is the order of UTF-8 bytes. */
  compare(a: number, b: number): number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A byte that no text in UTF-8 begins with. */
const IS_UUID = 0xff;
const UUID_BYTES = 17;
const FIRST_BYTES = 1_024;
/** Most bytes that a UTF-16 unit takes in UTF-8. */
const UNIT_BYTES = 3;

/** @param shortensUuids takes half of the memory for them, and gives up comparing */
export function packTexts(shortensUuids = false): PackedTexts {
  let bytes = Buffer.alloc(FIRST_BYTES);
  // where each ends
  let ends = new Uint32Array(FIRST_BYTES);
  let count = 0;
  const startOf = (index: number): number => (index === 0 ? 0 : ends[index - 1]!);
  const reserve = (size: number): void => {
    const needed = startOf(count) + size;
    if (needed > bytes.length) {
      const larger = Buffer.allocUnsafe(grown(bytes.length, needed));
      bytes.copy(larger);
      bytes = larger;
    }
    if (count === ends.length) ends = enlarged(ends);
  };
  return {
    get count() {
      return count;
    },
    get bytes() {
      return bytes.length + ends.byteLength;
    },
    add(text) {
      const start = startOf(count);
      if (shortensUuids && text.length === 36 && UUID.test(text)) {
        reserve(UUID_BYTES);
        bytes[start] = IS_UUID;
        bytes.write(text.replaceAll('-', ''), start + 1, 'hex');
        ends[count++] = start + UUID_BYTES;
        return;
      }
      reserve(text.length * UNIT_BYTES);
      ends[count++] = start + bytes.write(text, start);
    },
    at(index) {
      const [start, end] = [startOf(index), ends[index]!];
      if (bytes[start] !== IS_UUID || start === end) return bytes.toString('utf8', start, end);
      return bytes.toString('hex', start + 1, end).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
    compare: (a, b) => bytes.compare(bytes, startOf(b), ends[b]!, startOf(a), ends[a]!),
  };
}

/** Half as much again, or what is needed. */
function grown(size: number, needed: number): number {
  return Math.max(needed, Math.ceil(size * 1.5));
}

/** With room for more. */
export function enlarged<Numbers extends Uint32Array | Float64Array | BigUint64Array>(
  numbers: Numbers,
): Numbers {
  const larger = new (numbers.constructor as new (length: number) => Numbers)(
    grown(numbers.length, numbers.length + 1),
  );
  larger.set(numbers as never);
  return larger;
}
