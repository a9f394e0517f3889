/**
 * Resource text as it is kept in a row: without its start, which the other columns tell, and with a code of two
 * characters for each phrase that stands in resources again and again. Codes begin with a control character, which
 * JSON text never holds in the clear. Text that cannot be shortened is kept whole and begins with a brace.
 */
import { toInstant } from '../../fhir/resource-text.ts';
import { PHRASES_1 } from './phrases.ts';

/** The first character of text in the phrases of version 1. */
export const MARK_1 = '\u0001';
export const LEAD_MIN = 2;
export const CONTROL_MAX = 0x1f;
export const TRAIL_MIN = 0x20;
/** Second characters up to 0x7f: what takes one byte. */
export const TRAILS = 96;
const QUOTE = 0x22;

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
  const encoded = text.startsWith(start) ? encode(text, start.length) : undefined;
  return encoded === undefined ? text : MARK_1 + encoded;
}

/**
 * Phrases are ASCII: what is kept may be as fhir/wire-text.ts has it, and so is the text then, if `start` is.
 * @throws Error when the text is damaged
 */
export function wholeText(kept: string, facts: TextFacts, start = startOf(facts)): string {
  return kept.startsWith(MARK_1) ? start + decode(kept) : kept;
}

/**
 * The first character behind the start of a text, and the last of all, without the text; undefined when it is kept whole.
 * @throws Error when the text is damaged
 */
export function endsOfShort(kept: string): { readonly first: string; readonly last: string } | undefined {
  if (!kept.startsWith(MARK_1)) return undefined;
  const at = kept.length - 2;
  const isPhrase = at >= MARK_1.length && kept.charCodeAt(at) <= CONTROL_MAX;
  // no phrase begins with what may come first
  return {
    first: kept.charAt(MARK_1.length),
    last: isPhrase ? phraseAt(kept, at).slice(-1) : kept.slice(-1),
  };
}

/** The start of a text, as `composeText` and the commit write it. */
export function startOf({ type, id, versionId, lastUpdated }: TextFacts): string {
  const instant = toInstant(lastUpdated);
  return `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${versionId}","lastUpdated":"${instant}"`;
}

/** Undefined for text that holds control characters. */
function encode(text: string, start: number): string | undefined {
  let out = '';
  let from = start;
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char > QUOTE) continue;
    if (char <= CONTROL_MAX) return undefined;
    if (char < QUOTE) continue;
    const found = longestAt(text, at);
    if (found < 0) continue;
    out += text.slice(from, at) + codeOf(found);
    from = at + (PHRASES_1[found] as string).length;
    at = from - 1;
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
    out += kept.slice(from, at) + phraseAt(kept, at);
    at++;
    from = at + 1;
  }
  return out + kept.slice(from);
}

function phraseAt(kept: string, at: number): string {
  const lead = kept.charCodeAt(at);
  const phrase = PHRASES_1[(lead - LEAD_MIN) * TRAILS + kept.charCodeAt(at + 1) - TRAIL_MIN];
  if (phrase === undefined) throw new Error(`a stored text is damaged at character ${at}`);
  return phrase;
}

/** Phrases by their characters; `edge` leads here from the node above. Few nodes have more than three below them. */
interface TrieNode {
  edge: string;
  phrase: number;
  /** First characters of the edges below, and the nodes that they lead to. */
  firsts: number[];
  nodes: TrieNode[];
}

/** By the character after the quote that every phrase begins with, all of them ASCII. */
let starts: readonly (TrieNode | undefined)[] | undefined;

/** Number of the longest phrase that stands at a quote, or -1. */
function longestAt(text: string, quote: number): number {
  starts ??= buildTries();
  let longest = -1;
  let at = quote + 1;
  let node = starts[text.charCodeAt(at)];
  while (node !== undefined && hasAt(text, node.edge, at)) {
    at += node.edge.length;
    if (node.phrase >= 0) longest = node.phrase;
    node = nodeBelow(node, text.charCodeAt(at));
  }
  return longest;
}

/** As `startsWith`, which costs more than the few characters that are mostly looked at. */
function hasAt(text: string, edge: string, at: number): boolean {
  for (let index = 0; index < edge.length; index++) {
    if (edge.charCodeAt(index) !== text.charCodeAt(at + index)) return false;
  }
  return true;
}

function nodeBelow({ firsts, nodes }: TrieNode, first: number): TrieNode | undefined {
  for (let at = 0; at < firsts.length; at++) if (firsts[at] === first) return nodes[at];
  return undefined;
}

function buildTries(): readonly (TrieNode | undefined)[] {
  const top: TrieNode = { edge: '', phrase: -1, firsts: [], nodes: [] };
  for (const [number, phrase] of PHRASES_1.entries()) {
    if (!phrase.startsWith('"')) throw new Error(`a phrase does not begin with a quote: ${phrase}`);
    insert(top, phrase.slice(1), number);
  }
  return Array.from({ length: ASCII_MAX + 1 }, (_, char) => nodeBelow(top, char));
}

const ASCII_MAX = 0x7f;

function insert(top: TrieNode, phrase: string, number: number): void {
  let node = top;
  let rest = phrase;
  while (rest !== '') {
    const child = nodeBelow(node, rest.charCodeAt(0));
    if (child === undefined) {
      node.firsts.push(rest.charCodeAt(0));
      node.nodes.push({ edge: rest, phrase: number, firsts: [], nodes: [] });
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
  const { edge, phrase, firsts, nodes } = node;
  const lower: TrieNode = { edge: edge.slice(at), phrase, firsts, nodes };
  node.edge = edge.slice(0, at);
  node.phrase = -1;
  node.firsts = [lower.edge.charCodeAt(0)];
  node.nodes = [lower];
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
