/**
 * Rows of the table of resources in a bounded stretch of memory, as they are stored, found by their rid: the newest
 * overwrite the oldest, and what is found again becomes new before it is old, so that rows that are looked for once
 * drive out none that are looked for often. Outside of the heap, so that thousands of rows are nothing for who collects garbage, and a row
 * takes what it has in the file.
 */

export interface RingRow {
  readonly rid: number;
  readonly seq: number;
  readonly lastUpdated: number;
  readonly v: number;
  /** A number for the type. */
  readonly t: number;
  readonly op: number;
  readonly id: string;
}

export interface FoundRow extends RingRow {
  /** What was added with it, until something is added again. */
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

export interface RowRing {
  isEmpty(): boolean;
  has(rid: number): boolean;
  find(rid: number): FoundRow | undefined;
  /** With bytes[from] to bytes[to - 1]. What is too long for it, or has numbers that are too large, is not added. */
  add(row: RingRow, bytes: Uint8Array, from: number, to: number): void;
  drop(rid: number): void;
  clear(): void;
}

/** Memory is counted in units of 8 bytes, so that numbers lie where they can be read at once. */
const UNIT = 8;
/** seq, lastUpdated; rid, v, t, op, length of the id, length of the bytes. */
const HEAD_UNITS = 5;
/** One text must not drive out all others. */
const PART_MAX = 16;
/** A third of what a row takes in the mean, for the size of the table: few rows have to give way to others of their set. */
const ROW_BYTES = 64;
const WAYS = 4;
const NUMBER_MAX = 0xffffffff;

export function createRowRing(bytesMax: number): RowRing {
  const units = Math.floor(bytesMax / UNIT);
  const sets = 2 ** Math.max(0, Math.ceil(Math.log2(bytesMax / ROW_BYTES / WAYS)));
  let memory: Memory | undefined;
  /** Units that were written since the beginning, so that what lies less than `units` before is there. */
  let written = 0;
  const slotOf = (rid: number): number => ((Math.imul(rid, 0x9e3779b1) >>> 0) % sets) * WAYS;
  /** The slot of a row in the table, or -1. */
  const slotWith = ({ table, words }: Memory, rid: number): number => {
    const first = slotOf(rid);
    for (let slot = first; slot < first + WAYS; slot++) {
      const start = (table[slot] as number) - 1;
      if (start >= 0 && start >= written - units && words[(start % units) * 2 + 4] === rid) return slot;
    }
    return -1;
  };
  /** The one that is free, or holds the oldest row. */
  const slotFor = (table: Uint32Array, rid: number): number => {
    const first = slotOf(rid);
    let oldest = first;
    for (let slot = first + 1; slot < first + WAYS; slot++) {
      if ((table[slot] as number) < (table[oldest] as number)) oldest = slot;
    }
    return oldest;
  };
  const clear = (): void => {
    memory?.table.fill(0);
    written = 0;
  };
  const drop = (rid: number): void => {
    const slot = memory === undefined ? -1 : slotWith(memory, rid);
    if (slot >= 0) (memory as Memory).table[slot] = 0;
  };
  /** Where so many units in one piece are written. */
  const reserve = (size: number): number => {
    const rest = units - (written % units);
    if (size > rest) written += rest;
    if (written + size > NUMBER_MAX - 1) clear();
    const unit = written % units;
    written += size;
    return unit;
  };
  /** The unit of a row, which is as good as just added. */
  const renewed = ({ table, words, bytes }: Memory, slot: number): number => {
    const start = (table[slot] as number) - 1;
    const unit = start % units;
    if (written - start < units / 2) return unit;
    const size = sizeOf(words, unit);
    const to = reserve(size);
    bytes.copyWithin(to * UNIT, unit * UNIT, (unit + size) * UNIT);
    table[slot] = written - size + 1;
    return to;
  };
  return {
    isEmpty: () => written === 0,
    has: (rid) => memory !== undefined && slotWith(memory, rid) >= 0,
    find(rid) {
      const slot = memory === undefined ? -1 : slotWith(memory, rid);
      if (memory === undefined || slot < 0) return undefined;
      const { words, doubles, bytes } = memory;
      const unit = renewed(memory, slot);
      const word = unit * 2;
      const idAt = (unit + HEAD_UNITS) * UNIT;
      const from = idAt + (words[word + 8] as number);
      return {
        seq: doubles[unit] as number,
        lastUpdated: doubles[unit + 1] as number,
        rid,
        v: words[word + 5] as number,
        t: words[word + 6] as number,
        op: words[word + 7] as number,
        id: bytes.toString('latin1', idAt, from),
        bytes,
        from,
        to: from + (words[word + 9] as number),
      };
    },
    add({ rid, seq, lastUpdated, v, t, op, id }, part, from, to) {
      drop(rid);
      const size = HEAD_UNITS + Math.ceil((id.length + to - from) / UNIT);
      if (size > units / PART_MAX || !(rid <= NUMBER_MAX && v <= NUMBER_MAX)) return;
      memory ??= createMemory(units, sets);
      const { table, words, doubles, bytes } = memory;
      const unit = reserve(size);
      const word = unit * 2;
      doubles[unit] = seq;
      doubles[unit + 1] = lastUpdated;
      words[word + 4] = rid;
      words[word + 5] = v;
      words[word + 6] = t;
      words[word + 7] = op;
      words[word + 8] = id.length;
      words[word + 9] = to - from;
      const idAt = (unit + HEAD_UNITS) * UNIT;
      bytes.write(id, idAt, 'latin1');
      const start = idAt + id.length;
      for (let at = from; at < to; at++) bytes[start + at - from] = part[at] as number;
      table[slotFor(table, rid)] = written - size + 1;
    },
    drop,
    clear,
  };
}

function sizeOf(words: Uint32Array, unit: number): number {
  const word = unit * 2;
  return HEAD_UNITS + Math.ceil(((words[word + 8] as number) + (words[word + 9] as number)) / UNIT);
}

interface Memory {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
  /** For each row where it begins, counted as `written`, and one; 0 for none. */
  readonly table: Uint32Array;
}

function createMemory(units: number, sets: number): Memory {
  // the system gives the pages when they are written to
  const memory = new ArrayBuffer(units * UNIT);
  return {
    bytes: Buffer.from(memory),
    words: new Uint32Array(memory),
    doubles: new Float64Array(memory),
    table: new Uint32Array(sets * WAYS),
  };
}
