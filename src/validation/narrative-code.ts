/**
 * Code that reads the plain parts of a narrative sixteen bytes at a time: text, and tags without attributes.
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
  orElse,
  set,
  tee,
  v128,
  vectorCode,
} from './vector-code.ts';
import { TEXT_AT } from './vector-memory.ts';

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
  return vectorCode({ i32: 4, i64: 3, v128: 1 }, BODY);
}

const AT = 0;
const DEPTH = 1;
const MASK = 2;
const CODE = 3;
const CONTENT = 4;
const WORD = 5;
const NAME = 6;
const BITS = 7;
const BYTES = 8;

/** How far the innermost loop is to be left: on to the next bytes, or out with what is not known here. */
const NEXT = 0;
const OUT = 1;

/** MASK: of the next bytes those that end a text, `<`, `&` and control characters but tab and line feed. */
const FIND_END_OF_TEXT = [
  [...get(AT), ...v128.load(0), ...tee(BYTES), ...v128.all(60), ...v128.eq],
  [...get(BYTES), ...v128.all(38), ...v128.eq, ...v128.or],
  [...get(BYTES), ...v128.all(32), ...v128.less],
  [...get(BYTES), ...v128.all(9), ...v128.sub, ...v128.all(1), ...v128.lessOrEqual],
  [...v128.andNot, ...v128.or, ...v128.bits, ...set(MASK)],
];

/** CONTENT: whether anything before that end is no space. */
const NOTE_CONTENT = [
  [...get(MASK), ...i32.const(1), ...i32.sub, ...get(MASK), ...i32.const(-1), ...i32.xor, ...i32.and],
  [...get(BYTES), ...v128.all(32), ...v128.greater, ...v128.bits, ...i32.and],
  [...get(CONTENT), ...i32.or, ...set(CONTENT)],
];

const GO_TO_TAG = [
  [...get(MASK), ...i32.isZero, ...ifTrue],
  [...get(AT), ...i32.const(16), ...i32.add, ...set(AT), ...jump(NEXT + 1)],
  end,
  [...get(AT), ...get(MASK), ...i32.ctz, ...i32.add, ...tee(AT)],
  [...i32.load8(0), ...i32.const(60), ...i32.ne, ...jumpIf(OUT)],
];

/** CODE: kind and number of the tag in the eight bytes after `<`; BITS: the length of its text. */
const LOOK_UP_TAG = [
  [...get(AT), ...i64.load(1), ...tee(WORD), ...i64.const(0x3e3e3e3e3e3e3e3en), ...i64.xor, ...tee(NAME)],
  [...i64.const(0x0101010101010101n), ...i64.sub, ...get(NAME), ...i64.const(-1n), ...i64.xor, ...i64.and],
  [...i64.const(0x8080808080808080n), ...i64.and, ...tee(BITS), ...i64.isZero, ...jumpIf(OUT)],
  [...get(BITS), ...i64.ctz, ...i64.const(7n), ...i64.sub, ...set(BITS)],
  [...i64.const(-1n), ...get(BITS), ...i64.shiftLeft, ...get(WORD), ...i64.or, ...tee(NAME)],
  [...i64.const(MULTIPLIER), ...i64.mul, ...i64.const(BigInt(64 - SLOT_BITS)), ...i64.shiftRight],
  [...i32.wrap, ...i32.const(3), ...i32.shiftLeft, ...i64.load(MEMORY.tags), ...tee(WORD)],
  [
    ...get(NAME),
    ...i64.xor,
    ...i64.const(8n),
    ...i64.shiftLeft,
    ...i64.isZero,
    ...i32.isZero,
    ...jumpIf(OUT),
  ],
  [...get(WORD), ...i64.const(56n), ...i64.shiftRight, ...i32.wrap, ...tee(CODE)],
  [...i32.const(TAG_KINDS.start << 6), ...i32.lessUnsigned, ...jumpIf(OUT)],
];

const SKIP_TAG = [
  [...get(AT), ...get(BITS), ...i32.wrap, ...i32.const(3), ...i32.shiftRight, ...i32.add],
  [...i32.const(2), ...i32.add, ...set(AT)],
];

const OPEN_ELEMENT = [
  [...get(DEPTH), ...i32.const(NESTING_MAX), ...i32.lessUnsigned, ...i32.isZero, ...jumpIf(OUT + 1)],
  [...get(DEPTH), ...i32.const(1), ...i32.add, ...tee(DEPTH)],
  [...get(CODE), ...i32.const(63), ...i32.and, ...i32.store8(MEMORY.stack)],
];

const CLOSE_ELEMENT = [
  [...get(DEPTH), ...i32.load8(MEMORY.stack), ...get(CODE), ...i32.const(63), ...i32.and],
  [...i32.ne, ...jumpIf(OUT + 2)],
  [...get(DEPTH), ...i32.const(1), ...i32.sub, ...set(DEPTH)],
];

const BODY = [
  [...i32.const(0), ...i32.load(MEMORY.depth), ...set(DEPTH)],
  [...block, ...loop],
  ...[...FIND_END_OF_TEXT, ...NOTE_CONTENT, ...GO_TO_TAG, ...LOOK_UP_TAG],
  [...get(CODE), ...i32.const(TAG_KINDS.end << 6), ...i32.lessUnsigned, ...ifTrue],
  ...OPEN_ELEMENT,
  orElse,
  [...get(CODE), ...i32.const(TAG_KINDS.empty << 6), ...i32.lessUnsigned, ...ifTrue],
  ...CLOSE_ELEMENT,
  [...end, ...end],
  ...SKIP_TAG,
  [...get(DEPTH), ...i32.isZero, ...jumpIf(OUT), ...jump(NEXT)],
  [...end, ...end],
  [...i32.const(0), ...get(DEPTH), ...i32.store(MEMORY.depth)],
  [...i32.const(0), ...i32.const(0), ...i32.load(MEMORY.content), ...get(CONTENT), ...i32.or],
  [...i32.store(MEMORY.content), ...get(AT), ...end],
].flat();
