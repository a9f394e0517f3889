/** A small world of resources that search tests ask, and the ways to ask it. */
import { loadCoreDefinitions, withResource } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import { composeText } from '../../src/fhir/resource-text.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { canonicalQuantity } from '../../src/fhir/ucum.ts';
import { compileExpression } from '../../src/fhirpath/compile.ts';
import type { SearchContext } from '../../src/search/context.ts';
import { createExtractor, type Extract } from '../../src/search/extract.ts';
import { SEARCH_LIMITS } from '../../src/search/limits.ts';
import { type Candidate, matches } from '../../src/search/match.ts';
import { createSearchParameters } from '../../src/search/parameters.ts';
import { resolveSearch } from '../../src/search/resolve.ts';
import type { SearchRequest } from '../../src/search/search-request.ts';
import type { Store } from '../../src/storage/store.ts';
import { createTerminology } from '../../src/terminology/create.ts';

export const BASE = 'https://clinic.example/fhir';

/** Parameters that a site adds. */
const custom: readonly Resource[] = [
  {
    resourceType: 'SearchParameter',
    url: 'https://site.example/SearchParameter/patient-room',
    name: 'room',
    status: 'active',
    description: 'Room at the transit centre',
    code: 'room',
    base: ['Patient'],
    type: 'token',
    expression: "Patient.extension.where(url='https://site.example/room').value.ofType(Coding)",
  },
  {
    resourceType: 'SearchParameter',
    url: 'https://site.example/SearchParameter/patient-names',
    name: 'names',
    status: 'active',
    description: 'Number of names',
    code: 'names',
    base: ['Patient'],
    type: 'number',
    expression: 'Patient.name.count()',
  },
  {
    resourceType: 'SearchParameter',
    url: 'https://site.example/SearchParameter/patient-arrival',
    name: 'arrival',
    status: 'active',
    description: 'Expected arrival',
    code: 'arrival',
    base: ['Patient'],
    type: 'date',
    expression: "Patient.extension('https://site.example/arrival').value",
  },
];

export const definitions = custom.reduce(withResource, loadCoreDefinitions());
export const model = createTypeModel(definitions);
export const parameters = createSearchParameters(definitions, model, {
  compile: (expression, type) => compileExpression(expression, type, model),
});

export const context: SearchContext = {
  parameters,
  terminology: createTerminology(definitions),
  base: BASE,
  handling: 'strict',
  limits: SEARCH_LIMITS,
  canonicalQuantity,
  timeZone: 'UTC',
  now: Date.UTC(2026, 0, 1),
};

export const extract: Extract = createExtractor(parameters, {
  base: BASE,
  timeZone: 'UTC',
  fullText: true,
  canonicalQuantity,
});

/** Puts all into a store, in one transaction. */
export async function fill(store: Store, resources: readonly Resource[]): Promise<void> {
  await store.transact(
    resources.map((resource) => ({
      kind: 'put',
      type: resource.resourceType,
      id: resource.id as string,
      method: 'PUT',
      text: composeText(resource, resource.id as string),
      postings: extract(resource),
      expected: 'any',
    })),
  );
}

/** `Type?query` as a request. */
export function resolve(url: string, overrides: Partial<SearchContext> = {}): SearchRequest {
  const question = url.indexOf('?');
  const type = question < 0 ? url : url.slice(0, question);
  const pairs = question < 0 ? [] : [...new URLSearchParams(url.slice(question + 1))];
  return resolveSearch(type === '' ? undefined : type, pairs, { ...context, ...overrides });
}

export interface World {
  /** Ids of what a search finds, in the order of the world. */
  search(url: string, overrides?: Partial<SearchContext>): string[];
}

export function createWorld(resources: readonly Resource[], extractFrom: Extract = extract): World {
  const candidates: Candidate[] = resources.map((resource) => ({
    type: resource.resourceType,
    id: resource.id as string,
    lastUpdated: Date.parse(resource.meta?.lastUpdated ?? '2026-01-01T00:00:00Z'),
    postings: extractFrom(resource),
  }));
  const others = (type: string): readonly Candidate[] => candidates.filter((one) => one.type === type);
  return {
    search(url, overrides) {
      const { query } = resolve(url, overrides);
      return candidates
        .filter((one) => query.types.length === 0 || query.types.includes(one.type))
        .filter((one) => matches(query.where, one, others))
        .map(({ id }) => id);
    },
  };
}
