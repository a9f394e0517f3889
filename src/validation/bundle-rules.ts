/**
 * What a Bundle must be beyond its structure and invariants: full URLs, links, references that a document or
 * message must bring along, requests that fit their resources.
 * https://hl7.org/fhir/R4/bundle.html
 */
import type { Resource } from '../fhir/types.ts';
import { type BundleIndex, identityOf } from './bundle-index.ts';
import type { Collector } from './collector.ts';
import { checkDocument, checkMessage } from './document-rules.ts';
import { isObject, type Json } from './items.ts';
import { isId } from './primitives.ts';
import { show } from './suggestion.ts';

/** Pages of a search or history have these; other Bundles do not. */
const PAGING = new Set(['first', 'prev', 'previous', 'next', 'last']);
/** Outcomes among search results are not resources with an identity. */
function mustHaveFullUrl(type: string, resource: Json): boolean {
  return !WITHOUT_FULL_URL.has(type) && resource.resourceType !== 'OperationOutcome';
}

/** Entries of these may be without full URL: they are requests, or answers to them. */
const WITHOUT_FULL_URL = new Set(['transaction', 'batch', 'transaction-response', 'batch-response']);

export function checkBundle(bundle: Resource, index: BundleIndex, c: Collector): void {
  const type = typeof bundle.type === 'string' ? bundle.type : '';
  if (Array.isArray(bundle.link)) checkLinks(bundle.link, type, c);
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  for (let i = 0; i < entries.length; i++) {
    if (isObject(entries[i])) checkEntry(entries[i], i, type, c);
  }
  if (type === 'document') checkDocument(bundle, index, c);
  else if (type === 'message') checkMessage(bundle, index, c);
}

function checkLinks(links: readonly unknown[], type: string, c: Collector): void {
  const seen = new Set<string>();
  links.forEach((link, i) => {
    const relation = isObject(link) ? link.relation : undefined;
    if (typeof relation !== 'string') return;
    const mayRepeat = relation !== 'self' && !PAGING.has(relation);
    if (seen.has(relation) && !mayRepeat) {
      c.report('bundle-rule', `A Bundle may have one link ${show(relation)} only.`, { at: ['link', i] });
    } else if (PAGING.has(relation) && type !== 'searchset' && type !== 'history') {
      const text = `The link ${show(relation)} leads to a page of a search or history; a ${type} Bundle has none.`;
      c.report('bundle-rule', text, { at: ['link', i, 'relation'] });
    }
    seen.add(relation);
  });
}

function checkEntry(entry: Json, i: number, type: string, c: Collector): void {
  const resource = isObject(entry.resource) ? entry.resource : undefined;
  if (typeof entry.fullUrl === 'string') {
    if (resource !== undefined) checkFullUrl(entry.fullUrl, resource, i, c);
  } else if (resource !== undefined && entry.fullUrl === undefined && mustHaveFullUrl(type, resource)) {
    const text = 'The entry needs a fullUrl: only transactions, batches and their answers may leave it out.';
    c.report('bundle-rule', text, { at: ['entry', i], subject: 'fullUrl' });
  }
  if (type === 'searchset' && resource !== undefined) checkFound(entry, resource, i, c);
  if (type === 'transaction' || type === 'batch') {
    if (isObject(entry.request)) checkRequest(entry.request, resource, i, c);
  }
}

/** What a search found has an identity; an outcome is an OperationOutcome. */
function checkFound(entry: Json, resource: Json, i: number, c: Collector): void {
  const mode = isObject(entry.search) ? entry.search.mode : undefined;
  const isOutcome = resource.resourceType === 'OperationOutcome';
  const at = ['entry', i, 'resource'];
  if (mode === 'outcome' && !isOutcome) {
    const text = `The outcome of a search is an OperationOutcome, not a ${resource.resourceType}.`;
    c.report('bundle-rule', text, { at, subject: 'mode' });
  } else if (mode === 'include' && isOutcome) {
    const text = 'An OperationOutcome is no include: its search mode is outcome.';
    c.report('bundle-rule', text, { at, subject: 'mode' });
  } else if (!isOutcome && resource.id === undefined) {
    c.report('bundle-rule', 'A resource that a search found has an id.', { at, subject: 'id' });
  }
}

/** `http://host/fhir/Patient/1` of Patient 1, told without cutting the address. */
function endsAsExpected(fullUrl: string, resource: Json): boolean {
  const { type, id } = identityOf(resource);
  if (typeof id !== 'string' || typeof type !== 'string' || !fullUrl.startsWith('http')) return false;
  const slash = fullUrl.length - id.length - 1;
  const start = slash - type.length;
  return (
    start > 0 &&
    fullUrl.charCodeAt(slash) === SLASH &&
    fullUrl.charCodeAt(start - 1) === SLASH &&
    fullUrl.startsWith(type, start) &&
    fullUrl.endsWith(id) &&
    !type.includes('/') &&
    !id.includes('/') &&
    SCHEME.test(fullUrl)
  );
}

const SLASH = 47;

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

function checkFullUrl(fullUrl: string, resource: Json, i: number, c: Collector): void {
  if (endsAsExpected(fullUrl, resource)) return;
  if (!SCHEME.test(fullUrl)) {
    const text = `The fullUrl must be absolute, not ${show(fullUrl)}.`;
    c.report('bundle-rule', text, { at: ['entry', i, 'fullUrl'] });
    return;
  }
  const end = fullUrl.lastIndexOf('/');
  const start = end < 1 || !fullUrl.startsWith('http') ? -1 : fullUrl.lastIndexOf('/', end - 1);
  if (start < 0) return;
  const type = fullUrl.slice(start + 1, end);
  const id = fullUrl.slice(end + 1);
  if (!c.env.isResourceType(type) || !isId(id)) return;
  if (resource.id === undefined) {
    const text = `The fullUrl ${show(fullUrl)} names ${type}/${id}, but the resource has no id.`;
    c.report('bundle-rule', text, { at: ['entry', i], subject: 'fullUrl' });
  } else if (type !== resource.resourceType || id !== resource.id) {
    const text = `The fullUrl ${show(fullUrl)} must end with ${resource.resourceType}/${show(resource.id).slice(1, -1)}, the type and id of its resource.`;
    c.report('bundle-rule', text, { at: ['entry', i], subject: 'fullUrl' });
  }
}

function checkRequest(request: Json, resource: Json | undefined, i: number, c: Collector): void {
  const { method, url } = request;
  const at = ['entry', i, 'request'];
  const needsResource = method === 'POST' || method === 'PUT';
  if (needsResource && resource === undefined && !(typeof url === 'string' && url.includes('$'))) {
    c.report('bundle-rule', `${method} needs a resource in the entry.`, { at, subject: 'resource' });
  }
  if (typeof url !== 'string' || resource === undefined || !needsResource) return;
  const [type, id] = url.replace(/\?.*$/s, '').split('/');
  if (type === undefined || !c.env.isResourceType(type)) return;
  if (type !== resource.resourceType && resource.resourceType !== 'Parameters') {
    const text = `The request is for ${type}, the resource is a ${resource.resourceType}.`;
    c.report('bundle-rule', text, { at: [...at, 'url'] });
  } else if (method === 'PUT' && id !== undefined && resource.id !== undefined && id !== resource.id) {
    const text = `The request is for ${show(url)}, the id of the resource is ${show(resource.id)}.`;
    c.report('bundle-rule', text, { at: [...at, 'url'] });
  }
}
