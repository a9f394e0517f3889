/**
 * How an interaction reads search parameters: with the current generation's parameters and the limits and
 * preferences that apply to the request.
 * https://hl7.org/fhir/R4/search.html#errors
 */
import type { SearchContext } from '../search/context.ts';
import { HAS_INSIDE, INSIDE_TERM } from '../search/parameters.ts';
import { resolveSearch } from '../search/resolve.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { InteractionContext } from './context.ts';
import type { QueryPair } from './request.ts';

export interface Reading {
  readonly handling: 'strict' | 'lenient';
  readonly baseUrl: string;
  readonly compartment?: { readonly type: string; readonly id: string };
  /** As `chainsInside` tells; chains look into contained resources unless it is false. */
  readonly inside?: boolean;
}

/** `type` empty or `*`: all types. @throws FhirError as `resolveSearch` does */
export function readSearch(
  type: string,
  pairs: readonly QueryPair[],
  reading: Reading,
  context: InteractionContext,
): SearchRequest {
  return resolveSearch(
    type === '' || type === '*' ? undefined : type,
    pairs,
    searchContext(reading, context),
  );
}

/** What resolving looks at, as of the current generation. */
export function searchContext(reading: Reading, context: InteractionContext): SearchContext {
  const { parameters, terminology, canonicalQuantity } = context.generation();
  return {
    parameters,
    terminology,
    canonicalQuantity,
    base: reading.baseUrl,
    handling: reading.handling,
    compartment: reading.compartment,
    inside: reading.inside,
    explains: context.explainsSearches,
    indexing: context.indexing(),
    limits: context.limits.search,
    timeZone: context.timeZone,
    now: context.now(),
  };
}

const CHAINED = /[.[]/;

/**
 * Whether chains have to look into contained resources: only when some resource refers to one inside it, which one
 * look-up tells. Undefined when the search has no chain.
 */
export async function chainsInside(
  pairs: readonly QueryPair[],
  { store }: InteractionContext,
): Promise<boolean | undefined> {
  const isChained = pairs.some(([name, value]) => CHAINED.test(name === '_filter' ? value : name));
  if (!isChained) return undefined;
  const where = { kind: 'term', k: HAS_INSIDE, terms: [INSIDE_TERM] } as const;
  const { rows } = await store.search({ types: [], where, sort: [] }, { limit: 1, total: 'none' });
  return rows.length > 0;
}
