/**
 * Resource text as it is kept in a row: without its start, which the other columns tell, and with a code of two
 * characters for each phrase that stands in resources again and again. Codes begin with a control character, which
 * JSON text never holds in the clear. Text that cannot be shortened is kept whole and begins with a brace.
 */
import { toInstant } from '../../fhir/resource-text.ts';
import { PHRASES_1 } from './phrases.ts';

/** The first character of text in the phrases of version 1. */
const MARK_1 = '\u0001';
const LEAD_MIN = 2;
const CONTROL_MAX = 0x1f;
const TRAIL_MIN = 0x20;
/** Second characters up to 0x7f: what takes one byte. */
const TRAILS = 96;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f]/;

/** What the columns of the row tell of its text. */
export interface TextFacts {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  /** ms since the epoch. */
  readonly lastUpdated: number;
}

/** What to keep of the text of a resource. */
export function shortText(text: string, facts: TextFacts): string {
  const start = startOf(facts);
  return text.startsWith(start) && !CONTROL.test(text) ? MARK_1 + encode(text, start.length) : text;
}

/** @throws Error when the text is damaged */
export function wholeText(kept: string, facts: TextFacts): string {
  return kept.startsWith(MARK_1) ? startOf(facts) + decode(kept) : kept;
}

/** As `composeText` and the commit write it. */
function startOf({ type, id, versionId, lastUpdated }: TextFacts): string {
  const instant = toInstant(lastUpdated);
  return `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${versionId}","lastUpdated":"${instant}"`;
}

function encode(text: string, start: number): string {
  let out = '';
  let from = start;
  let at = text.indexOf('"', from);
  while (at >= 0) {
    const found = longestAt(text, at);
    if (found < 0) {
      at = text.indexOf('"', at + 1);
      continue;
    }
    out += text.slice(from, at) + codeOf(found);
    from = at + (PHRASES_1[found] as string).length;
    at = text.indexOf('"', from);
  }
  return out + text.slice(from);
}

function codeOf(phrase: number): string {
  return String.fromCharCode(LEAD_MIN + Math.floor(phrase / TRAILS), TRAIL_MIN + (phrase % TRAILS));
}

function decode(kept: string): string {
  let out = '';
  let from = MARK_1.length;
  for (let at = from; at < kept.length; at++) {
    const lead = kept.charCodeAt(at);
    if (lead > CONTROL_MAX) continue;
    const phrase = PHRASES_1[(lead - LEAD_MIN) * TRAILS + kept.charCodeAt(at + 1) - TRAIL_MIN];
    if (phrase === undefined) throw new Error(`a stored text is damaged at character ${at}`);
    out += kept.slice(from, at) + phrase;
    at++;
    from = at + 1;
  }
  return out + kept.slice(from);
}

/** Phrases by their characters; `edge` leads here from the node above. */
interface TrieNode {
  edge: string;
  phrase: number;
  next: Map<number, TrieNode>;
}

let root: TrieNode | undefined;

/** Number of the longest phrase that stands at a position, or -1. */
function longestAt(text: string, start: number): number {
  root ??= buildTrie();
  let node = root;
  let at = start;
  let longest = -1;
  for (;;) {
    const child = node.next.get(text.charCodeAt(at));
    if (child === undefined || !text.startsWith(child.edge, at)) return longest;
    at += child.edge.length;
    if (child.phrase >= 0) longest = child.phrase;
    node = child;
  }
}

function buildTrie(): TrieNode {
  const top: TrieNode = { edge: '', phrase: -1, next: new Map() };
  for (const [number, phrase] of PHRASES_1.entries()) insert(top, phrase, number);
  return top;
}

function insert(top: TrieNode, phrase: string, number: number): void {
  let node = top;
  let rest = phrase;
  while (rest !== '') {
    const child = node.next.get(rest.charCodeAt(0));
    if (child === undefined) {
      node.next.set(rest.charCodeAt(0), { edge: rest, phrase: number, next: new Map() });
      return;
    }
    const shared = sharedLength(child.edge, rest);
    if (shared < child.edge.length) split(child, shared);
    node = child;
    rest = rest.slice(shared);
  }
  node.phrase = number;
}

function split(node: TrieNode, at: number): void {
  const lower: TrieNode = { edge: node.edge.slice(at), phrase: node.phrase, next: node.next };
  node.edge = node.edge.slice(0, at);
  node.phrase = -1;
  node.next = new Map([[lower.edge.charCodeAt(0), lower]]);
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
