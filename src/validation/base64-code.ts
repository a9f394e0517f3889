/**
 * Code that looks for the end of base64 sixteen bytes at a time: pictures and documents are most of the bytes that
 * they come with.
 * https://datatracker.ietf.org/doc/html/rfc4648#section-4
 */
import { block, end, get, i32, ifTrue, jump, loop, set, tee, v128, vectorCode } from '../fhir/vector-code.ts';

/** Where the code adds up the characters that count, as 32 bits. */
export const COUNT_AT = 8;

/** `scan` stops at the first byte that is neither of the alphabet nor white space. */
export function base64Code(): Uint8Array<ArrayBuffer> {
  return vectorCode({ i32: 3, i64: 0, v128: 1 }, BODY);
}

const AT = 0;
const LETTERS = 1;
const OTHERS = 2;
const COUNT = 3;
const BYTES = 4;

/** LETTERS: the bytes of the alphabet. */
const FIND_LETTERS = [
  [...get(AT), ...v128.load(0), ...tee(BYTES), ...v128.all(32), ...v128.or],
  [...v128.all(97), ...v128.sub, ...v128.all(25), ...v128.lessOrEqual],
  // slash and digits
  [...get(BYTES), ...v128.all(47), ...v128.sub, ...v128.all(10), ...v128.lessOrEqual, ...v128.or],
  [...get(BYTES), ...v128.all(43), ...v128.eq, ...v128.or, ...v128.bits, ...set(LETTERS)],
];

/** OTHERS: what is neither that nor white space. */
const FIND_OTHERS = [
  [...get(BYTES), ...v128.all(32), ...v128.eq, ...get(BYTES), ...v128.all(13), ...v128.eq, ...v128.or],
  [...get(BYTES), ...v128.all(9), ...v128.sub, ...v128.all(1), ...v128.lessOrEqual, ...v128.or],
  [...v128.bits, ...get(LETTERS), ...i32.or, ...i32.const(0xffff), ...i32.xor, ...set(OTHERS)],
];

const BODY = [
  [...block, ...loop, ...FIND_LETTERS.flat(), ...FIND_OTHERS.flat()],
  // of what comes before the first other byte
  [...get(OTHERS), ...i32.const(1), ...i32.sub, ...get(OTHERS), ...i32.const(-1), ...i32.xor, ...i32.and],
  [...get(LETTERS), ...i32.and, ...i32.countOnes, ...get(COUNT), ...i32.add, ...set(COUNT)],
  [
    ...get(OTHERS),
    ...ifTrue,
    ...get(AT),
    ...get(OTHERS),
    ...i32.ctz,
    ...i32.add,
    ...set(AT),
    ...jump(2),
    ...end,
  ],
  [...get(AT), ...i32.const(16), ...i32.add, ...set(AT), ...jump(0), ...end, ...end],
  [...i32.const(0), ...i32.const(0), ...i32.load(COUNT_AT), ...get(COUNT), ...i32.add],
  [...i32.store(COUNT_AT), ...get(AT), ...end],
].flat();
