/**
 * The primitive types of R4 to the letter, as scanners over characters: no regular expression here can
 * backtrack, and JavaScript's `\s` (which takes U+00A0 for a space) is never used.
 * https://hl7.org/fhir/R4/datatypes.html#primitive
 */

import { loadVectorCode, TEXT_AT, vectorMemory } from '../fhir/vector-memory.ts';
import { base64Code, COUNT_AT } from './base64-code.ts';

export interface PrimitiveRule {
  /** Whether the JSON value is one of the type. */
  readonly check: (value: unknown) => boolean;
  readonly json: 'string' | 'number' | 'boolean';
  /** What is expected, to end the sentence "expected ...". */
  readonly expected: string;
}

const STRING_CHARS_MAX = 1048576;
const INT_MAX = 2147483647;

/** By type name; `elementId` is `Element.id`, a string without spaces. */
export const PRIMITIVES: Readonly<Record<string, PrimitiveRule>> = {
  boolean: { check: (v) => typeof v === 'boolean', json: 'boolean', expected: 'true or false' },
  integer: { check: isInteger, json: 'number', expected: 'a whole number of 32 bits' },
  unsignedInt: { check: isUnsignedInt, json: 'number', expected: 'a whole number from 0 to 2147483647' },
  positiveInt: { check: isPositiveInt, json: 'number', expected: 'a whole number from 1 to 2147483647' },
  decimal: { check: isDecimal, json: 'number', expected: 'a number' },
  string: { check: isText, json: 'string', expected: 'text that is not blank, without control characters' },
  markdown: { check: isText, json: 'string', expected: 'text that is not blank, without control characters' },
  code: { check: isCode, json: 'string', expected: 'a code without spaces around it or doubled inside' },
  id: { check: isId, json: 'string', expected: '1-64 letters, digits, hyphens or dots' },
  elementId: { check: isElementId, json: 'string', expected: 'text without spaces' },
  uri: { check: isUri, json: 'string', expected: 'a URI without spaces' },
  url: { check: isUri, json: 'string', expected: 'a URL without spaces' },
  canonical: { check: isUri, json: 'string', expected: 'a canonical URL without spaces' },
  oid: { check: isOid, json: 'string', expected: 'urn:oid: and an OID' },
  uuid: { check: isUuid, json: 'string', expected: 'urn:uuid: and a UUID in lower case' },
  date: { check: isDate, json: 'string', expected: 'a calendar date: YYYY, YYYY-MM or YYYY-MM-DD' },
  dateTime: {
    check: isDateTime,
    json: 'string',
    expected: 'YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with Z or +hh:mm',
  },
  instant: { check: isInstant, json: 'string', expected: 'YYYY-MM-DDThh:mm:ss with Z or +hh:mm' },
  time: { check: isTime, json: 'string', expected: 'hh:mm:ss' },
  base64Binary: { check: isBase64, json: 'string', expected: 'base64' },
  xhtml: { check: isXhtmlText, json: 'string', expected: 'XHTML in a <div>' },
};

export function isInteger(v: unknown): boolean {
  return typeof v === 'number' && v === (v | 0);
}

function isUnsignedInt(v: unknown): boolean {
  return typeof v === 'number' && v >= 0 && v === (v | 0);
}

function isPositiveInt(v: unknown): boolean {
  return typeof v === 'number' && v >= 1 && v <= INT_MAX && v === (v | 0);
}

function isDecimal(v: unknown): boolean {
  return typeof v === 'number' && v - v === 0;
}

/**
 * Longer texts are searched by a regular expression: native code, and no repetition that could backtrack. To start one
 * costs as much as a loop over some ten characters.
 */
const LONG = 9;
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NO_TEXT = /[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]/;
const SPACE_OR_SURROGATE = /[\0-\x20\xa0\ud800-\udfff]/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what is looked for

/** string and markdown: not blank, no control characters but tab and line ends, at most 1 MB, whole Unicode. */
export function isText(v: unknown): boolean {
  if (typeof v !== 'string') return false;
  const length = v.length;
  if (length === 0 || length > STRING_CHARS_MAX) return false;
  if (length > LONG && v.charCodeAt(0) > 32 && !NO_TEXT.test(v)) return true;
  return scanText(v, length);
}

function scanText(v: string, length: number): boolean {
  let all = 0;
  let isBlank = true;
  for (let i = 0; i < length; i++) {
    const ch = v.charCodeAt(i);
    if (ch > 32) isBlank = false;
    else if (ch !== 32 && ch !== 10 && ch !== 13 && ch !== 9) return false;
    all |= ch;
  }
  return !isBlank && (all < 0xd800 || v.isWellFormed());
}

function isXhtmlText(v: unknown): boolean {
  return typeof v === 'string' && v.length > 0;
}

/** No leading, trailing or doubled white space. */
export function isCode(v: unknown): boolean {
  if (typeof v !== 'string') return false;
  const length = v.length;
  if (length === 0 || length > STRING_CHARS_MAX) return false;
  let afterSpace = true;
  for (let i = 0; i < length; i++) {
    const ch = v.charCodeAt(i);
    if (ch > 32) afterSpace = false;
    else {
      if (afterSpace || (ch !== 32 && ch !== 9 && ch !== 10 && ch !== 13)) return false;
      afterSpace = true;
    }
  }
  return !afterSpace;
}

/** Table of the characters of an id, by code unit below 128. */
const ID_CHARS = charTable('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.');
const BASE64_CHARS = charTable('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

const NO_ID = /[^A-Za-z0-9\-.]/;

export function isId(v: unknown): boolean {
  if (typeof v !== 'string') return false;
  const length = v.length;
  if (length === 0 || length > 64) return false;
  if (length > LONG) return !NO_ID.test(v);
  for (let i = 0; i < length; i++) {
    const ch = v.charCodeAt(i);
    if (ch > 127 || ID_CHARS[ch] === 0) return false;
  }
  return true;
}

function isElementId(v: unknown): boolean {
  return typeof v === 'string' && hasNoSpace(v);
}

/** uri, url and canonical; `urn:uuid:` and `urn:oid:` carry their own syntax. */
export function isUri(v: unknown): boolean {
  if (typeof v !== 'string' || !hasNoSpace(v)) return false;
  const first = v.charCodeAt(0);
  if (first !== 117 /* u */) return first !== 111 /* o */ || !v.startsWith('oid:');
  if (!v.startsWith('urn:')) return !v.startsWith('uuid:');
  if (v.startsWith('urn:uuid:')) return isUuid(stripFragment(v));
  if (v.startsWith('urn:oid:')) return isOid(stripFragment(v));
  return true;
}

function stripFragment(v: string): string {
  const bar = v.search(/[|#]/);
  return bar < 0 ? v : v.slice(0, bar);
}

function hasNoSpace(v: string): boolean {
  const length = v.length;
  if (length === 0 || length > STRING_CHARS_MAX) return false;
  if (length > LONG) return isLongWithoutSpace(v, length);
  let all = 0;
  for (let i = 0; i < length; i++) {
    const ch = v.charCodeAt(i);
    if (ch <= 32 || ch === 0xa0) return false;
    all |= ch;
  }
  return all < 0xd800 || v.isWellFormed();
}

/**
 * URIs that were found to be in order: systems and canonicals come again and again, and to compare is several
 * times faster than to search. A place belongs to the last one that fell on it, so the table cannot grow.
 */
const KNOWN_URIS: string[] = new Array(512).fill('');
const KNOWN_CHARS_MAX = 200;

function isLongWithoutSpace(v: string, length: number): boolean {
  const place =
    (length * 31 + v.charCodeAt(length - 1) * 7 + v.charCodeAt(length - 4) * 3 + v.charCodeAt(length >> 1)) &
    511;
  if (KNOWN_URIS[place] === v) return true;
  if (SPACE_OR_SURROGATE.test(v) && (/[\0-\x20\xa0]/.test(v) || !v.isWellFormed())) return false;
  if (length <= KNOWN_CHARS_MAX) KNOWN_URIS[place] = v;
  return true;
}

export function isOid(v: unknown): boolean {
  return typeof v === 'string' && v.length < 256 && /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/.test(v);
}

/** Lower case only: R4's own pattern. */
export function isUuid(v: unknown): boolean {
  return (
    typeof v === 'string' && /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(v)
  );
}

export function isDate(v: unknown): boolean {
  if (typeof v !== 'string') return false;
  const length = v.length;
  return (length === 10 || length === 7 || length === 4) && isDay(v, length);
}

export function isDateTime(v: unknown): boolean {
  if (typeof v !== 'string') return false;
  const length = v.length;
  if (length === 10 || length === 7 || length === 4) return isDay(v, length);
  return isMoment(v);
}

export function isInstant(v: unknown): boolean {
  return typeof v === 'string' && isMoment(v);
}

export function isTime(v: unknown): boolean {
  return typeof v === 'string' && v.length >= 8 && clockEnd(v, 0) === v.length;
}

/** Multiples of four characters, white space anywhere, padding only at the end. */
export function isBase64(v: unknown): boolean {
  if (typeof v !== 'string') return false;
  let count = 0;
  let at = 0;
  if (v.length > BASE64_LONG && findEndOfBase64 !== undefined) {
    counter[0] = 0;
    at = endOfLong(v, findEndOfBase64);
    count = counter[0];
  }
  let padding = 0;
  for (; at < v.length; at++) {
    const ch = v.charCodeAt(at);
    if (ch < 128 && BASE64_CHARS[ch] === 1) {
      if (padding !== 0) return false;
      count++;
    } else if (ch === 61) padding++;
    else if (ch !== 32 && ch !== 10 && ch !== 13 && ch !== 9) return false;
  }
  return count !== 0 && padding <= 2 && (count + padding) % 4 === 0;
}

const BASE64_LONG = 64;
/** So many fit into the memory, however many bytes each has. */
const PART_CHARS = 1024 * 1024;
const bytes = vectorMemory ?? Buffer.alloc(0);
const counter = new Int32Array(bytes.buffer, COUNT_AT, bytes.length === 0 ? 0 : 1);
const findEndOfBase64 = loadVectorCode(base64Code());

/** The index of the first character that is neither of the alphabet nor white space: before it all have one byte. */
function endOfLong(v: string, find: (at: number) => number): number {
  for (let from = 0; ; from += PART_CHARS) {
    const part = v.length <= PART_CHARS ? v : v.slice(from, from + PART_CHARS);
    const end = TEXT_AT + bytes.write(part, TEXT_AT, 'utf8');
    bytes[end] = 0;
    const at = find(TEXT_AT);
    if (at !== end || from + PART_CHARS >= v.length) return from + at - TEXT_AT;
  }
}

function isMoment(v: string): boolean {
  if (v.length < 20 || v.charCodeAt(10) !== 84 /* T */ || !isDay(v, 10)) return false;
  const end = clockEnd(v, 11);
  if (end === 0) return false;
  const sign = v.charCodeAt(end);
  if (sign === 90 /* Z */) return v.length === end + 1;
  if ((sign !== 43 && sign !== 45) || v.length !== end + 6 || v.charCodeAt(end + 3) !== 58) return false;
  const hours = twoDigits(v, end + 1);
  const minutes = twoDigits(v, end + 4);
  return minutes >= 0 && minutes < 60 && hours >= 0 && (hours < 14 || (hours === 14 && minutes === 0));
}

/** The index after `hh:mm:ss(.f+)?` that begins at `at`, or 0. A leap second (60) is allowed. */
function clockEnd(v: string, at: number): number {
  const hours = twoDigits(v, at);
  const minutes = twoDigits(v, at + 3);
  const seconds = twoDigits(v, at + 6);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return 0;
  if (v.charCodeAt(at + 2) !== 58 || v.charCodeAt(at + 5) !== 58) return 0;
  let end = at + 8;
  if (v.charCodeAt(end) !== 46) return end;
  const first = ++end;
  while (isDigit(v.charCodeAt(end))) end++;
  return end === first ? 0 : end;
}

/** The first 4, 7 or 10 characters as a date of the calendar. Year 0000 does not exist. */
function isDay(v: string, length: number): boolean {
  const century = twoDigits(v, 0);
  const rest = twoDigits(v, 2);
  const year = century * 100 + rest;
  if (century < 0 || rest < 0 || year === 0) return false;
  if (length === 4) return true;
  const month = twoDigits(v, 5);
  if (v.charCodeAt(4) !== 45 || month < 1 || month > 12) return false;
  if (length === 7) return true;
  const day = twoDigits(v, 8);
  return v.charCodeAt(7) === 45 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function twoDigits(v: string, at: number): number {
  const a = v.charCodeAt(at) - 48;
  const b = v.charCodeAt(at + 1) - 48;
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : -1;
}

function isDigit(ch: number): boolean {
  return ch >= 48 && ch <= 57;
}

function charTable(chars: string): Uint8Array {
  const table = new Uint8Array(128);
  for (let i = 0; i < chars.length; i++) table[chars.charCodeAt(i)] = 1;
  return table;
}
