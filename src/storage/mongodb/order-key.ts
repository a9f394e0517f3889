/**
 * The order of every list of the index: the primary clinical date, then creation. Fifteen bytes, so that a page of
 * the natural order is one range with one bound.
 */

const DATE_OFFSET = 8.64e15;
const BYTES = 15;

/** Seven bytes of the date in ms, eight of the position at which the resource was created. */
export function orderKey(dateMs: number, created: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(BYTES);
  const shifted = Math.min(Math.max(Math.trunc(dateMs), -DATE_OFFSET), DATE_OFFSET) + DATE_OFFSET;
  bytes.writeUIntBE(Math.floor(shifted / 0x10000000000), 0, 2);
  bytes.writeUIntBE(shifted % 0x10000000000, 2, 5);
  bytes.writeBigUInt64BE(created, 7);
  return bytes;
}

/** The first order key of a date. */
export function orderKeyFrom(dateMs: number): Buffer {
  return orderKey(dateMs, 0n);
}

export function createdOfOrderKey(bytes: Uint8Array): bigint {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readBigUInt64BE(7);
}

export function dateOfOrderKey(bytes: Uint8Array): number {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.readUIntBE(0, 2) * 0x10000000000 + view.readUIntBE(2, 5) - DATE_OFFSET;
}
