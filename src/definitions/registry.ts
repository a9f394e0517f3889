/**
 * Generations of definitions: each is immutable, and the next one shares everything that did not change.
 * https://hl7.org/fhir/R4/references.html#canonical
 */
import { join } from 'node:path';
import type {
  CodeSystem,
  CompartmentDefinition,
  OperationDefinition,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import type { Resource } from '../fhir/types.ts';
import { openArchive } from './archive.ts';
import type { DefinitionEntry, DefinitionSource, Definitions } from './definitions.ts';
import { compareVersions, entryOf } from './entry.ts';

export const CORE_PACKAGE_ID = 'hl7.fhir.r4.core';
export const R4_STRUCTURES = 'http://hl7.org/fhir/StructureDefinition/';

const CORE_FOLDER = join(import.meta.dirname, '..', '..', 'build', 'r4-core');

let lastGeneration = 0;

/** R4 itself, from the built archive. @throws when the archive has not been built. */
export function loadCoreDefinitions(folder: string = CORE_FOLDER): Definitions {
  return createDefinitions(openArchive(folder));
}

/** Later entries of the same canonical and version take the place of earlier ones. */
export function createDefinitions(entries: Iterable<DefinitionEntry>): Definitions {
  const byUrl = new Map<string, readonly DefinitionEntry[]>();
  for (const entry of entries) byUrl.set(entry.url, insertVersion(byUrl.get(entry.url) ?? [], entry));
  return freezeGeneration(byUrl);
}

/** The next generation with these entries added. */
export function withEntries(definitions: Definitions, entries: Iterable<DefinitionEntry>): Definitions {
  const byUrl = new Map(mapOf(definitions));
  for (const entry of entries) byUrl.set(entry.url, insertVersion(byUrl.get(entry.url) ?? [], entry));
  return freezeGeneration(byUrl);
}

/** The next generation with a definition that was written through REST. */
export function withResource(definitions: Definitions, resource: Resource): Definitions {
  return withEntries(definitions, [entryOf(resource, {})]);
}

/** The next generation without a definition; the same one when there is nothing to remove. */
export function withoutResource(definitions: Definitions, canonical: string): Definitions {
  const gone = definitions.entry(canonical);
  if (gone === undefined) return definitions;
  const byUrl = new Map(mapOf(definitions));
  const rest = (byUrl.get(gone.url) ?? []).filter((entry) => entry !== gone);
  if (rest.length === 0) byUrl.delete(gone.url);
  else byUrl.set(gone.url, rest);
  return freezeGeneration(byUrl);
}

/** The next generation without anything of a package. */
export function withoutPackage(definitions: Definitions, packageId: string): Definitions {
  const byUrl = new Map<string, readonly DefinitionEntry[]>();
  for (const [url, versions] of mapOf(definitions)) {
    const rest = versions.filter((one) => one.source.packageId !== packageId);
    if (rest.length > 0) byUrl.set(url, rest);
  }
  return freezeGeneration(byUrl);
}

const MAPS = new WeakMap<Definitions, ReadonlyMap<string, readonly DefinitionEntry[]>>();

function mapOf(definitions: Definitions): ReadonlyMap<string, readonly DefinitionEntry[]> {
  const map = MAPS.get(definitions);
  if (map === undefined) throw new Error('not a generation of this registry');
  return map;
}

/** Keeps the versions of a canonical ordered, the newest last. */
function insertVersion(
  versions: readonly DefinitionEntry[],
  entry: DefinitionEntry,
): readonly DefinitionEntry[] {
  const rest = versions.filter(
    (one) => one.version !== entry.version || one.resourceType !== entry.resourceType,
  );
  return [...rest, entry].sort((a, b) => compareVersions(a.version, b.version));
}

function freezeGeneration(byUrl: ReadonlyMap<string, readonly DefinitionEntry[]>): Definitions {
  const byType = new Map<string, DefinitionEntry[]>();
  for (const versions of byUrl.values()) {
    for (const entry of versions) {
      const list = byType.get(entry.resourceType);
      if (list === undefined) byType.set(entry.resourceType, [entry]);
      else list.push(entry);
    }
  }
  const find = (canonical: string, type?: string): DefinitionEntry | undefined =>
    findEntry(byUrl, canonical, type);
  const entries = (type: string): readonly DefinitionEntry[] => byType.get(type) ?? [];
  const newest = (type: string): readonly Resource[] =>
    entries(type)
      .filter((entry) => find(entry.url, type) === entry)
      .map((entry) => entry.load());
  const resourceTypes = concreteTypes(entries('StructureDefinition'));
  const isResource = new Set(resourceTypes);
  const parameters = remember((type: string) => loadParameters(entries('SearchParameter'), find, type));
  const compartments = remember(() => newest('CompartmentDefinition') as readonly unknown[]);
  const operations = remember(() => newest('OperationDefinition') as readonly unknown[]);
  const packages = remember(() => sourcesOf(byUrl));

  const definitions: Definitions = {
    generation: ++lastGeneration,
    structure: (canonical) =>
      find(canonical, 'StructureDefinition')?.load() as StructureDefinition | undefined,
    structureOfType: (type) =>
      find(R4_STRUCTURES + type, 'StructureDefinition')?.load() as StructureDefinition | undefined,
    valueSet: (canonical) => find(canonical, 'ValueSet')?.load() as ValueSet | undefined,
    codeSystem: (canonical) => find(canonical, 'CodeSystem')?.load() as CodeSystem | undefined,
    resource: (canonical) => find(canonical)?.load(),
    original: (canonical) => find(canonical)?.loadOriginal(),
    sourceOf: (canonical) => find(canonical)?.source,
    entry: find,
    entries,
    resourceTypes,
    isResourceType: (type) => isResource.has(type),
    searchParameters: parameters,
    get compartments() {
      return compartments('') as readonly CompartmentDefinition[];
    },
    get operations() {
      return operations('') as readonly OperationDefinition[];
    },
    get packages() {
      return packages('');
    },
    *all(type) {
      for (const entry of entries(type)) yield entry.load();
    },
  };
  MAPS.set(definitions, byUrl);
  return definitions;
}

function sourcesOf(byUrl: ReadonlyMap<string, readonly DefinitionEntry[]>): readonly DefinitionSource[] {
  const sources = new Map<string, DefinitionSource>();
  for (const versions of byUrl.values()) {
    for (const { source } of versions) {
      if (source.packageId !== undefined) sources.set(source.packageId, source);
    }
  }
  return [...sources.values()];
}

function findEntry(
  byUrl: ReadonlyMap<string, readonly DefinitionEntry[]>,
  canonical: string,
  type: string | undefined,
): DefinitionEntry | undefined {
  const { url, version } = splitCanonical(canonical);
  const versions = byUrl.get(url);
  if (versions === undefined) return undefined;
  return versions.findLast(
    (one) =>
      (type === undefined || one.resourceType === type) &&
      (version === undefined || versionMatches(one.version, version)),
  );
}

/** `url|version#fragment` in its parts. */
export function splitCanonical(canonical: string): { readonly url: string; readonly version?: string } {
  const hash = canonical.indexOf('#');
  const plain = hash < 0 ? canonical : canonical.slice(0, hash);
  const bar = plain.indexOf('|');
  return bar < 0 ? { url: plain } : { url: plain.slice(0, bar), version: plain.slice(bar + 1) };
}

/** `4.0` stands for any `4.0.x`. */
function versionMatches(actual: string | undefined, asked: string): boolean {
  return actual === asked || (actual?.startsWith(`${asked}.`) ?? false);
}

function concreteTypes(structures: readonly DefinitionEntry[]): readonly string[] {
  return structures
    .filter(
      (one) =>
        one.kind === 'resource' &&
        one.derivation !== 'constraint' &&
        one.isAbstract !== true &&
        one.url === R4_STRUCTURES + one.type,
    )
    .map((one) => one.type as string)
    .sort();
}

/** These do not extend DomainResource, so its parameters are not theirs. */
const NOT_DOMAIN = new Set(['Bundle', 'Binary', 'Parameters']);

function loadParameters(
  entries: readonly DefinitionEntry[],
  find: (canonical: string, type?: string) => DefinitionEntry | undefined,
  type: string,
): readonly SearchParameter[] {
  const bases = new Set(NOT_DOMAIN.has(type) ? [type, 'Resource'] : [type, 'DomainResource', 'Resource']);
  return entries
    .filter(
      (entry) => entry.bases?.some((base) => bases.has(base)) && find(entry.url, 'SearchParameter') === entry,
    )
    .map((entry) => entry.load() as unknown as SearchParameter);
}

function remember<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = compute(key);
      known.set(key, value);
    }
    return value;
  };
}
