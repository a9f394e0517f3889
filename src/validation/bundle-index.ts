/**
 * The entries of a Bundle by full URL and by type and id, and how a reference finds its target among them.
 * https://hl7.org/fhir/R4/bundle.html#references
 */
import type { Resource } from '../fhir/types.ts';
import type { Steps } from './turns.ts';

export interface BundleEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: Resource;
  /** Of a RESTful full URL; null when it has none, undefined until asked for. */
  base: string | null | undefined;
}

export interface BundleIndex {
  readonly bundle: Resource;
  /** Those that hold a resource, in order. */
  readonly entries: readonly BundleEntry[];
  byFullUrl(url: string): readonly BundleEntry[] | undefined;
  /** By `Patient/1`. */
  byTypeAndId(address: string): readonly BundleEntry[] | undefined;
  entryOf(resource: Resource): BundleEntry | undefined;
}

type Lists = Map<string, BundleEntry[]>;

/** What is not asked for is not built: a Bundle whose resources refer to nothing needs none of it. */
interface Lookups {
  byFullUrl: Lists | undefined;
  byTypeAndId: Lists | undefined;
  byResource: Map<Resource, BundleEntry> | undefined;
}

export function indexBundle(bundle: Resource): BundleIndex {
  return createIndex(bundle, entriesOf(bundle), {
    byFullUrl: undefined,
    byTypeAndId: undefined,
    byResource: undefined,
  });
}

/** A Bundle of 35 MB may have a hundred thousand entries. */
const STEP_ENTRIES = 1000;

/** The same for large Bundles, with everything built beforehand and in turns. */
export function* indexInSteps(bundle: Resource): Steps<BundleIndex> {
  const entries = entriesOf(bundle);
  yield;
  const byFullUrl: Lists = new Map();
  const byTypeAndId: Lists = new Map();
  const byResource = new Map<Resource, BundleEntry>();
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as BundleEntry;
    addFullUrl(byFullUrl, entry);
    addTypeAndId(byTypeAndId, entry);
    byResource.set(entry.resource, entry);
    if (i % STEP_ENTRIES === 0) yield;
  }
  return createIndex(bundle, entries, { byFullUrl, byTypeAndId, byResource });
}

function entriesOf(bundle: Resource): BundleEntry[] {
  const found: BundleEntry[] = [];
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  for (let index = 0; index < entries.length; index++) {
    const holder = entries[index] as { fullUrl?: unknown; resource?: unknown } | null;
    const resource = holder?.resource as Resource | null | undefined;
    if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) continue;
    const fullUrl = typeof holder?.fullUrl === 'string' ? holder.fullUrl : undefined;
    found.push({ index, fullUrl, resource, base: undefined });
  }
  return found;
}

function createIndex(bundle: Resource, entries: readonly BundleEntry[], lookups: Lookups): BundleIndex {
  let last = 0;

  function byFullUrl(url: string): readonly BundleEntry[] | undefined {
    lookups.byFullUrl ??= collect(entries, addFullUrl);
    return lookups.byFullUrl.get(url);
  }

  function byTypeAndId(address: string): readonly BundleEntry[] | undefined {
    lookups.byTypeAndId ??= collect(entries, addTypeAndId);
    return lookups.byTypeAndId.get(address);
  }

  /** Resources are looked at in order, so the last one or the next is nearly always meant. */
  function entryOf(resource: Resource): BundleEntry | undefined {
    if (entries[last]?.resource === resource) return entries[last];
    if (entries[last + 1]?.resource === resource) return entries[++last];
    lookups.byResource ??= new Map(entries.map((entry) => [entry.resource, entry]));
    return lookups.byResource.get(resource);
  }

  return { bundle, entries, byFullUrl, byTypeAndId, entryOf };
}

function collect(entries: readonly BundleEntry[], add: (lists: Lists, entry: BundleEntry) => void): Lists {
  const lists: Lists = new Map();
  for (const entry of entries) add(lists, entry);
  return lists;
}

function addFullUrl(lists: Lists, entry: BundleEntry): void {
  if (entry.fullUrl !== undefined) append(lists, entry.fullUrl, entry);
}

function addTypeAndId(lists: Lists, entry: BundleEntry): void {
  const { type, id } = identityOf(entry.resource);
  if (typeof id === 'string') append(lists, `${type}/${id}`, entry);
}

/** By a loop, which nearly always ends with the second property: to load them by name takes far longer. */
export function identityOf(resource: Readonly<Record<string, unknown>>): { type: unknown; id: unknown } {
  let type: unknown;
  let id: unknown;
  for (const key in resource) {
    if (key === 'resourceType') type = resource[key];
    else if (key === 'id') id = resource[key];
    else continue;
    if (type !== undefined && id !== undefined) break;
  }
  return { type, id };
}

function append(lists: Lists, key: string, entry: BundleEntry): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [entry]);
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
  if (isAbsolute(address)) found = index.byFullUrl(address);
  else {
    const base = source === undefined ? null : baseOfEntry(source);
    found = base === null ? index.byTypeAndId(address) : index.byFullUrl(`${base}/${address}`);
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
