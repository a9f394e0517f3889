/**
 * Hashes that index keys are made of: the same in every process, on every machine and on both engines, because
 * they are stored. Changing them means re-indexing.
 */
import type { ParamKey, TermHash } from './postings.ts';

const HIGH = 0x100000;
const LOW = 0x100000000;

const SEED_A = 0x9e3779b9;
const SEED_B = 0x243f6a88;

/** Where hashing of a prefix stopped. */
interface HashState {
  readonly a: number;
  readonly b: number;
}

/** 52 bits of a text, such as `system|code` or `Type/id`. */
export function hashTerm(text: string): TermHash {
  return hashFrom(SEED_A, SEED_B, text, 0);
}

/** Systems are few and long: hashing goes on behind the remembered state of `system|`. */
const systems = new Map<string, HashState>();
const SYSTEMS_MAX = 2_000;

/** `hashTerm(system + '|' + code)`. */
export function hashCode(system: string, code: string): TermHash {
  let state = systems.get(system);
  if (state === undefined) {
    state = stateAfter(`${system}|`);
    if (systems.size >= SYSTEMS_MAX) systems.clear();
    systems.set(system, state);
  }
  return hashFrom(state.a, state.b, code, system.length + 1);
}

function stateAfter(text: string): HashState {
  let a = SEED_A;
  let b = SEED_B;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    b = Math.imul(b ^ unit, 0xc2b2ae35);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  return { a, b };
}

function hashFrom(startA: number, startB: number, text: string, before: number): TermHash {
  let a = startA;
  let b = startB;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    b = Math.imul(b ^ unit, 0xc2b2ae35);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  return join(a, b, before + text.length);
}

function join(lastA: number, lastB: number, length: number): TermHash {
  const a = finish(lastA ^ length ^ (lastB >>> 7));
  const b = finish(lastB ^ Math.imul(a, 0x27d4eb2f));
  return ((b >>> 0) % HIGH) * LOW + (a >>> 0);
}

/** One hash of two, in this order: parts of a composite are hashed once each. */
export function hashPair(first: TermHash, second: TermHash): TermHash {
  let a = SEED_B;
  let b = SEED_A;
  for (const hash of [first, second]) {
    const upper = Math.floor(hash / LOW);
    // what is left, exactly: a remainder of doubles is a call into the C library
    for (const word of [hash - upper * LOW, upper]) {
      a = Math.imul(a ^ word, 0x85ebca6b);
      b = Math.imul(b ^ word, 0xc2b2ae35);
      a ^= a >>> 15;
      b ^= b >>> 13;
    }
  }
  return join(a, b, 2);
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
