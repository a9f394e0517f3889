/** Sets of resources by rid, a bit for each: to join a million of them costs a pass over 128 KB. */

/** Bit `rid & 31` of word `rid >>> 5`. Sets that are joined have the same length. */
export type Bits = Uint32Array;

export function setBit(bits: Bits, rid: number): void {
  const at = rid >>> 5;
  bits[at] = (bits[at] as number) | (1 << (rid & 31));
}

export function clearBit(bits: Bits, rid: number): void {
  const at = rid >>> 5;
  bits[at] = (bits[at] as number) & ~(1 << (rid & 31));
}

export function hasBit(bits: Bits, rid: number): boolean {
  return ((bits[rid >>> 5] as number) & (1 << (rid & 31))) !== 0;
}

/** Leaves in `bits` what `others` has too. */
export function intersect(bits: Bits, others: Bits): void {
  for (let at = 0; at < bits.length; at++) bits[at] = (bits[at] as number) & (others[at] as number);
}

/** Takes away what `others` has. */
export function subtract(bits: Bits, others: Bits): void {
  for (let at = 0; at < bits.length; at++) bits[at] = (bits[at] as number) & ~(others[at] as number);
}

/** Adds what `others` has. */
export function unite(bits: Bits, others: Bits): void {
  for (let at = 0; at < bits.length; at++) bits[at] = (bits[at] as number) | (others[at] as number);
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (const word of bits) count += bitCount(word);
  return count;
}

function bitCount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Ascending. */
export function* ridsOfBits(bits: Uint32Array): Iterable<number> {
  for (let at = 0; at < bits.length; at++) {
    for (let word = bits[at] as number; word !== 0; word &= word - 1) {
      yield at * 32 + 31 - Math.clz32(word & -word);
    }
  }
}

const COMMA = 0x2c;
const ZERO = 0x30;

/** Those of the numbers between commas that are in the set, each once, and the last number. */
export function listedIn(bits: Bits, list: string): { readonly rids: Set<number>; readonly last: number } {
  const rids = new Set<number>();
  let rid = 0;
  for (let at = 0; at <= list.length; at++) {
    const unit = at < list.length ? list.charCodeAt(at) : COMMA;
    if (unit !== COMMA) rid = rid * 10 + unit - ZERO;
    else {
      if (hasBit(bits, rid)) rids.add(rid);
      if (at < list.length) rid = 0;
    }
  }
  return { rids, last: rid };
}

/** Adds numbers between commas; how many they were. */
export function addList(bits: Bits, list: string): number {
  let count = 1;
  let rid = 0;
  for (let at = 0; at < list.length; at++) {
    const unit = list.charCodeAt(at);
    if (unit === COMMA) {
      setBit(bits, rid);
      rid = 0;
      count++;
    } else {
      rid = rid * 10 + unit - ZERO;
    }
  }
  setBit(bits, rid);
  return count;
}

/** The same for `seen`; what it had already goes to `again`, too. */
export function collide(seen: Bits, again: Bits, list: string): number {
  let count = 0;
  let rid = 0;
  for (let at = 0; at <= list.length; at++) {
    const unit = at < list.length ? list.charCodeAt(at) : COMMA;
    if (unit !== COMMA) {
      rid = rid * 10 + unit - ZERO;
      continue;
    }
    if (hasBit(seen, rid)) setBit(again, rid);
    else setBit(seen, rid);
    rid = 0;
    count++;
  }
  return count;
}

/** Up to so many that come next behind a rid, in either direction. */
export function ridsBehind(bits: Bits, from: number, most: number, descending: boolean): number[] {
  const rids: number[] = [];
  const step = descending ? -1 : 1;
  const last = bits.length * 32 - 1;
  let rid = descending ? Math.min(from, last + 1) - 1 : Math.max(from, -1) + 1;
  while (rid >= 0 && rid <= last && rids.length < most) {
    // a word without any is passed over at once
    if (bits[rid >>> 5] === 0) rid = descending ? (rid | 31) - 32 : (rid | 31) + 1;
    else {
      if (hasBit(bits, rid)) rids.push(rid);
      rid += step;
    }
  }
  return rids;
}
