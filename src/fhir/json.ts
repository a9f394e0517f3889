/**
 * JSON text to values and back, within bounds: depth, forbidden keys and exact decimals are handled here,
 * the size of the text by the caller. A decimal whose digits JavaScript would lose (`1.50`) keeps its source
 * text beside the value, so that what was stored comes back to the digit.
 * https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/datatypes.html#decimal
 */
import { fail } from './issues.ts';
import { JSON_FINDINGS, JSON_MEMORY, jsonCode } from './json-code.ts';
import type { Resource } from './types.ts';
import { LOOKS_AHEAD } from './vector-code.ts';
import { loadVectorCode, TEXT_AT, vectorMemory } from './vector-memory.ts';

export interface JsonLimits {
  /** Deepest nesting of objects and arrays that is read. */
  readonly depthMax: number;
  /** Objects, arrays and primitives in the whole text. */
  readonly allValuesMax?: number;
}

/** Source texts of numbers that `String(value)` would change, by the object or array that holds them. */
const SOURCES = new WeakMap<object, Map<string, string>>();
/** Every object or array with such a number somewhere below it. */
const HAS_SOURCES = new WeakSet<object>();

/**
 * Parses text into plain JSON values.
 * @throws FhirError `malformed-json`, `too-deep`, `too-many-values`, `forbidden-key`
 */
export function parseJson(text: string, limits: JsonLimits): unknown {
  const findings = lookAt(text, limits);
  const fragile =
    (findings & JSON_FINDINGS.needsLook) === 0
      ? NO_NUMBERS
      : scan(text, limits.depthMax, limits.allValuesMax ?? Number.POSITIVE_INFINITY);
  const value = fragile.length === 0 ? parsePlain(text) : parseKeepingDigits(text, fragile);
  if ((findings & JSON_FINDINGS.mayHideProto) !== 0 && MAY_HIDE_PROTO.test(text)) rejectForbiddenKeys(value);
  return value;
}

const NO_NUMBERS: readonly number[] = [];
const EVERYTHING = JSON_FINDINGS.needsLook | JSON_FINDINGS.mayHideProto;
const findStructure = loadVectorCode(jsonCode());
const memory = vectorMemory ?? Buffer.alloc(0);
const textMemory = memory.subarray(TEXT_AT);
const numbers = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
const ENCODER = new TextEncoder();

/** What needs a closer look. For nearly all bodies that is nothing, and to find that out takes a tenth of parsing. */
function lookAt(text: string, { depthMax, allValuesMax = Number.POSITIVE_INFINITY }: JsonLimits): number {
  if (findStructure === undefined || text.length > NAMES_COUNTED_FROM) return EVERYTHING;
  const { written } = ENCODER.encodeInto(text, textMemory);
  textMemory.fill(0, written, written + LOOKS_AHEAD);
  numbers[JSON_MEMORY.end >> 2] = TEXT_AT + written;
  const found = findStructure(TEXT_AT);
  const isWithin =
    (numbers[JSON_MEMORY.depth >> 2] as number) <= depthMax &&
    (numbers[JSON_MEMORY.values >> 2] as number) <= allValuesMax;
  return isWithin ? found : EVERYTHING;
}

function parsePlain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(error);
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Nobody outside knows it, so no string of a body begins with it. */
const MARK = `\u0001${Math.random().toString(36).slice(2)}:`;

/**
 * Numbers that would lose digits go through the parser as strings and become numbers afterwards, which costs a
 * walk over the values; the parser's own way to tell the source of a number is a call for every value.
 */
function parseKeepingDigits(text: string, fragile: readonly number[]): unknown {
  const quoted = JSON.stringify(MARK).slice(0, -1);
  let marked = '';
  let last = 0;
  for (let at = 0; at < fragile.length; at += 2) {
    const [start, end] = [fragile[at] as number, fragile[at + 1] as number];
    const source = text.slice(start, end);
    if (!NUMBER.test(source)) return parsePlain(text);
    marked += `${text.slice(last, start)}${quoted}${source}"`;
    last = end;
  }
  let value: unknown;
  try {
    value = JSON.parse(marked + text.slice(last));
  } catch {
    // for the place of the fault in the text as it was sent
    return parsePlain(text);
  }
  if (typeof value === 'string' && value.startsWith(MARK)) return Number(value.slice(MARK.length));
  restoreNumbers(value as object);
  return value;
}

/** Whether there was one. Depth is bounded by the scan before. */
function restoreNumbers(holder: object): boolean {
  let has = false;
  if (Array.isArray(holder)) {
    for (let at = 0; at < holder.length; at++) if (restoreMember(holder, at, holder[at])) has = true;
  } else {
    const fields = holder as Record<string, unknown>;
    for (const key in fields) if (restoreMember(fields, key, fields[key])) has = true;
  }
  if (has) HAS_SOURCES.add(holder);
  return has;
}

function restoreMember(holder: object, key: string | number, member: unknown): boolean {
  if (typeof member === 'object') return member !== null && restoreNumbers(member);
  if (typeof member !== 'string' || member.charCodeAt(0) !== 1 || !member.startsWith(MARK)) return false;
  const source = member.slice(MARK.length);
  const number = Number(source);
  (holder as Record<string | number, unknown>)[key] = number;
  if (source === String(number)) return false;
  keepDecimalText(holder, key, source);
  return true;
}

const UNBOUNDED: JsonLimits = { depthMax: Number.POSITIVE_INFINITY };

/** A resource from text that the server itself stored, digits of decimals included. */
export function parseStored(json: string): Resource {
  return parseJson(json, UNBOUNDED) as Resource;
}

/** Serialises a value; decimals that were read with `parseJson` keep their digits. */
export function stringifyJson(value: unknown): string {
  if (typeof value === 'object' && value !== null && HAS_SOURCES.has(value)) {
    return JSON.stringify(value, restoreSource);
  }
  return JSON.stringify(value);
}

/** Serialises one member of an object, with its digits. */
export function stringifyMember(holder: Readonly<Record<string, unknown>>, key: string): string {
  const value = holder[key];
  return typeof value === 'number' ? (decimalText(holder, key) ?? String(value)) : stringifyJson(value);
}

/**
 * The digits of a number as they were written (`1.50`), when they differ from `String(value)`.
 * `key` is a property name or an array index.
 */
export function decimalText(holder: object, key: string | number): string | undefined {
  const source = SOURCES.get(holder)?.get(String(key));
  if (source === undefined) return undefined;
  return Number(source) === (holder as Record<string, unknown>)[key] ? source : undefined;
}

/** Gives a number the digits that it had in another format; `markDecimals` on the whole makes them count. */
export function keepDecimalText(holder: object, key: string | number, text: string): void {
  let sources = SOURCES.get(holder);
  if (sources === undefined) {
    sources = new Map();
    SOURCES.set(holder, sources);
  }
  sources.set(String(key), text);
  HAS_SOURCES.add(holder);
}

/** After parts were moved into `value`: tells `stringifyJson` where digits are kept. */
export function markDecimals(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let has = SOURCES.has(value);
  for (const member of Object.values(value)) if (markDecimals(member)) has = true;
  if (has) HAS_SOURCES.add(value);
  return has;
}

/** A deep copy of plain JSON that keeps the digits of decimals. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  for (const [key, member] of Object.entries(value)) {
    (copy as Record<string, unknown>)[key] = cloneJson(member);
    const text = typeof member === 'number' ? decimalText(value, key) : undefined;
    if (text !== undefined) keepDecimalText(copy, key, text);
    const inner = (copy as Record<string, unknown>)[key];
    if (typeof inner === 'object' && inner !== null && HAS_SOURCES.has(inner)) HAS_SOURCES.add(copy);
  }
  return copy as T;
}

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

function restoreSource(this: object, key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const source = decimalText(this, key);
  return source === undefined ? value : rawJson(source);
}

/** Whether a value holds more than `max` objects, lists and primitives. Stops counting there. */
export function hasMoreValues(value: unknown, max: number): boolean {
  let count = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const node = open.pop();
    if (++count > max) return true;
    if (typeof node !== 'object' || node === null) continue;
    const members = Array.isArray(node) ? node : Object.values(node);
    if (count + open.length + members.length > max) return true;
    for (const member of members) open.push(member);
  }
  return false;
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const SPACE = 32;
const COLON = 58;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/** Properties of one object: no FHIR type has as many. */
const MEMBERS_MAX = 2000;
/** Numbers whose digits are kept. */
const FRAGILE_MAX = 100_000;
/** Different property names of one text: R4 has a fifth of that. A new name costs the parser more than ten values. */
const NAMES_MAX = 10_000;
/** Shorter texts do not hold too many names. */
const NAMES_COUNTED_FROM = 200_000;

/**
 * One pass over the text outside strings, before anything recursive sees it.
 * @returns start and end of every number that might not survive as a double
 * @throws FhirError `too-deep`, `too-many-values`
 */
function scan(text: string, depthMax: number, valuesMax: number): readonly number[] {
  const { length } = text;
  const fragile: number[] = [];
  /** Of each open object how many properties are still allowed; of an array none is counted. */
  const left: number[] = [];
  const isBounded = valuesMax !== Number.POSITIVE_INFINITY;
  const countName = isBounded && length > NAMES_COUNTED_FROM ? createNameCounter(text) : undefined;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const start = at;
      at = endOfString(text, start);
      if (at < 0) return fragile;
      countName?.(start + 1, at);
    } else if (char === COMMA) {
      if (++values > valuesMax) throw tooManyValues(valuesMax);
      left[depth] = (left[depth] as number) - 1;
      if (left[depth] === 0) throw tooManyValues(MEMBERS_MAX);
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (++depth > depthMax) {
        throw fail('too-deep', `The body is nested deeper than ${depthMax} levels. Send a flatter resource.`);
      }
      if (++values > valuesMax) throw tooManyValues(valuesMax);
      left[depth] = char === OPEN_BRACE && isBounded ? MEMBERS_MAX : 0;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      depth--;
    } else if (char === MINUS || (char >= ZERO && char <= NINE)) {
      const start = at;
      while (at + 1 < length && isNumberPart(text.charCodeAt(at + 1))) at++;
      if (!mayLoseDigits(text, start, at)) continue;
      fragile.push(start, at + 1);
      if (isBounded && fragile.length > 2 * FRAGILE_MAX) throw tooManyValues(FRAGILE_MAX);
    }
  }
  return fragile;
}

/** Odd, and different in every process, so that nobody can choose names that look the same. */
const HASH_FACTOR = (Math.floor(Math.random() * 2 ** 31) << 1) | 1;
const HASH_BITS = 16;

/** Counts the strings that are property names by what they hash to. @throws FhirError `too-many-values` */
function createNameCounter(text: string): (start: number, end: number) => void {
  const seen = new Uint8Array(1 << HASH_BITS);
  let names = 0;
  return (start, end) => {
    let next = end + 1;
    while (text.charCodeAt(next) <= SPACE) next++;
    if (text.charCodeAt(next) !== COLON) return;
    let hash = HASH_FACTOR;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_FACTOR);
    const slot = (hash ^ (hash >>> HASH_BITS)) & ((1 << HASH_BITS) - 1);
    if (seen[slot] !== 0) return;
    seen[slot] = 1;
    if (++names > NAMES_MAX) throw tooManyValues(NAMES_MAX);
  };
}

function tooManyValues(max: number): Error {
  return fail('too-many-values', `The body has more than ${max} values in one place. Split it.`);
}

/** Position of the closing quote, or -1. */
function endOfString(text: string, start: number): number {
  let at = start;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0 || text.charCodeAt(at - 1) !== BACKSLASH) return at;
    let before = at - 2;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
}

function isNumberPart(char: number): boolean {
  return (
    (char >= ZERO && char <= NINE) || char === DOT || char === MINUS || (char | 32) === 101 || char === 43
  );
}

function mayLoseDigits(text: string, start: number, last: number): boolean {
  if (last === start) return false;
  if (last - start >= 15) return true;
  let hasDot = false;
  for (let at = start; at <= last; at++) {
    const char = text.charCodeAt(at);
    if (char === DOT) hasDot = true;
    else if ((char | 32) === 101) return true;
  }
  if (hasDot) return text.charCodeAt(last) === ZERO;
  return text.charCodeAt(start) === MINUS && text.charCodeAt(start + 1) === ZERO;
}

/** `__proto__` in the clear or with any character escaped. */
const MAY_HIDE_PROTO = /__proto__|\\u00(?:5[fF]|7[024]|6[fF])/;

function rejectForbiddenKeys(root: unknown): void {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    if (Object.hasOwn(node, '__proto__')) {
      throw fail('forbidden-key', 'A property may not be named "__proto__". Remove it from the body.');
    }
    for (const member of Object.values(node)) if (member !== null) open.push(member);
  }
}

/** The parser's message may quote the body, so only its position is passed on. */
function malformed(error: unknown): Error {
  const message = error instanceof Error ? error.message : '';
  const place = /line (\d+) column (\d+)/.exec(message);
  if (place === null) {
    const reason = message.includes('end of JSON') ? 'it ends too early' : 'it has a character out of place';
    return fail('malformed-json', `The body is not JSON: ${reason}.`);
  }
  const [line, column] = [Number(place[1]), Number(place[2])];
  const text = `The body is not JSON: look at line ${line}, column ${column}.`;
  return fail('malformed-json', text, { line, column });
}
