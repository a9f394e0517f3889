/**
 * The XHTML of a narrative against R4's whitelist, in one pass without building a tree: well-formed, one
 * <div> in the XHTML namespace, allowed elements and attributes only, nothing that could run. It reads UTF-8
 * bytes, for indexing bytes is several times faster in JavaScript than indexing a string.
 * https://hl7.org/fhir/R4/narrative.html#xhtml
 */
import { ELEMENTS_MAX, MEMORY, NESTING_MAX } from './narrative-code.ts';
import {
  createCodeMemory,
  createPlainMemory,
  memoryBytes,
  type NarrativeMemory,
  type PlainTags,
} from './narrative-memory.ts';

const ELEMENTS =
  'div p br h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address bdo kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td code samp img map area';
const VOID = new Set(['br', 'hr', 'img', 'col', 'area']);
const ATTRIBUTES =
  'title style class id lang xml:lang xml:space dir accesskey tabindex span width align valign char charoff abbr axis headers scope rowspan colspan';
const ATTRIBUTES_OF: Readonly<Record<string, string>> = {
  div: 'xmlns',
  a: 'charset type name href hreflang rel rev shape coords',
  blockquote: 'cite',
  q: 'cite',
  img: 'src border alt longdesc height usemap ismap hspace vspace',
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
/** Those of XML; what HTML calls &nbsp; is written as the character itself. */
const entities = new NameTable(['amp', 'lt', 'gt', 'quot', 'apos']);
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
const SPACE = 1;
const MARKUP = 2;
const AMP = 3;
const CONTROL = 4;
const KIND = new Uint8Array(256);
KIND.fill(CONTROL, 0, 32);
for (const space of [9, 10, 13, 32]) KIND[space] = SPACE;
KIND[60 /* < */] = MARKUP;
KIND[38 /* & */] = AMP;
const NAME_BYTES = new Uint8Array(256);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_') {
  NAME_BYTES[char.charCodeAt(0)] = 1;
}

/** Tags without attributes. Those of `area` and `img` are not among them: they have no meaning so. */
const plainTags: PlainTags = new Map(
  elements.names.flatMap((name, id): [string, { kind: 'start' | 'end' | 'empty'; id: number }][] => {
    if (name === '' || id === IMG) return [];
    if (isVoid[id] === true) return [[`${name}/`, { kind: 'empty', id }]];
    return [
      [name, { kind: 'start', id }],
      [`/${name}`, { kind: 'end', id }],
    ];
  }),
);
if (elements.names.length > ELEMENTS_MAX) throw new Error('more elements than numbers for them');

const codeMemory = createCodeMemory(plainTags);
/** The memory of the scan: one at a time, for scans never interleave. The byte after the text is 0. */
let memory: NarrativeMemory = codeMemory ?? createPlainMemory(plainTags, memoryBytes(0));
const scan = { end: 0, at: 0, problem: '' };

/** The first thing that is wrong with the text of `Narrative.div`. */
export function findNarrativeProblem(text: string): NarrativeProblem | undefined {
  load(text);
  const { bytes, state } = memory;
  if (!(text.startsWith(USUAL_TAG) ? openUsual() : readFirstTag(bytes))) {
    return { constraint: 'txt-1', text: scan.problem };
  }
  if (state[0] !== 0 && !readInside(bytes)) return { constraint: 'txt-1', text: scan.problem };
  if (skipSpace(bytes, scan.at) !== scan.end)
    return { constraint: 'txt-1', text: 'has something after </div>' };
  return state[1] !== 0 ? undefined : { constraint: 'txt-2', text: 'has no text and no image' };
}

const USUAL_TAG = `<div xmlns="${NAMESPACE}">`;
const DIV = elements.names.indexOf('div');

/** Nearly all begin alike. */
function openUsual(): true {
  scan.at = MEMORY.text + USUAL_TAG.length;
  memory.stack[1] = DIV;
  memory.state[0] = 1;
  return true;
}

function readFirstTag(bytes: Uint8Array): boolean {
  scan.at = skipSpace(bytes, MEMORY.text);
  if (!isSame(DIV_TAG, bytes, scan.at, scan.at + 4)) return fault('must begin with <div>');
  return readStartTag(bytes);
}

/** Text and markup up to the end tag of the <div>. */
function readInside(bytes: Uint8Array): boolean {
  const { state } = memory;
  for (;;) {
    const at = memory.scan(scan.at);
    scan.at = at;
    if (state[0] === 0) return true;
    const byte = bytes[at] as number;
    const kind = KIND[byte] as number;
    if (kind === MARKUP) {
      if (!readMarkup(bytes)) return false;
      if (state[0] === 0) return true;
    } else if (kind === AMP) {
      state[1] = 1;
      scan.at = readEntity(bytes, at);
      if (scan.at === 0) return false;
    } else if (kind === SPACE) scan.at = at + 1;
    else return fault(at === scan.end ? 'ends before </div>' : 'has a control character');
  }
}

function load(text: string): void {
  const needed = memoryBytes(text.length * 3);
  if (codeMemory !== undefined && needed <= codeMemory.bytes.length) memory = codeMemory;
  else if (memory === codeMemory || memory.bytes.length < needed || memory.bytes.length > SCRATCH_KEPT_MAX)
    memory = createPlainMemory(plainTags, needed);
  const { bytes, state } = memory;
  scan.end = MEMORY.text + ENCODER.encodeInto(text, memory.text).written;
  bytes[scan.end] = 0;
  scan.at = MEMORY.text;
  scan.problem = '';
  state[0] = 0;
  state[1] = 0;
}

/** Half as long for a page of text as to write it into a Buffer. */
const ENCODER = new TextEncoder();
const SCRATCH_KEPT_MAX = 4 * 1024 * 1024;

function readMarkup(bytes: Uint8Array): boolean {
  const next = bytes[scan.at + 1];
  if (next === 47 /* / */) return readEndTag(bytes);
  if (next === 33 /* ! */) return readComment(bytes);
  if (next === 63 /* ? */) return fault('has a processing instruction');
  return readStartTag(bytes);
}

function readComment(bytes: Uint8Array): boolean {
  const from = scan.at;
  if (bytes[from + 2] === 45 && bytes[from + 3] === 45) {
    const end = memory.bytes.indexOf('--', from + 4);
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
  const { stack, state } = memory;
  const open = stack[state[0] as number] as number;
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
  state[0] = (state[0] as number) - 1;
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
  const { stack, state } = memory;
  const depth = state[0] as number;
  if ((bytes[at] !== 62 || depth === 0) && !readAttributes(bytes, id)) return false;
  if (id === IMG) state[1] = 1;
  at = scan.at;
  if (bytes[at] === 47 /* / */) {
    if (bytes[at + 1] !== 62) return fault('has / inside a tag');
    scan.at = at + 2;
    return true;
  }
  scan.at = at + 1;
  if (depth === NESTING_MAX) return fault(`is nested deeper than ${NESTING_MAX} elements`);
  stack[depth + 1] = id;
  state[0] = depth + 1;
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
  if (memory.state[0] === 0 && !hasNamespace) return fault(`needs xmlns="${NAMESPACE}" on its <div>`);
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
  fault(
    i === from
      ? 'has a bare & (write &amp;)'
      : `has the entity &${name}, which is not one of XML: write the character itself`,
  );
  return 0;
}

function textBetween(from: number, to: number): string {
  return memory.bytes.toString('utf8', from, Math.min(to, scan.end));
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
