/**
 * Code that reads the plain parts of a narrative 64 bytes at a time: text, and tags without attributes.
 * Narratives are a third of what people send.
 * https://hl7.org/fhir/R4/narrative.html#xhtml
 */
import {
  block,
  end,
  get,
  i32,
  i64,
  ifTrue,
  jump,
  jumpIf,
  loop,
  set,
  tee,
  v128,
  vectorCode,
} from '../fhir/vector-code.ts';
import { TEXT_AT } from '../fhir/vector-memory.ts';

/** Where things are in the memory that JavaScript and the code share. */
export const MEMORY = {
  /** 32 bits: how many elements are open. */
  depth: 0,
  /** 32 bits: not 0 when there was text. */
  content: 4,
  /** One byte for each open element: its number. */
  stack: 16,
  /** 64 bits for each tag: its characters without < and >, and in the highest byte kind and number. */
  tags: 1024,
  text: TEXT_AT,
} as const;

/** Elements that may be open. */
export const NESTING_MAX = 256;
/** Of a tag without < and >. */
export const TAG_CHARS_MAX = 7;
/** Numbers of elements are below. */
export const ELEMENTS_MAX = 64;

/** In the two highest bits of an entry of the table of tags; 0 is no tag. */
export const TAG_KINDS = { start: 1, end: 2, empty: 3 } as const;

const SLOT_BITS = 10;
export const TAG_SLOTS = 2 ** SLOT_BITS;
const MULTIPLIER = 0x9e3779b97f4a7c15n;

/** The place of a tag in the table, and what stands there. */
export function tagEntry(tag: string, kind: keyof typeof TAG_KINDS, id: number): [number, bigint] {
  // filled up with a byte that is in no UTF-8
  const name = Buffer.alloc(8, 0xff);
  name.write(tag, 'latin1');
  const word = name.readBigUInt64LE();
  const slot = Number(BigInt.asUintN(64, word * MULTIPLIER) >> BigInt(64 - SLOT_BITS));
  name[7] = (TAG_KINDS[kind] << 6) | id;
  return [slot, name.readBigUInt64LE()];
}

/** `scan` stops at what it does not know, and after the last end tag. */
export function narrativeCode(): Uint8Array<ArrayBuffer> {
  return vectorCode({ i32: 6, i64: 5, v128: 7 }, BODY);
}

/** Where a block of 64 bytes begins. */
const BLOCK = 0;
const DEPTH = 1;
const CONTENT = 2;
/** Where the text began that is being read. */
const RUN = 3;
/** The places of < and >, at first in the block, then in the memory. */
const LESS = 4;
const GREATER = 5;
const CODE = 6;
const NAME_BITS = 7;
/** One bit for each byte of the block: those that end a text, and each >. */
const STOPS = 8;
const GREATERS = 9;
const WORD = 10;
const NAME = 11;
const BYTES = 12;

/** Vectors of one byte, kept at hand. */
const CONSTANTS = [60, 38, 32, 9, 1, 62] as const;
const [LESS_THAN, AMPERSAND, SPACE, TAB, ONE, GREATER_THAN] = [13, 14, 15, 16, 17, 18] as const;
const LOAD_CONSTANTS = CONSTANTS.flatMap((byte, i) => [...v128.all(byte), ...set(LESS_THAN + i)]);

/** `<`, `&` and control characters but tab and line feed. */
const findStops = (offset: number): number[] => [
  ...[...get(BLOCK), ...v128.load(offset), ...tee(BYTES), ...get(LESS_THAN), ...v128.eq],
  ...[...get(BYTES), ...get(AMPERSAND), ...v128.eq, ...v128.or],
  ...[...get(BYTES), ...get(SPACE), ...v128.less],
  ...[...get(BYTES), ...get(TAB), ...v128.sub, ...get(ONE), ...v128.lessOrEqual],
  ...[...v128.andNot, ...v128.or, ...v128.bits, ...i64.extend],
];
const findGreaters = (): number[] => [
  ...get(BYTES),
  ...get(GREATER_THAN),
  ...v128.eq,
  ...v128.bits,
  ...i64.extend,
];
const addTo = (mask: number, shift: number): number[] => [
  ...[...i64.const(BigInt(shift)), ...i64.shiftLeft, ...get(mask), ...i64.or, ...set(mask)],
];
const READ_BLOCK = [
  ...[...findStops(0), ...set(STOPS), ...findGreaters(), ...set(GREATERS)],
  ...[16, 32, 48].flatMap((offset) => [
    ...[...findStops(offset), ...addTo(STOPS, offset), ...findGreaters(), ...addTo(GREATERS, offset)],
  ]),
];

/** Until something was found that is no space: it begins with the first narrative text, so this seldom runs. */
const noteContentBefore = (limit: number): number[] => [
  ...[...get(CONTENT), ...i32.isZero, ...ifTrue, ...block, ...loop],
  ...[...get(RUN), ...get(limit), ...i32.lessUnsigned, ...i32.isZero, ...jumpIf(1)],
  ...[...i32.const(32), ...get(RUN), ...i32.load8(0), ...i32.lessUnsigned, ...set(CONTENT)],
  ...[...get(RUN), ...i32.const(1), ...i32.add, ...set(RUN), ...get(CONTENT), ...i32.isZero, ...jumpIf(0)],
  ...[...end, ...end, ...end],
];

/** How far the loop over tags is to be left. */
const NEXT_TAG = 0;
const NEXT_BLOCK = 1;
const OUT = 2;

const WITHOUT_STOP = [
  [...get(STOPS), ...i64.isZero, ...ifTrue],
  [...get(BLOCK), ...i32.const(64), ...i32.add, ...set(BLOCK), ...noteContentBefore(BLOCK)],
  [...get(BLOCK), ...set(RUN), ...jump(NEXT_BLOCK + 1), ...end],
];

/** GREATER: the end of the tag. One that goes beyond the block is read with the next block, which begins with it. */
const FIND_TAG = [
  [...get(BLOCK), ...get(STOPS), ...i64.ctz, ...i32.wrap, ...tee(LESS), ...i32.add, ...set(CODE)],
  [...noteContentBefore(CODE), ...get(CODE), ...i32.load8(0), ...i32.const(60), ...i32.ne],
  [...ifTrue, ...get(CODE), ...set(BLOCK), ...jump(OUT + 1), ...end],
  [
    ...get(GREATERS),
    ...i64.const(-2n),
    ...get(LESS),
    ...i64.extend,
    ...i64.shiftLeft,
    ...i64.and,
    ...tee(WORD),
  ],
  [...i64.isZero, ...ifTrue, ...get(CODE), ...tee(BLOCK), ...set(RUN)],
  [...get(LESS), ...i32.isZero, ...jumpIf(OUT + 1), ...jump(NEXT_BLOCK + 1), ...end],
  [...get(WORD), ...i64.ctz, ...i32.wrap, ...set(GREATER)],
];

/** When a condition is met, leaves with BLOCK at the tag. */
const stopAtTag = [
  ...[...ifTrue, ...get(BLOCK), ...get(LESS), ...i32.add, ...set(BLOCK), ...jump(OUT + 1), ...end],
];

/** CODE: kind and number of the tag, whose name fills less than eight bytes. */
const LOOK_UP_TAG = [
  [...get(GREATER), ...get(LESS), ...i32.sub, ...i32.const(1), ...i32.sub, ...tee(CODE)],
  [...i32.const(TAG_CHARS_MAX + 1), ...i32.lessUnsigned, ...i32.isZero, ...stopAtTag],
  [...get(CODE), ...i32.const(3), ...i32.shiftLeft, ...i64.extend, ...set(NAME_BITS)],
  [...i64.const(-1n), ...get(NAME_BITS), ...i64.shiftLeft],
  [...get(BLOCK), ...get(LESS), ...i32.add, ...i64.load(1), ...i64.or, ...tee(NAME)],
  [...i64.const(MULTIPLIER), ...i64.mul, ...i64.const(BigInt(64 - SLOT_BITS)), ...i64.shiftRight],
  [...i32.wrap, ...i32.const(3), ...i32.shiftLeft, ...i64.load(MEMORY.tags), ...tee(WORD)],
  [...get(NAME), ...i64.xor, ...i64.const(8n), ...i64.shiftLeft, ...i64.isZero, ...i32.isZero],
  stopAtTag,
  [...get(WORD), ...i64.const(56n), ...i64.shiftRight, ...i32.wrap, ...tee(CODE)],
  [...i32.const(TAG_KINDS.start << 6), ...i32.lessUnsigned, ...stopAtTag],
];

const isKind = (kind: number): number[] => [
  ...[...get(CODE), ...i32.const(6), ...i32.shiftRight, ...i32.const(kind), ...i32.eq],
];
const NUMBER = [...get(CODE), ...i32.const(63), ...i32.and];

/**
 * Start and end come in no order that a processor could foresee, so neither is a branch: the number is written above
 * the stack in any case, and counts when the depth grows.
 */
const FOLLOW_DEPTH = [
  [...get(DEPTH), ...i32.const(NESTING_MAX), ...i32.lessUnsigned, ...i32.isZero, ...stopAtTag],
  [...get(DEPTH), ...NUMBER, ...i32.store8(MEMORY.stack + 1)],
  [...get(DEPTH), ...i32.load8(MEMORY.stack), ...NUMBER, ...i32.ne, ...isKind(TAG_KINDS.end), ...i32.and],
  stopAtTag,
  [
    ...get(DEPTH),
    ...isKind(TAG_KINDS.start),
    ...i32.add,
    ...isKind(TAG_KINDS.end),
    ...i32.sub,
    ...set(DEPTH),
  ],
];

/** On with what follows the tag; what was in the block before it is done. */
const SKIP_TAG = [
  [...get(BLOCK), ...get(GREATER), ...i32.add, ...i32.const(1), ...i32.add, ...set(RUN)],
  [
    ...get(STOPS),
    ...i64.const(-2n),
    ...get(GREATER),
    ...i64.extend,
    ...i64.shiftLeft,
    ...i64.and,
    ...set(STOPS),
  ],
  [...get(DEPTH), ...ifTrue, ...jump(NEXT_TAG + 1), ...end, ...get(RUN), ...set(BLOCK), ...jump(OUT)],
];

const BODY = [
  [...i32.const(0), ...i32.load(MEMORY.depth), ...set(DEPTH)],
  [...i32.const(0), ...i32.load(MEMORY.content), ...set(CONTENT), ...get(BLOCK), ...set(RUN)],
  [...LOAD_CONSTANTS, ...block, ...loop, ...READ_BLOCK, ...loop],
  ...[...WITHOUT_STOP, ...FIND_TAG, ...LOOK_UP_TAG, ...FOLLOW_DEPTH, ...SKIP_TAG],
  [...end, ...end, ...end],
  [...i32.const(0), ...get(DEPTH), ...i32.store(MEMORY.depth)],
  [...i32.const(0), ...get(CONTENT), ...i32.store(MEMORY.content), ...get(BLOCK), ...end],
].flat();
