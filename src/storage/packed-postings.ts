/**
 * Postings as bytes, kept beside the resource: the exact index difference of an update, conditions that no
 * index answers, and old versions on pages that stand still are all read from them. Conditions are tested on
 * the bytes as they are (packed-match.ts), so a candidate costs no objects.
 *
 * Layout, little-endian: five counts (varint), then
 * terms    k:u32 h:u32 g:u24          g = 20 high bits of the hash | flags of system and code in the clear
 * texts    k:u32 length:varint bytes  UTF-8
 * dates    k:u32 lo:f64 hi:f64
 * numbers  k:u32 u:u32 g:u24 lo:f64 hi:f64
 * present  k:u32                      those that no posting announces
 * The top bit of k in a posting says that the parameter is in `present`.
 */
import type { Postings } from '../search/postings.ts';

export const TERM_BYTES = 11;
export const DATE_BYTES = 20;
export const NUMBER_BYTES = 27;
export const KEY_MASK = 0x7fffffff;
export const PRESENT_BIT = 0x80000000;
const HASH_HIGH_MASK = 0xfffff;
const SYSTEM_BIT = 0x100000;
const CODE_BIT = 0x200000;
const TWO_32 = 0x100000000;
const HASH_LIMIT = 2 ** 52;

/** Names of a term in the clear, by its hash. */
export type TermNames = (k: number, h: number) => { readonly system?: string; readonly code?: string };

/** @throws RangeError when a posting is outside of what the contract allows, so that it never gets into an index */
export function packPostings(postings: Postings): Uint8Array {
  checkPostings(postings);
  const { terms, texts, dates, numbers } = postings;
  const writer = takeWriter(boundOf(postings), membersOf(postings.present));
  const posted: number[] = [];
  writeCount(writer, terms.length);
  addKeys(posted, terms);
  writeCount(writer, texts.length);
  addKeys(posted, texts);
  writeCount(writer, dates.length);
  addKeys(posted, dates);
  writeCount(writer, numbers.length);
  addKeys(posted, numbers);
  const wasPosted = membersOf(posted);
  const bare = postings.present.filter((k) => !wasPosted(k));
  writeCount(writer, bare.length);
  for (const { k, h, system, code } of terms) {
    writeKey(writer, k);
    writeHash(writer, h, (system === undefined ? 0 : SYSTEM_BIT) | (code === undefined ? 0 : CODE_BIT));
  }
  for (const { k, text } of texts) {
    writeKey(writer, k);
    writeText(writer, text);
  }
  for (const { k, lo, hi } of dates) {
    writeKey(writer, k);
    writeDouble(writer, lo);
    writeDouble(writer, hi);
  }
  for (const { k, u, lo, hi } of numbers) {
    writeKey(writer, k);
    writeHash(writer, u, 0);
    writeDouble(writer, lo);
    writeDouble(writer, hi);
  }
  for (const k of bare) writeWord(writer, k);
  // a copy of the exact size in memory of its own, so that it can be handed to another thread
  const packed = new Uint8Array(writer.at);
  packed.set(writer.bytes.subarray(0, writer.at));
  return packed;
}

/** Those of a parameter mostly follow each other. */
function addKeys(keys: number[], list: readonly { readonly k: number }[]): void {
  let last = -1;
  for (const { k } of list) {
    if (k !== last) keys.push(k);
    last = k;
  }
}

/** Up to here a list is searched faster than a set is made of it. */
const LIST_MAX = 32;

function membersOf(keys: readonly number[]): (k: number) => boolean {
  if (keys.length <= LIST_MAX) return (k) => keys.includes(k);
  const set = new Set(keys);
  return (k) => set.has(k);
}

/** Bytes that postings take at most. */
function boundOf({ terms, texts, dates, numbers, present }: Postings): number {
  let size = 5 * 5 + terms.length * TERM_BYTES + dates.length * DATE_BYTES + numbers.length * NUMBER_BYTES;
  // a UTF-16 unit takes at most three bytes
  for (const { text } of texts) size += 9 + text.length * 3;
  return size + present.length * 4;
}

function checkPostings({ date, terms, texts, dates, numbers, present }: Postings): void {
  if (!Number.isSafeInteger(date)) refuse({ date });
  for (const one of terms) if (!isKey(one.k) || !isHash(one.h)) refuse(one);
  for (const one of texts) if (!isKey(one.k)) refuse(one.k);
  for (const one of dates) {
    if (!isKey(one.k) || !Number.isSafeInteger(one.lo) || !Number.isSafeInteger(one.hi)) refuse(one);
  }
  for (const one of numbers) {
    if (!isKey(one.k) || !isHash(one.u) || Number.isNaN(one.lo) || Number.isNaN(one.hi)) refuse(one);
  }
  for (const k of present) if (!isKey(k)) refuse(k);
}

function refuse(posting: unknown): never {
  throw new RangeError(`not a posting: ${JSON.stringify(posting)}`);
}

function isKey(k: number): boolean {
  return Number.isInteger(k) && k >= 0 && k <= KEY_MASK;
}

function isHash(h: number): boolean {
  return Number.isInteger(h) && h >= 0 && h < HASH_LIMIT;
}

export function unpackPostings(packed: Uint8Array, date: number, names: TermNames): Postings {
  const sections = readSections(packed);
  const { view } = sections;
  const present = new Set<number>();
  const key = (at: number): number => {
    const k = view.getUint32(at, true);
    if (k >= PRESENT_BIT) present.add(k & KEY_MASK);
    return k & KEY_MASK;
  };
  const terms = Array.from({ length: sections.terms }, (_, index) => {
    const at = sections.termsAt + index * TERM_BYTES;
    const k = key(at);
    const h = hashAt(view, at + 4);
    const flags = view.getUint8(at + 10) << 16;
    if ((flags & (SYSTEM_BIT | CODE_BIT)) === 0) return { k, h };
    const { system, code } = names(k, h);
    return {
      k,
      h,
      ...((flags & SYSTEM_BIT) === 0 ? {} : { system: system ?? '' }),
      ...((flags & CODE_BIT) === 0 ? {} : { code: code ?? '' }),
    };
  });
  const texts: { k: number; text: string }[] = [];
  eachText(sections, (k, from, to) => {
    if (k >= PRESENT_BIT) present.add(k & KEY_MASK);
    texts.push({ k: k & KEY_MASK, text: decode(packed, from, to) });
  });
  const dates = Array.from({ length: sections.dates }, (_, index) => {
    const at = sections.datesAt + index * DATE_BYTES;
    return { k: key(at), lo: view.getFloat64(at + 4, true), hi: view.getFloat64(at + 12, true) };
  });
  const numbers = Array.from({ length: sections.numbers }, (_, index) => {
    const at = sections.numbersAt + index * NUMBER_BYTES;
    const lo = view.getFloat64(at + 11, true);
    return { k: key(at), u: hashAt(view, at + 4), lo, hi: view.getFloat64(at + 19, true) };
  });
  for (let index = 0; index < sections.bare; index++) {
    present.add(view.getUint32(sections.bareAt + index * 4, true));
  }
  return { date, terms, texts, dates, numbers, present: [...present].sort((a, b) => a - b) };
}

/** Where the lists of packed postings begin, and how long they are. */
export interface Sections {
  readonly view: DataView;
  readonly terms: number;
  readonly texts: number;
  readonly dates: number;
  readonly numbers: number;
  readonly bare: number;
  readonly termsAt: number;
  readonly textsAt: number;
  readonly datesAt: number;
  readonly numbersAt: number;
  readonly bareAt: number;
}

export function readSections(packed: Uint8Array): Sections {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const reader = { view, at: 0 };
  const terms = readCount(reader);
  const texts = readCount(reader);
  const dates = readCount(reader);
  const numbers = readCount(reader);
  const bare = readCount(reader);
  const termsAt = reader.at;
  const textsAt = termsAt + terms * TERM_BYTES;
  reader.at = textsAt;
  for (let index = 0; index < texts; index++) {
    reader.at += 4;
    const length = readCount(reader);
    reader.at += length;
  }
  const datesAt = reader.at;
  const numbersAt = datesAt + dates * DATE_BYTES;
  const bareAt = numbersAt + numbers * NUMBER_BYTES;
  return { view, terms, texts, dates, numbers, bare, termsAt, textsAt, datesAt, numbersAt, bareAt };
}

/** Calls with the raw key and the byte range of each text. */
export function eachText(sections: Sections, visit: (k: number, from: number, to: number) => void): void {
  const reader = { view: sections.view, at: sections.textsAt };
  for (let index = 0; index < sections.texts; index++) {
    const k = reader.view.getUint32(reader.at, true);
    reader.at += 4;
    const length = readCount(reader);
    visit(k, reader.at, reader.at + length);
    reader.at += length;
  }
}

/** A 52-bit hash, flags left out. */
export function hashAt(view: DataView, at: number): number {
  const high = view.getUint16(at + 4, true) | (view.getUint8(at + 6) << 16);
  return (high & HASH_HIGH_MASK) * TWO_32 + view.getUint32(at, true);
}

/** The text between two offsets. */
export function decode(packed: Uint8Array, from: number, to: number): string {
  return Buffer.from(packed.buffer, packed.byteOffset + from, to - from).toString('utf8');
}

interface Writer {
  readonly bytes: Buffer;
  readonly view: DataView;
  at: number;
  readonly isPresent: (k: number) => boolean;
  /** The key that was written last, and as what: those of a parameter mostly follow each other. */
  lastKey: number;
  lastWord: number;
}

/** Most resources fit; packing is done before anybody else packs. */
const shared = Buffer.alloc(16 * 1024);
const sharedView = viewOf(shared);

function takeWriter(size: number, isPresent: (k: number) => boolean): Writer {
  const start = { at: 0, isPresent, lastKey: -1, lastWord: 0 };
  if (size <= shared.length) return { bytes: shared, view: sharedView, ...start };
  const bytes = Buffer.allocUnsafe(size);
  return { bytes, view: viewOf(bytes), ...start };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeKey(writer: Writer, k: number): void {
  if (k !== writer.lastKey) {
    writer.lastKey = k;
    writer.lastWord = writer.isPresent(k) ? k + PRESENT_BIT : k;
  }
  writeWord(writer, writer.lastWord);
}

function writeWord(writer: Writer, word: number): void {
  writer.view.setUint32(writer.at, word, true);
  writer.at += 4;
}

function writeDouble(writer: Writer, value: number): void {
  writer.view.setFloat64(writer.at, value, true);
  writer.at += 8;
}

function writeHash(writer: Writer, h: number, flags: number): void {
  const { view, at } = writer;
  const upper = Math.floor(h / TWO_32);
  const high = upper | flags;
  // what is left, exactly: a remainder of doubles is a call into the C library
  view.setUint32(at, h - upper * TWO_32, true);
  view.setUint16(at + 4, high & 0xffff, true);
  view.setUint8(at + 6, high >>> 16);
  writer.at = at + 7;
}

function writeText(writer: Writer, text: string): void {
  writeCount(writer, Buffer.byteLength(text));
  writer.at += writer.bytes.write(text, writer.at, 'utf8');
}

function writeCount(writer: Writer, count: number): void {
  let rest = count;
  while (rest >= 0x80) {
    writer.bytes[writer.at++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  writer.bytes[writer.at++] = rest;
}

function readCount(reader: { readonly view: DataView; at: number }): number {
  let count = 0;
  let scale = 1;
  for (;;) {
    const byte = reader.view.getUint8(reader.at++);
    count += (byte & 0x7f) * scale;
    if (byte < 0x80) return count;
    scale *= 0x80;
  }
}
