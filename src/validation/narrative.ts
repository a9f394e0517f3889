/**
 * The XHTML of a narrative against R4's whitelist, in one pass without building a tree: well-formed, one
 * <div> in the XHTML namespace, allowed elements and attributes only, nothing that could run. It reads UTF-8
 * bytes, for indexing bytes is several times faster in JavaScript than indexing a string.
 * https://hl7.org/fhir/R4/narrative.html#xhtml
 */
import { ENTITY_NAMES } from './xhtml-entities.ts';

const ELEMENTS =
  'div p br h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address bdo kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td code samp img map area';
const VOID = new Set(['br', 'hr', 'img', 'col', 'area']);
const ATTRIBUTES =
  'title style class id idref lang xml:lang xml:space dir accesskey tabindex span width align valign char charoff abbr axis headers scope rowspan colspan';
const ATTRIBUTES_OF: Readonly<Record<string, string>> = {
  div: 'xmlns',
  a: 'charset type name href hreflang rel rev shape coords target',
  blockquote: 'cite',
  q: 'cite',
  img: 'src border alt longdesc height usemap ismap',
  map: 'name',
  area: 'shape coords href nohref alt',
  table: 'summary border frame rules cellspacing cellpadding bgcolor',
  td: 'nowrap bgcolor height',
  th: 'nowrap bgcolor height',
  tr: 'bgcolor',
  hr: 'size noshade',
  ol: 'type start compact',
  ul: 'type compact',
  li: 'type value',
  pre: 'space',
  col: 'height',
};
const NAMESPACE = 'http://www.w3.org/1999/xhtml';
const NAMESPACE_BYTES = Buffer.from(NAMESPACE, 'latin1');
const DIV_TAG = Buffer.from('<div', 'latin1');
const NESTING_MAX = 256;

export interface NarrativeProblem {
  /** The invariant of R4 that is violated. */
  readonly constraint: 'txt-1' | 'txt-2';
  readonly text: string;
}

/** Numbers names, to be found by their bytes in place. */
class NameTable {
  readonly names: string[] = [''];
  readonly bytes: Uint8Array[] = [new Uint8Array(0)];
  readonly slots = new Uint16Array(4096);

  constructor(names: Iterable<string>) {
    for (const name of names) {
      const bytes = Buffer.from(name, 'latin1');
      let hash = 0;
      for (const byte of bytes) hash = (hash * 31 + byte) | 0;
      let at = hash & 4095;
      while (this.slots[at] !== 0) at = (at + 1) & 4095;
      this.slots[at] = this.names.push(name) - 1;
      this.bytes.push(bytes);
    }
  }

  /** Number of the name that is `text[from, to)`, 0 for none. */
  find(text: Uint8Array, from: number, to: number, hash: number): number {
    for (let at = hash & 4095; ; at = (at + 1) & 4095) {
      const id = this.slots[at] as number;
      if (id === 0 || isSame(this.bytes[id] as Uint8Array, text, from, to)) return id;
    }
  }
}

function isSame(name: Uint8Array, text: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== text[from + i]) return false;
  return true;
}

const elements = new NameTable(ELEMENTS.split(' '));
const attributes = new NameTable(
  new Set([...ATTRIBUTES.split(' '), ...Object.values(ATTRIBUTES_OF).flatMap((list) => list.split(' '))]),
);
const entities = new NameTable(ENTITY_NAMES.split(' '));
const isVoid = elements.names.map((name) => VOID.has(name));
/** allowed[element][attribute] */
const allowed = elements.names.map((element) => {
  const names = new Set([...ATTRIBUTES.split(' '), ...(ATTRIBUTES_OF[element] ?? '').split(' ')]);
  return attributes.names.map((name) => names.has(name));
});
const IMG = elements.names.indexOf('img');
const XMLNS = attributes.names.indexOf('xmlns');
const LINKS = new Set(['href', 'src', 'cite', 'longdesc', 'usemap']);
const isLink = attributes.names.map((name) => LINKS.has(name));
const UNSAFE_SCHEME =
  /^[\s]*(?:j[\s]*a[\s]*v[\s]*a[\s]*s[\s]*c[\s]*r[\s]*i[\s]*p[\s]*t|vbscript|data:(?!\s*image\/))[^/]*:?/i;

/** What a byte is to the scanner. */
const PLAIN = 0;
const SPACE = 1;
const MARKUP = 2;
const AMP = 3;
const CONTROL = 4;
const AMPERSAND = 38;
const SLASH = 47;
const LESS_THAN = 60;
const GREATER_THAN = 62;
const KIND = new Uint8Array(256);
KIND.fill(CONTROL, 0, 32);
for (const space of [9, 10, 13, 32]) KIND[space] = SPACE;
KIND[LESS_THAN] = MARKUP;
KIND[AMPERSAND] = AMP;
const ENDS_TEXT = KIND.map((kind) => (kind <= SPACE ? 0 : 1));
const NAME_BYTES = new Uint8Array(256);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_') {
  NAME_BYTES[char.charCodeAt(0)] = 1;
}

/** Elements with a name of up to four letters that have an end tag, by these letters in one number. */
const SHORT_CHARS_MAX = 4;
const shortNames = new Int32Array(256);
const shortIds = new Uint8Array(256);
elements.names.forEach((name, id) => {
  if (name === '' || name.length > SHORT_CHARS_MAX || isVoid[id] === true) return;
  const packed = (elements.bytes[id] as Uint8Array).reduce((sum, byte) => (sum << 8) | byte, 0);
  const slot = shortSlot(packed);
  // of two names in one slot the later takes the longer way
  if (shortNames[slot] !== 0) return;
  shortNames[slot] = packed;
  shortIds[slot] = id;
});

function shortSlot(packed: number): number {
  return Math.imul(packed, 0x9e3779b1) >>> 24;
}

/** One scan; a single object is reused, for scans never interleave. The byte after the text is 0. */
const scan = { bytes: Buffer.alloc(65536), end: 0, at: 0, hasContent: false, problem: '', depth: 0 };
const stack = new Uint8Array(NESTING_MAX + 1);
const SCRATCH_KEPT_MAX = 4 * 1024 * 1024;

/** The first thing that is wrong with the text of `Narrative.div`. */
export function findNarrativeProblem(text: string): NarrativeProblem | undefined {
  load(text);
  const { bytes } = scan;
  scan.at = skipSpace(bytes, 0);
  if (!isSame(DIV_TAG, bytes, scan.at, scan.at + 4))
    return { constraint: 'txt-1', text: 'must begin with <div>' };
  if (!readStartTag(bytes) || (scan.depth > 0 && !readInside(bytes))) {
    return { constraint: 'txt-1', text: scan.problem };
  }
  if (skipSpace(bytes, scan.at) !== scan.end)
    return { constraint: 'txt-1', text: 'has something after </div>' };
  return scan.hasContent ? undefined : { constraint: 'txt-2', text: 'has no text and no image' };
}

/**
 * Text and markup up to the end tag of the <div>. Tags with a short name and no attributes, which are most of
 * them, are read here.
 */
function readInside(bytes: Uint8Array): boolean {
  let at = scan.at;
  for (;;) {
    let byte = bytes[at] as number;
    while (KIND[byte] === SPACE) byte = bytes[++at] as number;
    if (KIND[byte] === PLAIN) {
      scan.hasContent = true;
      // four at a time: runs of text are most of a narrative
      while (
        ((ENDS_TEXT[bytes[at + 1] as number] as number) |
          (ENDS_TEXT[bytes[at + 2] as number] as number) |
          (ENDS_TEXT[bytes[at + 3] as number] as number) |
          (ENDS_TEXT[bytes[at + 4] as number] as number)) ===
        0
      )
        at += 4;
      do byte = bytes[++at] as number;
      while (ENDS_TEXT[byte] === 0);
    }
    if (byte === LESS_THAN) {
      const end = bytes[at + 1] === SLASH ? endOfEndTag(bytes, at) : endOfPlainTag(bytes, at);
      if (end !== 0) at = end;
      else {
        scan.at = at;
        if (!readMarkup(bytes)) return false;
        at = scan.at;
      }
      if (scan.depth === 0) {
        scan.at = at;
        return true;
      }
    } else if (byte === AMPERSAND) {
      scan.hasContent = true;
      at = readEntity(bytes, at);
      if (at === 0) return false;
    } else return fault(at === scan.end ? 'ends before </div>' : 'has a control character');
  }
}

/** Closes the innermost element when its end tag, without spaces, is at `at`; else 0. */
function endOfEndTag(bytes: Uint8Array, at: number): number {
  const name = elements.bytes[stack[scan.depth] as number] as Uint8Array;
  const end = at + 2 + name.length;
  if (bytes[end] !== GREATER_THAN || name[0] !== bytes[at + 2]) return 0;
  if (name.length > 1 && !isSame(name, bytes, at + 2, end)) return 0;
  scan.depth--;
  return end + 1;
}

/** Opens an element when a tag with a short name and nothing else is at `at`; else 0. */
function endOfPlainTag(bytes: Uint8Array, at: number): number {
  let packed = 0;
  let end = at + 1;
  const last = at + SHORT_CHARS_MAX;
  for (let byte = bytes[end] as number; byte !== GREATER_THAN; byte = bytes[++end] as number) {
    if (NAME_BYTES[byte] !== 1 || end > last) return 0;
    packed = (packed << 8) | byte;
  }
  const slot = shortSlot(packed);
  if (shortNames[slot] !== packed || packed === 0 || scan.depth === NESTING_MAX) return 0;
  stack[++scan.depth] = shortIds[slot] as number;
  return end + 1;
}

function load(text: string): void {
  // the scan looks up to four bytes ahead
  const needed = text.length * 3 + 5;
  if (scan.bytes.length < needed) scan.bytes = Buffer.alloc(needed);
  else if (scan.bytes.length > SCRATCH_KEPT_MAX) scan.bytes = Buffer.alloc(Math.max(needed, 65536));
  scan.end = scan.bytes.write(text, 0, 'utf8');
  scan.bytes[scan.end] = 0;
  scan.at = 0;
  scan.hasContent = false;
  scan.problem = '';
  scan.depth = 0;
}

function readMarkup(bytes: Uint8Array): boolean {
  const next = bytes[scan.at + 1];
  if (next === SLASH) return readEndTag(bytes);
  if (next === 33 /* ! */) return readComment(bytes);
  if (next === 63 /* ? */) return fault('has a processing instruction');
  return readStartTag(bytes);
}

function readComment(bytes: Uint8Array): boolean {
  const from = scan.at;
  if (bytes[from + 2] === 45 && bytes[from + 3] === 45) {
    const end = scan.bytes.indexOf('--', from + 4);
    if (end < 0 || end >= scan.end || bytes[end + 2] !== 62)
      return fault('has a comment that does not end with -->');
    scan.at = end + 3;
    return true;
  }
  if (textBetween(from, from + 9) === '<!DOCTYPE') return fault('has a document type declaration');
  return fault('has markup that is neither element nor comment');
}

function readEndTag(bytes: Uint8Array): boolean {
  const from = scan.at + 2;
  const open = stack[scan.depth] as number;
  const name = elements.bytes[open] as Uint8Array;
  let at = from + name.length;
  if (NAME_BYTES[bytes[at] as number] === 1 || !isSame(name, bytes, from, at)) {
    while (NAME_BYTES[bytes[at] as number] === 1) at++;
    return fault(
      `has </${textBetween(from, Math.min(at, from + 20))}> where </${elements.names[open]}> is expected`,
    );
  }
  at = skipSpace(bytes, at);
  if (bytes[at] !== 62) return fault('has an end tag without >');
  scan.at = at + 1;
  scan.depth--;
  return true;
}

function readStartTag(bytes: Uint8Array): boolean {
  const from = scan.at + 1;
  let at = from;
  let hash = 0;
  for (let byte = bytes[at] as number; NAME_BYTES[byte] === 1; byte = bytes[++at] as number)
    hash = (hash * 31 + byte) | 0;
  const id = elements.find(bytes, from, at, hash);
  if (id === 0) return wrongElement(from, at);
  scan.at = at;
  if ((bytes[at] !== 62 || scan.depth === 0) && !readAttributes(bytes, id)) return false;
  if (id === IMG) scan.hasContent = true;
  at = scan.at;
  if (bytes[at] === 47 /* / */) {
    if (bytes[at + 1] !== 62) return fault('has / inside a tag');
    scan.at = at + 2;
    return true;
  }
  scan.at = at + 1;
  if (scan.depth === NESTING_MAX) return fault(`is nested deeper than ${NESTING_MAX} elements`);
  stack[++scan.depth] = id;
  if (isVoid[id] !== true || (bytes[at + 1] === 60 && bytes[at + 2] === 47)) return true;
  return fault(`has <${elements.names[id]}> that is not closed`);
}

function wrongElement(from: number, to: number): boolean {
  const name = textBetween(from, Math.min(to, from + 20));
  return fault(
    name === '' ? 'has a < that begins no tag (write &lt;)' : `has <${name}>, which narratives may not`,
  );
}

/** Leaves `scan.at` at `/` or `>`. */
function readAttributes(bytes: Uint8Array, element: number): boolean {
  let hasNamespace = false;
  let low = 0;
  let high = 0;
  for (;;) {
    const from = skipSpace(bytes, scan.at);
    const first = bytes[from];
    if (first === 62 || first === 47) {
      scan.at = from;
      break;
    }
    if (from === scan.at) return fault('has attributes without space between them');
    let at = from;
    let hash = 0;
    for (let byte = bytes[at] as number; NAME_BYTES[byte] === 1; byte = bytes[++at] as number) {
      hash = (hash * 31 + byte) | 0;
    }
    const id = attributes.find(bytes, from, at, hash);
    if (id === 0 || allowed[element]?.[id] !== true) return wrongAttribute(from, at, element);
    const bit = 1 << (id & 31);
    if (((id < 32 ? low : high) & bit) !== 0) return fault(`has the attribute ${attributes.names[id]} twice`);
    if (id < 32) low |= bit;
    else high |= bit;
    if (!readValue(bytes, skipSpace(bytes, at), id)) return false;
    if (id === XMLNS) hasNamespace = true;
  }
  if (scan.depth === 0 && !hasNamespace) return fault(`needs xmlns="${NAMESPACE}" on its <div>`);
  return true;
}

function wrongAttribute(from: number, to: number, element: number): boolean {
  const name = textBetween(from, Math.min(to, from + 30));
  if (name === '') return fault('is not well-formed XML inside a tag');
  return fault(`has the attribute ${name} on <${elements.names[element]}>, which narratives may not`);
}

/** `="..."` at `at`. */
function readValue(bytes: Uint8Array, at: number, attribute: number): boolean {
  if (bytes[at] !== 61) return fault(`has the attribute ${attributes.names[attribute]} without a value`);
  const open = skipSpace(bytes, at + 1);
  const mark = bytes[open];
  if (mark !== 34 && mark !== 39)
    return fault(`has the attribute ${attributes.names[attribute]} without quotes`);
  let i = open + 1;
  for (let byte = bytes[i] as number; byte !== mark; byte = bytes[i] as number) {
    const kind = KIND[byte] as number;
    if (kind <= SPACE) i++;
    else if (kind === AMP) {
      i = readEntity(bytes, i);
      if (i === 0) return false;
    } else if (kind === MARKUP) return fault('has < inside an attribute');
    else return fault(i === scan.end ? 'ends inside an attribute' : 'has a control character');
  }
  scan.at = i + 1;
  if (attribute === XMLNS && !isSame(NAMESPACE_BYTES, bytes, open + 1, i))
    return fault(`needs xmlns="${NAMESPACE}"`);
  return (
    isLink[attribute] !== true ||
    isSafeLink(bytes, open + 1, i) ||
    fault('has a link that could run a script')
  );
}

/** Nearly every link is plain: a letter that no unsafe scheme has, or a path before any colon or entity. */
function isSafeLink(bytes: Uint8Array, from: number, to: number): boolean {
  const first = (bytes[from] as number) | 32;
  const mayBeUnsafe =
    first === 106 || first === 118 || first === 100 || first <= 34 || first === 38 || first >= 128;
  if (!mayBeUnsafe) return true;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === 58 || byte === 38) break;
    if (byte === 47 || byte === 46 || byte === 35 || at === to - 1) return true;
  }
  return !UNSAFE_SCHEME.test(decodeEntities(textBetween(from, Math.min(to, from + 100))));
}

function decodeEntities(link: string): string {
  return link
    .replace(/&#(x[0-9a-fA-F]{1,6}|[0-9]{1,7});/g, (_, digits: string) => {
      const code = digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number(digits);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    })
    .replace(/&(?:colon|Tab|NewLine);/g, ':');
}

/** The index after the entity that begins at `at`, or 0. */
function readEntity(bytes: Uint8Array, at: number): number {
  let i = at + 1;
  if (bytes[i] === 35 /* # */) {
    let end = i + 1;
    while (NAME_BYTES[bytes[end] as number] === 1 && end - i < 10) end++;
    if (bytes[end] === 59 && /^#(?:[0-9]+|x[0-9a-fA-F]+)$/.test(textBetween(i, end))) return end + 1;
    fault('has a character reference that is not well-formed');
    return 0;
  }
  const from = i;
  let hash = 0;
  for (let byte = bytes[i] as number; NAME_BYTES[byte] === 1; byte = bytes[++i] as number)
    hash = (hash * 31 + byte) | 0;
  if (bytes[i] === 59 && entities.find(bytes, from, i, hash) !== 0) return i + 1;
  const name = textBetween(from, Math.min(i, from + 20));
  fault(i === from ? 'has a bare & (write &amp;)' : `has the entity &${name}, which XHTML does not know`);
  return 0;
}

function textBetween(from: number, to: number): string {
  return scan.bytes.toString('utf8', from, Math.min(to, scan.end));
}

function fault(text: string): false {
  scan.problem = text;
  return false;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (KIND[bytes[at] as number] === SPACE) at++;
  return at;
}
