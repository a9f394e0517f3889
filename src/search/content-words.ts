/**
 * The words of a resource for `_content`, and of its narrative for `_text`. Labels of codes are in the term
 * dictionary already (`:text`) and are not posted a second time; resolving asks both.
 * https://hl7.org/fhir/R4/search.html#content
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Resource } from '../fhir/types.ts';
import { isObject, type Json } from './emit.ts';
import { fold, wordsOf } from './fold.ts';
import { memoize } from './memo.ts';
import type { ParamKey, TermHash } from './postings.ts';
import type { PostingsBuilder } from './postings-builder.ts';
import { labelOf } from './term-forms.ts';
import { hashParam, hashTerm } from './term-hash.ts';

/** Different words of one resource; those after it are not found. */
const WORDS_MAX = 500;
/** UTF-16 units of a narrative, or of one string, that are read. */
const TEXT_MAX = 65_536;

export type ContentWalk = (resource: Resource, builder: PostingsBuilder) => void;

/** The parameters that words are indexed for. */
export const WORD_CODES: ReadonlySet<string> = new Set(['_content', '_text']);

export function contentKey(type: string): ParamKey {
  return hashParam(type, '_content');
}

export function narrativeKey(type: string): ParamKey {
  return hashParam(type, '_text');
}

/** Keys of a type's elements that hold text for people, or lead to it. */
type TextElements = ReadonlyMap<string, 'text' | { readonly type: string }>;

export function createContentWalk(type: string, model: TypeModel): ContentWalk {
  const k = contentKey(type);
  const kText = narrativeKey(type);
  const elements = new Map<string, TextElements>();
  const elementsOf = (name: string): TextElements => {
    let known = elements.get(name);
    if (known === undefined) {
      known = textElements(name, model);
      elements.set(name, known);
    }
    return known;
  };
  return (resource, builder) => {
    const { labels } = builder;
    const words = new Set<TermHash>();
    collect(resource, elementsOf(type), { elementsOf, labels, words });
    for (const word of words) builder.addNewTerm(k, word);
    if (words.size > 0 || labels.length > 0) builder.addPresent(k);
    addNarrative(resource, kText, builder);
  };
}

interface Collection {
  readonly elementsOf: (type: string) => TextElements;
  /** Texts that the dictionary has. */
  readonly labels: readonly string[];
  readonly words: Set<TermHash>;
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['string', 'markdown']);
/** Narrative has its own parameter; contained resources are other resources. */
const LEFT_OUT: ReadonlySet<string> = new Set(['Narrative', 'Meta', 'Resource', 'Attachment', 'Signature']);

function textElements(type: string, model: TypeModel): TextElements {
  const elements = new Map<string, 'text' | { type: string }>();
  for (const [json, property] of model.type(type)?.byProperty ?? []) {
    if (TEXT_TYPES.has(property.type)) {
      if (!isAddress(type, json)) elements.set(json, 'text');
      continue;
    }
    const kind = model.type(property.type)?.kind;
    if (kind === undefined || kind === 'primitive' || LEFT_OUT.has(property.type)) continue;
    elements.set(json, { type: property.type });
  }
  return elements;
}

/** Strings by name that lead to a resource instead of telling people something. */
function isAddress(type: string, json: string): boolean {
  return json === 'id' || json === 'versionId' || (type === 'Reference' && json === 'reference');
}

function collect(node: Json, elements: TextElements, collection: Collection): void {
  for (const json in node) {
    const element = elements.get(json);
    if (element === undefined) continue;
    const value = node[json];
    if (Array.isArray(value)) for (const one of value) collectValue(one, element, collection);
    else collectValue(value, element, collection);
  }
}

function collectValue(
  value: unknown,
  element: 'text' | { readonly type: string },
  collection: Collection,
): void {
  if (element !== 'text') {
    if (isObject(value)) collect(value, collection.elementsOf(element.type), collection);
    return;
  }
  if (typeof value !== 'string' || collection.words.size >= WORDS_MAX) return;
  const { label, words } = readText(value);
  if (!collection.labels.includes(label)) addWords(words, collection.words);
}

/** What is posted of a text: texts repeat from resource to resource. */
const readText = memoize(
  (text) => ({ label: labelOf(text), words: hashWords(fold(text.slice(0, TEXT_MAX))) }),
  10_000,
);

/** Each once, in order; no more than one resource may have. */
function hashWords(folded: string): readonly TermHash[] {
  const words = new Set<string>();
  for (const word of wordsOf(folded)) {
    if (words.size >= WORDS_MAX) break;
    words.add(word);
  }
  return Array.from(words, hashTerm);
}

function addWords(hashes: readonly TermHash[], words: Set<TermHash>): void {
  for (const hash of hashes) {
    if (words.size >= WORDS_MAX) return;
    words.add(hash);
  }
}

function addNarrative(resource: Resource, k: ParamKey, builder: PostingsBuilder): void {
  const { text } = resource;
  if (!isObject(text) || typeof text.div !== 'string') return;
  const words = hashWords(fold(narrativeText(text.div.slice(0, TEXT_MAX))));
  for (const word of words) builder.addTerm(k, word);
  if (words.length > 0) builder.addPresent(k);
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** XHTML without its tags. */
function narrativeText(div: string): string {
  return withoutTags(div).replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,10});/gi, (all, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? all;
    const isHex = name[1] === 'x' || name[1] === 'X';
    const code = isHex ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
  });
}

/** In one pass: a pattern would start over at every `<` of a hostile text. */
function withoutTags(div: string): string {
  let text = '';
  let at = 0;
  while (at < div.length) {
    const open = div.indexOf('<', at);
    if (open < 0) return text + div.slice(at);
    text += `${div.slice(at, open)} `;
    const close = div.indexOf('>', open);
    if (close < 0) return text;
    at = close + 1;
  }
  return text;
}
