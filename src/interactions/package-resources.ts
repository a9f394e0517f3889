/**
 * Resources of loaded packages as part of the API: readable and searchable like stored ones, never written.
 * They are served from memory; the store only holds what clients wrote.
 */
import type { DefinitionEntry } from '../definitions/definitions.ts';
import { fail } from '../fhir/issues.ts';
import { composeText, fillGap } from '../fhir/resource-text.ts';
import type { Resource } from '../fhir/types.ts';
import { type Candidate, matches } from '../search/match.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { StoredVersion } from '../storage/store.ts';
import type { Generation } from './context.ts';

/** Types whose instances change what the server does. */
export const DEFINITION_TYPES: ReadonlySet<string> = new Set([
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'SearchParameter',
]);

/** Types that packages bring. */
const PACKAGE_TYPES: ReadonlySet<string> = new Set([
  ...DEFINITION_TYPES,
  'CapabilityStatement',
  'CompartmentDefinition',
  'ConceptMap',
  'ImplementationGuide',
  'Measure',
  'Library',
  'NamingSystem',
  'OperationDefinition',
  'Questionnaire',
  'StructureMap',
]);

export function isDefinitionType(type: string): boolean {
  return DEFINITION_TYPES.has(type);
}

interface PackageCandidate extends Candidate {
  readonly version: StoredVersion;
}

interface PackageIndex {
  readonly byId: ReadonlyMap<string, DefinitionEntry>;
  /** Made when the first search asks for them. */
  readonly candidates: () => readonly PackageCandidate[];
}

const INDEXES = new WeakMap<object, Map<string, PackageIndex>>();

export function readPackageResource(
  generation: Generation,
  type: string,
  id: string,
): StoredVersion | undefined {
  if (!PACKAGE_TYPES.has(type)) return undefined;
  const entry = packageIndex(generation, type).byId.get(id);
  return entry === undefined ? undefined : toVersion(entry.loadOriginal());
}

/** All matches, in the order of ids. Chains look at packages only. */
export function searchPackageResources(
  generation: Generation,
  request: SearchRequest,
): readonly StoredVersion[] {
  const others = (type: string) => packageIndex(generation, type).candidates();
  const found: StoredVersion[] = [];
  for (const type of request.query.types) {
    if (!PACKAGE_TYPES.has(type)) continue;
    for (const candidate of others(type)) {
      if (matches(request.query.where, candidate, others)) found.push(candidate.version);
    }
  }
  return found;
}

/** @throws FhirError `read-only` for a resource of a package, `duplicate` for its canonical under another id */
export function checkWritable(
  write: { readonly type: string; readonly id: string; readonly resource?: Resource },
  generation: Generation,
): void {
  const { type, id, resource } = write;
  if (!PACKAGE_TYPES.has(type)) return;
  if (packageIndex(generation, type).byId.has(id)) {
    throw fail(
      'read-only',
      `This ${type} belongs to a loaded package. Publish your own under another id and url.`,
      {},
    );
  }
  const url = resource?.url;
  if (typeof url === 'string' && generation.definitions.entry(url, type)?.source.packageId !== undefined) {
    throw fail(
      'duplicate',
      `A loaded package already defines a ${type} with this url. Use a url of your own.`,
      {
        expression: `${type}.url`,
      },
    );
  }
}

function packageIndex(generation: Generation, type: string): PackageIndex {
  let types = INDEXES.get(generation.definitions);
  if (types === undefined) {
    types = new Map();
    INDEXES.set(generation.definitions, types);
  }
  let index = types.get(type);
  if (index === undefined) {
    index = createIndex(generation, type);
    types.set(type, index);
  }
  return index;
}

function createIndex(generation: Generation, type: string): PackageIndex {
  const byId = new Map<string, DefinitionEntry>();
  for (const entry of generation.definitions.entries(type)) {
    if (entry.id !== undefined && entry.source.packageId !== undefined) byId.set(entry.id, entry);
  }
  let candidates: readonly PackageCandidate[] | undefined;
  const createCandidates = () =>
    [...byId.values()].map((entry) => {
      const version = toVersion(entry.loadOriginal());
      const { id, lastUpdated } = version;
      return { type, id, lastUpdated, postings: generation.extract(entry.loadOriginal()), version };
    });
  return {
    byId,
    candidates: () => {
      candidates ??= createCandidates();
      return candidates;
    },
  };
}

/** Packages carry no commit time: their publication date stands for it. */
function toVersion(resource: Resource): StoredVersion {
  const published = Date.parse(String(resource.meta?.lastUpdated ?? resource.date ?? ''));
  const lastUpdated = Number.isNaN(published) ? 0 : published;
  const id = resource.id as string;
  const json = fillGap(composeText(resource, id), '1', lastUpdated);
  return {
    type: resource.resourceType,
    id,
    versionId: '1',
    lastUpdated,
    method: 'PUT',
    deleted: false,
    json,
  };
}
