/**
 * Documents and messages carry what they refer to: the Composition's references must lead into the Bundle,
 * and every entry must be reachable from it.
 * https://hl7.org/fhir/R4/documents.html#bundle, https://hl7.org/fhir/R4/messaging.html#bundle
 */
import type { Resource } from '../fhir/types.ts';
import { type BundleEntry, type BundleIndex, baseOfUrl, resolveInBundle } from './bundle-index.ts';
import type { Collector } from './collector.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import { show } from './suggestion.ts';

/** Paths of the Composition whose references must be in the document. */
const COMPOSITION_PATHS = ['subject', 'encounter', 'author', 'attester.party', 'custodian', 'event.detail'];
const SECTION_PATHS = ['author', 'focus', 'entry'];
const SECTION_DEPTH_MAX = 50;

export function checkDocument(bundle: Resource, index: BundleIndex, c: Collector): void {
  const first = firstEntry(bundle, index);
  if (first?.resource.resourceType !== 'Composition') {
    if (first !== undefined || (bundle.entry as unknown[] | undefined)?.length) {
      const text = 'The first entry of a document is its Composition.';
      c.report('bundle-rule', text, { at: ['entry', 0], subject: 'first' });
    }
    return;
  }
  const at: Segment[] = ['entry', first.index, 'resource'];
  for (const path of COMPOSITION_PATHS) checkReferences(first.resource, path.split('.'), at, first, index, c);
  checkSections(first.resource, at, first, index, 0, c);
  checkReachable(bundle, index, first, 'error', c);
}

export function checkMessage(bundle: Resource, index: BundleIndex, c: Collector): void {
  const first = firstEntry(bundle, index);
  if (first?.resource.resourceType !== 'MessageHeader') return;
  checkReferences(first.resource, ['focus'], ['entry', first.index, 'resource'], first, index, c);
  if (!c.errorsOnly) checkReachable(bundle, index, first, 'warning', c);
}

function firstEntry(bundle: Resource, index: BundleIndex): BundleEntry | undefined {
  const holder = Array.isArray(bundle.entry) ? (bundle.entry[0] as Json | null) : undefined;
  return isObject(holder?.resource) ? index.entryOf(holder.resource as Resource) : undefined;
}

function checkSections(
  owner: Json,
  at: readonly Segment[],
  source: BundleEntry,
  index: BundleIndex,
  depth: number,
  c: Collector,
): void {
  if (!Array.isArray(owner.section) || depth > SECTION_DEPTH_MAX) return;
  owner.section.forEach((section, i) => {
    if (!isObject(section)) return;
    const here = [...at, 'section', i];
    for (const path of SECTION_PATHS) checkReferences(section, [path], here, source, index, c);
    checkSections(section, here, source, index, depth + 1, c);
  });
}

function checkReferences(
  owner: Json,
  path: readonly string[],
  at: readonly Segment[],
  source: BundleEntry,
  index: BundleIndex,
  c: Collector,
): void {
  const [name, ...rest] = path as [string, ...string[]];
  const value = owner[name];
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  values.forEach((one, i) => {
    if (!isObject(one)) return;
    const here = Array.isArray(value) ? [...at, name, i] : [...at, name];
    if (rest.length > 0) checkReferences(one, rest, here, source, index, c);
    else if (typeof one.reference === 'string') checkPresent(one.reference, here, source, index, c);
  });
}

function checkPresent(
  reference: string,
  at: readonly Segment[],
  source: BundleEntry,
  index: BundleIndex,
  c: Collector,
): void {
  if (reference.startsWith('#')) return;
  const found = resolveByRule(index, reference, source);
  if (found.length === 1) return;
  if (found.length > 1) {
    const text = `${show(reference)} fits ${found.length} entries of the Bundle: a reference must lead to one.`;
    c.report('bundle-rule', text, { at, subject: 'target' });
    return;
  }
  const similar = index.byTypeAndId(reference.replace(/\/_history\/.*$/, '')) ?? [];
  const hint =
    similar.length === 0
      ? ''
      : ` Entry ${similar[0]?.index} has this type and id, but its fullUrl is not at the base of ${show(source.fullUrl)}.`;
  c.report('bundle-rule', `${show(reference)} must be in the Bundle, and is not.${hint}`, {
    at,
    subject: 'target',
  });
}

/** By the rules of R4 alone: a relative reference needs the RESTful base of its own entry. */
function resolveByRule(index: BundleIndex, reference: string, source: BundleEntry): readonly BundleEntry[] {
  const isRelative = !/^[a-z][a-z0-9+.-]*:/i.test(reference);
  if (isRelative && (baseOfUrl(source.fullUrl) === undefined || source.resource.id === undefined)) return [];
  return resolveInBundle(index, reference, source);
}

/** Every entry must be linked with the first one, forwards or backwards. */
function checkReachable(
  bundle: Resource,
  index: BundleIndex,
  first: BundleEntry,
  severity: 'error' | 'warning',
  c: Collector,
): void {
  const entries = index.entries;
  const neighbours = new Map<BundleEntry, BundleEntry[]>(entries.map((entry) => [entry, []]));
  for (const entry of entries) {
    for (const link of linksOf(entry.resource)) {
      for (const target of resolveInBundle(index, link, entry)) {
        neighbours.get(entry)?.push(target);
        neighbours.get(target)?.push(entry);
      }
    }
  }
  const open: BundleEntry[] = [first];
  const reached = new Set<BundleEntry>(open);
  for (const link of stylesheetsOf(bundle))
    open.push(...resolveStylesheet(link.url, link.at, first, index, c));
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    reached.add(entry);
    for (const next of neighbours.get(entry) ?? []) if (!reached.has(next)) open.push(next);
  }
  for (const entry of entries) {
    if (reached.has(entry)) continue;
    const name = show(entry.fullUrl ?? entry.resource.resourceType);
    const text = `The entry ${name} is not linked with the ${first.resource.resourceType}.`;
    c.report('bundle-rule', text, { at: ['entry', entry.index], severity, subject: 'reach' });
  }
}

/** Strings that may be references: those of Reference.reference, and URIs anywhere. */
function linksOf(resource: Resource): Set<string> {
  const links = new Set<string>();
  const open: unknown[] = [resource];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node === 'string') {
      if (node.length < 2048 && (node.includes('/') || node.startsWith('urn:'))) links.add(node);
    } else if (typeof node === 'object' && node !== null) {
      for (const member of Object.values(node))
        if (member !== undefined && member !== null) open.push(member);
    }
  }
  return links;
}

function stylesheetsOf(bundle: Resource): { url: string; at: Segment[] }[] {
  if (!Array.isArray(bundle.link)) return [];
  return bundle.link.flatMap((link, i) =>
    isObject(link) && link.relation === 'stylesheet' && typeof link.url === 'string'
      ? [{ url: link.url, at: ['link', i, 'url'] }]
      : [],
  );
}

function resolveStylesheet(
  url: string,
  at: readonly Segment[],
  first: BundleEntry,
  index: BundleIndex,
  c: Collector,
): readonly BundleEntry[] {
  const found = resolveInBundle(index, url, first);
  if (found.length === 0 && !/^https?:/.test(url)) {
    c.report('bundle-rule', `The stylesheet ${show(url)} is not in the Bundle.`, { at });
  }
  return found;
}
