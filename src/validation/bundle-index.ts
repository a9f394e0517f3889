/**
 * The entries of a Bundle by full URL and by type and id, and how a reference finds its target among them.
 * https://hl7.org/fhir/R4/bundle.html#references
 */
import type { Resource } from '../fhir/types.ts';
import { atOnce, type Steps } from './turns.ts';

export interface BundleEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: Resource;
  /** Of a RESTful full URL; null when it has none, undefined until asked for. */
  base: string | null | undefined;
}

export interface BundleIndex {
  readonly bundle: Resource;
  readonly byFullUrl: ReadonlyMap<string, readonly BundleEntry[]>;
  /** By `Patient/1`. */
  readonly byTypeAndId: ReadonlyMap<string, readonly BundleEntry[]>;
  readonly entryOf: ReadonlyMap<Resource, BundleEntry>;
}

export function indexBundle(bundle: Resource): BundleIndex {
  return atOnce(indexInSteps(bundle));
}

/** A Bundle of 35 MB may have a hundred thousand entries. */
const STEP_ENTRIES = 1000;

export function* indexInSteps(bundle: Resource): Steps<BundleIndex> {
  const byFullUrl = new Map<string, BundleEntry[]>();
  const byTypeAndId = new Map<string, BundleEntry[]>();
  const entryOf = new Map<Resource, BundleEntry>();
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  for (let index = 0; index < entries.length; index++) {
    const holder = entries[index] as { fullUrl?: unknown; resource?: unknown } | null;
    const resource = holder?.resource as Resource | null | undefined;
    if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) continue;
    const fullUrl = typeof holder?.fullUrl === 'string' ? holder.fullUrl : undefined;
    const entry = { index, fullUrl, resource, base: undefined };
    entryOf.set(resource, entry);
    if (fullUrl !== undefined) add(byFullUrl, fullUrl, entry);
    if (typeof resource.id === 'string') add(byTypeAndId, `${resource.resourceType}/${resource.id}`, entry);
    if (index % STEP_ENTRIES === 0) yield;
  }
  return { bundle, byFullUrl, byTypeAndId, entryOf };
}

function add(map: Map<string, BundleEntry[]>, key: string, entry: BundleEntry): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [entry]);
  else list.push(entry);
}

const RESTFUL =
  /^(https?:\/\/.+?)\/[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** The base of a RESTful URL, such as `http://host/fhir` of `http://host/fhir/Patient/1`. */
export function baseOfUrl(url: string | undefined): string | undefined {
  return url === undefined ? undefined : RESTFUL.exec(url)?.[1];
}

/**
 * The entries that a reference made in `source` points to. A relative reference is resolved against the base
 * of the source's full URL; without such a base, by type and id.
 */
export function resolveInBundle(
  index: BundleIndex,
  reference: string,
  source: BundleEntry | undefined,
): readonly BundleEntry[] {
  const hash = reference.indexOf('#');
  const plain = hash > 0 ? reference.slice(0, hash) : reference;
  const at = plain.indexOf('/_history/');
  const address = at < 0 ? plain : plain.slice(0, at);
  let found: readonly BundleEntry[] | undefined;
  if (isAbsolute(address)) found = index.byFullUrl.get(address);
  else {
    const base = source === undefined ? null : baseOfEntry(source);
    found = base === null ? index.byTypeAndId.get(address) : index.byFullUrl.get(`${base}/${address}`);
  }
  if (found === undefined) return NONE;
  if (at < 0) return found;
  const version = plain.slice(at + 10);
  return found.filter((entry) => entry.resource.meta?.versionId === version);
}

const NONE: readonly BundleEntry[] = [];

function baseOfEntry(entry: BundleEntry): string | null {
  if (entry.base === undefined) entry.base = baseOfUrl(entry.fullUrl) ?? null;
  return entry.base;
}

/** `http://...`, `urn:...`: a colon before any slash. */
function isAbsolute(address: string): boolean {
  const colon = address.indexOf(':');
  if (colon < 1) return false;
  const slash = address.indexOf('/');
  return slash < 0 || colon < slash;
}
