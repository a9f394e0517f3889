/**
 * Links between the entries of a transaction, replaced by the ids that were assigned: in references, in
 * elements of the uri types, and in the narrative.
 * https://hl7.org/fhir/R4/http.html#trules, https://hl7.org/fhir/R4/bundle.html#references
 */
import type { TypeModel } from '../definitions/type-model.ts';
import { parseConditionalReference, parseReference } from '../fhir/references.ts';
import type { Resource } from '../fhir/types.ts';

/** What an entry has become. */
export interface Assigned {
  /** `Type/id` */
  readonly address: string;
  /** The version that the transaction makes of it. */
  readonly versionId: string;
}

export interface Links {
  /** By fullUrl (`urn:uuid:…` or an address). */
  readonly byFullUrl: ReadonlyMap<string, Assigned>;
  /** `Type/id` by the text of a conditional reference. */
  readonly conditional: ReadonlyMap<string, string>;
}

/** Types whose values are links. `canonical` and `string` are not: R4 leaves canonicals and identifiers alone. */
const LINK_TYPES: ReadonlySet<string> = new Set(['uri', 'url', 'oid', 'uuid']);

/** Changes the resource in place. `fullUrl` of its own entry is the base of its relative references. */
export function rewriteReferences(
  resource: Resource,
  links: Links,
  fullUrl: string | undefined,
  model: TypeModel,
): void {
  if (links.byFullUrl.size === 0 && links.conditional.size === 0) return;
  const base = parseReference(fullUrl ?? '')?.base ?? '';
  const find = (link: string) =>
    links.byFullUrl.get(link) ?? (base === '' ? undefined : links.byFullUrl.get(`${base}/${link}`));
  const target = (text: string): string | undefined => {
    const [, link = '', version, fragment = ''] = LINK.exec(text) ?? [];
    const found = find(link);
    if (found === undefined) return undefined;
    // A link to a version stays one; whatever version the client named, this is the one that is made.
    return found.address + (version === undefined ? '' : `/_history/${found.versionId}`) + fragment;
  };
  rewriteNode(resource, resource.resourceType, target, links.conditional, model);
}

/** A link, the version it may name, and a fragment. */
const LINK = /^([^#]*?)(\/_history\/[A-Za-z0-9\-.]{1,64})?(#.*)?$/;

type Target = (text: string) => string | undefined;

function rewriteNode(
  node: Record<string, unknown>,
  typeName: string,
  target: Target,
  conditional: ReadonlyMap<string, string>,
  model: TypeModel,
): void {
  const type = model.type(typeName);
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') {
      const rewritten = rewriteText(
        key,
        value,
        typeName,
        type?.byProperty.get(key)?.type,
        target,
        conditional,
      );
      if (rewritten !== undefined) node[key] = rewritten;
    } else if (typeof value === 'object' && value !== null) {
      const inner = type?.byProperty.get(key)?.type ?? 'Element';
      for (const [at, member] of (Array.isArray(value) ? value : [value]).entries()) {
        if (typeof member === 'string' && LINK_TYPES.has(inner)) {
          const rewritten = target(member);
          if (rewritten !== undefined) (value as unknown[])[at] = rewritten;
        } else if (typeof member === 'object' && member !== null) {
          const { resourceType } = member as Resource;
          const name = inner === 'Resource' && typeof resourceType === 'string' ? resourceType : inner;
          rewriteNode(member as Record<string, unknown>, name, target, conditional, model);
        }
      }
    }
  }
}

function rewriteText(
  key: string,
  value: string,
  holder: string,
  type: string | undefined,
  target: Target,
  conditional: ReadonlyMap<string, string>,
): string | undefined {
  if (key === 'reference') return conditional.get(value) ?? target(value);
  if (holder === 'Narrative' && key === 'div') return rewriteNarrative(value, target);
  return type !== undefined && LINK_TYPES.has(type) ? target(value) : undefined;
}

function rewriteNarrative(div: string, target: Target): string | undefined {
  if (!div.includes('href') && !div.includes('src')) return undefined;
  return div.replaceAll(
    /(<(?:a|img)\b[^>]*?\s(?:href|src)=)(["'])([^"']*)\2/g,
    (all, before, quote, link) => {
      const found = target(link);
      return found === undefined ? all : `${before}${quote}${found}${quote}`;
    },
  );
}

/** Every `Type?criteria` reference, with its text. */
export function listConditionalReferences(
  resource: Resource,
): readonly { readonly text: string; readonly type: string; readonly query: string }[] {
  const found = new Map<string, { text: string; type: string; query: string }>();
  const open: unknown[] = [resource];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'reference' && typeof value === 'string' && value.includes('?')) {
        const parsed = parseConditionalReference(value);
        if (parsed !== undefined) found.set(value, { text: value, ...parsed });
      } else if (typeof value === 'object' && value !== null) open.push(value);
    }
  }
  return [...found.values()];
}
