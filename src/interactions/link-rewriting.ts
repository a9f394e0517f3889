/**
 * Links between the entries of a transaction, replaced by the ids that were assigned: in references, in
 * elements of the uri types, and in the narrative.
 * https://hl7.org/fhir/R4/http.html#trules, https://hl7.org/fhir/R4/bundle.html#references
 */
import type { TypeModel } from '../definitions/type-model.ts';
import { type ConditionalReference, parseConditionalReference, parseReference } from '../fhir/references.ts';
import type { Resource } from '../fhir/types.ts';

/** What an entry has become. */
export interface Assigned {
  /** `Type/id` */
  readonly address: string;
  /** The version that the transaction makes of it. */
  readonly versionId: string;
}

/** By fullUrl (`urn:uuid:…` or an address). */
export type Links = ReadonlyMap<string, Assigned>;

/** A reference that a search has to resolve, and how to put the result in its place. */
export interface ConditionalSlot extends ConditionalReference {
  readonly set: (reference: string) => void;
}

/** Changes a resource in place; the conditional references that it gives are still as they were. */
export type Rewrite = (resource: Resource, fullUrl: string | undefined) => readonly ConditionalSlot[];

/** For all entries of a transaction. `fullUrl` of an entry is the base of its relative references. */
export function createRewriter(links: Links, model: TypeModel): Rewrite {
  const lengths = new Set<number>();
  for (const link of links.keys()) lengths.add(link.length);
  const shortest = Math.min(...lengths);
  return (resource, fullUrl) => {
    const base = fullUrl === undefined ? '' : (parseReference(fullUrl)?.base ?? '');
    const rewriting = { links, lengths, shortest, base, model, slots: [], root: resource, path: [] };
    rewriteNode(resource, rewriting);
    return rewriting.slots;
  };
}

interface Rewriting {
  readonly links: Links;
  /** Of the links, in UTF-16 units: nearly every text is told from a link by its length. */
  readonly lengths: ReadonlySet<number>;
  readonly shortest: number;
  /** Of relative references; empty for none. */
  readonly base: string;
  readonly model: TypeModel;
  readonly slots: ConditionalSlot[];
  readonly root: Resource;
  /** From the root to where the walk is: key and object by turns. */
  readonly path: (string | object)[];
}

/** Types whose values are links. `canonical` and `string` are not: R4 leaves canonicals and identifiers alone. */
const LINK_TYPES: ReadonlySet<string> = new Set(['uri', 'url', 'oid', 'uuid']);

function rewriteNode(node: Record<string, unknown>, rewriting: Rewriting): void {
  for (const key in node) {
    const value = node[key];
    if (typeof value === 'string') rewriteText(node, key, value, rewriting);
    else if (Array.isArray(value)) rewriteList(value, key, rewriting);
    else if (typeof value === 'object' && value !== null) rewriteBelow(key, value, rewriting);
  }
}

function rewriteBelow(key: string, value: object, rewriting: Rewriting): void {
  const { path } = rewriting;
  path.push(key, value);
  rewriteNode(value as Record<string, unknown>, rewriting);
  path.length -= 2;
}

function rewriteList(list: unknown[], key: string, rewriting: Rewriting): void {
  for (let at = 0; at < list.length; at++) {
    const member = list[at];
    if (typeof member === 'object' && member !== null) rewriteBelow(key, member, rewriting);
    else if (typeof member === 'string' && mayBeLink(member, rewriting) && isLinkType(key, rewriting)) {
      list[at] = findTarget(member, rewriting) ?? member;
    }
  }
}

function rewriteText(node: Record<string, unknown>, key: string, value: string, rewriting: Rewriting): void {
  if (key === 'reference') {
    const conditional = value.includes('?') ? parseConditionalReference(value) : undefined;
    if (conditional !== undefined) {
      const set = (reference: string) => {
        node[key] = reference;
      };
      rewriting.slots.push({ ...conditional, set });
      return;
    }
    if (!mayBeLink(value, rewriting)) return;
  } else if (key === 'div' && holderType(rewriting) === 'Narrative') {
    node[key] = rewriteNarrative(value, rewriting);
    return;
  } else if (!mayBeLink(value, rewriting) || !isLinkType(key, rewriting)) return;
  const found = findTarget(value, rewriting);
  if (found !== undefined) node[key] = found;
}

/** False for nearly every text that is none; says nothing about the element. */
function mayBeLink(text: string, { lengths, shortest, base }: Rewriting): boolean {
  const { length } = text;
  if (lengths.has(length)) return true;
  const hidden = base === '' ? 0 : base.length + 1;
  if (hidden > 0 && lengths.has(length + hidden)) return true;
  // before the version or the fragment
  return length + hidden > shortest && (text.includes('#') || text.includes('/_history/'));
}

function isLinkType(key: string, rewriting: Rewriting): boolean {
  const type = rewriting.model.type(holderType(rewriting))?.byProperty.get(key)?.type;
  return type !== undefined && LINK_TYPES.has(type);
}

/** Of the object where the walk is: asked for seldom, so it is not known on the way. */
function holderType({ root, path, model }: Rewriting): string {
  let type = root.resourceType;
  for (let at = 0; at < path.length; at += 2) {
    const declared = model.type(type)?.byProperty.get(path[at] as string)?.type ?? 'Element';
    type = typeOf(path[at + 1] as object, declared);
  }
  return type;
}

function typeOf(value: object, declared: string): string {
  if (declared !== 'Resource') return declared;
  const { resourceType } = value as Resource;
  return typeof resourceType === 'string' ? resourceType : declared;
}

/** A link, the version it may name, and a fragment. */
const LINK = /^([^#]*?)(\/_history\/[A-Za-z0-9\-.]{1,64})?(#.*)?$/;

function findTarget(text: string, { links, base }: Rewriting): string | undefined {
  const exact = links.get(text);
  if (exact !== undefined) return exact.address;
  if (base === '' && !text.includes('#') && !text.includes('/_history/')) return undefined;
  const [, link = '', version, fragment = ''] = LINK.exec(text) ?? [];
  const found = links.get(link) ?? (base === '' ? undefined : links.get(`${base}/${link}`));
  if (found === undefined) return undefined;
  // A link to a version stays one; whatever version the client named, this is the one that is made.
  return found.address + (version === undefined ? '' : `/_history/${found.versionId}`) + fragment;
}

function rewriteNarrative(div: string, rewriting: Rewriting): string {
  if (!div.includes('href') && !div.includes('src')) return div;
  return div.replaceAll(
    /(<(?:a|img)\b[^>]*?\s(?:href|src)=)(["'])([^"']*)\2/g,
    (all, before, quote, link) => {
      const found = findTarget(link, rewriting);
      return found === undefined ? all : `${before}${quote}${found}${quote}`;
    },
  );
}
