/**
 * Code that looks at JSON 64 bytes at a time, outside strings, before anything recursive sees it: how deep, how many
 * values, and whether there is anything that needs a closer look. The bits of strings are found as in simdjson.
 * https://arxiv.org/abs/1902.08318
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
} from './vector-code.ts';

/** Where the code finds and leaves numbers of 32 bits. */
export const JSON_MEMORY = {
  /** In: the index after the last byte; 96 bytes of zeros follow. */
  end: 14336,
  /** Out: objects, lists and what commas separate. */
  values: 14340,
  /** Out: the deepest nesting. */
  depth: 14344,
  /** Commas of each open object or list. */
  commas: 10240,
} as const;

/** Bits of the result. */
export const JSON_FINDINGS = {
  /** A number that might lose digits, a string without end, more than the code can count. */
  needsLook: 1,
  /** Two underscores, or a character written by its number: `__proto__` may be there. */
  mayHideProto: 2,
} as const;

/** Deeper nesting, and lists and objects with more commas, are left to others. */
export const JSON_CODE_MAX = { depth: 1000, commas: 1900 } as const;

/** `scan` begins at an index of the memory and gives what it found. */
export function jsonCode(): Uint8Array<ArrayBuffer> {
  return vectorCode({ i32: 10, i64: 11, v128: 1 + CONSTANTS.length }, BODY);
}

const AT = 0;
const END = 1;
const DEPTH = 2;
const DEEPEST = 3;
const VALUES = 4;
const FOUND = 5;
const PLACE = 6;
const CHAR = 7;
const START = 8;
const HAS_DOT = 9;
const LAST = 10;
/** Bits of the 64 bytes. */
const QUOTES = 11;
const BACKSLASHES = 12;
const BRACKETS = 13;
const COMMAS = 14;
const DIGITS = 15;
const UNDERSCORES = 16;
const BITS = 17;
/** What goes on from one block to the next. */
const IN_STRING = 18;
const IN_ESCAPE = 19;
const IN_NUMBER = 20;
const AFTER_UNDERSCORE = 21;
const BYTES = 22;

/** Within the loop over what stands outside strings: how far out. */
const NEXT = 0;
const NEXT_BLOCK = 1;
const OUT = 2;

const add = (mask: number, offset: number): number[] => [
  ...[...v128.bits, ...i64.extend, ...i64.const(BigInt(offset)), ...i64.shiftLeft],
  ...(offset === 0 ? set(mask) : [...get(mask), ...i64.or, ...set(mask)]),
];
/** Vectors of one byte are kept at hand. */
const CONSTANTS = [34, 92, 32, 123, 125, 44, 95, 43, 14];
const all = (byte: number): number[] => get(BYTES + 1 + CONSTANTS.indexOf(byte));
const LOAD_CONSTANTS = CONSTANTS.flatMap((byte, i) => [...v128.all(byte), ...set(BYTES + 1 + i)]);

const equals = (char: number): number[] => [...get(BYTES), ...all(char), ...v128.eq];
/** Braces and brackets differ in one bit. */
const isBracket = (brace: number): number[] => [
  ...[...get(BYTES), ...all(32), ...v128.or, ...all(brace), ...v128.eq],
];
const READ_BLOCK = [0, 16, 32, 48].flatMap((offset) => [
  ...[...get(AT), ...v128.load(offset), ...set(BYTES)],
  ...[...equals(34), ...add(QUOTES, offset), ...equals(92), ...add(BACKSLASHES, offset)],
  ...[...isBracket(123), ...isBracket(125), ...v128.or, ...add(BRACKETS, offset)],
  ...[...equals(44), ...add(COMMAS, offset), ...equals(95), ...add(UNDERSCORES, offset)],
  // from + to 9, but for the comma: digits, signs, the point
  ...[...get(BYTES), ...all(43), ...v128.sub, ...all(14), ...v128.lessOrEqual],
  ...[...equals(44), ...v128.andNot, ...add(DIGITS, offset)],
]);

const carry = (mask: number, carried: number): number[] => [
  ...[...get(mask), ...i64.const(63n), ...i64.shiftRight, ...set(carried)],
];
/** The bits after those of a mask, with what came from the block before. */
const following = (mask: number, carried: number): number[] => [
  ...[...get(mask), ...i64.const(1n), ...i64.shiftLeft, ...get(carried), ...i64.or],
];
const note = (finding: number): number[] => [
  ...[...get(FOUND), ...i32.const(finding), ...i32.or, ...set(FOUND)],
];

const NOTE_UNDERSCORES = [
  ...[...get(UNDERSCORES), ...following(UNDERSCORES, AFTER_UNDERSCORE), ...i64.and, ...i64.isZero],
  ...[...i32.isZero, ...ifTrue, ...note(JSON_FINDINGS.mayHideProto), ...end],
  ...carry(UNDERSCORES, AFTER_UNDERSCORE),
];

const ODD = i64.const(0xaaaaaaaaaaaaaaaan);
/** Quotes after an odd number of backslashes are none; a `u` there may be a letter of `__proto__`. */
const READ_ESCAPES = [
  ...[...get(BACKSLASHES), ...get(IN_ESCAPE), ...i64.or, ...i64.isZero, ...i32.isZero, ...ifTrue],
  // bits: escapes and what ends a row of backslashes, then what is escaped
  ...[...get(BACKSLASHES), ...get(IN_ESCAPE), ...i64.const(-1n), ...i64.xor, ...i64.and, ...tee(BITS)],
  ...[...i64.const(1n), ...i64.shiftLeft, ...ODD, ...i64.or, ...get(BITS), ...i64.sub, ...ODD, ...i64.xor],
  ...[
    ...tee(BITS),
    ...get(BITS),
    ...get(BACKSLASHES),
    ...get(IN_ESCAPE),
    ...i64.or,
    ...i64.xor,
    ...set(BITS),
  ],
  ...[...get(BACKSLASHES), ...i64.and, ...i64.const(63n), ...i64.shiftRight, ...set(IN_ESCAPE)],
  ...[...get(BITS), ...i64.const(-1n), ...i64.xor, ...get(QUOTES), ...i64.and, ...set(QUOTES)],
  ...[0, 16, 32, 48].flatMap((offset) => [
    ...[...get(AT), ...v128.load(offset), ...v128.all(117), ...v128.eq, ...add(UNDERSCORES, offset)],
  ]),
  ...[...get(BITS), ...get(UNDERSCORES), ...i64.and, ...i64.isZero, ...i32.isZero],
  ...[...ifTrue, ...note(JSON_FINDINGS.mayHideProto), ...end, ...end],
];

/** QUOTES becomes the bytes of strings: those with an odd number of quotes up to them. */
const FIND_STRINGS = [
  ...[1, 2, 4, 8, 16, 32].flatMap((shift) => [
    ...[
      ...get(QUOTES),
      ...get(QUOTES),
      ...i64.const(BigInt(shift)),
      ...i64.shiftLeft,
      ...i64.xor,
      ...set(QUOTES),
    ],
  ]),
  ...[...get(QUOTES), ...get(IN_STRING), ...i64.xor, ...tee(QUOTES)],
  ...[...i64.const(63n), ...i64.shiftRightSigned, ...set(IN_STRING)],
];

const outside = [...get(QUOTES), ...i64.const(-1n), ...i64.xor, ...i64.and];
/** BITS: brackets, commas and the beginnings of numbers, outside strings. */
const FIND_STRUCTURE = [
  ...[...get(DIGITS), ...outside, ...tee(DIGITS)],
  ...[...following(DIGITS, IN_NUMBER), ...i64.const(-1n), ...i64.xor, ...i64.and],
  ...[...get(BRACKETS), ...get(COMMAS), ...i64.or, ...outside, ...i64.or, ...set(BITS)],
  ...carry(DIGITS, IN_NUMBER),
];

const leave = (nested: number): number[] => [...note(JSON_FINDINGS.needsLook), ...jump(OUT + nested)];
const isChar = (char: number): number[] => [...get(CHAR), ...i32.const(char), ...i32.eq];
const commasOf = [...get(DEPTH), ...i32.const(2), ...i32.shiftLeft];
const grow = (local: number): number[] => [...get(local), ...i32.const(1), ...i32.add, ...set(local)];

const TAKE_NEXT = [
  ...[...get(BITS), ...i64.isZero, ...ifTrue, ...get(AT), ...i32.const(64), ...i32.add, ...set(AT)],
  ...[...jump(NEXT_BLOCK + 1), ...end],
  ...[
    ...get(AT),
    ...get(BITS),
    ...i64.ctz,
    ...i32.wrap,
    ...i32.add,
    ...tee(PLACE),
    ...i32.load8(0),
    ...set(CHAR),
  ],
  ...[...get(BITS), ...get(BITS), ...i64.const(1n), ...i64.sub, ...i64.and, ...set(BITS)],
];
const COUNT_COMMA = [
  ...[...isChar(44), ...ifTrue, ...grow(VALUES)],
  ...[...commasOf, ...commasOf, ...i32.load(JSON_MEMORY.commas), ...i32.const(1), ...i32.add, ...tee(CHAR)],
  ...[
    ...i32.store(JSON_MEMORY.commas),
    ...get(CHAR),
    ...i32.const(JSON_CODE_MAX.commas),
    ...i32.lessUnsigned,
  ],
  ...[...jumpIf(NEXT + 1), ...leave(1), ...end],
];
const LETTER = [...get(CHAR), ...i32.const(32), ...i32.or];
const tooDeep = [
  ...[...i32.const(JSON_CODE_MAX.depth), ...get(DEPTH), ...i32.lessUnsigned, ...ifTrue, ...leave(2), ...end],
];
const OPEN = [
  ...[...LETTER, ...i32.const(123), ...i32.eq, ...ifTrue, ...grow(VALUES), ...grow(DEPTH), ...tooDeep],
  ...[...commasOf, ...i32.const(0), ...i32.store(JSON_MEMORY.commas)],
  ...[...get(DEEPEST), ...get(DEPTH), ...i32.lessUnsigned, ...ifTrue, ...get(DEPTH), ...set(DEEPEST), ...end],
  ...[...jump(NEXT + 1), ...end],
];
const CLOSE = [
  ...[...LETTER, ...i32.const(125), ...i32.eq, ...ifTrue, ...get(DEPTH), ...i32.const(1), ...i32.sub],
  ...[...set(DEPTH), ...tooDeep, ...jump(NEXT + 1), ...end],
];

/** Exponents, a point and a zero at the end, a minus and a zero at the beginning, or sixteen characters. */
const READ_NUMBER = [
  ...[...get(PLACE), ...set(START), ...i32.const(0), ...set(HAS_DOT), ...loop],
  ...[...get(HAS_DOT), ...isChar(46), ...i32.or, ...set(HAS_DOT), ...get(CHAR), ...set(LAST), ...grow(PLACE)],
  ...[...get(PLACE), ...i32.load8(0), ...set(CHAR)],
  ...[...LETTER, ...i32.const(101), ...i32.eq, ...ifTrue, ...leave(2), ...end],
  ...[...get(CHAR), ...i32.const(43), ...i32.sub, ...i32.const(15), ...i32.lessUnsigned],
  ...[...get(CHAR), ...i32.const(44), ...i32.ne, ...i32.and, ...jumpIf(0), ...end],
  ...[...get(HAS_DOT), ...get(LAST), ...i32.const(48), ...i32.eq, ...i32.and],
  ...[...i32.const(15), ...get(PLACE), ...get(START), ...i32.sub, ...i32.lessUnsigned, ...i32.or],
  ...[...get(START), ...i32.load8(0), ...i32.const(45), ...i32.eq],
  ...[...get(START), ...i32.load8(1), ...i32.const(48), ...i32.eq, ...i32.and, ...i32.or],
  ...[...ifTrue, ...leave(1), ...end, ...jump(NEXT)],
];

const BODY = [
  ...[...i32.const(0), ...i32.load(JSON_MEMORY.end), ...set(END), ...i32.const(0), ...i32.const(0)],
  ...[...i32.store(JSON_MEMORY.commas), ...LOAD_CONSTANTS, ...block, ...loop],
  ...[...get(AT), ...get(END), ...i32.lessUnsigned, ...i32.isZero, ...jumpIf(1)],
  ...[...READ_BLOCK, ...NOTE_UNDERSCORES, ...READ_ESCAPES, ...FIND_STRINGS, ...FIND_STRUCTURE],
  ...[...loop, ...TAKE_NEXT, ...COUNT_COMMA, ...OPEN, ...CLOSE, ...READ_NUMBER, ...end, ...end, ...end],
  ...[...i32.const(0), ...get(VALUES), ...i32.store(JSON_MEMORY.values)],
  ...[...i32.const(0), ...get(DEEPEST), ...i32.store(JSON_MEMORY.depth)],
  // a string that does not end
  ...[...get(FOUND), ...get(IN_STRING), ...i32.wrap, ...i32.const(1), ...i32.and, ...i32.or, ...end],
];
