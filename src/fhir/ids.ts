/**
 * Resource ids: their syntax, and new ones. New ids are UUIDs of version 7, so that resources created
 * together lie together in an index; 74 bits are random.
 * https://hl7.org/fhir/R4/datatypes.html#id, https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

/** Fills the array with random bytes. */
export type FillRandom = (bytes: Uint8Array) => unknown;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const BYTES_PER_ID = 10;
const IDS_PER_REFILL = 256;

/** A generator of new ids; `now` in ms since the epoch. */
export function createIdGenerator(now: () => number, fillRandom: FillRandom): () => string {
  const pool = new Uint8Array(BYTES_PER_ID * IDS_PER_REFILL);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      fillRandom(pool);
      used = 0;
    }
    const time = now().toString(16).padStart(12, '0');
    const hex = (at: number): string => HEX[pool[used + at] as number] as string;
    const version = HEX[0x70 | ((pool[used] as number) & 0x0f)];
    const variant = HEX[0x80 | ((pool[used + 2] as number) & 0x3f)];
    const id = `${time.slice(0, 8)}-${time.slice(8, 12)}-${version}${hex(1)}-${variant}${hex(3)}-${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`;
    used += BYTES_PER_ID;
    return id;
  };
}
