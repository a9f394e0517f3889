/**
 * Resources of loaded packages as part of the API: readable and searchable like stored ones, never written.
 * They are served from memory; the store only holds what clients wrote.
 */
import type { DefinitionEntry, Definitions } from '../definitions/definitions.ts';
import { fail } from '../fhir/issues.ts';
import { composeText, fillGap } from '../fhir/resource-text.ts';
import type { Resource } from '../fhir/types.ts';
import type { StoredVersion } from '../storage/store.ts';
import type { Generation } from './context.ts';

/** Types whose instances change what the server does. */
export const DEFINITION_TYPES: ReadonlySet<string> = new Set([
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'SearchParameter',
  // answers and reports are held to them
  'Questionnaire',
  'Measure',
]);

/** Types that packages bring. */
const PACKAGE_TYPES: ReadonlySet<string> = new Set([
  ...DEFINITION_TYPES,
  'CapabilityStatement',
  'CompartmentDefinition',
  'ConceptMap',
  'ImplementationGuide',
  'Library',
  'NamingSystem',
  'OperationDefinition',
  'StructureMap',
]);

export function isDefinitionType(type: string): boolean {
  return DEFINITION_TYPES.has(type);
}

/** Entries of packages by resource type and id. */
type PackageIndex = ReadonlyMap<string, DefinitionEntry>;

const INDEXES = new WeakMap<Definitions, Map<string, PackageIndex>>();

export function isPackageType(type: string): boolean {
  return PACKAGE_TYPES.has(type);
}

export function readPackageResource(
  generation: Generation,
  type: string,
  id: string,
): StoredVersion | undefined {
  if (!PACKAGE_TYPES.has(type)) return undefined;
  const entry = packageIndex(generation, type).get(id);
  return entry === undefined ? undefined : versionOfEntry(entry);
}

/** @throws FhirError `read-only` for a resource of a package, `duplicate` for its canonical under another id */
export function checkWritable(
  write: { readonly type: string; readonly id: string; readonly resource?: Resource },
  generation: Generation,
): void {
  const { type, id, resource } = write;
  if (!PACKAGE_TYPES.has(type)) return;
  if (packageIndex(generation, type).has(id)) {
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

export function packageIndex(generation: Generation, type: string): PackageIndex {
  const { definitions } = generation;
  const types = INDEXES.get(definitions) ?? new Map<string, PackageIndex>();
  INDEXES.set(definitions, types);
  let index = types.get(type);
  if (index === undefined) {
    index = new Map(ownedByPackages(definitions, type));
    types.set(type, index);
  }
  return index;
}

function* ownedByPackages(definitions: Definitions, type: string): Iterable<[string, DefinitionEntry]> {
  for (const entry of definitions.entries(type)) {
    if (entry.id !== undefined && entry.source.packageId !== undefined) yield [entry.id, entry];
  }
}

/** As it was published. Packages carry no commit time: their publication date stands for it. */
export function versionOfEntry(entry: DefinitionEntry): StoredVersion {
  const resource = entry.loadOriginal();
  const lastUpdated = publishedAt(resource);
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

export function publishedAt(resource: Resource): number {
  const published = Date.parse(String(resource.meta?.lastUpdated ?? resource.date ?? ''));
  return Number.isNaN(published) ? 0 : published;
}
