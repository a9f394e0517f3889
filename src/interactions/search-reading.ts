/**
 * How an interaction reads search parameters: with the current generation's parameters and the limits and
 * preferences that apply to the request.
 * https://hl7.org/fhir/R4/search.html#errors
 */
import type { SearchContext } from '../search/context.ts';
import { resolveSearch } from '../search/resolve.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { InteractionContext } from './context.ts';
import type { QueryPair } from './request.ts';

export interface Reading {
  readonly handling: 'strict' | 'lenient';
  readonly baseUrl: string;
  readonly compartment?: { readonly type: string; readonly id: string };
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
    explains: context.explainsSearches,
    limits: context.limits.search,
    timeZone: context.timeZone,
    now: context.now(),
  };
}
