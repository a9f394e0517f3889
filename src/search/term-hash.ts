/**
 * Hashes that index keys are made of: the same in every process, on every machine and on both engines, because
 * they are stored. Changing them means re-indexing.
 */
import type { ParamKey, TermHash } from './postings.ts';

const HIGH = 0x100000;
const LOW = 0x100000000;

/** 52 bits of a text, such as `system|code` or `Type/id`. */
export function hashTerm(text: string): TermHash {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    b = Math.imul(b ^ unit, 0xc2b2ae35);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = finish(a ^ text.length ^ (b >>> 7));
  b = finish(b ^ Math.imul(a, 0x27d4eb2f));
  return ((b >>> 0) % HIGH) * LOW + (a >>> 0);
}

/** The key of the SearchParameter `code` for a resource type: 31 bits. */
export function hashParam(type: string, code: string): ParamKey {
  return hashTerm(`${type}.${code}`) % 0x7fffffff;
}

/** Spreads every input bit over the whole word. */
function finish(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
