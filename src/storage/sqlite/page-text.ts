/**
 * Text of rows as pages send it, made from bytes to bytes: what is kept (short-text.ts, checked-text.ts) has a few dozen
 * pieces of which a text joined piece by piece is a tree that is walked again when it is sent. Here each row becomes one
 * piece, and its start, which the checksum and the text begin with, is written once.
 */
import { crc32 } from 'node:zlib';
import { toInstant } from '../../fhir/resource-text.ts';
import { BODY_AT, isSum, isTime, MARK, type RowFacts, soundWireText } from './checked-text.ts';
import { PHRASES_1 } from './phrases.ts';
import { CONTROL_MAX, LEAD_MIN, MARK_1, TRAIL_MIN, TRAILS } from './short-text.ts';

/** Where what is kept of a text lies: after its checksum, in UTF-8. */
export interface KeptBytes {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Bytes of what is kept, and of a text, that are made here; the few that are longer are joined piece by piece. */
const KEPT_MAX = 16 * 1024;
const TEXT_MAX = 64 * 1024;
/** UTF-8 has at most so many bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;
/** The longest start that is written here. */
const START_MAX = 512;

const text = Buffer.allocUnsafeSlow(TEXT_MAX);
/** The start of a text, and what is kept of it behind: the two that the checksum is over. */
const checked = Buffer.allocUnsafeSlow(START_MAX + KEPT_MAX + BODY_AT);

export interface PageText {
  readonly wire: string;
  /** What it was made of, until the next one is made; undefined when it is long. */
  readonly kept: KeptBytes | undefined;
}

/** The text as it leaves, of the column `body`; undefined when it is not what was written. */
export function pageText(body: unknown, facts: RowFacts): PageText | undefined {
  const kept = typeof body === 'string' ? keptBytes(body, facts) : undefined;
  const made = kept && textOfKept(kept, facts);
  if (made !== undefined) return { wire: made, kept };
  const wire = soundWireText(body, facts);
  return wire === undefined ? undefined : { wire, kept: undefined };
}

/** Of what was found sound before; undefined when it is too long. */
export function textOfKept({ bytes, from, to }: KeptBytes, facts: RowFacts): string | undefined {
  const isShort = bytes[from] === MARK_1_BYTE;
  const start = isShort ? startInto(facts) : 0;
  if (start < 0) return undefined;
  const end = isShort ? expand(bytes, from + 1, to, start) : copy(bytes, from, to);
  return end < 0 ? undefined : text.toString('latin1', 0, end);
}

/** Undefined when it has no checksum, a wrong one, or is long. */
function keptBytes(body: string, facts: RowFacts): KeptBytes | undefined {
  if (!body.startsWith(MARK) || body.length < BODY_AT || body.length * BYTES_PER_UNIT > KEPT_MAX)
    return undefined;
  if (!isTime(facts.lastUpdated)) return undefined;
  const from = startInto(facts);
  if (from < 0) return undefined;
  // the mark and the sum are characters of one byte, and lie where the start ends
  const to = from - BODY_AT + checked.write(body, from - BODY_AT, 'utf8');
  for (let at = 0; at < from; at++) checked[at] = text[at] as number;
  const sum = crc32(checked.subarray(0, to), facts.op);
  return isSum(sum, body) ? { bytes: checked, from, to } : undefined;
}

const [BEFORE_TYPE, BEFORE_ID, BEFORE_VERSION, BEFORE_TIME] = [
  '{"resourceType":"',
  '","id":"',
  '","meta":{"versionId":"',
  '","lastUpdated":"',
] as const;

/** Writes `startOf` and returns its length; -1 when it is long, or not ASCII. */
function startInto({ type, id, versionId, lastUpdated }: RowFacts): number {
  if (type.length + id.length + versionId.length > START_MAX / 2) return -1;
  let at = put(BEFORE_TYPE, 0);
  at = put(type, at);
  at = put(BEFORE_ID, at);
  at = put(id, at);
  at = put(BEFORE_VERSION, at);
  at = put(versionId, at);
  at = put(BEFORE_TIME, at);
  at = put(toInstant(lastUpdated), at);
  return put('"', at);
}

/** What is not ASCII makes what comes behind it negative, too. */
function put(part: string, at: number): number {
  if (at < 0) return at;
  let all = 0;
  for (let index = 0; index < part.length; index++) {
    const char = part.charCodeAt(index);
    all |= char;
    text[at + index] = char;
  }
  return all > ASCII_MAX ? -1 : at + part.length;
}

const ASCII_MAX = 0x7f;
const MARK_1_BYTE = MARK_1.charCodeAt(0);

/** All phrases behind one another, and where each begins; the last number is where they end. */
let phrases: Uint8Array = new Uint8Array(0);
let starts: Uint32Array = new Uint32Array(0);

function readPhrases(): void {
  phrases = Buffer.from(PHRASES_1.join(''), 'latin1');
  starts = new Uint32Array(PHRASES_1.length + 1);
  for (const [number, { length }] of PHRASES_1.entries())
    starts[number + 1] = (starts[number] as number) + length;
}

/** Writes phrases for their codes and returns the end of the text; -1 when it is too long or has a code of none. */
function expand(bytes: Uint8Array, from: number, to: number, start: number): number {
  if (phrases.length === 0) readPhrases();
  const count = starts.length - 1;
  let end = start;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte > CONTROL_MAX) {
      text[end++] = byte;
      continue;
    }
    at++;
    const number = (byte - LEAD_MIN) * TRAILS + (bytes[at] as number) - TRAIL_MIN;
    if (!(at < to && number >= 0 && number < count)) return -1;
    const last = starts[number + 1] as number;
    // the rest fits, too
    if (end + last - (starts[number] as number) + to - at > TEXT_MAX) return -1;
    for (let next = starts[number] as number; next < last; next++) text[end++] = phrases[next] as number;
  }
  return end;
}

function copy(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) text[at - from] = bytes[at] as number;
  return to - from;
}
