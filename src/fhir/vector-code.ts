/**
 * Writes modules of WebAssembly that look at sixteen bytes at a time, which JavaScript cannot: the instructions that
 * are needed here, and the frame around them.
 * https://webassembly.github.io/spec/core/binary/index.html
 */

/** Local variables besides the argument, which is local 0; they are numbered in this order. */
export interface Locals {
  readonly i32: number;
  readonly i64: number;
  readonly v128: number;
}

/** How far code looks beyond the byte that it stops at. */
export const LOOKS_AHEAD = 96;

/**
 * A module over the memory that it is given as `e.m`. Its export `scan(at)` reads on from an index of the memory and
 * gives the index that it stops at.
 */
export function vectorCode(locals: Locals, body: readonly number[]): Uint8Array<ArrayBuffer> {
  const declared = [3, locals.i32, I32, locals.i64, I64, locals.v128, V128];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // types: (i32) -> i32
    ...section(1, [1, 0x60, 1, I32, 1, I32]),
    // imports: e.m, a memory of one page at least
    ...section(2, [1, ...text('e'), ...text('m'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('scan'), 0, 0]),
    ...section(10, [1, ...sized([...declared, ...body])]),
  ]);
}

const I32 = 0x7f;
const I64 = 0x7e;
const V128 = 0x7b;

const NO_RESULT = 0x40;
export const block = [0x02, NO_RESULT];
export const loop = [0x03, NO_RESULT];
export const ifTrue = [0x04, NO_RESULT];
export const end = [0x0b];
export const jump = (depth: number): number[] => [0x0c, depth];
export const jumpIf = (depth: number): number[] => [0x0d, depth];
export const get = (local: number): number[] => [0x20, local];
export const set = (local: number): number[] => [0x21, local];
export const tee = (local: number): number[] => [0x22, local];
export const i32 = {
  const: (value: number): number[] => [0x41, ...signed(BigInt(value))],
  load: (offset: number): number[] => [0x28, 2, ...unsigned(offset)],
  load8: (offset: number): number[] => [0x2d, 0, ...unsigned(offset)],
  store: (offset: number): number[] => [0x36, 2, ...unsigned(offset)],
  store8: (offset: number): number[] => [0x3a, 0, ...unsigned(offset)],
  ...{ isZero: [0x45], eq: [0x46], ne: [0x47], lessUnsigned: [0x49], ctz: [0x68], countOnes: [0x69] },
  ...{ add: [0x6a], sub: [0x6b], and: [0x71], or: [0x72], xor: [0x73], shiftLeft: [0x74] },
  ...{ shiftRight: [0x76], wrap: [0xa7] },
};
export const i64 = {
  const: (value: bigint): number[] => [0x42, ...signed(BigInt.asIntN(64, value))],
  load: (offset: number): number[] => [0x29, 0, ...unsigned(offset)],
  ...{ isZero: [0x50], ctz: [0x7a], sub: [0x7d], mul: [0x7e], extend: [0xad] },
  ...{ and: [0x83], or: [0x84], xor: [0x85], shiftLeft: [0x86] },
  ...{ shiftRightSigned: [0x87], shiftRight: [0x88] },
};
/** Sixteen bytes; comparisons are unsigned. */
export const v128 = {
  load: (offset: number): number[] => [0xfd, 0x00, 0, ...unsigned(offset)],
  all: (byte: number): number[] => [0xfd, 0x0c, ...new Array<number>(16).fill(byte)],
  ...{ eq: [0xfd, 0x23], less: [0xfd, 0x26], greater: [0xfd, 0x28], lessOrEqual: [0xfd, 0x2a] },
  ...{ andNot: [0xfd, 0x4f], or: [0xfd, 0x50], bits: [0xfd, 0x64], sub: [0xfd, 0x71] },
};

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function text(name: string): number[] {
  return sized([...Buffer.from(name, 'latin1')]);
}

/** LEB128 */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

/** Signed LEB128 */
function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest >= -64n && rest < 64n) return [...bytes, Number(rest & 127n)];
    bytes.push(Number(rest & 127n) | 128);
  }
}
