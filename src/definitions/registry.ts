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
  return freezeGeneration(addEntries(EMPTY, entries));
}

/** The next generation with these entries added. */
export function withEntries(definitions: Definitions, entries: Iterable<DefinitionEntry>): Definitions {
  return freezeGeneration(addEntries(stateOf(definitions), entries));
}

/** The next generation with a definition that was written through REST. */
export function withResource(definitions: Definitions, resource: Resource): Definitions {
  return withEntries(definitions, [entryOf(resource, {})]);
}

/** The next generation without a definition; the same one when there is nothing to remove. */
export function withoutResource(definitions: Definitions, canonical: string): Definitions {
  const gone = definitions.entry(canonical);
  if (gone === undefined) return definitions;
  return freezeGeneration(removeEntries(stateOf(definitions), new Set([gone])));
}

/** What a generation is made of. Lists are shared between generations and never changed. */
interface State {
  /** All versions of a canonical, the newest last. */
  readonly byUrl: ReadonlyMap<string, readonly DefinitionEntry[]>;
  /** In order of loading. */
  readonly byType: ReadonlyMap<string, readonly DefinitionEntry[]>;
}

const EMPTY: State = { byUrl: new Map(), byType: new Map() };
const STATES = new WeakMap<Definitions, State>();

function stateOf(definitions: Definitions): State {
  const state = STATES.get(definitions);
  if (state === undefined) throw new Error('not a generation of this registry');
  return state;
}

function addEntries(state: State, entries: Iterable<DefinitionEntry>): State {
  const byUrl = new Map(state.byUrl);
  const fresh = new Map<string, DefinitionEntry[]>();
  const replaced = new Set<DefinitionEntry>();
  for (const entry of entries) {
    const versions = byUrl.get(entry.url) ?? [];
    const isTwin = (one: DefinitionEntry): boolean =>
      one.version === entry.version && one.resourceType === entry.resourceType;
    const twin = versions.find(isTwin);
    if (twin !== undefined) replaced.add(twin);
    const rest = versions.filter((one) => one !== twin);
    byUrl.set(
      entry.url,
      [...rest, entry].sort((a, b) => compareVersions(a.version, b.version)),
    );
    const list = fresh.get(entry.resourceType);
    if (list === undefined) fresh.set(entry.resourceType, [entry]);
    else list.push(entry);
  }
  const byType = new Map(state.byType);
  for (const [type, list] of fresh) {
    byType.set(
      type,
      [...(byType.get(type) ?? []), ...list].filter((one) => !replaced.has(one)),
    );
  }
  return { byUrl, byType };
}

function removeEntries(state: State, gone: ReadonlySet<DefinitionEntry>): State {
  const byUrl = new Map(state.byUrl);
  const byType = new Map(state.byType);
  for (const { url } of gone) {
    const rest = (byUrl.get(url) ?? []).filter((one) => !gone.has(one));
    if (rest.length === 0) byUrl.delete(url);
    else byUrl.set(url, rest);
  }
  for (const type of new Set([...gone].map((one) => one.resourceType))) {
    byType.set(
      type,
      (byType.get(type) ?? []).filter((one) => !gone.has(one)),
    );
  }
  return { byUrl, byType };
}

function freezeGeneration(state: State): Definitions {
  const { byUrl, byType } = state;
  const find = (canonical: string, type?: string): DefinitionEntry | undefined =>
    findEntry(byUrl, canonical, type);
  const entries = (type: string): readonly DefinitionEntry[] => byType.get(type) ?? NONE;
  const isNewest = (entry: DefinitionEntry): boolean => find(entry.url, entry.resourceType) === entry;
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
    get resourceTypes() {
      return typesOf(entries('StructureDefinition')).list;
    },
    isResourceType: (type) => typesOf(entries('StructureDefinition')).set.has(type),
    searchParameters: (type) => parametersOf(entries('SearchParameter'), type, isNewest),
    get compartments() {
      return newestOf<CompartmentDefinition>(entries('CompartmentDefinition'), isNewest);
    },
    get operations() {
      return newestOf<OperationDefinition>(entries('OperationDefinition'), isNewest);
    },
    get packages() {
      return packagesOf(byType);
    },
    *all(type) {
      for (const entry of entries(type)) yield entry.load();
    },
  };
  STATES.set(definitions, state);
  return definitions;
}

const NONE: readonly DefinitionEntry[] = [];

function packagesOf(byType: State['byType']): readonly DefinitionSource[] {
  const sources = new Map<string, DefinitionSource>();
  for (const entries of byType.values()) {
    for (const { source } of entries) {
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

type Entries = readonly DefinitionEntry[];

/** Lists of entries outlive generations, and so does what was made of them. */
const typesOf = rememberPerList((structures) => {
  const list = structures
    .filter(
      (one) =>
        one.kind === 'resource' &&
        one.derivation !== 'constraint' &&
        one.isAbstract !== true &&
        one.url === R4_STRUCTURES + one.type,
    )
    .map((one) => one.type as string)
    .sort();
  return { list, set: new Set(list) as ReadonlySet<string> };
});

const loadedOf = rememberPerList(() => new Map<string, readonly unknown[]>());

function newestOf<T>(entries: Entries, isNewest: (entry: DefinitionEntry) => boolean): readonly T[] {
  return loadOnce(entries, '', (one) => isNewest(one)) as readonly T[];
}

/** These do not extend DomainResource, so its parameters are not theirs. */
const NOT_DOMAIN = new Set(['Bundle', 'Binary', 'Parameters']);

function parametersOf(
  entries: Entries,
  type: string,
  isNewest: (entry: DefinitionEntry) => boolean,
): readonly SearchParameter[] {
  const bases = new Set(NOT_DOMAIN.has(type) ? [type, 'Resource'] : [type, 'DomainResource', 'Resource']);
  const applies = (one: DefinitionEntry): boolean =>
    one.bases?.some((base) => bases.has(base)) === true && isNewest(one);
  return loadOnce(entries, type, applies) as readonly SearchParameter[];
}

function loadOnce(
  entries: Entries,
  key: string,
  isWanted: (entry: DefinitionEntry) => boolean,
): readonly unknown[] {
  const known = loadedOf(entries);
  let loaded = known.get(key);
  if (loaded === undefined) {
    loaded = entries.filter(isWanted).map((entry) => entry.load());
    known.set(key, loaded);
  }
  return loaded;
}

function rememberPerList<T>(compute: (entries: Entries) => T): (entries: Entries) => T {
  const known = new WeakMap<Entries, { readonly value: T }>();
  return (entries) => {
    let result = known.get(entries);
    if (result === undefined) {
      result = { value: compute(entries) };
      known.set(entries, result);
    }
    return result.value;
  };
}
