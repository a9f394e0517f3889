/**
 * The XHTML of a narrative against R4's whitelist, in one pass without building a tree: well-formed, one
 * <div> in the XHTML namespace, allowed elements and attributes only, nothing that could run.
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
const NESTING_MAX = 256;

export interface NarrativeProblem {
  /** The invariant of R4 that is violated. */
  readonly constraint: 'txt-1' | 'txt-2';
  readonly text: string;
}

/** Names with a perfect-enough hash: looked up in place, compared in place, never sliced out of the text. */
class NameTable {
  readonly names: string[] = [''];
  readonly slots = new Uint16Array(4096);

  constructor(names: Iterable<string>) {
    for (const name of names) {
      let hash = 0;
      for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) | 0;
      let at = hash & 4095;
      while (this.slots[at] !== 0) at = (at + 1) & 4095;
      this.slots[at] = this.names.push(name) - 1;
    }
  }

  /** Number of the name that is `text[from, to)`, 0 for none. */
  find(text: string, from: number, to: number, hash: number): number {
    for (let at = hash & 4095; ; at = (at + 1) & 4095) {
      const id = this.slots[at] as number;
      if (id === 0) return 0;
      const name = this.names[id] as string;
      if (name.length === to - from && text.startsWith(name, from)) return id;
    }
  }
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
const LINKS = new Set(
  ['href', 'src', 'cite', 'longdesc', 'usemap'].map((name) => attributes.names.indexOf(name)),
);
const UNSAFE_SCHEME =
  /^[\0-\x20]*(?:j[\s]*a[\s]*v[\s]*a[\s]*s[\s]*c[\s]*r[\s]*i[\s]*p[\s]*t|vbscript|data:(?!\s*image\/))[^/]*:?/i;

/** State of one scan; a single object is reused, for scans never interleave. */
const scan = { at: 0, hasContent: false, problem: '', stack: new Uint8Array(NESTING_MAX + 1), depth: 0 };

/** The first thing that is wrong with the text of `Narrative.div`. */
export function findNarrativeProblem(text: string): NarrativeProblem | undefined {
  scan.at = skipSpace(text, 0);
  scan.hasContent = false;
  scan.problem = '';
  scan.depth = 0;
  if (!text.startsWith('<div', scan.at)) return { constraint: 'txt-1', text: 'must begin with <div>' };
  do {
    if (!readMarkup(text)) return { constraint: 'txt-1', text: scan.problem };
    if (scan.depth > 0 && !readText(text)) return { constraint: 'txt-1', text: scan.problem };
  } while (scan.depth > 0);
  if (skipSpace(text, scan.at) !== text.length)
    return { constraint: 'txt-1', text: 'has something after </div>' };
  return scan.hasContent ? undefined : { constraint: 'txt-2', text: 'has no text and no image' };
}

/** Up to the next `<`. */
function readText(text: string): boolean {
  const from = scan.at;
  const end = text.indexOf('<', from);
  if (end < 0) return fault('ends before </div>');
  scan.at = end;
  let i = from;
  if (!scan.hasContent) {
    i = skipSpace(text, from);
    if (i < end) scan.hasContent = true;
  }
  for (; i < end; i++) {
    const ch = text.charCodeAt(i);
    if (ch === 38 /* & */) {
      const after = readEntity(text, i);
      if (after === 0) return false;
      i = after - 1;
    } else if (ch < 32 && ch !== 9 && ch !== 10 && ch !== 13) return fault('has a control character');
  }
  return true;
}

function readMarkup(text: string): boolean {
  const next = text.charCodeAt(scan.at + 1);
  if (next === 47 /* / */) return readEndTag(text);
  if (next === 33 /* ! */) return readComment(text);
  if (next === 63 /* ? */) return fault('has a processing instruction');
  return readStartTag(text);
}

function readComment(text: string): boolean {
  if (text.startsWith('<!--', scan.at)) {
    const end = text.indexOf('--', scan.at + 4);
    if (end < 0 || text.charCodeAt(end + 2) !== 62) return fault('has a comment that does not end with -->');
    scan.at = end + 3;
    return true;
  }
  if (text.startsWith('<!DOCTYPE', scan.at)) return fault('has a document type declaration');
  return fault('has markup that is neither element nor comment');
}

function readEndTag(text: string): boolean {
  const from = scan.at + 2;
  let at = from;
  let hash = 0;
  for (let ch = text.charCodeAt(at); isNameChar(ch); ch = text.charCodeAt(++at)) hash = (hash * 31 + ch) | 0;
  const id = elements.find(text, from, at, hash);
  const open = scan.stack[scan.depth] as number;
  if (id !== open) {
    return fault(
      `has </${text.slice(from, Math.min(at, from + 20))}> where </${elements.names[open]}> is expected`,
    );
  }
  at = skipSpace(text, at);
  if (text.charCodeAt(at) !== 62) return fault('has an end tag without >');
  scan.at = at + 1;
  scan.depth--;
  return true;
}

function readStartTag(text: string): boolean {
  const from = scan.at + 1;
  let at = from;
  let hash = 0;
  for (let ch = text.charCodeAt(at); isNameChar(ch); ch = text.charCodeAt(++at)) hash = (hash * 31 + ch) | 0;
  const id = elements.find(text, from, at, hash);
  if (id === 0) {
    const name = text.slice(from, Math.min(at, from + 20));
    return fault(
      name === '' ? 'has a < that begins no tag (write &lt;)' : `has <${name}>, which narratives may not`,
    );
  }
  scan.at = at;
  if (!readAttributes(text, id)) return false;
  if (id === IMG) scan.hasContent = true;
  at = scan.at;
  if (text.charCodeAt(at) === 47) {
    if (text.charCodeAt(at + 1) !== 62) return fault('has / inside a tag');
    scan.at = at + 2;
    return true;
  }
  scan.at = at + 1;
  if (scan.depth === NESTING_MAX) return fault(`is nested deeper than ${NESTING_MAX} elements`);
  scan.stack[++scan.depth] = id;
  return (
    !isVoid[id] || text.startsWith('</', scan.at) || fault(`has <${elements.names[id]}> that is not closed`)
  );
}

/** Leaves `scan.at` at `/` or `>`. */
function readAttributes(text: string, element: number): boolean {
  let hasNamespace = false;
  let low = 0;
  let high = 0;
  for (;;) {
    const from = skipSpace(text, scan.at);
    const first = text.charCodeAt(from);
    if (first === 62 || first === 47) {
      scan.at = from;
      break;
    }
    if (from === scan.at) return fault('has attributes without space between them');
    let at = from;
    let hash = 0;
    for (let ch = text.charCodeAt(at); isNameChar(ch); ch = text.charCodeAt(++at))
      hash = (hash * 31 + ch) | 0;
    const id = attributes.find(text, from, at, hash);
    if (id === 0 || allowed[element]?.[id] !== true) return wrongAttribute(text, from, at, element);
    const bit = 1 << (id & 31);
    if (((id < 32 ? low : high) & bit) !== 0) return fault(`has the attribute ${attributes.names[id]} twice`);
    if (id < 32) low |= bit;
    else high |= bit;
    if (!readValue(text, skipSpace(text, at), id)) return false;
    if (id === XMLNS) hasNamespace = true;
  }
  if (scan.depth === 0 && !hasNamespace) return fault(`needs xmlns="${NAMESPACE}" on its <div>`);
  return true;
}

function wrongAttribute(text: string, from: number, to: number, element: number): boolean {
  const name = text.slice(from, Math.min(to, from + 30));
  if (name === '') return fault('is not well-formed XML inside a tag');
  return fault(`has the attribute ${name} on <${elements.names[element]}>, which narratives may not`);
}

/** `="..."` at `at`. */
function readValue(text: string, at: number, attribute: number): boolean {
  if (text.charCodeAt(at) !== 61)
    return fault(`has the attribute ${attributes.names[attribute]} without a value`);
  const open = skipSpace(text, at + 1);
  const mark = text.charCodeAt(open);
  if (mark !== 34 && mark !== 39)
    return fault(`has the attribute ${attributes.names[attribute]} without quotes`);
  let i = open + 1;
  for (;;) {
    const ch = text.charCodeAt(i);
    if (ch === mark) break;
    if (Number.isNaN(ch)) return fault('ends inside an attribute');
    if (ch === 60) return fault('has < inside an attribute');
    if (ch === 38) {
      i = readEntity(text, i);
      if (i === 0) return false;
    } else i++;
  }
  scan.at = i + 1;
  if (attribute === XMLNS && text.slice(open + 1, i) !== NAMESPACE)
    return fault(`needs xmlns="${NAMESPACE}"`);
  if (
    LINKS.has(attribute) &&
    UNSAFE_SCHEME.test(decodeNumeric(text.slice(open + 1, Math.min(i, open + 100))))
  ) {
    return fault('has a link that could run a script');
  }
  return true;
}

function decodeNumeric(link: string): string {
  return link
    .replace(/&#(x[0-9a-fA-F]{1,6}|[0-9]{1,7});/g, (_, digits: string) => {
      const code = digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number(digits);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    })
    .replace(/&(?:colon|Tab|NewLine);/g, ':');
}

/** The index after the entity that begins at `at`, or 0. */
function readEntity(text: string, at: number): number {
  let i = at + 1;
  if (text.charCodeAt(i) === 35 /* # */) {
    const end = text.indexOf(';', i);
    if (end > 0 && end - i < 10 && /^#(?:[0-9]+|x[0-9a-fA-F]+)$/.test(text.slice(i, end))) return end + 1;
    fault('has a character reference that is not well-formed');
    return 0;
  }
  const from = i;
  let hash = 0;
  for (let ch = text.charCodeAt(i); isNameChar(ch); ch = text.charCodeAt(++i)) hash = (hash * 31 + ch) | 0;
  if (text.charCodeAt(i) === 59 && entities.find(text, from, i, hash) !== 0) return i + 1;
  fault(
    i === from
      ? 'has a bare & (write &amp;)'
      : `has the entity &${text.slice(from, Math.min(i, from + 20))}, which XHTML does not know`,
  );
  return 0;
}

function fault(text: string): false {
  scan.problem = text;
  return false;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let ch = text.charCodeAt(at); ch === 32 || ch === 10 || ch === 13 || ch === 9; )
    ch = text.charCodeAt(++at);
  return at;
}

function isNameChar(ch: number): boolean {
  return (
    (ch >= 97 && ch <= 122) || (ch >= 65 && ch <= 90) || (ch >= 48 && ch <= 58) || ch === 45 || ch === 95
  );
}
