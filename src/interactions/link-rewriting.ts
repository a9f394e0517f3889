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

/**
 * Changes the resource in place. `fullUrl` of its own entry is the base of its relative references.
 * @returns the conditional references, still as they were
 */
export function rewriteReferences(
  resource: Resource,
  links: Links,
  fullUrl: string | undefined,
  model: TypeModel,
): readonly ConditionalSlot[] {
  const base = fullUrl === undefined ? '' : (parseReference(fullUrl)?.base ?? '');
  const rewriting = { links, base, model, slots: [] };
  rewriteNode(resource, resource.resourceType, rewriting);
  return rewriting.slots;
}

interface Rewriting {
  readonly links: Links;
  /** Of relative references; empty for none. */
  readonly base: string;
  readonly model: TypeModel;
  readonly slots: ConditionalSlot[];
}

/** Types whose values are links. `canonical` and `string` are not: R4 leaves canonicals and identifiers alone. */
const LINK_TYPES: ReadonlySet<string> = new Set(['uri', 'url', 'oid', 'uuid']);

function rewriteNode(node: Record<string, unknown>, typeName: string, rewriting: Rewriting): void {
  const type = rewriting.model.type(typeName);
  for (const key in node) {
    const value = node[key];
    if (typeof value === 'string') {
      rewriteText(node, key, value, typeName, type?.byProperty.get(key)?.type, rewriting);
    } else if (typeof value === 'object' && value !== null) {
      const inner = type?.byProperty.get(key)?.type ?? 'Element';
      if (Array.isArray(value)) rewriteList(value, inner, rewriting);
      else rewriteNode(value as Record<string, unknown>, typeOf(value, inner), rewriting);
    }
  }
}

function rewriteList(list: unknown[], type: string, rewriting: Rewriting): void {
  for (let at = 0; at < list.length; at++) {
    const member = list[at];
    if (typeof member === 'object' && member !== null) {
      rewriteNode(member as Record<string, unknown>, typeOf(member, type), rewriting);
    } else if (typeof member === 'string' && LINK_TYPES.has(type)) {
      list[at] = findTarget(member, rewriting) ?? member;
    }
  }
}

function typeOf(value: object, declared: string): string {
  if (declared !== 'Resource') return declared;
  const { resourceType } = value as Resource;
  return typeof resourceType === 'string' ? resourceType : declared;
}

function rewriteText(
  node: Record<string, unknown>,
  key: string,
  value: string,
  holder: string,
  type: string | undefined,
  rewriting: Rewriting,
): void {
  if (key === 'reference') {
    const conditional = value.includes('?') ? parseConditionalReference(value) : undefined;
    if (conditional !== undefined) {
      const set = (reference: string) => {
        node[key] = reference;
      };
      rewriting.slots.push({ ...conditional, set });
      return;
    }
  } else if (holder === 'Narrative' && key === 'div') {
    node[key] = rewriteNarrative(value, rewriting);
    return;
  } else if (type === undefined || !LINK_TYPES.has(type)) return;
  const found = findTarget(value, rewriting);
  if (found !== undefined) node[key] = found;
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
