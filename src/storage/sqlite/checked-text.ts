/**
 * Stored text with a checksum, because a page of the file has none: what was changed on the disk, by a failing one or
 * by memory, is refused instead of served. The sum is over what is kept and over what the other columns of the row
 * tell; it takes six bytes and a third of a microsecond. Rows of before version 5 have none: of them only the
 * form is looked at.
 * https://www.sqlite.org/fileformat2.html
 */
import { crc32 } from 'node:zlib';
import { toWireText } from '../../fhir/wire-text.ts';
import { endsOfShort, shortText, startOf, type TextFacts, wholeText } from './short-text.ts';

/** What the columns of the row tell of its text. */
export interface RowFacts extends TextFacts {
  /** 0 POST, 1 PUT, 2 DELETE. */
  readonly op: 0 | 1 | 2;
}

/** The first character of text that has a checksum: SUM_CHARS characters, then what `shortText` makes. */
export const MARK = '\u0002';
const SUM_CHARS = 5;
/** 85 to the fifth is a little more than 2 to the 32nd. */
const BASE = 85;
/** From `#` to `w`: one byte each. */
const FIRST_DIGIT = 0x23;
/** Where what is kept begins. */
export const BODY_AT = MARK.length + SUM_CHARS;

/** What to keep of the text of a resource. */
export function checkedText(text: string, facts: RowFacts): string {
  const kept = shortText(text, facts);
  return MARK + digitsOf(sumOf(kept, facts)) + kept;
}

/** The text of a resource; undefined when it is not what was written. `body` is the column, whatever is in it. */
export function soundText(body: unknown, facts: RowFacts): string | undefined {
  return checked(body, facts, wholeText);
}

/** The same text as fhir/wire-text.ts has it, joined piece by piece: for what page-text.ts leaves. */
export function soundWireText(body: unknown, facts: RowFacts): string | undefined {
  return checked(body, facts, (kept) => wholeText(toWireText(kept), facts, toWireText(startOf(facts))));
}

function checked(
  body: unknown,
  facts: RowFacts,
  whole: (kept: string, facts: RowFacts) => string,
): string | undefined {
  // what is no time makes no text
  if (typeof body !== 'string' || !isTime(facts.lastUpdated)) return undefined;
  try {
    if (!body.startsWith(MARK)) return isWellFormed(body, facts) ? whole(body, facts) : undefined;
    const kept = body.slice(BODY_AT);
    return isSum(sumOf(kept, facts), body) ? whole(kept, facts) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether ECMAScript can tell it as a date. */
export function isTime(ms: number): boolean {
  return Math.abs(ms) <= TIME_MAX;
}

const TIME_MAX = 8.64e15;

/** Whether a text begins with a sum, behind its mark. */
export function isSum(sum: number, body: string): boolean {
  let rest = sum;
  for (let at = MARK.length; at < BODY_AT; at++) {
    if (body.charCodeAt(at) !== FIRST_DIGIT + (rest % BASE)) return false;
    rest = Math.floor(rest / BASE);
  }
  return true;
}

function sumOf(kept: string, facts: RowFacts): number {
  return crc32(kept, crc32(startOf(facts), facts.op));
}

function digitsOf(sum: number): string {
  let rest = sum;
  let digits = '';
  for (let at = 0; at < SUM_CHARS; at++) {
    digits += String.fromCharCode(FIRST_DIGIT + (rest % BASE));
    rest = Math.floor(rest / BASE);
  }
  return digits;
}

/** Text without a checksum: an object of its type and id from the first character to the last. */
function isWellFormed(body: string, facts: TextFacts): boolean {
  const ends = endsOfShort(body);
  if (ends !== undefined) return (ends.first === ',' || ends.first === '}') && ends.last === '}';
  const { resourceType, id } = JSON.parse(body) as { readonly resourceType?: unknown; readonly id?: unknown };
  return body.endsWith('}') && resourceType === facts.type && id === facts.id;
}
