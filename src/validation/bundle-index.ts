/**
 * The entries of a Bundle by full URL and by type and id, and how a reference finds its target among them.
 * https://hl7.org/fhir/R4/bundle.html#references
 */
import type { Resource } from '../fhir/types.ts';

export interface BundleEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly resource: Resource;
}

export interface BundleIndex {
  readonly bundle: Resource;
  readonly byFullUrl: ReadonlyMap<string, readonly BundleEntry[]>;
  /** By `Patient/1`. */
  readonly byTypeAndId: ReadonlyMap<string, readonly BundleEntry[]>;
  readonly entryOf: ReadonlyMap<Resource, BundleEntry>;
}

export function indexBundle(bundle: Resource): BundleIndex {
  const byFullUrl = new Map<string, BundleEntry[]>();
  const byTypeAndId = new Map<string, BundleEntry[]>();
  const entryOf = new Map<Resource, BundleEntry>();
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  for (let index = 0; index < entries.length; index++) {
    const holder = entries[index] as { fullUrl?: unknown; resource?: unknown } | null;
    const resource = holder?.resource as Resource | null | undefined;
    if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) continue;
    const fullUrl = typeof holder?.fullUrl === 'string' ? holder.fullUrl : undefined;
    const entry = { index, fullUrl, resource };
    entryOf.set(resource, entry);
    if (fullUrl !== undefined) add(byFullUrl, fullUrl, entry);
    if (typeof resource.id === 'string') add(byTypeAndId, `${resource.resourceType}/${resource.id}`, entry);
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
  const version = /^(.*)\/_history\/([^/]+)$/.exec(plain);
  const address = version?.[1] ?? plain;
  let found: readonly BundleEntry[] | undefined;
  if (/^[a-z][a-z0-9+.-]*:/i.test(address)) found = index.byFullUrl.get(address);
  else {
    const base = baseOfUrl(source?.fullUrl);
    found = base === undefined ? index.byTypeAndId.get(address) : index.byFullUrl.get(`${base}/${address}`);
  }
  if (found === undefined) return [];
  if (version === null) return found;
  return found.filter((entry) => entry.resource.meta?.versionId === version[2]);
}
