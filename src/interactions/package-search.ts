/**
 * Search over the resources of packages, in memory: they are few, and the store only holds what clients wrote.
 * https://hl7.org/fhir/R4/http.html#search
 */
import type { DefinitionEntry, Definitions } from '../definitions/definitions.ts';
import { type Candidate, matches } from '../search/match.ts';
import type { Predicate, SearchQuery } from '../search/query.ts';
import type { StoredVersion } from '../storage/store.ts';
import type { Generation } from './context.ts';
import { createPace } from './pace.ts';
import { isPackageType, packageIndex, publishedAt, versionOfEntry } from './package-resources.ts';

interface PackageCandidate extends Candidate {
  readonly entry: DefinitionEntry;
}

/** Matches in a stable order; each is made into text only when a page shows it. */
export type PackageMatches = readonly (() => StoredVersion)[];

export async function searchPackages(generation: Generation, query: SearchQuery): Promise<PackageMatches> {
  const found: (() => StoredVersion)[] = [];
  for (const type of query.types) {
    if (!isPackageType(type)) continue;
    for (const candidate of await candidatesFor(generation, type, query.where)) {
      if (matches(query.where, candidate, () => [])) found.push(() => versionOfEntry(candidate.entry));
    }
  }
  return found;
}

/** Most searches name the canonical: then nothing else has to be indexed. */
async function candidatesFor(
  generation: Generation,
  type: string,
  where: Predicate,
): Promise<readonly PackageCandidate[]> {
  const entries = [...packageIndex(generation, type).values()];
  const k = generation.parameters.find(type, 'url')?.k;
  const named = (where.kind === 'all' ? where.of : [where]).find((one) => one.kind === 'term' && one.k === k);
  if (named?.kind !== 'term') return allCandidates(generation, type, entries);
  return entries
    .filter(({ url }) => {
      const { terms } = generation.extract({ resourceType: type, url });
      return terms.some((term) => term.k === k && named.terms.includes(term.h));
    })
    .map((entry) => toCandidate(entry, generation));
}

const CANDIDATES = new WeakMap<Definitions, Map<string, Promise<readonly PackageCandidate[]>>>();

function allCandidates(
  generation: Generation,
  type: string,
  entries: readonly DefinitionEntry[],
): Promise<readonly PackageCandidate[]> {
  const types =
    CANDIDATES.get(generation.definitions) ?? new Map<string, Promise<readonly PackageCandidate[]>>();
  CANDIDATES.set(generation.definitions, types);
  let candidates = types.get(type);
  if (candidates === undefined) {
    candidates = indexAll(generation, entries);
    types.set(type, candidates);
  }
  return candidates;
}

async function indexAll(
  generation: Generation,
  entries: readonly DefinitionEntry[],
): Promise<readonly PackageCandidate[]> {
  const candidates: PackageCandidate[] = [];
  const pace = createPace();
  for (const entry of entries) {
    candidates.push(toCandidate(entry, generation));
    await pace();
  }
  return candidates;
}

/** From the compact form: prose of elements and narrative are not searched. */
function toCandidate(entry: DefinitionEntry, generation: Generation): PackageCandidate {
  const resource = entry.load();
  const { resourceType: type } = resource;
  const postings = generation.extract(resource);
  return { type, id: entry.id as string, lastUpdated: publishedAt(resource), postings, entry };
}
