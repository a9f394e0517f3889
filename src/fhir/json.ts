/**
 * JSON text to values and back, within bounds: depth, forbidden keys and exact decimals are handled here,
 * the size of the text by the caller. A decimal whose digits JavaScript would lose (`1.50`) keeps its source
 * text beside the value, so that what was stored comes back to the digit.
 * https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/datatypes.html#decimal
 */
import { fail } from './issues.ts';
import type { Resource } from './types.ts';

export interface JsonLimits {
  /** Deepest nesting of objects and arrays that is read. */
  readonly depthMax: number;
}

/** Source texts of numbers that `String(value)` would change, by the object or array that holds them. */
const SOURCES = new WeakMap<object, Map<string, string>>();
/** Every object or array with such a number somewhere below it. */
const HAS_SOURCES = new WeakSet<object>();

/**
 * Parses text into plain JSON values.
 * @throws FhirError `malformed-json`, `too-deep`, `forbidden-key`
 */
export function parseJson(text: string, limits: JsonLimits): unknown {
  const hasFragileNumber = scan(text, limits.depthMax);
  let value: unknown;
  try {
    value = hasFragileNumber ? JSON.parse(text, keepSource as Reviver) : JSON.parse(text);
  } catch (error) {
    throw malformed(error);
  }
  if (MAY_HIDE_PROTO.test(text)) rejectForbiddenKeys(value);
  return value;
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

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

function keepSource(this: object, key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value === 'number') {
    if (context.source !== undefined && context.source !== String(value)) {
      keepDecimalText(this, key, context.source);
    }
  } else if (typeof value === 'object' && value !== null && HAS_SOURCES.has(value)) {
    HAS_SOURCES.add(this);
  }
  return value;
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
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

/**
 * One pass over the text outside strings, before anything recursive sees it.
 * @returns whether some number would not survive as a double
 * @throws FhirError `too-deep`
 */
function scan(text: string, depthMax: number): boolean {
  const length = text.length;
  let depth = 0;
  let isFragile = false;
  for (let at = 0; at < length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(text, at);
      if (at < 0) return isFragile;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (++depth > depthMax) {
        throw fail('too-deep', `The body is nested deeper than ${depthMax} levels. Send a flatter resource.`);
      }
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      depth--;
    } else if (!isFragile && (char === MINUS || (char >= ZERO && char <= NINE))) {
      const start = at;
      while (at + 1 < length && isNumberPart(text.charCodeAt(at + 1))) at++;
      isFragile = mayLoseDigits(text, start, at);
    }
  }
  return isFragile;
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
